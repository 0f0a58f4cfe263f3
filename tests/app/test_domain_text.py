"""Vietnamese text at the boundaries."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import fold, nfc, sort_key


def test_folding_makes_marks_and_d_bar_disappear() -> None:
    assert fold("Đăng  ký KHAI SINH") == "dang ky khai sinh"
    assert fold(unicodedata.normalize("NFD", "Điện Biên")) == "dien bien"


@given(st.text())
def test_nfc_and_fold_are_stable(text: str) -> None:
    assert nfc(nfc(text)) == nfc(text)
    assert fold(fold(text)) == fold(text)


def test_the_order_of_a_vietnamese_dictionary() -> None:
    in_order = ["ba", "bà", "bả", "bã", "bá", "bạ", "bă", "bâ", "da", "đa", "êm", "ơn", "ưa"]
    assert sorted(dict.fromkeys(["ưa", *in_order]), key=sort_key) == in_order


def test_letters_weigh_more_than_tones() -> None:
    assert sorted(["bạc", "bà", "bác", "ba"], key=sort_key) == ["ba", "bà", "bác", "bạc"]
