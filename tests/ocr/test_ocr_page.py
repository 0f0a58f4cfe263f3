"""What is known of a page survives JSON; its text follows its words."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import Barcode, Flag, OcrError, OcrFault, ReadPage, Word
from ocr.page import mean_confidence, text_of

numbers = st.integers(-10_000, 100_000)
reals = st.floats(-1e6, 1e6)
texts = st.text(min_size=1, max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
boxes = st.tuples(numbers, numbers, numbers, numbers)
words = st.builds(
    Word,
    text=texts,
    box=boxes,
    baseline=st.tuples(reals, reals, reals, reals),
    confidence=st.floats(0, 100),
    line=st.integers(0, 500),
    block=st.integers(0, 50),
)
pages = st.builds(
    ReadPage,
    source_sha256=st.text(string.hexdigits, min_size=64, max_size=64),
    parameters_sha256=st.text(string.hexdigits, min_size=64, max_size=64),
    width_px=st.integers(1, 50_000),
    height_px=st.integers(1, 50_000),
    dpi=st.integers(60, 2400),
    words=st.lists(words, max_size=6).map(tuple),
    text=st.text(),
    confidence=st.floats(0, 100),
    turned=st.sampled_from([0, 90, 180, 270]),
    skew_deg=st.floats(-15, 15),
    flags=st.lists(st.sampled_from(Flag), max_size=3).map(tuple),
    barcodes=st.lists(st.builds(Barcode, text=texts, format=texts, box=boxes), max_size=2).map(tuple),
    engine=texts,
)


@given(pages)
def test_a_page_comes_back_from_json_as_it_was(page: ReadPage) -> None:
    assert ReadPage.from_json(page.to_json()) == page


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"words": 3}', '{"words": [[]], "barcodes": [], "flags": []}']
)
def test_anything_else_is_refused_as_a_value(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ReadPage.from_json(text)


def word(text: str, line: int, block: int, confidence: float = 90.0) -> Word:
    return Word(text, (0, 0, 10, 10), (0, 10, 10, 10), confidence, line, block)


def test_text_has_lines_and_blocks() -> None:
    read = (word("Độc", 0, 0), word("lập", 0, 0), word("Tự", 1, 0), word("Nơi", 2, 1))
    assert text_of(read) == "Độc lập\nTự\n\nNơi"


def test_long_words_weigh_more() -> None:
    assert mean_confidence([word("a", 0, 0, 10), word("abc", 0, 0, 90)]) == pytest.approx(70.0)
    assert mean_confidence([]) == 0.0


def test_codes_are_unique_and_carry_the_facts() -> None:
    codes = [str(fault) for fault in OcrFault]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("ocr.") for code in codes)
    error = OcrError(OcrFault.BOMB, width=40_000, height=40_000)
    assert (error.fault, error.code, error.facts) == (
        OcrFault.BOMB,
        "ocr.bomb",
        {"width": 40_000, "height": 40_000},
    )
    assert str(error) == "ocr.bomb width=40000 height=40000"
