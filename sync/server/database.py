"""The intake's database by its URL: a SQLite file beside the data, or PostgreSQL (cơ sở dữ liệu).

Every change is one transaction that is on the disk before the call returns.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, insert, inspect, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from sync.errors import Fault, SyncError
from sync.server.schema_steps import VERSION, upgrade
from sync.server.tables import schema, schema_version

_CHANGES = "sohoa_changes"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "trusted_schema=OFF",
)
_CONNECTIONS = 8
_MORE_CONNECTIONS = 40
_POOL_PATIENCE_S = 30
_POSTGRESQL_SESSION = "-c synchronous_commit=on -c lock_timeout=20000 -c statement_timeout=60000"


def sqlite_url(path: Path) -> URL:
    """Return the URL of a SQLite file."""
    return URL.create("sqlite", database=str(path))


def checked_url(text: str) -> URL:
    """Return the URL that `text` is. Raises SyncError(sync.intake-data) for another kind of database."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise SyncError(Fault.INTAKE_DATA, reason="url") from error
    kind = url.get_backend_name()
    if kind == "postgres":
        kind, url = "postgresql", url.set(drivername="postgresql")
    if kind not in ("sqlite", "postgresql") or (kind == "sqlite" and not url.database):
        raise SyncError(Fault.INTAKE_DATA, reason="url")
    return url.set(drivername="postgresql+psycopg" if kind == "postgresql" else "sqlite")


class Database:
    """Connections to one database, for threads.

    Raises SyncError(sync.intake-data) on opening what is no database of ours, cannot be reached, or is newer.
    """

    def __init__(self, url: URL) -> None:
        self.is_sqlite = url.get_backend_name() == "sqlite"
        # SQLite has one writer: waiting for it in a queue is fairer than asking again and again.
        self._writer = threading.RLock() if self.is_sqlite else nullcontext()
        self._engine = _sqlite(url) if self.is_sqlite else _postgresql(url)
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._changer = self._engine.execution_options(**{_CHANGES: True})
        try:
            self._prepare()
        except (DatabaseError, sqlite3.DatabaseError) as error:
            self.close()
            raise SyncError(Fault.INTAKE_DATA, reason="database") from error
        except SyncError:
            self.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection on which every statement stands for itself."""
        with self._reader.connect() as db:
            yield db

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that is durable when the block ends well, and undone if not."""
        with self._writer, self._changer.begin() as db:
            yield db

    def lock_chain(self, db: Connection) -> None:
        """Let no one else append to the audit chain until the transaction ends; SQLite's writer is alone."""
        if not self.is_sqlite:
            db.exec_driver_sql("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE")

    def _prepare(self) -> None:
        with self.changing() as db:
            if not self.is_sqlite:
                # Two intakes at their first start would both make the tables.
                db.exec_driver_sql("SELECT pg_advisory_xact_lock(7197)")
            version = self._version(db)
            if version > VERSION:
                raise SyncError(Fault.INTAKE_DATA, reason="newer")
            if version == VERSION:
                return
            if version:
                upgrade(db, version)
            else:
                schema.create_all(db)
            if not db.execute(update(schema_version).values(number=VERSION)).rowcount:
                db.execute(insert(schema_version).values(number=VERSION))
            if self.is_sqlite:
                db.exec_driver_sql(f"PRAGMA user_version={VERSION}")

    def _version(self, db: Connection) -> int:
        if self.is_sqlite:
            return int(db.exec_driver_sql("PRAGMA user_version").scalar_one())
        if not inspect(db).has_table(schema_version.name):
            return 0
        return int(db.execute(select(schema_version.c.number)).scalar_one_or_none() or 0)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        pool_timeout=_POOL_PATIENCE_S,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(db: Connection) -> None:
        if db.get_execution_options().get(_CHANGES):
            db.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        pool_timeout=_POOL_PATIENCE_S,
        pool_pre_ping=True,
        connect_args={"options": _POSTGRESQL_SESSION, "connect_timeout": 10},
    )


def is_disk_full(error: Exception) -> bool:
    """Tell whether the database says that its disk is full (SQLITE_FULL, SQLSTATE 53100)."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.Error):
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == "53100"


def is_passing(error: Exception) -> bool:
    """Tell whether the database could only not be asked just now: gone, restarting, or overrun."""
    if isinstance(error, SQLAlchemyError) and type(error).__name__ == "TimeoutError":
        return True
    sqlstate = getattr(getattr(error, "orig", error), "sqlstate", None)
    unreachable = getattr(error, "connection_invalidated", False) or sqlstate is None
    is_postgresql = type(getattr(error, "orig", None)).__module__.startswith("psycopg")
    return is_postgresql and (unreachable or str(sqlstate)[:2] in ("08", "40", "53", "55", "57"))
