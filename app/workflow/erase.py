"""Letting local copies go, so many days after a verified receipt and never before (xóa bản sao tại trạm)."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import sync
from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.workflow.deliver import pinned_key
from app.workflow.station import Desk
from app.workflow.verdicts import verdict_of

logger = logging.getLogger(__name__)

_AT_ONCE = 20


def erase_delivered(desk: Desk, *, stopped: Callable[[], bool]) -> list[OutboxEntry]:
    """Removes the files of dossiers whose receipt is older than the policy's days; rows and receipts stay.

    The age is told by the server's clock, asked for just now: a wrong clock of this machine erases nothing.
    Only a receipt that verifies once more counts, only for the dossier's last version, only when the
    province did not send it back, and only files that no other dossier needs. Raises SyncError.
    """
    days = desk.settings.erase_after_days
    if days <= 0:
        return []
    candidates = desk.store.outbox.delivered_before(desk.clock() - timedelta(days=days) / 2, _AT_ONCE)
    if not candidates:
        return []
    connector = desk.intake()
    try:
        greeting = connector.greet(stopped=stopped)
    finally:
        connector.close()
    if greeting.clock_skew_s is None:
        return []
    server_now = desk.clock() + timedelta(seconds=greeting.clock_skew_s)
    key = pinned_key(desk, greeting)
    erased = []
    for entry in candidates:
        old = entry.delivered_at is not None and entry.delivered_at < server_now - timedelta(days=days)
        if not stopped() and old and key is not None and _may_go(desk, entry, key):
            erased.append(_erase(desk, entry))
    return erased


def _may_go(desk: Desk, entry: OutboxEntry, key: bytes) -> bool:
    dossier = desk.store.dossiers.get(entry.dossier_id)
    if dossier.submission_id != entry.submission_id or entry.state is not Synchronisation.DELIVERED:
        return False
    verdict = verdict_of(entry)
    if verdict is not None and verdict.state is sync.VerdictState.REJECTED:
        return False
    try:
        acknowledged = sync.Acknowledgement.from_json(entry.receipt or "")
        # The bytes need not be here: a run that was cut off may have removed them already.
        package = sync.Package(Path(), entry.package, entry.package_bytes, entry.submission_id)
        acknowledged.verify(package, key)
    except sync.SyncError as error:
        logger.info("local copies stay: %s", error.code)
        return False
    return True


def _erase(desk: Desk, entry: OutboxEntry) -> OutboxEntry:
    """Other files first, the package last: a run cut off between is taken up again by it."""
    store = desk.store
    dossier = store.dossiers.get(entry.dossier_id)
    blobs = store.own_blobs(entry.dossier_id)
    for place in (
        store.folder / "results" / dossier.code,
        store.folder / "work" / dossier.id,
        store.folder / "spool" / dossier.id,
    ):
        shutil.rmtree(place, ignore_errors=True)
    for blob in sorted(blobs, key=lambda name: name == entry.package):
        store.blobs.remove(blob)
    done = replace(entry, erased_at=desk.clock())
    with store.transaction():
        store.outbox.save(done)
        desk.note("erased", entry.dossier_id, files=len(blobs), submission=entry.submission_id)
    return done
