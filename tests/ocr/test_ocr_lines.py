"""Lines read in batches: pictures, net, decoding, words, and what is no print."""

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import numpy_helper

from ocr import OcrError, OcrFault
from ocr.engines.lines import LineNet, LineReader, line_net
from ocr.engines.lines.decoding import confidence, decoded
from ocr.engines.lines.finding import Strip
from ocr.engines.lines.net import STEP_PX, batches
from ocr.engines.lines.picture import HEIGHT, line_picture
from ocr.engines.lines.scribble import is_scribble
from ocr.engines.lines.words import Scale, words_of

ROOT = Path(__file__).resolve().parents[2]
LETTERS = ("a", "b", " ", "")
BLANK = 3


@pytest.fixture(scope="module")
def net() -> LineNet:
    return LineNet(line_net())


def steps(path: str, sure: float = 0.999) -> np.ndarray:
    """Probabilities of a `path` over the letters, "-" for the blank."""
    rest = (1 - sure) / (len(LETTERS) - 1)
    likely = np.full((len(path), len(LETTERS)), rest, np.float32)
    for step, sign in enumerate(path):
        likely[step, BLANK if sign == "-" else LETTERS.index(sign)] = sure
    return likely


def text_of_steps(likely: np.ndarray) -> str:
    return "".join(LETTERS[letter.index] for letter in decoded(likely))


def collapsed(path: str) -> str:
    return "".join(sign for sign, _ in itertools.groupby(path)).replace("-", "")


@given(st.text(alphabet="ab -", min_size=1, max_size=30), st.sampled_from([0.999, 0.9]))
def test_a_sure_path_is_read_off(path: str, sure: float) -> None:
    assert text_of_steps(steps(path, sure)) == collapsed(path)


def test_the_likeliest_text_wins_over_the_likeliest_path() -> None:
    likely = np.array([[0.4, 0.0, 0.0, 0.6]] * 2, np.float32)
    # Both blank: 0.36. An "a" in one place, the other or both: 0.64.
    assert text_of_steps(likely) == "a"


@given(
    st.lists(
        st.lists(st.integers(1, 100), min_size=len(LETTERS), max_size=len(LETTERS)), min_size=1, max_size=4
    )
)
def test_what_is_found_is_about_as_likely_as_the_best_of_all_texts(weights: list[list[int]]) -> None:
    likely = np.array(weights, np.float32)
    likely /= likely.sum(axis=1, keepdims=True)
    shares: dict[str, float] = {}
    for path in itertools.product("ab -", repeat=len(likely)):
        places = [BLANK if sign == "-" else LETTERS.index(sign) for sign in path]
        share = float(np.prod(likely[np.arange(len(likely)), places]))
        shares[collapsed("".join(path))] = shares.get(collapsed("".join(path)), 0.0) + share
    assert shares[text_of_steps(likely)] >= 0.5 * max(shares.values())


def test_confidence_falls_with_the_least_likely_letter() -> None:
    sure, unsure = decoded(steps("a-b")), decoded(steps("a-b", 0.7))
    assert confidence(sure) > 99
    assert 80 < confidence(unsure) < 95
    assert confidence([]) == 0


