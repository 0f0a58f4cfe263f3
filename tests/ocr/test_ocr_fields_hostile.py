"""Readings that no paper gives: whatever stands where, fields are found or not, and nothing breaks."""

import unicodedata

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import ReadPage, Word, find_read_fields
from ocr.fields import Band, field_titles
from ocr.fields.forms import forms
from ocr.fields.values import VALUE_KINDS
from ocr.page import text_of

PIECES = [
    *[
        "CỘNG",
        "HÒA",
        "XÃ",
        "HỘI",
        "CHỦ",
        "NGHĨA",
        "VIỆT",
        "NAM",
        "ỦY",
        "BAN",
        "NHÂN",
        "DÂN",
        "Số:",
        "12/QĐ-UBND",
        "S6:",
        "/",
        "-",
        "--",
        "…",
        "ngày",
        "31",
        "tháng",
        "02",
        "năm",
    ],
    *[
        "2025",
        "Nơi",
        "nhận:",
        "KT.",
        "TM.",
        "CHỦ",
        "TỊCH",
        "Lò",
        "Văn",
        "Mẫu",
        "Kính",
        "gửi:",
        "V/v",
        "GIẤY",
        "KHAI",
        "SINH",
        "Họ,",
        "chữ",
        "đệm,",
        "tên:",
        "SAO",
        "Y",
        "1",
    ],
    "",
    "\u0301",
    "\u202e",
    "Số:" * 30,
    "/" * 200,
    "1" * 300,
    "a" * 3000,
]
edges = st.integers(-200, 3800)
words = st.lists(
    st.tuples(
        st.sampled_from(PIECES) | st.text(max_size=12),
        edges,
        edges,
        st.integers(0, 900),
        st.integers(0, 300),
        st.floats(-10, 110),
    ),
    max_size=60,
)


def page(found: list[tuple[str, int, int, int, int, float]]) -> ReadPage:
    read = tuple(
        Word(
            text, (x, y, x + width, y + height), (x, y + height, x + width, y + height), sure, number, number
        )
        for number, (text, x, y, width, height, sure) in enumerate(found)
    )
    return ReadPage("", "", 2480, 3508, 300, read, text_of(read), 0.0, 0, 0.0, (), (), "none")


@given(words, words)
@settings(max_examples=60, deadline=None)
def test_any_words_anywhere(
    first: list[tuple[str, int, int, int, int, float]], second: list[tuple[str, int, int, int, int, float]]
) -> None:
    picture = np.full((400, 300, 3), 240, np.uint8)
    picture[50:60, 20:250] = 10
    found = find_read_fields([page(first), page(second)], [lambda: picture, lambda: picture])
    for field in found.fields:
        assert 0 <= field.confidence <= 100
        assert (field.value is None) == (field.band is Band.BLANK)
        assert field.value is None or unicodedata.is_normalized("NFC", field.value)
        assert {spot.page for spot in field.spots} <= {1, 2}


def test_nothing_read_gives_no_fields() -> None:
    assert find_read_fields([]).fields == ()
    assert find_read_fields([page([])]).fields == ()


def test_templates_are_whole_and_one_name_has_one_title() -> None:
    titles: dict[str, str] = {}
    for form in forms():
        assert form.titles
        names = [field.name for field in form.fields]
        assert len(names) == len(set(names)), form.key
        for field in form.fields:
            assert field.value in VALUE_KINDS
            assert bool(field.labels) != bool(field.pattern), field.name
            assert titles.setdefault(field.name, field.title) == field.title, (form.key, field.name)
    assert set(titles) <= set(field_titles())
