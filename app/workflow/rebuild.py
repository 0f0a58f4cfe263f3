"""Checking the data folder, and making a lost database anew (kiểm tra, dựng lại).

Everything that was ever committed stands in the sidecars. Where those are gone as well, the sealed packages
among the blobs still tell their dossiers, and the server gives their receipts once more.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sync
from app.domain.dossier import Component, Dossier
from app.domain.errors import StationError
from app.domain.outbox import OutboxEntry
from app.domain.person import Person
from app.domain.states import Digitisation, Synchronisation
from app.settings import Settings
from app.store import Store, verify_chain
from app.store.rebuilding import DATABASE, SIDECARS, rebuild_database
from app.store.store import alone
from app.workflow.station import Desk, vietnam_now

logger = logging.getLogger(__name__)

_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Check:
    """What an examination of the data folder found; `audit_break` is the first row that does not hold."""

    whole: bool
    dossiers: int
    submissions: int
    audit_rows: int
    audit_break: int | None
    missing_blobs: tuple[str, ...]
    damaged_blobs: tuple[str, ...]
    unknown_heads: tuple[str, ...]

    @property
    def good(self) -> bool:
        """True when nothing at all is amiss."""
        return (
            self.whole
            and self.audit_break is None
            and not (self.missing_blobs or self.damaged_blobs or self.unknown_heads)
        )


@dataclass(frozen=True)
class RebuildResult:
    """What a rebuilding brought back: transactions from sidecars, dossiers from packages alone."""

    transactions: int
    from_packages: int
    set_aside: str | None
    check: Check


def check(settings: Settings, *, every_byte: bool = False) -> Check:
    """Examines database, audit chain, countersigned heads and blobs; `every_byte` hashes each blob too."""
    with Store(settings.work_folder()) as store:
        return examine(store, every_byte=every_byte)


def rebuild(settings: Settings) -> RebuildResult:
    """Makes the database anew; what was there is put aside, nothing is deleted.

    Raises StationError: `station.in-use` while a program works here, `station.sidecars-missing` when there
    is nothing to make it from.
    """
    folder = settings.work_folder()
    transactions, set_aside = 0, None
    with alone(folder):
        if any((folder / SIDECARS).glob("*")):
            rebuilt = rebuild_database(folder, vietnam_now())
            transactions, set_aside = rebuilt.transactions, rebuilt.set_aside
        elif not any((folder / "blobs").glob("??/*")):
            rebuild_database(folder, vietnam_now())  # tells that there is nothing
        else:
            set_aside = _put_aside(folder)
    with Store(folder) as store, store.work_lock():
        desk = Desk(store=store, settings=settings, intake=_no_line, training=settings.training)
        adopted = adopt_packages(desk)
        desk.note("rebuilt", "station", transactions=transactions, packages=adopted)
        return RebuildResult(transactions, adopted, set_aside, examine(store))


def examine(store: Store, *, every_byte: bool = False) -> Check:
    """What holds of an open store and what does not."""
    rows = store.audit.rows()
    broken: int | None = None
    try:
        verify_chain(rows, store.audit.journalled_head() or None)
    except StationError as error:
        broken = int(error.facts["row"])
    missing, damaged = [], []
    for blob, _ in store.referenced_blobs():
        if not store.blobs.has(blob):
            missing.append(blob)
        elif every_byte:
            try:
                store.blobs.check(blob)
            except StationError:
                damaged.append(blob)
    entries = store.outbox.entries()
    return Check(
        whole=store.is_whole(),
        dossiers=len({entry.dossier_id for entry in entries} | {d.id for d in store.dossiers.unfinished()}),
        submissions=len(entries),
        audit_rows=len(rows),
        audit_break=broken,
        missing_blobs=tuple(sorted(missing)),
        damaged_blobs=tuple(sorted(damaged)),
        unknown_heads=tuple(e.submission_id for e in entries if not _head_known(store, e)),
    )


def adopt_packages(desk: Desk) -> int:
    """Takes up sealed packages among the blobs that no row speaks of; how many.

    They are queued: the server knows their submission ids, so those that arrived are not sent again
    but bring their receipts.
    """
    known = {entry.package for entry in desk.store.outbox.entries()}
    submitted = {entry.submission_id for entry in desk.store.outbox.entries()}
    referenced = {blob for blob, _ in desk.store.referenced_blobs()}
    adopted = 0
    for blob in sorted(set(desk.store.blobs.names()) - known - referenced):
        path = desk.store.blobs.path(blob)
        with path.open("rb") as file:
            if file.read(len(_ZIP)) != _ZIP:
                continue
        try:
            contents = sync.open_package(path)
        except sync.SyncError:
            continue
        if contents.package.sha256 == blob and contents.submission_id not in submitted:
            adopted += _adopt(desk, contents)
    return adopted


def adopt_what_is_left(desk: Desk) -> int:
    """Where database and sidecars are gone but sealed packages are here, takes those up; how many.

    For the start of a program that works here: on any other day it costs nothing.
    """
    if not desk.store.fresh or next(desk.store.blobs.names(), None) is None:
        return 0
    return adopt_packages(desk)


def _adopt(desk: Desk, contents: sync.PackageContents) -> bool:
    told = contents.metadata.get("dossier")
    if not isinstance(told, Mapping) or not told.get("id"):
        # Sealed by a run that was cut off before it queued anything, or made elsewhere: never ours to send.
        return False
    dossier_id = str(told["id"])
    if any(True for _ in desk.store.outbox.of_dossier(dossier_id)):
        return False
    dossier = Dossier(
        id=dossier_id,
        code=str(told["code"]),
        procedure_code=str(told["procedure_code"]),
        procedure_name=str(told["procedure_name"]),
        applicant=Person(str(told["applicant_name"]), str(told["applicant_id"])),
        received_at=datetime.fromisoformat(str(told["received_at"])),
        digitisation=Digitisation.SEALED,
        synchronisation=Synchronisation.QUEUED,
        submission_id=contents.submission_id,
        training=bool(told["training"]),
    )
    with desk.store.transaction():
        desk.store.dossiers.save(dossier)
        for component in _components(contents, dossier_id):
            desk.store.dossiers.save_component(component)
        desk.store.outbox.add(
            OutboxEntry(
                submission_id=contents.submission_id,
                dossier_id=dossier_id,
                dossier_code=dossier.code,
                package=contents.package.sha256,
                package_bytes=contents.package.bytes,
                state=Synchronisation.QUEUED,
                queued_at=contents.sealed_at,
            )
        )
        desk.note("adopted", dossier_id, submission=contents.submission_id)
    return True


def _components(contents: sync.PackageContents, dossier_id: str) -> list[Component]:
    told = contents.metadata.get("components")
    return [
        Component(
            id=str(item["id"]),
            dossier_id=dossier_id,
            ordinal=int(item["ordinal"]),
            key=str(item["key"]),
            name=str(item["name"]),
            paper_type=str(item["paper_type"]),
            code=item["code"],
            signed=item["sha256"],
            signature=item["signature"],
            timestamped_at=item["timestamped_at"],
        )
        for item in (told if isinstance(told, list) else [])
    ]


def _head_known(store: Store, entry: OutboxEntry) -> bool:
    """A head that the server countersigned must stand in the chain: a cut tail shows here."""
    if not entry.receipt:
        return True
    head = json.loads(entry.receipt).get("audit_head", "")
    return not head or store.audit.knows(head)


def _put_aside(folder: Path) -> str | None:
    database = folder / DATABASE
    if not database.exists():
        return None
    name = f"{DATABASE}.{vietnam_now():%Y%m%d-%H%M%S}"
    for suffix in ("", "-wal", "-shm"):
        old = folder / (DATABASE + suffix)
        if old.exists():
            old.replace(folder / (name + suffix))
    return name


def _no_line() -> sync.Connector:
    raise sync.SyncError(sync.Fault.OFFLINE)
