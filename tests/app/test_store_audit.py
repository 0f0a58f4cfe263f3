"""The audit chain shows every change, gap and cut."""

import sqlite3
from dataclasses import replace
from datetime import datetime

import pytest

from app.domain.errors import StationError, StationFault
from app.store import AuditRow, Store, verify_chain


@pytest.fixture
def rows(store: Store, noon: datetime) -> list[AuditRow]:
    for n in range(6):
        store.audit.add("page", "D1", actor="QUAY1", at=noon, details={"number": n, "ghi": "đã lưu"})
    return store.audit.rows()


def test_a_whole_chain_is_sound(store: Store, rows: list[AuditRow]) -> None:
    verify_chain(rows, store.audit.head())
    assert [row.n for row in store.audit.rows("D1")] == [1, 2, 3, 4, 5, 6]
    assert store.audit.rows("D2") == []


@pytest.mark.parametrize("field", ["at", "actor", "action", "subject", "details", "previous", "hash"])
@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_changed_field_is_found(rows: list[AuditRow], field: str, place: int) -> None:
    value = getattr(rows[place], field)
    flipped = ("0" if value[0] != "0" else "1") + value[1:]
    changed = [*rows[:place], replace(rows[place], **{field: flipped}), *rows[place + 1 :]]
    with pytest.raises(StationError) as broken:
        verify_chain(changed)
    assert broken.value.fault is StationFault.AUDIT_BROKEN


def test_a_deleted_row_is_found(rows: list[AuditRow]) -> None:
    for place in range(len(rows) - 1):
        with pytest.raises(StationError):
            verify_chain([*rows[:place], *rows[place + 1 :]])


def test_a_cut_tail_is_found_by_the_head(store: Store, rows: list[AuditRow]) -> None:
    verify_chain(rows[:-1])
    with pytest.raises(StationError):
        verify_chain(rows[:-1], store.audit.head())


def test_swapped_rows_are_found(rows: list[AuditRow]) -> None:
    with pytest.raises(StationError):
        verify_chain([rows[1], rows[0], *rows[2:]])


def test_the_database_refuses_to_rewrite_history(store: Store, rows: list[AuditRow]) -> None:
    database = sqlite3.connect(store.folder / "sohoa.db")
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit WHERE n = 6"):
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            database.execute(statement)
    database.close()
    assert store.audit.rows() == rows
