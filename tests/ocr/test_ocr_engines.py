"""The same demands on both engines; models found where distributions put them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ocr import OcrError, OcrFault, Reader
from ocr.engines import open_engine
from ocr.engines.contract import Engine, spelled
from ocr.engines.lines import LineNet, LineReader, line_net
from ocr.engines.models import find_model
from ocr.engines.tess_program import words_of_hocr


def go_on() -> bool:
    return False


@pytest.fixture(scope="module", params=["lines", "tesserocr", "pytesseract"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "lines":
        opened: Engine = LineReader(LineNet(line_net()))
    else:
        opened = open_engine(request.param, "Vietnamese", None)
    yield opened
    opened.close()
    opened.close()


@pytest.fixture(scope="module")
def header(letter) -> np.ndarray:
    return np.ascontiguousarray(letter.pixels[200:800, :, 1])


def test_words_stand_where_they_are_printed(engine: Engine, header: np.ndarray) -> None:
    words = engine.recognise(header, 300, stopped=go_on)
    assert {"CỘNG", "NGHĨA", "QUYẾT", "ĐỊNH", "phúc"} <= {word.text for word in words}
    for word in words:
        x0, y0, x1, y1 = word.box
        assert 0 <= x0 < x1 <= header.shape[1]
        assert 0 <= y0 < y1 <= header.shape[0]
        assert 0 <= word.confidence <= 100
        assert (header[y0:y1, x0:x1] < 128).any()
        assert y0 < word.baseline[1] <= y1 + 12
    title = next(word for word in words if word.text == "QUYẾT")
    assert title.confidence > 80
    lines = [word.line for word in words]
    assert lines == sorted(lines)
    assert len(set(lines)) > 3


def test_an_empty_page_has_no_words(engine: Engine) -> None:
    assert engine.recognise(np.full((900, 700), 255, np.uint8), 300, stopped=go_on) == ()


def test_one_page_after_the_other(engine: Engine, header: np.ndarray) -> None:
    engine.recognise(np.full((300, 300), 255, np.uint8), 300, stopped=go_on)
    first = engine.recognise(header, 300, stopped=go_on)
    assert engine.recognise(header, 300, stopped=go_on) == first


def test_it_stops_when_asked(engine: Engine, header: np.ndarray) -> None:
    with pytest.raises(OcrError) as caught:
        engine.recognise(header, 300, stopped=lambda: True)
    assert caught.value.fault is OcrFault.CANCELLED


def test_its_name_tells_binding_version_and_model(engine: Engine) -> None:
    *runtime, model = engine.name.split(" / ")
    assert runtime[0].split()[0] in ("lines", "tesserocr", "pytesseract")
    assert any("tesseract 5" in part for part in runtime)
    name, fingerprint = model.split(":")
    assert name in ("vie_best", "Vietnamese")
    assert len(fingerprint) == 12


def test_a_missing_model_is_named() -> None:
    for folder in (None, Path("/nowhere")):
        with pytest.raises(OcrError) as caught:
            Reader(model="Klingon", tessdata=folder)
        assert caught.value.code == "ocr.no-model"
        assert caught.value.facts == {"model": "Klingon"}


def test_a_model_that_is_rubbish_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "odd.traineddata").write_bytes(b"not a model")
    with pytest.raises(OcrError) as caught:
        open_engine("tesserocr", "odd", tmp_path)
    assert caught.value.fault is OcrFault.NO_MODEL


def test_models_are_found_in_script_folders_and_by_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "Lao.traineddata").write_bytes(b"a")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert find_model("Lao").folder == tmp_path / "script"
    assert find_model("Lao", tmp_path).fingerprint == find_model("Lao").fingerprint


def test_joined_models_come_from_one_folder(tmp_path: Path) -> None:
    (tmp_path / "a.traineddata").write_bytes(b"a")
    with pytest.raises(OcrError):
        find_model("a+b", tmp_path)
    (tmp_path / "b.traineddata").write_bytes(b"b")
    assert find_model("a+b", tmp_path).folder == tmp_path


def test_without_the_program_there_is_no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pytesseract

    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", str(tmp_path / "tesseract"))
    model = find_model("Vietnamese").folder
    with pytest.raises(OcrError) as caught:
        open_engine("pytesseract", "Vietnamese", model)
    assert caught.value.fault is OcrFault.NO_ENGINE


def test_an_unknown_engine_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="abacus"):
        open_engine("abacus", "Vietnamese", None)


def test_spelling_is_composed_and_vietnamese() -> None:
    assert spelled("Ðo\u0302\u0323c ") == "Độc"
    assert spelled("Ÿ tế") == "Y tế"


def test_baselines_of_hocr_belong_to_their_line() -> None:
    hocr = b"""<html><body><div class='ocr_carea' title='bbox 0 0 200 60'>
    <span class='ocr_line' title='bbox 10 20 190 60; baseline 0.1 -12'>
    <span class='ocrx_word' title='bbox 110 20 190 55; x_wconf 91'>n\xc6\xa1i</span></span></div>
    </body></html>"""
    (word,) = words_of_hocr(hocr)
    assert word.text == "nơi"
    assert word.baseline == pytest.approx((110.0, 58.0, 190.0, 66.0))
    assert (word.confidence, word.line, word.block) == (91.0, 0, 0)
