"""A data folder opened for work: database, key, uploads and packages, held by this process alone."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sync.durable import storage_faults, sync_folder
from sync.errors import Fault, SyncError
from sync.server.ledger import Ledger
from sync.server.settings import Limits, Stations
from sync.server.signing_key import SigningKey, open_signing_key
from sync.server.submissions import Submissions
from sync.server.turns import Turns
from sync.server.uploads import Uploads

DATABASE = "intake.sqlite"
_LOCK = "lock.sqlite"


@dataclass(frozen=True)
class Intake:
    """Everything that the routes work with."""

    data_dir: Path
    limits: Limits
    stations: Stations
    ledger: Ledger
    key: SigningKey
    uploads: Uploads
    submissions: Submissions
    turns: Turns
    lock: sqlite3.Connection

    def close(self) -> None:
        """Close the database and let the folder go."""
        self.ledger.close()
        self.lock.close()


def open_intake(data_dir: Path, limits: Limits, stations: Stations | None) -> Intake:
    """Open the folder, making what is missing, and clear away what a crash left half done.

    Raises SyncError: sync.intake-running, sync.intake-key, sync.intake-data, sync.storage, sync.disk-full.
    """
    with storage_faults():
        for folder in (data_dir, data_dir / "uploads", data_dir / "packages"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(data_dir)
    lock = _lock(data_dir / _LOCK)
    try:
        return _opened(data_dir, limits, stations, lock)
    except BaseException:
        lock.close()
        raise


def _opened(data_dir: Path, limits: Limits, stations: Stations | None, lock: sqlite3.Connection) -> Intake:
    stations = stations or Stations.read(data_dir)
    ledger = Ledger(data_dir / DATABASE)
    try:
        with storage_faults():
            for leftover in (*data_dir.glob(".*.part"), *data_dir.glob("packages/*/.*.part")):
                leftover.unlink()
        key = open_signing_key(data_dir, ledger)
        uploads = Uploads(data_dir / "uploads", ledger, limits)
        with storage_faults():
            uploads.clear_orphans()
        submissions = Submissions(data_dir / "packages", ledger, uploads, key)
        return Intake(data_dir, limits, stations, ledger, key, uploads, submissions, Turns(), lock)
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
