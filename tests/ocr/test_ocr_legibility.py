"""Text layers that can be trusted told from rubbish."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.decoding.legibility import is_legible

GOOD = (
    "ỦY BAN NHÂN DÂN TỈNH QUẢNG NGÃI Số: 147/QĐ-UBND ngày 14/3/2025 Về việc hỗ trợ kinh phí sửa chữa nhà ở "
    "cho hộ gia đình khó khăn; căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 02 năm 2025."
)


def bare(text: str) -> str:
    spread = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        unicodedata.normalize("NFD", GOOD),
        "Trang 12",
        "The quick brown fox jumps over the lazy dog, and this is the end of that story for now.",
    ],
)
def test_what_reads_well_stays(text: str) -> None:
    assert is_legible(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        bare(GOOD),
        "349Q%x ;;;A~ 44§ lI1l |_ ~~ «s 8$Q wq 9l0O 3#k zxc qwrt 349Q%x 8$Q wq 9l0O 3#k zxc qwrt bcd fgh",
        "Céng hoµ x· héi chñ nghÜa viÖt nam §éc lËp - tù do - h¹nh phóc céng hoµ x· héi chñ nghÜa",
        "COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM Ñoäc laäp - Töï do - Haïnh phuùc coäng hoøa xaõ hoäi",
        "\ufffd\ufffd\ufffd \ufffd\ufffd \ufffd\ufffd\ufffd\ufffd " * 10,
        "x§ q",
    ],
)
def test_rubbish_is_told(text: str) -> None:
    assert not is_legible(text)


@given(st.text(max_size=300))
def test_any_text_is_judged(text: str) -> None:
    assert is_legible(text) in (True, False)
