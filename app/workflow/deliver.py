"""Delivering: sealed packages to the province's queue, receipts back (gửi hồ sơ, nhận biên nhận)."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import sync
from app.domain.errors import StationError, StationFault
from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.workflow.happenings import BytesSent, Tell
from app.workflow.station import Desk

logger = logging.getLogger(__name__)

_LONGEST_WAIT = timedelta(hours=24)


def deliver(desk: Desk, submission_id: str, *, stopped: Callable[[], bool], tell: Tell) -> sync.Receipt:
    """Sends one package (or goes on sending it) and keeps the verified receipt.

    A passing fault leaves it queued with its next try, a permanent one puts it before the clerk;
    both are raised as SyncError. Sending again after a receipt returns that receipt.
    """
    entry = desk.store.outbox.get(submission_id)
    if entry.receipt is not None:
        return sync.Receipt.from_json(entry.receipt)
    if entry.state is Synchronisation.STUCK:  # sent again because a person asked for it
        entry = replace(entry, state=Synchronisation.QUEUED, last_error=None)
        _save(desk, entry)
    _save(desk, replace(entry, state=Synchronisation.SENDING, attempts=entry.attempts + 1))
    try:
        receipt = _send(desk, entry, stopped=stopped, tell=tell)
    except (sync.SyncError, StationError) as error:
        _failed(desk, submission_id, error)
        raise
    _delivered(desk, submission_id, receipt)
    return receipt


def due(desk: Desk) -> list[OutboxEntry]:
    """Entries whose next try has come, oldest first."""
    now = desk.clock()
    return [e for e in desk.store.outbox.waiting() if _is_due(e, now)]


def _is_due(entry: OutboxEntry, now: datetime) -> bool:
    """A next try farther off than any wait was set by a clock that has been put right since."""
    if entry.next_try_at is None or entry.next_try_at <= now:
        return True
    return entry.next_try_at - now > _LONGEST_WAIT


def _send(desk: Desk, entry: OutboxEntry, *, stopped: Callable[[], bool], tell: Tell) -> sync.Receipt:
    if desk.store.dossiers.get(entry.dossier_id).training != desk.training:
        raise StationError(StationFault.TRAINING_ONLY)
    client = desk.intake()
    key = _pinned_key(desk, client.hello())
    package = sync.Package(
        path=desk.store.blobs.path(entry.package),
        sha256=entry.package,
        bytes=entry.package_bytes,
        submission_id=entry.submission_id,
    )

    def remember(state: sync.UploadState) -> None:
        current = desk.store.outbox.get(entry.submission_id)
        desk.store.outbox.save(replace(current, upload_state=state.to_json()))

    receipt = client.deliver(
        package,
        resume=sync.UploadState.from_json(entry.upload_state) if entry.upload_state else None,
        remember=remember,
        report=lambda done, total: tell(BytesSent(done, total)),
        stopped=stopped,
        audit_head=desk.store.audit.head(),
    )
    sync.verify_receipt(receipt, key.encode())
    return receipt


def _pinned_key(desk: Desk, server: sync.ServerInfo) -> str:
    """The server's key for receipts, pinned at first sight; another key later is refused."""
    shown = server.public_key_pem.decode("ascii")
    known = desk.store.receipt_key(server.name)
    if known is None:
        desk.store.remember_receipt_key(server.name, shown, desk.clock())
        return shown
    if known != shown:
        raise StationError(StationFault.RECEIPT_KEY_CHANGED, server=server.name)
    return known


def _failed(desk: Desk, submission_id: str, error: sync.SyncError | StationError) -> None:
    entry = desk.store.outbox.get(submission_id)
    passing = isinstance(error, sync.SyncError) and error.passing
    if passing:
        asked = error.retry_after_s if isinstance(error, sync.SyncError) else None
        wait_s = min(
            asked if asked is not None else sync.full_jitter(entry.attempts), _LONGEST_WAIT.total_seconds()
        )
        next_try = desk.clock() + timedelta(seconds=wait_s)
        _save(
            desk,
            replace(entry, state=Synchronisation.QUEUED, last_error=error.code, next_try_at=next_try),
        )
    else:
        _save(desk, replace(entry, state=Synchronisation.STUCK, last_error=error.code, next_try_at=None))
    logger.info("not delivered: %s", error.code)


def _delivered(desk: Desk, submission_id: str, receipt: sync.Receipt) -> None:
    entry = desk.store.outbox.get(submission_id)
    with desk.store.transaction():
        _save(
            desk,
            replace(
                entry,
                state=Synchronisation.DELIVERED,
                receipt=receipt.to_json(),
                last_error=None,
                next_try_at=None,
            ),
        )
        desk.note("delivered", entry.dossier_id, receipt=receipt.receipt_id)


def _save(desk: Desk, entry: OutboxEntry) -> None:
    """Outbox row and dossier row change together."""
    with desk.store.transaction():
        dossier = desk.store.dossiers.get(entry.dossier_id)
        desk.store.outbox.save(entry)
        desk.store.dossiers.save(dossier.synchronised(entry.state))
