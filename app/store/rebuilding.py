"""Making the database anew from its sidecars: newest snapshot, then the journal's lines (dựng lại CSDL)."""

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.domain.errors import StationError, StationFault
from app.store.database import Database, database_faults
from app.store.durable import disk_faults, make_folder, sync_folder
from app.store.journal import Journal, Mark

DATABASE = "sohoa.db"
SIDECARS = "sidecars"

_SEGMENTS_BETWEEN = 2
"""Segments after which a new snapshot is worth its time."""


@dataclass(frozen=True)
class Rebuilt:
    """What came out of the sidecars: how many transactions, and the name the old database was put under."""

    transactions: int
    set_aside: str | None


@disk_faults()
def keep_base(folder: Path, database: Database) -> None:
    """Makes a snapshot where the journal alone could not restore the database, or has grown long.

    For the one program that works here, at its start. A database that SQLite finds fault with is never
    made the base of anything. Raises StationError.
    """
    journal = Journal(folder / SIDECARS)
    end, based = database.mark()
    newest = _snapshots(folder / SIDECARS)[-1:]
    base = (_mark_in(newest[0]) if newest else Mark(1, 0)) or Mark(0, 0)
    unbroken = base.segment > 0 and journal.reaches(base, end)
    if based and unbroken and end.segment - base.segment < _SEGMENTS_BETWEEN:
        return
    if not database.is_whole():
        raise StationError(StationFault.DATA_DAMAGED)
    _snapshot(folder, database)


def _snapshot(folder: Path, database: Database) -> None:
    sidecars = folder / SIDECARS
    make_folder(sidecars)
    older = _snapshots(sidecars)
    number = _number(older[-1]) + 1 if older else 1
    temporary = sidecars / ".snapshot.part"
    final = sidecars / f"snapshot-{number:06d}.db"
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    database.copy_to(temporary)
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.replace(final)
    sync_folder(sidecars)
    for path in older[:-1]:  # one before stays: a disk may fail under the newest
        path.unlink(missing_ok=True)
    with database.transaction():  # only now: a crash before this line makes the snapshot once more
        end, _ = database.mark()
        database.set_mark(end, based=True)
    kept = _mark_in(older[-1]) if older else None
    if kept is not None:
        Journal(sidecars).drop_before(min(kept.segment, end.segment))


@disk_faults()
def is_lost(folder: Path) -> bool:
    """True when there are sidecars but no database: one that was deleted, or never put back."""
    sidecars = folder / SIDECARS
    return not (folder / DATABASE).exists() and any(
        path.stat().st_size
        for pattern in ("journal-*.lines", "snapshot-*.db")
        for path in sidecars.glob(pattern)
    )


@disk_faults()
@database_faults()
def rebuild_database(folder: Path, at: datetime) -> Rebuilt:
    """Makes `sohoa.db` anew in `folder`; the old one, if any, is put aside under another name.

    Raises StationError `station.sidecars-missing` when there is nothing to make it from.
    """
    sidecars = folder / SIDECARS
    base = _base(folder)
    if base is None and not (sidecars / "journal-000001.lines").is_file():
        raise StationError(StationFault.SIDECARS_MISSING)
    target = folder / ".sohoa.db.part"
    _remove(target)
    transactions = 0
    if base is not None and base[1] is not None:
        target.touch(mode=0o600)
        target.write_bytes(base[1].read_bytes())
    start = base[0] if base else Mark(1, 0)
    database = Database(target, schema=_schema_of(base[1] if base else None))
    try:
        for change in Journal(sidecars).changes(start):
            database.migrate(change.schema)
            database.replay(change.writes)
            transactions += 1
        database.migrate()
        # The journal may hold one line more than was ever acknowledged: what is here now is the new base.
        last = max((_segment(path) for path in sidecars.glob("journal-*.lines")), default=0)
        database.set_mark(Mark(last + 1, 0), based=False)
        set_aside = _put_aside(folder, at)
        database.checkpoint()
    finally:
        database.close()
    target.replace(folder / DATABASE)
    _remove(target)
    sync_folder(folder)
    return Rebuilt(transactions, set_aside)


def _put_aside(folder: Path, at: datetime) -> str | None:
    """Machines delete nothing: a damaged database stays, under a name that tells when it was put aside."""
    name = None
    for suffix in ("", "-wal", "-shm"):
        old = folder / (DATABASE + suffix)
        if old.exists():
            new = folder / f"{DATABASE}.{at:%Y%m%d-%H%M%S}{suffix}"
            old.replace(new)
            name = name or new.name
    return name


def _base(folder: Path) -> tuple[Mark, Path | None] | None:
    """The newest snapshot that is whole, with the journal's place that it stands for."""
    for path in reversed(_snapshots(folder / SIDECARS)):
        mark = _base_of(path)
        if mark is not None:
            return mark, path
    return None


def _base_of(snapshot: Path) -> Mark | None:
    try:
        with closing(_opened(snapshot)) as opened:
            whole = opened.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except sqlite3.DatabaseError:
        return None
    return _mark_in(snapshot) if whole else None


def _mark_in(snapshot: Path) -> Mark | None:
    try:
        with closing(_opened(snapshot)) as opened:
            segment, end = opened.execute("SELECT segment, bytes FROM journal_mark").fetchone()
    except (sqlite3.DatabaseError, TypeError):
        return None
    return Mark(int(segment), int(end))


def _opened(snapshot: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{snapshot.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _schema_of(snapshot: Path | None) -> int:
    if snapshot is None:
        return 0
    with closing(_opened(snapshot)) as opened:
        return int(opened.execute("PRAGMA user_version").fetchone()[0])


def _snapshots(sidecars: Path) -> list[Path]:
    return sorted(sidecars.glob("snapshot-[0-9][0-9][0-9][0-9][0-9][0-9].db"))


def _number(path: Path) -> int:
    return int(path.stem.removeprefix("snapshot-"))


def _segment(path: Path) -> int:
    digits = path.stem.removeprefix("journal-")
    return int(digits) if digits.isdigit() else 0


def _remove(target: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            target.with_name(target.name + suffix).unlink()
