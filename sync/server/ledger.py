"""The intake's database: uploads under way, accepted submissions, receipts, and the audit chain.

Every change is one transaction that is on the disk before the call returns. The SQL of the whole intake
stands in this file.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sync.errors import Fault, SyncError

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  submission_id TEXT NOT NULL,
  package_sha256 TEXT NOT NULL,
  station TEXT NOT NULL,
  length INTEGER NOT NULL CHECK (length >= 0),
  held INTEGER NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND length),
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_by_expiry ON uploads (expires_at);
CREATE TABLE submissions (
  id TEXT PRIMARY KEY,
  package_sha256 TEXT NOT NULL,
  package_bytes INTEGER NOT NULL,
  station TEXT NOT NULL,
  state TEXT NOT NULL,
  received_at TEXT NOT NULL,
  receipt TEXT NOT NULL,
  audit_number INTEGER NOT NULL UNIQUE REFERENCES audit (number)
) STRICT;
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  entry TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TABLE signing_keys (
  key_id TEXT PRIMARY KEY,
  public_pem TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Upload:
    """An upload under way: `held` of `length` bytes are durable; it lapses at `expires_at` (Unix seconds)."""

    id: str
    submission_id: str
    package_sha256: str
    station: str
    length: int
    held: int
    expires_at: int


@dataclass(frozen=True)
class Submission:
    """An accepted package and the receipt that was given for it (canonical JSON text)."""

    id: str
    package_sha256: str
    package_bytes: int
    station: str
    state: str
    received_at: str
    receipt: str


@dataclass(frozen=True)
class AuditRow:
    """One link of the audit chain: its number from 1, its canonical JSON, its hash (hex)."""

    number: int
    entry: str
    hash: str


@dataclass(frozen=True)
class Acceptance:
    """What one accepted package adds: the submission and the audit row that speaks of it."""

    submission: Submission
    audit: AuditRow


_UPLOAD = "id, submission_id, package_sha256, station, length, held, expires_at"
_SUBMISSION = "id, package_sha256, package_bytes, station, state, received_at, receipt"


class Ledger:
    """One connection to the database, shared by threads one at a time.

    Raises SyncError(sync.intake-data) on opening a file that is no database of ours, or a newer one.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "busy_timeout=5000",
                "trusted_schema=OFF",
            ):
                self._db.execute(f"PRAGMA {pragma}")
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise SyncError(Fault.INTAKE_DATA, reason="database") from error
        except SyncError:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def _prepare(self) -> None:
        with self._change() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > _SCHEMA_VERSION:
                raise SyncError(Fault.INTAKE_DATA, reason="newer")
            if version == 0:
                for statement in _SCHEMA.split(";")[:-1]:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _one(self, sql: str, *values: str | int) -> tuple[object, ...] | None:
        with self._lock:
            row: tuple[object, ...] | None = self._db.execute(sql, values).fetchone()
        return row

    def _all(self, sql: str, *values: str | int) -> list[tuple[object, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def add_upload(self, upload: Upload) -> None:
        """Write down a new upload."""
        with self._change() as db:
            db.execute(
                f"INSERT INTO uploads ({_UPLOAD}) VALUES (?,?,?,?,?,?,?)",  # noqa: S608
                (
                    upload.id,
                    upload.submission_id,
                    upload.package_sha256,
                    upload.station,
                    upload.length,
                    upload.held,
                    upload.expires_at,
                ),
            )

    def upload(self, upload_id: str) -> Upload | None:
        """Return the upload, or None."""
        row = self._one(f"SELECT {_UPLOAD} FROM uploads WHERE id=?", upload_id)  # noqa: S608
        return None if row is None else Upload(*row)  # type: ignore[arg-type]

    def upload_ids(self) -> set[str]:
        """Return the ids of all uploads under way."""
        return {str(row[0]) for row in self._all("SELECT id FROM uploads")}

    def hold(self, upload_id: str, held: int, expires_at: int) -> None:
        """Write down that the first `held` bytes of an upload are durable."""
        with self._change() as db:
            db.execute("UPDATE uploads SET held=?, expires_at=? WHERE id=?", (held, expires_at, upload_id))

    def drop_upload(self, upload_id: str) -> None:
        """Forget an upload."""
        with self._change() as db:
            db.execute("DELETE FROM uploads WHERE id=?", (upload_id,))

    def expired_uploads(self, now: int) -> list[str]:
        """Return the ids of uploads that lapsed before `now` (Unix seconds)."""
        return [str(row[0]) for row in self._all("SELECT id FROM uploads WHERE expires_at<?", now)]

    def submission(self, submission_id: str) -> Submission | None:
        """Return the accepted submission, or None."""
        row = self._one(f"SELECT {_SUBMISSION} FROM submissions WHERE id=?", submission_id)  # noqa: S608
        return None if row is None else Submission(*row)  # type: ignore[arg-type]

    def submissions(self, *, after: str, limit: int, station: str) -> list[Submission]:
        """Return up to `limit` submissions of one station by rising id behind `after`."""
        rows = self._all(
            f"SELECT {_SUBMISSION} FROM submissions"  # noqa: S608
            " WHERE id>? AND station=? ORDER BY id LIMIT ?",
            after,
            station,
            limit,
        )
        return [Submission(*row) for row in rows]  # type: ignore[arg-type]

    def count_submissions(self) -> int:
        """Return how many submissions were accepted."""
        row = self._one("SELECT count(*) FROM submissions")
        return int(str(row[0])) if row else 0

    def accept(
        self, submission_id: str, upload_id: str, make: Callable[[AuditRow | None], Acceptance]
    ) -> tuple[Submission, bool]:
        """Accept a submission once: its row, its receipt and its audit row in one transaction.

        `make` gets the last audit row and returns what is to be written. When the submission is already
        there, nothing is written and the one that is there comes back. The second value is true when new.
        """
        with self._change() as db:
            present = self.submission(submission_id)
            if present is not None:
                return present, False
            acceptance = make(self.last_audit_row())
            audit, new = acceptance.audit, acceptance.submission
            db.execute(
                "INSERT INTO audit (number, entry, hash) VALUES (?,?,?)",
                (audit.number, audit.entry, audit.hash),
            )
            db.execute(
                f"INSERT INTO submissions ({_SUBMISSION}, audit_number) VALUES (?,?,?,?,?,?,?,?)",  # noqa: S608
                (
                    new.id,
                    new.package_sha256,
                    new.package_bytes,
                    new.station,
                    new.state,
                    new.received_at,
                    new.receipt,
                    audit.number,
                ),
            )
            db.execute("DELETE FROM uploads WHERE id=?", (upload_id,))
            return new, True

    def last_audit_row(self) -> AuditRow | None:
        """Return the newest audit row, or None at the very beginning."""
        row = self._one("SELECT number, entry, hash FROM audit ORDER BY number DESC LIMIT 1")
        return None if row is None else AuditRow(*row)  # type: ignore[arg-type]

    def audit_rows(self, *, after: int, limit: int) -> list[AuditRow]:
        """Return up to `limit` audit rows with numbers above `after`."""
        rows = self._all(
            "SELECT number, entry, hash FROM audit WHERE number>? ORDER BY number LIMIT ?", after, limit
        )
        return [AuditRow(*row) for row in rows]  # type: ignore[arg-type]

    def receipts_with_audit_number(self, *, after: int, limit: int) -> list[tuple[int, str]]:
        """Return (audit number, receipt JSON) of up to `limit` submissions, by rising number."""
        rows = self._all(
            "SELECT audit_number, receipt FROM submissions WHERE audit_number>?"
            " ORDER BY audit_number LIMIT ?",
            after,
            limit,
        )
        return [(int(str(number)), str(receipt)) for number, receipt in rows]

    def add_signing_key(self, key_id: str, public_pem: str) -> None:
        """Write down a public key, so that its receipts can be checked after a change of keys."""
        with self._change() as db:
            db.execute("INSERT OR IGNORE INTO signing_keys VALUES (?,?)", (key_id, public_pem))

    def signing_keys(self) -> dict[str, str]:
        """Return every public key (PEM) that ever signed here, by its id."""
        return {str(row[0]): str(row[1]) for row in self._all("SELECT key_id, public_pem FROM signing_keys")}
