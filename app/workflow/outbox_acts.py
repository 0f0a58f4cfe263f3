"""What a person does to the outbox, at a desk: send again, send first, pause, carry on a drive (hộp gửi)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import sync
from app.domain.outbox import OutboxEntry, Priority
from app.domain.states import Synchronisation
from app.workflow.deliver import keep_receipt, package_of, pinned_key, save
from app.workflow.happenings import EntrySettled, Tell
from app.workflow.queue import PAUSED, note_line
from app.workflow.station import Desk

_WITHOUT_RECEIPT = (Synchronisation.QUEUED, Synchronisation.SENDING, Synchronisation.STUCK)


def put_back(desk: Desk, entry: OutboxEntry) -> OutboxEntry:
    """Puts an entry that waits, or needed a look, back into the queue at once; others stay as they are."""
    if entry.state not in (Synchronisation.QUEUED, Synchronisation.STUCK):
        return entry
    back = replace(entry, state=Synchronisation.QUEUED, next_try_at=None)
    save(desk, back)
    return back


def retry(desk: Desk, submission_id: str) -> OutboxEntry:
    """Puts an entry back and lets the line be tried at once. Raises KeyError."""
    with desk.store.transaction():
        note_line(desk, None)
        entry = desk.store.outbox.get(submission_id)
        desk.note("retried", entry.dossier_id, submission=submission_id)
        return put_back(desk, entry)


def prioritise(desk: Desk, submission_id: str, priority: Priority) -> OutboxEntry:
    """Gives an entry another place in the queue. Raises KeyError."""
    with desk.store.transaction():
        entry = replace(desk.store.outbox.get(submission_id), priority=priority)
        desk.store.outbox.save(entry)
        desk.note("prioritised", entry.dossier_id, submission=submission_id, priority=int(priority))
        return entry


def pause(desk: Desk) -> None:
    """Stops sending before the next chunk, until `go_on`; also across restarts."""
    desk.store.outbox.set_fact(PAUSED, desk.clock().isoformat())


def go_on(desk: Desk) -> None:
    """Lets the queue send again, at once."""
    with desk.store.transaction():
        desk.store.outbox.set_fact(PAUSED, None)
        note_line(desk, None)


def export(desk: Desk, drive: Path, *, stopped: Callable[[], bool], tell: Tell) -> list[OutboxEntry]:
    """Puts every package without a receipt onto a drive (Xuất ra USB); they stay in the queue as they are.

    The drive is marked as one of ours; a package that is there already is compared, not copied again.
    Raises SyncError when the drive refuses.
    """
    sync.prepare_share(drive)
    connector = sync.FolderConnector(drive)
    done = []
    for entry in desk.store.outbox.entries(*_WITHOUT_RECEIPT):
        if stopped():
            break
        connector.deliver(package_of(desk, entry), sync.Errand(stopped=stopped))
        with desk.store.transaction():
            desk.note("exported", entry.dossier_id, submission=entry.submission_id)
        tell(EntrySettled(entry))
        done.append(entry)
    return done


def take_receipts(desk: Desk, drive: Path) -> list[OutboxEntry]:
    """Takes home the receipts that a drive brought back; each is verified before it counts.

    Receipts of other stations and those kept already are left alone. Raises SyncError
    (sync.receipt-forged) for a receipt that is not the server's word about our package.
    """
    done = []
    for submission_id, receipt in sync.receipts_on(drive).items():
        if not desk.store.outbox.has(submission_id):
            continue
        entry = desk.store.outbox.get(submission_id)
        if entry.receipt is not None:
            continue
        acknowledged = sync.Acknowledgement.of(receipt)
        acknowledged.verify(package_of(desk, entry), _receipt_key(desk, drive, receipt))
        _settle(desk, entry, acknowledged)
        done.append(desk.store.outbox.get(submission_id))
    return done


def _settle(desk: Desk, entry: OutboxEntry, acknowledged: sync.Acknowledgement) -> None:
    """A receipt that came another way than by our own sending: through the states that sending has."""
    with desk.store.transaction():
        if entry.state is Synchronisation.STUCK:
            entry = replace(entry, state=Synchronisation.QUEUED)
            save(desk, entry)
        save(desk, replace(entry, state=Synchronisation.SENDING))
        keep_receipt(desk, entry.submission_id, acknowledged)


def _receipt_key(desk: Desk, drive: Path, receipt: sync.Receipt) -> bytes:
    """The key pinned for this server; a station that never had a line pins the one that came along.

    Raises SyncError(sync.receipt-forged) when there is neither.
    """
    brought = sync.key_on(drive, receipt.key_id)
    greeting = sync.Greeting(receipt.server, receipt_key_pem=brought)
    known = desk.store.receipt_key(receipt.server)
    key = known.encode() if known is not None else pinned_key(desk, greeting)
    if key is None:
        raise sync.SyncError(sync.Fault.RECEIPT_FORGED, reason="key")
    return key
