"""The outbox as a window shows it: what needs somebody, what waits, what was delivered last (hộp gửi)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import sync
from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.workflow.happenings import QueueProgress
from app.workflow.queue import QueueStatus, status
from app.workflow.station import Desk
from app.workflow.verdicts import verdict_of

_MOST_IN_NEED, _MOST_WAITING, _MOST_DELIVERED = 100, 50, 20
_WAITING = (Synchronisation.SENDING, Synchronisation.QUEUED)


@dataclass(frozen=True)
class Reason:
    """Why an entry was not delivered: a fault's code with its facts, as messages are found by."""

    code: str
    facts: Mapping[str, str | int | float] = field(hash=False)


@dataclass(frozen=True)
class Objection:
    """What the province says is wrong with one component ("" for the dossier as a whole)."""

    component: str
    text: str


@dataclass(frozen=True)
class ShownEntry:
    """An entry with what a clerk knows it by; `reason` is the last try's, `objections` are the province's."""

    entry: OutboxEntry
    procedure_name: str
    applicant_name: str
    reason: Reason | None = None
    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True)
class OutboxView:
    """The queue as a whole, and as many of its entries as a person looks through.

    `in_need` are those that need somebody: stuck, or sent back and not mended yet; `waiting` come in the
    order of being queued, `delivered` newest first. `line` is what the line failed with last, `progress` how
    far the queue is while it sends.
    """

    status: QueueStatus
    in_need: tuple[ShownEntry, ...]
    waiting: tuple[ShownEntry, ...]
    delivered: tuple[ShownEntry, ...]
    line: Reason | None = None
    progress: QueueProgress | None = None

    @property
    def unsent(self) -> int:
        """Packages without a receipt."""
        return self.status.waiting + self.status.stuck


def outbox_view(desk: Desk, progress: QueueProgress | None = None) -> OutboxView:
    """The outbox as it stands now; `progress` is what the queue told last, and counts while one is sent."""
    outbox = desk.store.outbox
    now = status(desk)
    stuck = outbox.entries(Synchronisation.STUCK, limit=_MOST_IN_NEED)
    sent_back = [one for one in outbox.entries(Synchronisation.REJECTED) if _to_be_mended(desk, one)]
    waiting = [one for state in _WAITING for one in outbox.entries(state, limit=_MOST_WAITING)]
    delivered = outbox.entries(Synchronisation.DELIVERED, limit=_MOST_DELIVERED, newest_first=True)
    return OutboxView(
        status=now,
        in_need=_shown(desk, [*stuck, *sent_back][:_MOST_IN_NEED]),
        waiting=_shown(desk, waiting[:_MOST_WAITING]),
        delivered=_shown(desk, delivered),
        line=Reason(now.line_error, {}) if now.line_error else None,
        progress=progress if any(one.state is Synchronisation.SENDING for one in waiting) else None,
    )


def _to_be_mended(desk: Desk, entry: OutboxEntry) -> bool:
    """False once the dossier was opened again: its new version is another entry."""
    dossier = desk.store.dossiers.get(entry.dossier_id)
    return (
        dossier.synchronisation is Synchronisation.REJECTED and dossier.submission_id == entry.submission_id
    )


def _shown(desk: Desk, entries: list[OutboxEntry]) -> tuple[ShownEntry, ...]:
    return tuple(_one(desk, entry) for entry in entries)


def _one(desk: Desk, entry: OutboxEntry) -> ShownEntry:
    dossier = desk.store.dossiers.get(entry.dossier_id)
    facts = json.loads(entry.error_facts) if entry.error_facts else {}
    return ShownEntry(
        entry=entry,
        procedure_name=dossier.procedure_name,
        applicant_name=dossier.applicant.full_name,
        reason=Reason(entry.last_error, facts) if entry.last_error else None,
        objections=_objections(desk, entry),
    )


def _objections(desk: Desk, entry: OutboxEntry) -> tuple[Objection, ...]:
    verdict = verdict_of(entry)
    if verdict is None or verdict.state is not sync.VerdictState.REJECTED:
        return ()
    names = {one.ordinal: one.name for one in desk.store.dossiers.components(entry.dossier_id)}
    return tuple(Objection(names.get(one.component, ""), one.text or one.code) for one in verdict.reasons)
