"""Delivering: one sealed package to the province, its receipt back (gửi hồ sơ, nhận biên nhận)."""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import sync
from app.domain.errors import StationError, StationFault
from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.workflow.happenings import BytesSent, Tell
from app.workflow.official_code import rename_results, renamed
from app.workflow.station import Desk

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(hours=24)
MOST_CLOCK_SKEW_S = 120
CLOCK_SKEW = "clock-skew"
"""The queue's fact: seconds that the server's clock is ahead of ours, when that is more than a little."""

# Faults of this machine that the next pass may not meet again.
_PASSING = frozenset({StationFault.DISK_FULL, StationFault.DISK_FAULT, StationFault.IN_USE})
_SET_ASIDE = frozenset({sync.Fault.CANCELLED, sync.Fault.GAVE_WAY})


def _never() -> bool:
    return False


def deliver(
    desk: Desk,
    submission_id: str,
    *,
    stopped: Callable[[], bool],
    tell: Tell,
    give_way: Callable[[], bool] = _never,
) -> sync.Acknowledgement:
    """Sends one package (or goes on sending it) and keeps the verified receipt.

    A passing fault leaves it queued with its next try, a permanent one puts it before the clerk;
    both are raised as SyncError. Sending again after a receipt returns that receipt. `give_way`
    is asked before each chunk.
    """
    with desk.turn.taken(stopped):
        entry = desk.store.outbox.get(submission_id)
        if entry.receipt is not None:
            return sync.Acknowledgement.from_json(entry.receipt)
        if entry.state is Synchronisation.STUCK:  # sent again because a person asked for it
            entry = replace(entry, state=Synchronisation.QUEUED, last_error=None, error_facts=None)
            save(desk, entry)
        save(desk, replace(entry, state=Synchronisation.SENDING, attempts=entry.attempts + 1))
        try:
            acknowledged = _send(desk, entry, stopped=stopped, tell=tell, give_way=give_way)
            keep_receipt(desk, submission_id, acknowledged)
        except (sync.SyncError, StationError) as error:
            _failed(desk, submission_id, error)
            raise
        return acknowledged


def due(desk: Desk) -> list[OutboxEntry]:
    """Entries whose next try has come, in the order of their turn."""
    now = desk.clock()
    waiting = desk.store.outbox.entries(Synchronisation.QUEUED, Synchronisation.SENDING)
    found = [entry for entry in waiting if _is_due(entry, now)]
    return sorted(found, key=lambda entry: (-entry.priority, entry.queued_at, entry.submission_id))


def _is_due(entry: OutboxEntry, now: datetime) -> bool:
    """A next try farther off than any wait was set by a clock that has been put right since."""
    if entry.next_try_at is None or entry.next_try_at <= now:
        return True
    return entry.next_try_at - now > LONGEST_WAIT


def package_of(desk: Desk, entry: OutboxEntry) -> sync.Package:
    """The sealed package of an entry. Raises StationError `station.blob-missing`."""
    return sync.Package(
        path=desk.store.blobs.path(entry.package),
        sha256=entry.package,
        bytes=entry.package_bytes,
        submission_id=entry.submission_id,
    )


def pinned_key(desk: Desk, greeting: sync.Greeting) -> bytes | None:
    """The server's key for receipts, pinned at first sight; another key later is refused.

    None for a system that signs no receipts.
    """
    if greeting.receipt_key_pem is None:
        return None
    shown = greeting.receipt_key_pem.decode("ascii")
    known = desk.store.receipt_key(greeting.name)
    if known is None:
        desk.store.remember_receipt_key(greeting.name, shown, desk.clock())
        return greeting.receipt_key_pem
    if known != shown:
        raise StationError(StationFault.RECEIPT_KEY_CHANGED, server=greeting.name)
    return known.encode()


def note_clock(desk: Desk, greeting: sync.Greeting) -> None:
    """Keeps in mind whether this machine's clock is wrong, by the server's."""
    skew = greeting.clock_skew_s
    if skew is None:
        return
    wrong = str(round(skew)) if abs(skew) > MOST_CLOCK_SKEW_S else None
    if desk.store.outbox.fact(CLOCK_SKEW) != wrong:
        desk.store.outbox.set_fact(CLOCK_SKEW, wrong)


