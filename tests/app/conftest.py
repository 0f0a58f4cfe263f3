"""Fixtures of the workstation's own tests."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.domain.dossier import Component, Dossier
from app.domain.page import Page
from app.domain.person import Person
from app.store import Store

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=timezone(timedelta(hours=7)))


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def dossier() -> Dossier:
    return Dossier(
        id="D1",
        code="TMP-QUAY1-D1",
        procedure_code="1.001193",
        procedure_name="Đăng ký khai sinh",
        applicant=Person("Lò Thị Ví Dụ", "011301001234"),
        received_at=NOON,
    )


@pytest.fixture
def component() -> Component:
    return Component("C1", "D1", 1, "1.001193.01", "Tờ khai", "TK")


@pytest.fixture
def page() -> Page:
    return Page("P1", "D1", 1, "0" * 64, 300, 2480, 3508, 1, 1, NOON.isoformat(), place=1)
