"""Logs carry no personal numbers."""

import faulthandler
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import logs


@given(
    st.from_regex(r"[0-9]{9}|[0-9]{12}", fullmatch=True),
    st.sampled_from(["", " ", "|", "id=", "số "]),
    st.sampled_from(["", " ", "|", ".", "\n"]),
)
def test_personal_numbers_are_masked_wherever_they_stand(number: str, before: str, after: str) -> None:
    masked = logs.mask_numbers(f"{before}{number}{after}")
    assert number not in masked
    assert re.search(r"\d{3}\*{3,6}\d{3}", masked)


def test_hashes_and_times_are_left_alone() -> None:
    line = "2026-05-20 08:41:07,123 sha256=0a1b123456789c2d blob 12345678"
    assert logs.mask_numbers(line) == line


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    crashes_were_watched = faulthandler.is_enabled()
    log = logs.Log(tmp_path / "logs")
    yield tmp_path / "logs" / "sohoa.log"
    log.close()
    if crashes_were_watched:
        faulthandler.enable(sys.__stderr__)


@pytest.mark.logs_warnings
def test_tracebacks_are_masked_too(log_file: Path) -> None:
    try:
        raise ValueError("bad number 011301001234")
    except ValueError:
        logging.getLogger("app.test").exception("applicant 011301001234")
    text = log_file.read_text(encoding="utf-8")
    assert "011301001234" not in text
    assert text.count("011******234") == 3