def keep_receipt(desk: Desk, submission_id: str, acknowledged: sync.Acknowledgement) -> None:
    """Writes a verified receipt down: only now is the package delivered, and its workbench goes.

    A dossier code that the server issued with it takes the place of the temporary one.
    """
    entry = desk.store.outbox.get(submission_id)
    issued = acknowledged.receipt.dossier_code if acknowledged.receipt else ""
    with desk.store.transaction():
        save(
            desk,
            replace(
                entry,
                state=Synchronisation.DELIVERED,
                receipt=acknowledged.to_json(),
                delivered_at=_moment(acknowledged.at) or desk.clock(),
                ask_at=desk.clock(),
                last_error=None,
                error_facts=None,
                next_try_at=None,
                upload_state=None,
            ),
        )
        desk.note("delivered", entry.dossier_id, receipt=acknowledged.name)
        dossier = desk.store.dossiers.get(entry.dossier_id)
        named = renamed(desk, dossier, issued) if dossier.submission_id == submission_id else dossier
        if named != dossier:
            desk.store.dossiers.save(named)
    if named.code != dossier.code:
        rename_results(desk, dossier.code, named.code)
    for workbench in ("work", "spool"):  # every page and document stays in the blobs
        shutil.rmtree(desk.store.folder / workbench / entry.dossier_id, ignore_errors=True)


def save(desk: Desk, entry: OutboxEntry) -> None:
    """Outbox row and dossier row change together."""
    with desk.store.transaction():
        dossier = desk.store.dossiers.get(entry.dossier_id)
        desk.store.outbox.save(entry)
        if dossier.submission_id == entry.submission_id:
            desk.store.dossiers.save(dossier.synchronised(entry.state))


def _send(
    desk: Desk,
    entry: OutboxEntry,
    *,
    stopped: Callable[[], bool],
    tell: Tell,
    give_way: Callable[[], bool],
) -> sync.Acknowledgement:
    if desk.store.dossiers.get(entry.dossier_id).training != desk.training:
        raise StationError(StationFault.TRAINING_ONLY)
    package = package_of(desk, entry)
    connector = desk.intake()
    try:
        greeting = connector.greet(stopped=stopped)
        note_clock(desk, greeting)
        key = pinned_key(desk, greeting)

        def remember(state: str) -> None:
            current = desk.store.outbox.get(entry.submission_id)
            desk.store.outbox.save(replace(current, upload_state=state))

        acknowledged = connector.deliver(
            package,
            sync.Errand(
                resume=entry.upload_state,
                remember=remember,
                report=lambda done, total: tell(BytesSent(done, total)),
                stopped=stopped,
                give_way=give_way,
                audit_head=desk.store.audit.head(),
            ),
        )
    finally:
        connector.close()
    acknowledged.verify(package, key)
    head = acknowledged.receipt.audit_head if acknowledged.receipt else ""
    if head and not desk.store.audit.knows(head):
        # Sent by a chain that was lost since; `sohoa data check` tells so from then on.
        desk.note("head-unknown", entry.dossier_id, head=head[:16])
    return acknowledged


def _failed(desk: Desk, submission_id: str, error: sync.SyncError | StationError) -> None:
    entry = desk.store.outbox.get(submission_id)
    if isinstance(error, sync.SyncError) and error.fault in _SET_ASIDE:
        # Nobody failed: its turn comes again at once, and the pass is not counted.
        attempts = max(0, entry.attempts - 1)
        save(desk, replace(entry, state=Synchronisation.QUEUED, attempts=attempts, next_try_at=None))
        return
    facts = json.dumps(dict(error.facts), ensure_ascii=False, sort_keys=True)
    told = replace(entry, last_error=error.code, error_facts=facts)
    if _comes_back(error):
        next_try = desk.clock() + timedelta(seconds=wait_after(error, entry.attempts))
        save(desk, replace(told, state=Synchronisation.QUEUED, next_try_at=next_try))
    else:
        save(desk, replace(told, state=Synchronisation.STUCK, next_try_at=None))
    logger.info("not delivered: %s", error.code)


def wait_after(error: Exception, attempts: int) -> float:
    """Seconds until the next try: what the server asked for and a little jitter, or full jitter."""
    asked = getattr(error, "retry_after_s", None)
    if asked is None:
        return sync.full_jitter(attempts)
    # Everybody was told the same moment; a tenth more spreads those who come back.
    spread = sync.full_jitter(1, base_s=max(1.0, asked / 10))
    return float(min(asked + spread, LONGEST_WAIT.total_seconds()))


def _comes_back(error: sync.SyncError | StationError) -> bool:
    if isinstance(error, StationError):
        return error.fault in _PASSING
    # Another package would meet the same fault: the line's to mend, no package's to be looked at.
    return error.passing or error.of_the_line


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
