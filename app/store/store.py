"""The store: one data folder with its database and blobs (kho dữ liệu của trạm)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.domain.errors import StationError, StationFault, disk_fault
from app.store.audit import Audit
from app.store.blobs import Blobs
from app.store.codes import Codes
from app.store.database import Database
from app.store.devices import Devices
from app.store.dossiers import Dossiers
from app.store.durable import disk_faults, make_folder
from app.store.journal import Journal
from app.store.outbox import Outbox
from app.store.rebuilding import DATABASE, SIDECARS, is_lost, keep_base, rebuild_database
from app.store.suggestions import Suggestions

_BLOB_COLUMNS = {
    "page": ("original", "visible", "reading", "fingerprint"),
    "component": ("built", "coded", "signed"),
    "outbox": ("package",),
}
_ALL_BLOBS = " UNION ALL ".join(
    f"SELECT {column} AS blob, dossier_id FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - our own names
    for table, columns in _BLOB_COLUMNS.items()
    for column in columns
)
_BLOBS_OF = f"SELECT DISTINCT blob FROM ({_ALL_BLOBS}) WHERE dossier_id = :dossier"  # noqa: S608
_BLOBS_OF_OTHERS = f"SELECT DISTINCT blob FROM ({_ALL_BLOBS}) WHERE dossier_id <> :dossier"  # noqa: S608


class Store:
    """A data folder, opened. `transaction()` binds what is written to rows, outbox and audit together."""

    def __init__(self, folder: Path) -> None:
        """Opens or creates `folder`. Raises StationError when the disk or the database refuses.

        A database that is gone while its sidecars are here is made anew from them first.
        """
        make_folder(folder)
        self.folder = folder
        if is_lost(folder):
            with alone(folder):
                if is_lost(folder):
                    rebuild_database(folder, datetime.now(UTC))
        with disk_faults():
            self.fresh = not (folder / DATABASE).exists()
        """True when there was no database before: the first visit, or everything but the blobs is lost."""
        self.blobs = Blobs(folder / "blobs")
        self._database = Database(folder / DATABASE, Journal(folder / SIDECARS))
        self.dossiers = Dossiers(self._database)
        self.devices = Devices(self._database)
        self.codes = Codes(self._database)
        self.suggestions = Suggestions(self._database)
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

    def blobs_of(self, dossier_id: str) -> set[str]:
        """The names of all blobs that a dossier's rows speak of."""
        rows = self._database.rows(_BLOBS_OF, {"dossier": dossier_id})
        return {row["blob"] for row in rows}

    def own_blobs(self, dossier_id: str) -> set[str]:
        """Those of a dossier's blobs that no other dossier's rows speak of."""
        own = self.blobs_of(dossier_id)
        rows = self._database.rows(_BLOBS_OF_OTHERS, {"dossier": dossier_id})
        return own - {row["blob"] for row in rows if row["blob"] in own}

    def referenced_blobs(self) -> Iterator[tuple[str, str]]:
        """Every blob that must be here, with its dossier: all but those of erased ones."""
        rows = self._database.rows(
            f"SELECT DISTINCT blob, dossier_id FROM ({_ALL_BLOBS}) WHERE dossier_id NOT IN"  # noqa: S608
            " (SELECT dossier_id FROM outbox WHERE erased_at IS NOT NULL)"
        )
        for row in rows:
            yield row["blob"], row["dossier_id"]

    def is_whole(self) -> bool:
        """True when SQLite finds no fault in the database."""
        return self._database.is_whole()

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
        with alone(self.folder):
            self.blobs.sweep()
            keep_base(self.folder, self._database)
            yield


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the data folder for this process alone, until the block or the process ends.

    Raises StationError `station.in-use`.
    """
    lock = FileLock(folder / "work.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise StationError(StationFault.IN_USE) from error
    except OSError as error:
        raise disk_fault(error) from error
    try:
        yield
    finally:
        lock.release()
