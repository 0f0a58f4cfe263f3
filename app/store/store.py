"""The store: one data folder with its database and blobs (kho dữ liệu của trạm)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.domain.errors import StationError, StationFault, disk_fault
from app.store.audit import Audit
from app.store.blobs import Blobs
from app.store.database import Database
from app.store.devices import Devices
from app.store.dossiers import Dossiers
from app.store.durable import make_folder
from app.store.outbox import Outbox


class Store:
    """A data folder, opened. `transaction()` binds what is written to rows, outbox and audit together."""

    def __init__(self, folder: Path) -> None:
        """Opens or creates `folder`. Raises StationError when the disk or the database refuses."""
        make_folder(folder)
        self.folder = folder
        self.blobs = Blobs(folder / "blobs")
        self._database = Database(folder / "sohoa.db")
        self.dossiers = Dossiers(self._database)
        self.devices = Devices(self._database)
        self.outbox = Outbox(self._database)
        self.audit = Audit(self._database)

    def close(self) -> None:
        """Closes the database; nothing is lost when this is never reached."""
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Everything written in the block is committed and durable at its end, or nothing of it."""
        return self._database.transaction()

    def next_number(self, series: str) -> int:
        """Takes the next number of a series, from 1; call it in the transaction that uses the number."""
        with self.transaction():
            row = self._database.row("SELECT next FROM sequence WHERE name = ?", (series,))
            number = int(row["next"]) if row else 1
            self._database.write(
                "INSERT INTO sequence (name, next) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET next = excluded.next",
                (series, number + 1),
            )
        return number

    def receipt_key(self, server: str) -> str | None:
        """The public key (PEM) that this server's receipts are checked with, once one is known."""
        row = self._database.row("SELECT public_pem FROM receipt_key WHERE server = ?", (server,))
        return str(row["public_pem"]) if row else None

    def remember_receipt_key(self, server: str, public_pem: str, seen_at: datetime) -> None:
        """Pins the key of a server seen for the first time; a pinned key is never replaced here."""
        self._database.write(
            "INSERT INTO receipt_key (server, public_pem, first_seen) VALUES (?, ?, ?)"
            " ON CONFLICT (server) DO NOTHING",
            (server, public_pem, seen_at.isoformat()),
        )

    @contextmanager
    def work_lock(self) -> Iterator[None]:
        """One program at a time works on dossiers here; looking is free. Raises `station.in-use`.

        The lock belongs to the process and ends with it, however it ends.
        """
        lock = FileLock(self.folder / "work.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise StationError(StationFault.IN_USE) from error
        except OSError as error:
            raise disk_fault(error) from error
        try:
            self.blobs.sweep()
            yield
        finally:
            lock.release()
