"""One SQLite connection with the settings that keep acknowledged rows through a power cut (cơ sở dữ liệu)."""

import errno
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.errors import StationError, StationFault

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_PRAGMAS = (
    "PRAGMA busy_timeout=5000",  # first: two programs may start at once
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # WAL with NORMAL forgets acknowledged commits at a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
)


class Database:
    """A connection shared by the program's threads, one at a time."""

    def __init__(self, path: Path) -> None:
        """Opens or creates the database and brings its schema up to date. Raises StationError."""
        self._lock = threading.RLock()
        self._depth = 0
        with database_faults():
            path.touch(mode=0o600, exist_ok=True)  # names and numbers of citizens are in it
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            for pragma in _PRAGMAS:
                self._connection.execute(pragma)
            self._migrate()

    def close(self) -> None:
        """Closes the connection; every acknowledged row is on disk already."""
        with self._lock:
            self._connection.close()

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
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    def write(self, statement: str, values: tuple[object, ...] | dict[str, object] = ()) -> int:
        """Runs one changing statement (in a transaction of its own if there is none); rows changed."""
        with self.transaction():
            return self._connection.execute(statement, values).rowcount

    def rows(self, query: str, values: tuple[object, ...] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock, database_faults():
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: tuple[object, ...] | dict[str, object] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        found = self.rows(query, values)
        return found[0] if found else None

    def _migrate(self) -> None:
        """Brings the schema up to date, one program at a time."""
        steps = sorted(_MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))
        newest = int(steps[-1].name[:4])
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > newest:
            raise StationError(StationFault.DATA_NEWER, found=version, known=newest)
        if version == newest:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
            for step in steps[version:]:
                for statement in _statements(step.read_text(encoding="utf-8")):
                    self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version={newest}")
            self._connection.execute("COMMIT")
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
        if code == sqlite3.SQLITE_IOERR:
            raise StationError(StationFault.DISK_FAULT, errno=errno.EIO) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StationError(StationFault.IN_USE) from error
        raise
