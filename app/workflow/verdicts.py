"""The province's later word: accepted, sent back with reasons, solved; the official code (trả lời)."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sync
from app.domain.dossier import Dossier
from app.domain.outbox import OutboxEntry
from app.domain.states import BUSINESS_MOVES, Business, Synchronisation
from app.workflow.happenings import EntrySettled, Tell
from app.workflow.official_code import rename_results, renamed
from app.workflow.station import Desk

logger = logging.getLogger(__name__)

_AT_ONCE = 50
_SOONEST, _LATEST = timedelta(minutes=5), timedelta(hours=6)


def ask_verdicts(
    desk: Desk, *, stopped: Callable[[], bool], tell: Tell, everything: bool = False
) -> list[OutboxEntry]:
    """Asks about delivered submissions whose time to be asked about has come; those that changed.

    A fresh one is asked about after five minutes, an old one every six hours; `everything` asks now.
    Raises SyncError when the line fails.
    """
    changed: list[OutboxEntry] = []
    now = desk.clock()
    moment = now + _LATEST if everything else now
    entries = desk.store.outbox.to_ask(moment, _AT_ONCE if not everything else -1)
    if not entries:
        return changed
    connector = desk.intake()
    try:
        for start in range(0, len(entries), _AT_ONCE):
            if stopped():
                break
            batch = entries[start : start + _AT_ONCE]
            said = connector.verdicts([entry.submission_id for entry in batch], stopped=stopped)
            by_id = {verdict.submission_id: verdict for verdict in said}
            for entry in batch:
                if keep_verdict(desk, entry, by_id.get(entry.submission_id)):
                    changed.append(desk.store.outbox.get(entry.submission_id))
                    tell(EntrySettled(changed[-1]))
    finally:
        connector.close()
    return changed


def verdict_of(entry: OutboxEntry) -> sync.Verdict | None:
    """What the province said of an entry, None while it said nothing."""
    return sync.Verdict.from_plain(json.loads(entry.verdict)) if entry.verdict else None


def keep_verdict(desk: Desk, entry: OutboxEntry, verdict: sync.Verdict | None) -> bool:
    """Writes down what was said and what follows from it, in one transaction; True when it is news.

    A rejection opens the dossier for mending, a result closes its business, and the code that the
    server issued takes the place of the temporary one. Signed bytes keep what they say.
    """
    now = desk.clock()
    if verdict is None or verdict.package_sha256 not in ("", entry.package):
        # Not known there, or speaking of other bytes: nothing to believe, asked again later.
        desk.store.outbox.save(replace(entry, ask_at=_next(entry, now)))
        return False
    text = json.dumps(verdict.to_plain(), ensure_ascii=False, sort_keys=True)
    if text == entry.verdict:
        desk.store.outbox.save(replace(entry, ask_at=_next(entry, now)))
        return False
    with desk.store.transaction():
        dossier = desk.store.dossiers.get(entry.dossier_id)
        latest = dossier.submission_id == entry.submission_id
        rejected = verdict.state is sync.VerdictState.REJECTED
        state = Synchronisation.REJECTED if rejected and latest else entry.state
        desk.store.outbox.save(
            replace(
                entry,
                verdict=text,
                state=state,
                ask_at=None if verdict.final else _next(entry, now),
            )
        )
        if latest:
            named = renamed(desk, dossier, verdict.dossier_code)
            after = _after(named, verdict).synchronised(state)
            if after != dossier:
                desk.store.dossiers.save(after)
        desk.note(
            f"verdict-{verdict.state.value}",
            entry.dossier_id,
            submission=entry.submission_id,
            reasons=",".join(f"{reason.component}:{reason.code}" for reason in verdict.reasons),
        )
    if latest and named.code != dossier.code:
        rename_results(desk, dossier.code, named.code)
    return True


def _after(dossier: Dossier, verdict: sync.Verdict) -> Dossier:
    """Where the dossier's business is after the verdict; a move that the law does not know is not made."""
    moves: Sequence[Business] = {
        sync.VerdictState.PROCESSING: (Business.PROCESSING,),
        sync.VerdictState.REJECTED: (Business.SUPPLEMENT,),
        sync.VerdictState.DONE: (Business.PROCESSING, Business.SOLVED),
    }.get(verdict.state, ())
    for wanted in moves:
        if wanted in BUSINESS_MOVES.allowed(dossier.business):
            dossier = replace(dossier, business=wanted)
    return dossier


def _next(entry: OutboxEntry, now: datetime) -> datetime:
    """The longer nothing came, the longer until the next question."""
    age = now - (entry.delivered_at or now)
    return now + min(max(age / 4, _SOONEST), _LATEST)
