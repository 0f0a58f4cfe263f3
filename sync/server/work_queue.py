"""The province's work on accepted submissions: leased, kept alive, done or sent back (hàng đợi xử lý).

A lease that lapses goes back into the queue by itself. A decision is written once, with its audit row.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from sqlalchemy import Connection, or_, select, update

from sync.canonical import canonical_json
from sync.server.ledger import Ledger
from sync.server.records import ACCEPTED, DONE, PROCESSING, REJECTED, Submission
from sync.server.refusal import Refusal
from sync.server.tables import submissions
from sync.submission_id import new_submission_id


class WorkQueue:
    """The queue of one intake. All of this blocks, and is called from threads; times are Unix seconds."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def lease(self, worker: str, *, now: int, seconds: int) -> Submission | None:
        """Give `worker` the next submission for `seconds`, or None when nothing waits.

        Urgent ones come first, then those that were tried least, then the oldest. Workers never wait for
        each other (`FOR UPDATE SKIP LOCKED`).
        """
        lapsed = (submissions.c.state == PROCESSING) & (submissions.c.lease_until < now)
        query = (
            select(submissions)
            .where(or_(submissions.c.state == ACCEPTED, lapsed))
            .order_by(submissions.c.urgent.desc(), submissions.c.attempts, submissions.c.audit_number)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._ledger.database.changing() as db:
            row = db.execute(query).first()
            if row is None:
                return None
            waiting = Submission(*tuple(row))
            return _written(
                db,
                replace(
                    waiting,
                    state=PROCESSING,
                    lease_id=new_submission_id(),
                    worker=worker,
                    lease_until=now + seconds,
                    attempts=waiting.attempts + 1,
                ),
            )

    def held(self, lease_id: str, worker: str) -> Submission:
        """Return what `worker` holds. Raises Refusal 404, or 409 when it is decided."""
        with self._ledger.database.reading() as db:
            return _held(db, lease_id, worker)

    def heartbeat(self, lease_id: str, worker: str, *, now: int, seconds: int) -> Submission:
        """Keep a lease for `seconds` from now. Raises Refusal 404 when another worker has it by now."""
        with self._ledger.database.changing() as db:
            return _written(db, replace(_held(db, lease_id, worker), lease_until=now + seconds))

    def release(self, lease_id: str, worker: str) -> None:
        """Put a submission back, for another worker. Raises Refusal 404."""
        with self._ledger.database.changing() as db:
            held = _held(db, lease_id, worker)
            _written(db, replace(held, state=ACCEPTED, lease_id="", worker="", lease_until=0))

    def decide(
        self, lease_id: str, worker: str, *, state: str, decision: Mapping[str, object], at: str, code: str
    ) -> Submission:
        """Write down the province's word: DONE with a result, or REJECTED with reasons.

        Repeated with the same words it changes nothing. `code` is the dossier code where the worker's system
        issued one. Raises Refusal 404 when another worker has it by now, 409 when the words were others.
        """
        words = {"reasons": [], "result": None, **decision}
        with self._ledger.database.changing() as db:
            found = _of_lease(db, lease_id, worker)
            code = code or found.dossier_code
            text = canonical_json({**words, "at": at, "worker": worker}).decode("utf-8")
            if found.decision:
                if (found.state, found.dossier_code, _words(found)) == (state, code, canonical_json(words)):
                    return found
                raise Refusal(409, "decided")
            row = self._ledger.append(
                db,
                {
                    "event": state,
                    "at": at,
                    "submission_id": found.id,
                    "worker": worker,
                    "dossier_code": code,
                    "decision_sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
                },
            )
            decided = replace(found, state=state, dossier_code=code, decision=text, decided_at=at)
            return _written(db, replace(decided, last_number=row.number, lease_until=0))


def _of_lease(db: Connection, lease_id: str, worker: str) -> Submission:
    query = select(submissions).where(submissions.c.lease_id == lease_id).with_for_update()
    row = db.execute(query).first() if lease_id else None
    if row is None or row.worker != worker:
        raise Refusal(404, "lease-unknown")
    return Submission(*tuple(row))


def _held(db: Connection, lease_id: str, worker: str) -> Submission:
    found = _of_lease(db, lease_id, worker)
    if found.state in (DONE, REJECTED):
        raise Refusal(409, "decided")
    return found


def _words(found: Submission) -> bytes:
    values = json.loads(found.decision)
    return canonical_json({key: value for key, value in values.items() if key not in ("at", "worker")})


def _written(db: Connection, changed: Submission) -> Submission:
    values = {key: value for key, value in asdict(changed).items() if key not in ("id", "audit_number")}
    db.execute(update(submissions).where(submissions.c.id == changed.id).values(values))
    return changed
