"""Codes on papers: printed form and parts belong together."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import (
    CodeError,
    DocumentCode,
    is_dossier_code,
    separator_key,
    separator_text,
    temporary_dossier_code,
)


def test_the_printed_form() -> None:
    code = DocumentCode("H18.19", "TK", 21)
    assert str(code) == "H18.19_TK_000021_V1"
    assert DocumentCode.parse(" H18.19_QĐ_000021_V12 ") == DocumentCode("H18.19", "QĐ", 21, 12)


@given(
    agency=st.from_regex(r"[A-Y][0-9]{2}(\.[0-9A-Z]{1,5}){0,3}", fullmatch=True),
    paper=st.text("ABCDEGHKLMNOPQRSTUVXYĐ", min_size=1, max_size=8),
    sequence=st.integers(0, 9_999_999),
    version=st.integers(1, 9999),
)
def test_parsing_gives_the_parts_back(agency: str, paper: str, sequence: int, version: int) -> None:
    code = DocumentCode(agency, paper, sequence, version)
    assert DocumentCode.parse(str(code)) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H18.19_TK_21_V1",
        "H18.19_TK_000021",
        "Z18_TK_000021_V1",
        "H18.19_tk_000021_V1",
        "H18_TK_000021_V0",
    ],
)
def test_what_is_no_document_code(text: str) -> None:
    with pytest.raises(CodeError):
        DocumentCode.parse(text)


def test_file_names_are_ascii_and_say_the_day() -> None:
    name = DocumentCode("H18.19", "QĐ", 21).file_name(datetime(2026, 5, 20, tzinfo=UTC))
    assert name == "H18.19_QD_000021_V1_20260520.pdf"
    assert name.isascii()


@pytest.mark.parametrize(
    ("text", "official"),
    [
        ("H18.19-260520-0001", True),
        ("h18.19–260520–0001", True),
        ("000.00.19.H18-210520-0001", True),
        ("H15.50.05.13-261008-0975", True),
        ("H18.19-260231-0001", False),
        ("TMP-QUAY1-01JCZ0", False),
        ("H18.19-260520-1", False),
    ],
)
def test_official_dossier_codes(text: str, official: bool) -> None:
    assert is_dossier_code(text) is official


def test_a_temporary_code_is_never_official() -> None:
    code = temporary_dossier_code("QUAY1", "01JCZ0000000000000000000")
    assert code.startswith("TMP-QUAY1-")
    assert not is_dossier_code(code)
    with pytest.raises(CodeError):
        temporary_dossier_code("quầy 1", "01JCZ")


def test_separator_sheets() -> None:
    assert separator_key(separator_text("1.001193.02")) == "1.001193.02"
    assert separator_key("https://example.invalid/SOHOA:TACH:1:x") is None
    with pytest.raises(CodeError):
        separator_text("a b")