@pytest.mark.parametrize(("height", "width"), [(36, 100), (51, 400), (80, 400), (12, 90), (5, 5), (300, 20)])
def test_a_strip_is_36_px_high_and_around_nought(height: int, width: int) -> None:
    strip = np.full((height, width), 200, np.uint8)
    strip[height // 4 : -(height // 4) or None, :: max(2, width // 20)] = 40
    picture = line_picture(strip)
    assert picture.shape[0] == HEIGHT
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert -1 <= picture.min() <= picture.max() <= 1


def test_brightness_and_contrast_of_a_strip_do_not_matter() -> None:
    rng = np.random.default_rng(4)
    strip = np.where(rng.random((40, 300)) < 0.2, 20, 240).astype(np.uint8)
    weaker = (strip // 2 + 60).astype(np.uint8)
    assert np.abs(line_picture(strip) - line_picture(weaker)).mean() < 0.06


def test_an_even_strip_says_nothing(net: LineNet) -> None:
    for grey in (0, 128, 255):
        picture = line_picture(np.full((40, 200), grey, np.uint8))
        assert np.isfinite(picture).all()
        (likely,) = net.read([picture])
        assert likely.shape == (picture.shape[1] // 3, len(net.letters))


def test_lines_are_read_alike_alone_and_in_company(net: LineNet, letter) -> None:
    grey = np.ascontiguousarray(letter.pixels[..., 1])
    reader = LineReader(net)
    boxes = {(word.block, word.line): word.box for word in reader.recognise(grey, 300, stopped=lambda: False)}
    reader.close()
    strips = [grey[y0 - 8 : y1 + 8, max(0, x0 - 300) : x1 + 8] for x0, y0, x1, y1 in boxes.values()]
    pictures = [line_picture(strip) for strip in strips]
    assert len({picture.shape for picture in pictures}) > 5
    for picture, likely in zip(pictures, net.read(pictures), strict=True):
        (alone,) = net.read([picture])
        assert likely.shape == alone.shape
        assert np.allclose(likely.sum(axis=1), 1, atol=1e-3)
        assert (likely.argmax(axis=1) == alone.argmax(axis=1)).mean() > 0.9


def test_nothing_to_read_is_nothing(net: LineNet) -> None:
    assert net.read([]) == []


def test_what_is_no_net_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"rubbish" * 100, line_net().read_bytes()[:5000]):
        (tmp_path / "odd.onnx").write_bytes(content)
        with pytest.raises(OcrError) as caught:
            LineNet(tmp_path / "odd.onnx")
        assert caught.value.fault is OcrFault.NO_MODEL
        assert caught.value.facts == {"model": "odd"}


def test_words_are_framed_by_their_ink() -> None:
    grey = np.full((60, 300), 255, np.uint8)
    grey[20:40, 10:60] = 0
    grey[15:45, 90:200] = 0
    strip = Strip((10, 15, 200, 45), 10, 50, 40, (10.0, 40.0, 200.0, 42.0), 3, 1)
    # One step is 10 px: a at 15, 45; a blank space at 75; b at 105 and 185.
    letters = decoded(steps("-a--a-- --b-------b-"))
    first, second = words_of(letters, LETTERS, strip, grey, Scale(0.0, 10.0))
    assert (first.text, first.box) == ("aa", (10, 20, 60, 40))
    assert (second.text, second.box) == ("bb", (90, 15, 200, 45))
    assert second.baseline == pytest.approx((90, 40 + 80 * 2 / 190, 200, 42))
    assert (second.line, second.block) == (3, 1)


def test_a_close_second_letter_is_told() -> None:
    names = ("ử", "ứ", "a", "")
    likely = np.array([[0, 0, 0, 1], [0.6, 0.35, 0.05, 0], [0, 0, 0, 1]], np.float32)
    strip = Strip((0, 0, 30, 20), 0, 20, 20, (0.0, 20.0, 30.0, 20.0), 0, 0)
    (word,) = words_of(decoded(likely), names, strip, np.zeros((20, 30), np.uint8), Scale(0.0, 10.0))
    assert (word.text, word.suggestions) == ("ử", ("ứ",))
    assert 70 < word.confidence < 90


@pytest.mark.parametrize(
    ("text", "mean", "tall", "scribble"),
    [
        ("", 0.0, 1.0, True),
        ("\\ ⁄,", 0.9, 1.0, True),
        ("J", 0.99, 3.0, True),
        ("2Z", 0.3, 1.0, True),
        ("5", 0.99, 1.0, False),
        ("a)", 0.9, 1.1, False),
        ("- Lưu: VT, #", 0.6, 1.0, False),
    ],
)
def test_pen_strokes_are_told_from_print(text: str, mean: float, tall: float, *, scribble: bool) -> None:
    assert is_scribble(text, mean, tall) is scribble


@given(st.lists(st.integers(1, 4000), max_size=60))
def test_lines_of_like_width_are_computed_together(widths: list[int]) -> None:
    found = batches(widths)
    assert sorted(itertools.chain.from_iterable(found)) == list(range(len(widths)))
    for batch in found:
        its = [widths[index] for index in batch]
        assert min(its) >= 0.8 * max(its)
        assert len(batch) == 1 or len(batch) * (max(its) // STEP_PX) <= 1000


def test_columns_are_read_apart_and_rules_not_at_all(net: LineNet, letter) -> None:
    reader = LineReader(net)
    words = reader.recognise(np.ascontiguousarray(letter.pixels[..., 1]), 300, stopped=lambda: False)
    reader.close()
    texts = [word.text for word in words]
    assert "QUYẾT" in texts
    assert not any(set(text) <= set("—–-_=.") and len(text) > 3 for text in texts)
    left = next(word for word in words if word.text == "BAN")
    right = next(word for word in words if word.text == "CỘNG")
    assert left.box[2] < right.box[0]


def test_the_shipped_net_is_made_of_the_shipped_model(tmp_path: Path) -> None:
    made = tmp_path / "net.onnx"
    source = line_net().with_suffix(".traineddata")
    subprocess.run([sys.executable, ROOT / "packaging" / "line_net", source, made], check=True)
    ours, theirs = onnx.load(made), onnx.load(line_net())
    assert [node.op_type for node in ours.graph.node] == [node.op_type for node in theirs.graph.node]
    for one, other in zip(ours.graph.initializer, theirs.graph.initializer, strict=True):
        assert one.name == other.name
        assert np.array_equal(numpy_helper.to_array(one), numpy_helper.to_array(other))
    assert {entry.key: entry.value for entry in ours.metadata_props} == {
        entry.key: entry.value for entry in theirs.metadata_props
    }
