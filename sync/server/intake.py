"""A data folder opened for work: database, key, uploads and packages, held by this process alone."""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from sync.durable import storage_faults, sync_folder
from sync.errors import Fault, SyncError
from sync.server.accounts import Accounts, AccountsFile
from sync.server.database import Database, checked_url, sqlite_url
from sync.server.judging import Judge, begins_like_pdf
from sync.server.ledger import Ledger
from sync.server.settings import Limits
from sync.server.signing_key import SigningKey, open_signing_key
from sync.server.submissions import Submissions
from sync.server.turns import Turns
from sync.server.uploads import Uploads
from sync.server.work_queue import WorkQueue

DATABASE = "intake.sqlite"
_LOCK = "lock.sqlite"


@dataclass(frozen=True)
class Intake:
    """Everything that the routes work with."""

    data_dir: Path
    limits: Limits
    agency: str
    accounts: Accounts
    ledger: Ledger
    key: SigningKey
    uploads: Uploads
    submissions: Submissions
    queue: WorkQueue
    turns: Turns
    lock: sqlite3.Connection

    def close(self) -> None:
        """Close the database and let the folder go."""
        self.uploads.close()
        self.ledger.close()
        self.lock.close()


@dataclass(frozen=True)
class Choices:
    """What may be chosen for an intake beside its folder.

    `database` is a URL (SQLite or PostgreSQL; "" means a SQLite file in the folder), `accounts` stand in the
    place of the folder's `stations.json`, `judge` looks at the PDFs of a package, and `agency` numbers the
    dossiers of stations that have none of their own ("" issues no codes for them).
    """

    limits: Limits = field(default_factory=Limits)
    accounts: Accounts | None = None
    database: str = ""
    judge: Judge = begins_like_pdf
    agency: str = ""


def open_intake(data_dir: Path, choices: Choices) -> Intake:
    """Open the folder, making what is missing, and clear away what a crash left half done.

    Raises SyncError: sync.intake-running, sync.intake-key, sync.intake-data, sync.storage, sync.disk-full.
    """
    with storage_faults():
        for folder in (data_dir, data_dir / "uploads", data_dir / "packages"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(data_dir)
    lock = _lock(data_dir / _LOCK)
    try:
        return _opened(data_dir, choices, lock)
    except BaseException:
        lock.close()
        raise


def open_ledger(data_dir: Path, database: str = "") -> Ledger:
    """Open the database of a folder, or the one at the URL `database`. Raises SyncError(sync.intake-data)."""
    return Ledger(Database(checked_url(database) if database else sqlite_url(data_dir / DATABASE)))


def _opened(data_dir: Path, choices: Choices, lock: sqlite3.Connection) -> Intake:
    accounts = choices.accounts or AccountsFile(data_dir)
    ledger = open_ledger(data_dir, choices.database)
    try:
        with storage_faults():
            for leftover in (*data_dir.glob(".*.part"), *data_dir.glob("packages/*/.*.part")):
                leftover.unlink()
        key = open_signing_key(data_dir, ledger)
        uploads = Uploads(data_dir / "uploads", ledger, choices.limits)
        with storage_faults():
            uploads.recover()
        submissions = Submissions(
            data_dir / "packages", ledger, uploads, key, judge=choices.judge, agency=choices.agency
        )
        return Intake(
            data_dir=data_dir,
            limits=choices.limits,
            agency=choices.agency,
            accounts=accounts,
            ledger=ledger,
            key=key,
            uploads=uploads,
            submissions=submissions,
            queue=WorkQueue(ledger),
            turns=Turns(),
            lock=lock,
        )
    except BaseException:
        ledger.close()
        raise


def _lock(path: Path) -> sqlite3.Connection:
    """Hold the folder: SQLite's own file lock is the same on every system and falls with the process."""
    lock = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise SyncError(Fault.INTAKE_RUNNING) from error
    except sqlite3.DatabaseError as error:
        lock.close()
        raise SyncError(Fault.INTAKE_DATA, reason="lock") from error
    return lock
