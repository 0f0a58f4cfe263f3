"""One SQLite connection with the settings that keep acknowledged rows through a power cut (cơ sở dữ liệu)."""

import errno
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.errors import StationError, StationFault
from app.store.durable import disk_faults
from app.store.journal import Journal, Mark, Values

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_JOURNALLED_FROM = 4
"""The first schema that has a place for the journal's mark."""
_PRAGMAS = (
    "PRAGMA busy_timeout=5000",  # first: two programs may start at once
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # WAL with NORMAL forgets acknowledged commits at a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
)


class Database:
    """A connection shared by the program's threads, one at a time.

    With a `journal` every committed change is also kept there, before it is committed here.
    """

    def __init__(self, path: Path, journal: Journal | None = None, *, schema: int | None = None) -> None:
        """Opens or creates the database and brings its schema up to date. Raises StationError.

        `schema` stops at an older version, for making a database anew from what was written for it.
        """
        self._lock = threading.RLock()
        self._depth = 0
        self._journal = journal
        self._writes: list[tuple[str, Values]] = []
        self.schema = 0
        with database_faults():
            path.touch(mode=0o600, exist_ok=True)  # names and numbers of citizens are in it
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            for pragma in _PRAGMAS:
                self._connection.execute(pragma)
            self.migrate(schema)

    def close(self) -> None:
        """Closes the connection; every acknowledged row is on disk already."""
        with self._lock:
            self._connection.close()
            if self._journal is not None:
                self._journal.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what is written inside is committed and durable when the block ends.

        A block inside a block joins it. Raises StationError when the disk refuses.
        """
        with self._lock, database_faults():
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            self._writes = []
            try:
                yield
                self._keep_in_journal()
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    def write(self, statement: str, values: Values = ()) -> int:
        """Runs one changing statement (in a transaction of its own if there is none); rows changed."""
        with self.transaction():
            changed = self._connection.execute(statement, values).rowcount
            self._writes.append((statement, values))
            return changed

    def rows(self, query: str, values: tuple[object, ...] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock, database_faults():
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: tuple[object, ...] | dict[str, object] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        found = self.rows(query, values)
        return found[0] if found else None

    def copy_to(self, path: Path) -> None:
        """Writes the database as it is committed now to a new file."""
        with self._lock, database_faults():
            copy = sqlite3.connect(path)
            try:
                self._connection.backup(copy)
            finally:
                copy.close()

    def checkpoint(self) -> None:
        """Brings everything into the one file, without a log beside it."""
        with self._lock, database_faults():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("PRAGMA journal_mode=DELETE")

    def is_whole(self) -> bool:
        """True when SQLite finds no fault in the file."""
        with self._lock, database_faults():
            return bool(self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")

    def replay(self, writes: tuple[tuple[str, Values], ...]) -> None:
        """Does once more what one transaction did."""
        with self.transaction():
            for statement, values in writes:
                self.write(statement, values)

    def journalled_audit_head(self) -> str:
        """The hash of the last audit row that was written to the journal, up to its mark; or empty."""
        if self._journal is None:
            return ""
        mark, _ = self.mark()
        with disk_faults():
            for change in self._journal.backwards(mark):
                for statement, values in reversed(change.writes):
                    if isinstance(values, dict) and statement.startswith("INSERT INTO audit "):
                        return str(values["hash"])
        return ""

    def mark(self) -> tuple[Mark, bool]:
        """How far the journal reaches, and whether everything before it is held by it or a snapshot."""
        row = self.rows("SELECT segment, bytes, based FROM journal_mark")[0]
        return Mark(row["segment"], row["bytes"]), bool(row["based"])

    def set_mark(self, mark: Mark, *, based: bool) -> None:
        """Writes down how far the journal reaches; this alone never enters the journal."""
        with self.transaction():
            self._set_mark(mark, based)

    def _set_mark(self, mark: Mark, based: bool) -> None:
        self._connection.execute(
            "UPDATE journal_mark SET segment = ?, bytes = ?, based = ?", (mark.segment, mark.bytes, based)
        )

    def _keep_in_journal(self) -> None:
        if self._journal is None or not self._writes or self.schema < _JOURNALLED_FROM:
            return
        mark, based = self.mark()
        with disk_faults():
            reached, unbroken = self._journal.append(mark, self.schema, self._writes)
        self._set_mark(reached, based and unbroken)

    def migrate(self, wanted: int | None = None) -> None:
        """Brings the schema up to version `wanted` or the newest, one program at a time."""
        with disk_faults():
            steps = sorted(_MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))
        newest = int(steps[-1].name[:4])
        wanted = newest if wanted is None else wanted
        self.schema = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if max(self.schema, wanted) > newest:
            raise StationError(StationFault.DATA_NEWER, found=max(self.schema, wanted), known=newest)
        if self.schema >= wanted:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
            for step in steps[version:wanted]:
                with disk_faults():
                    script = step.read_text(encoding="utf-8")
                for statement in _statements(script):
                    self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version={max(version, wanted)}")
            self._connection.execute("COMMIT")
            self.schema = max(version, wanted)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; one ends where SQLite says that it is complete."""
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        if line.rstrip().endswith(";") and sqlite3.complete_statement("\n".join(lines)):
            yield "\n".join(lines)
            lines = []


@contextmanager
def database_faults() -> Iterator[None]:
    """Turns what SQLite says of the disk into a StationError; faults of the program pass through."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise StationError(StationFault.DISK_FULL) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise StationError(StationFault.DATA_DAMAGED) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise StationError(StationFault.NO_PERMISSION) from error
        if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM):
            raise StationError(StationFault.DISK_FAULT, errno=errno.EIO) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
            raise StationError(StationFault.IN_USE) from error
        raise
