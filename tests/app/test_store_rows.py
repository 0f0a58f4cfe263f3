"""Rows: what goes in comes out, and a transaction is all or nothing."""

import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from app.domain.dossier import Component, Dossier
from app.domain.errors import StationError, StationFault
from app.domain.outbox import OutboxEntry
from app.domain.page import Page, PageRole
from app.domain.states import Digitisation, Synchronisation
from app.store import Store, verify_chain
from app.store.database import Database


def test_dossiers_components_and_pages_come_back_as_they_were(
    store: Store, dossier: Dossier, component: Component, page: Page
) -> None:
    store.dossiers.save(dossier)
    store.dossiers.save_component(component)
    read = replace(page, component_id="C1", role=PageRole.PAPER, confidence=91.5, flags=("blank",))
    store.dossiers.save_page(page)
    store.dossiers.save_page(read)
    assert store.dossiers.get("D1") == dossier
    assert store.dossiers.components("D1") == [component]
    assert store.dossiers.pages("D1") == [read]
    assert store.dossiers.unfinished() == [dossier]
    with pytest.raises(KeyError):
        store.dossiers.get("D2")


def test_the_other_side_of_a_sheet_stands_right_beside_it(
    store: Store, dossier: Dossier, component: Component, page: Page
) -> None:
    store.dossiers.save(dossier)
    store.dossiers.save_component(component)
    sides = ((1, 1, 1), (1, 2, 2), (2, 1, 3), (3, 1, 4), (2, 2, 5), (1, 2, None))
    for number, (sheet, side, place) in enumerate(sides, start=1):
        store.dossiers.save_page(
            replace(page, id=f"P{number}", number=number, sheet=sheet, side=side, place=place)
        )
    others = [store.dossiers.other_side(store.dossiers.page(f"P{number}")) for number in range(1, 7)]
    assert [other.id if other else None for other in others] == ["P2", "P1", None, None, None, None]


def test_a_failed_transaction_leaves_nothing(store: Store, dossier: Dossier) -> None:
    def fail_half_way() -> None:
        with store.transaction():
            store.dossiers.save(dossier)
            with store.transaction():
                store.audit.add("received", "D1", actor="QUAY1", at=dossier.received_at)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert store.dossiers.unfinished() == []
    assert store.audit.rows() == []


def test_numbers_of_a_series_never_repeat(store: Store) -> None:
    assert [store.next_number("H18.19_TK") for _ in range(3)] == [1, 2, 3]
    assert store.next_number("H18.19_UQ") == 1

    def fail_half_way() -> None:
        with store.transaction():
            store.next_number("H18.19_TK")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert store.next_number("H18.19_TK") == 4


def test_the_outbox_takes_a_dossier_once(store: Store, dossier: Dossier, noon: datetime) -> None:
    store.dossiers.save(replace(dossier, submission_id="S1"))
    entry = OutboxEntry("S1", "D1", dossier.code, "a" * 64, 10, Synchronisation.QUEUED, noon)
    store.outbox.add(entry)
    assert store.outbox.get("S1") == entry
    assert store.dossiers.by_submission("S1").id == "D1"
    with pytest.raises(sqlite3.IntegrityError):
        store.outbox.add(replace(entry, submission_id="S2"))
    sending = replace(entry, state=Synchronisation.SENDING, attempts=1, next_try_at=noon + timedelta(1))
    store.outbox.save(sending)
    assert store.outbox.next_due(noon + timedelta(2)) == sending
    store.outbox.save(replace(sending, state=Synchronisation.DELIVERED, receipt="{}"))
    assert store.outbox.next_due(noon + timedelta(2)) is None
    assert [e.receipt for e in store.outbox.entries()] == ["{}"]


def test_the_pinned_key_stays(store: Store, noon: datetime) -> None:
    assert store.receipt_key("intake") is None
    store.remember_receipt_key("intake", "first", noon)
    store.remember_receipt_key("intake", "second", noon)
    assert store.receipt_key("intake") == "first"


def _hold(folder: Path, ready: Event, go: Event) -> None:
    with Store(folder) as store, store.work_lock():
        ready.set()
        go.wait(30)


def test_one_program_at_a_time_works_here(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready, go = spawn.Event(), spawn.Event()
    holder = spawn.Process(target=_hold, args=(tmp_path, ready, go))
    holder.start()
    assert ready.wait(30)
    with Store(tmp_path) as store:
        with pytest.raises(StationError) as refused, store.work_lock():
            pass
        assert refused.value.fault is StationFault.IN_USE
        holder.kill()
        holder.join()
        with store.work_lock():
            assert store.dossiers.unfinished() == []


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    database = sqlite3.connect(tmp_path / "sohoa.db")
    database.execute("PRAGMA user_version=999")
    database.close()
    with pytest.raises(StationError) as newer:
        Store(tmp_path)
    assert newer.value.fault is StationFault.DATA_NEWER


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "sohoa.db").write_bytes(b"this is not a database, it only has its name" * 100)
    with pytest.raises(StationError) as damaged:
        Store(tmp_path)
    assert damaged.value.fault is StationFault.DATA_DAMAGED


def test_every_connection_has_the_safe_settings(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.db")
    found = {
        name: database.rows(f"PRAGMA {name}")[0][0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
    }
    database.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "trusted_schema": 0,
    }


def test_a_page_needs_its_dossier(store: Store, page: Page) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.dossiers.save_page(page)


def test_a_moved_dossier_is_found_as_it_stands(store: Store, dossier: Dossier) -> None:
    store.dossiers.save(dossier.digitised(Digitisation.CAPTURING))
    assert store.dossiers.get("D1").digitisation is Digitisation.CAPTURING
    verify_chain(store.audit.rows(), store.audit.head())
