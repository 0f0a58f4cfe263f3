"""Which net reads which page, and what is loaded for it."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ocr import OcrError, OcrFault, Word
from ocr.engines import _line_net, open_engine
from ocr.engines.choice import COARSE_DPI, NetChoice, is_doubtful
from ocr.engines.models import find_model

PAGE = np.full((60, 60), 255, np.uint8)


class Net:
    """Answers every page with twenty words of one confidence."""

    def __init__(self, name: str, confidence: float) -> None:
        self.name = name
        self.words = tuple(
            Word(f"{name}{number}", (0, 0, 9, 9), (0, 9, 9, 9), confidence, 0, 0) for number in range(20)
        )
        self.closed = False

    def recognise(self, grey, dpi, *, stopped: Callable[[], bool]) -> tuple[Word, ...]:
        return self.words

    def close(self) -> None:
        self.closed = True


def choice(fast: float, accurate: float = 95) -> tuple[NetChoice, list[str]]:
    opened: list[str] = []

    def opener(name: str, confidence: float) -> Callable[[], Net]:
        def open_it() -> Net:
            opened.append(name)
            return Net(name, confidence)

        return open_it

    return NetChoice(Net("fast", fast), opener("accurate", accurate), opener("coarse", 90), "all"), opened


def read_by(net: NetChoice, dpi: int = 200) -> str:
    return net.recognise(PAGE, dpi, stopped=lambda: False)[0].text.rstrip("0123456789")


def test_a_sure_page_is_read_once_by_the_fast_net_and_nothing_else_is_loaded() -> None:
    net, opened = choice(fast=95)
    assert read_by(net) == "fast"
    assert opened == []


def test_a_doubtful_page_is_read_again_and_the_net_stays_loaded() -> None:
    net, opened = choice(fast=80)
    assert [read_by(net), read_by(net)] == ["accurate", "accurate"]
    assert opened == ["accurate"]


def test_a_second_reading_that_is_less_sure_does_not_count() -> None:
    net, _ = choice(fast=80, accurate=60)
    assert read_by(net) == "fast"


def test_a_coarse_page_goes_to_the_net_of_the_script() -> None:
    net, opened = choice(fast=95)
    assert read_by(net, COARSE_DPI - 1) == "coarse"
    assert opened == ["coarse"]


def test_without_the_other_nets_the_fast_one_reads_everything() -> None:
    def missing() -> Net:
        raise OcrError(OcrFault.NO_MODEL, model="x")

    net = NetChoice(Net("fast", 50), missing, missing, "all")
    assert [read_by(net, 100), read_by(net, 300)] == ["fast", "fast"]


def test_another_fault_while_loading_is_told() -> None:
    def broken() -> Net:
        raise OcrError(OcrFault.ENGINE_FAILED)

    net = NetChoice(Net("fast", 50), broken, broken, "all")
    with pytest.raises(OcrError) as caught:
        read_by(net)
    assert caught.value.fault is OcrFault.ENGINE_FAILED


def test_closing_closes_what_was_opened() -> None:
    fast, accurate = Net("fast", 50), Net("accurate", 90)
    net = NetChoice(fast, lambda: accurate, lambda: accurate, "all")
    read_by(net)
    net.close()
    net.close()
    assert fast.closed
    assert accurate.closed


def test_a_page_of_a_few_words_is_not_judged() -> None:
    assert not is_doubtful(Net("x", 10).words[:5])
    assert is_doubtful(Net("x", 10).words)


def test_pages_are_read_line_by_line_where_that_is_at_hand() -> None:
    for kind in ("auto", "tesserocr"):
        engine = open_engine(kind, "auto", None)
        assert engine.name.startswith("lines by tesseract")
        engine.close()


@pytest.mark.parametrize("missing", ["onnxruntime", "tesserocr"])
def test_without_a_library_the_nets_share_the_pages(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    _line_net.cache_clear()
    engine = open_engine("auto", "auto", None)
    engine.close()
    assert engine.name.startswith("tesserocr" if missing == "onnxruntime" else "pytesseract")
    _line_net.cache_clear()


@pytest.mark.parametrize("kind", ["tesserocr", "pytesseract"])
def test_both_bindings_choose_among_the_same_nets(kind: str, letter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr.engines._line_reader", lambda: None)
    engine = open_engine(kind, "auto", None)
    assert [part.split(" / ")[-1].split(":")[0] for part in engine.name.split(" > ")] == [
        "vie",
        "vie_best",
        "Vietnamese",
    ]
    words = engine.recognise(np.ascontiguousarray(letter.pixels[200:800, :, 1]), 300, stopped=lambda: False)
    engine.close()
    assert "QUYẾT" in {word.text for word in words}


def test_the_accurate_net_comes_with_the_program() -> None:
    assert find_model("vie_best").folder.name == "models"


def test_a_folder_with_one_net_is_enough(tmp_path: Path) -> None:
    (tmp_path / "Vietnamese.traineddata").symlink_to(
        find_model("Vietnamese").folder / "Vietnamese.traineddata"
    )
    engine = open_engine("auto", "auto", tmp_path)
    assert "Vietnamese:" in engine.name
    engine.close()
    with pytest.raises(OcrError) as caught:
        open_engine("auto", "auto", tmp_path / "nowhere")
    assert caught.value.fault is OcrFault.NO_MODEL
