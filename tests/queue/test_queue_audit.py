"""Whoever edits the log is found: every flip, every row gone, every cut of the tail."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.domain.outbox import OutboxEntry
from app.store import Store
from app.store.rebuilding import DATABASE
from app.workflow.happenings import tell_nobody
from app.workflow.queue import Sender
from app.workflow.rebuild import examine
from app.workflow.station import Desk

from .conftest import Province

COLUMNS = ("at", "actor", "action", "subject", "details", "previous", "hash")
FLIPS = 150


@pytest.fixture
def station(province: Province, desk_of: Callable[..., Desk], queued: Callable[..., OutboxEntry]) -> Path:
    """The folder of a station that delivered three dossiers."""
    desk = desk_of(province.url)
    for number in (1, 2, 3):
        queued(desk, number)
    for outcome in Sender(desk, stopped=lambda: False, tell=tell_nobody).round():
        assert outcome.error is None
    desk.store.close()
    return desk.store.folder


def tampered(folder: Path, *statements: str, values: tuple[object, ...] = ()) -> None:
    """Change the database as somebody would who knows SQLite: guards taken away first."""
    with closing(sqlite3.connect(folder / DATABASE)) as opened, opened:
        opened.execute("DROP TRIGGER IF EXISTS audit_is_never_changed")
        opened.execute("DROP TRIGGER IF EXISTS audit_is_never_cut")
        for statement in statements:
            opened.execute(statement, values)


def is_found(folder: Path) -> bool:
    with Store(folder) as store:
        found = examine(store)
    return found.audit_break is not None or bool(found.unknown_heads)


def test_an_honest_log_is_whole(station: Path) -> None:
    assert not is_found(station)


def test_every_flipped_character_is_found(station: Path) -> None:
    with Store(station) as store:
        rows = store.audit.rows()
    dice = random.Random(7)
    missed = []
    for _ in range(FLIPS):
        row, column = dice.choice(rows), dice.choice(COLUMNS)
        text = str(getattr(row, column))
        if not text:
            continue
        at = dice.randrange(len(text))
        flipped = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
        tampered(station, f"UPDATE audit SET {column} = ? WHERE n = {row.n}", values=(flipped,))  # noqa: S608
        if not is_found(station):
            missed.append((row.n, column, at))
        tampered(station, f"UPDATE audit SET {column} = ? WHERE n = {row.n}", values=(text,))  # noqa: S608
    assert missed == []
    assert not is_found(station)


def test_every_row_taken_out_is_found(station: Path) -> None:
    with Store(station) as store:
        rows = store.audit.rows()
    for row in rows:
        tampered(station, f"DELETE FROM audit WHERE n = {row.n}")  # noqa: S608
        assert is_found(station), row.n
        tampered(
            station,
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values=(row.n, row.at, row.actor, row.action, row.subject, row.details, row.previous, row.hash),
        )
    assert not is_found(station)


def test_every_cut_of_the_tail_is_found(station: Path) -> None:
    with Store(station) as store:
        rows = store.audit.rows()
    for length in range(len(rows) - 1, -1, -1):
        tampered(station, f"DELETE FROM audit WHERE n > {length}")  # noqa: S608
        assert is_found(station), length


def test_a_tail_cut_and_the_sidecars_with_it_is_found_by_the_servers_signature(station: Path) -> None:
    """What the server countersigned must stand in the chain, whatever else was made to fit."""
    with Store(station) as store:
        rows = store.audit.rows()
        delivered = [row.n for row in rows if row.action == "delivered"]
    for path in (station / "sidecars").iterdir():
        path.unlink()
    tampered(station, f"DELETE FROM audit WHERE n >= {delivered[1] - 2}")  # noqa: S608
    with Store(station) as store:
        found = examine(store)
    assert found.unknown_heads


def test_a_chain_forged_from_the_middle_on_is_found(station: Path) -> None:
    """New hashes that fit each other still miss the heads that the server signed."""
    from app.store.audit import _hash

    with Store(station) as store:
        rows = store.audit.rows()
    previous = rows[1].previous
    for row in rows[1:]:
        content = {
            "n": row.n,
            "at": row.at,
            "actor": "SOMEBODY",
            "action": row.action,
            "subject": row.subject,
            "details": row.details,
        }
        forged = _hash(previous, **content)
        tampered(
            station,
            f"UPDATE audit SET actor = 'SOMEBODY', previous = ?, hash = ? WHERE n = {row.n}",  # noqa: S608
            values=(previous, forged),
        )
        previous = forged
    with Store(station) as store:
        found = examine(store)
    assert found.audit_break is not None  # the journal's last row is another
    assert found.unknown_heads
