"""Signing many documents under one login (ký hàng loạt): progress, cancel, resume; no file stops the rest.

What was done is read from the results themselves: a result begins with the bytes of its source and holds a
signature of this signer. So a batch that was killed goes on by starting it again.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from signing.appearance.block import Shown
from signing.assurance import Assurance
from signing.durable import sweep
from signing.errors import SigningError, SigningFault
from signing.level import Level
from signing.longterm import extend_pdf, standing_level
from signing.pades import sign_pdf
from signing.timestamps import RestingStamps, Stamps
from signing.tokens.contract import TokenSession
from signing.verify.signature import readings_of
from signing.verify.verdict import Integrity

_log = logging.getLogger(__name__)
_PIECE = 1 << 20
_AT_ONCE = 4

_OF_A_FILE = {
    SigningFault.PDF_MISSING,
    SigningFault.PDF_BROKEN,
    SigningFault.PDF_ENCRYPTED,
    SigningFault.PDFA_BROKEN,
    SigningFault.CHANGES_FORBIDDEN,
    SigningFault.NO_ROOM,
    SigningFault.PLACE_TAKEN,
    SigningFault.FIELD_TAKEN,
    SigningFault.SAME_FILE,
    SigningFault.OUTPUT_TAKEN,
    SigningFault.FILE_CHANGED,
    SigningFault.WRITE_FAILED,
    SigningFault.TSA_AWAY,
    SigningFault.TSA_REFUSED,
    SigningFault.EVIDENCE_MISSING,
}
"""Faults that say nothing of the next file. Any other ends the batch: token, certificate, disk."""


class Outcome(StrEnum):
    """What became of one document."""

    SIGNED = "signed"
    KEPT = "kept"
    """It had been signed before, by this signer and at this level."""
    RAISED = "raised"
    """It had been signed before and was brought to its level now."""
    FAILED = "failed"
    NOT_BEGUN = "not-begun"
    """The batch ended before it: cancelled, or a fault that every further file would meet."""


@dataclass(frozen=True)
class BatchItem:
    """A document and where its signed form goes."""

    source: Path
    out: Path


@dataclass(frozen=True)
class BatchResult:
    """One document's outcome, the level that its result has now (empty without one), and the fault if any."""

    item: BatchItem
    outcome: Outcome
    level: str = ""
    error: SigningError | None = None


@dataclass(frozen=True)
class BatchPlan:
    """How each document of a batch is signed; the fields are those of `sign_pdf`."""

    appearance: Callable[[Path], Shown | None] = lambda _source: None
    timestamp: Stamps | None = None
    level: Level = Level.B_B
    assurance: Assurance | None = None
    stamp_later: bool = False
    reason: str | None = None


def batch_items(sources: Sequence[Path], folder: Path) -> tuple[BatchItem, ...]:
    """Where each result goes: its own name in `folder`; of several of one name the later get a number."""
    taken: set[str] = set()
    items = []
    for source in sources:
        name, number = source.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{source.stem}-{number}{source.suffix}"
        taken.add(name.casefold())
        items.append(BatchItem(source, folder / name))
    return tuple(items)


def sign_batch(
    items: Sequence[BatchItem],
    session: TokenSession,
    plan: BatchPlan,
    *,
    stopped: Callable[[], bool] = lambda: False,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[BatchResult]:
    """Sign one document after the other; every item comes back once, as soon as it is done.

    With a time-stamp service up to four wait for their stamps at once; the token signs one at a time.
    """
    if plan.timestamp is not None and plan.stamp_later:
        plan = replace(plan, timestamp=RestingStamps(plan.timestamp))
    for folder in {item.out.parent for item in items}:
        sweep(folder)
    queue = list(items)
    done, ended = 0, False
    at_once = _AT_ONCE if plan.timestamp is not None else 1
    with ThreadPoolExecutor(at_once, thread_name_prefix="sign") as pool:
        running: set[Future[BatchResult]] = set()
        while queue or running:
            while queue and len(running) < at_once and not (ended or stopped()):
                running.add(pool.submit(_sign_one, queue.pop(0), session, plan))
            if not running:
                break
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                result = future.result()
                done += 1
                ended = ended or (result.error is not None and result.error.fault not in _OF_A_FILE)
                report(done, len(items))
                yield result
    yield from (BatchResult(item, Outcome.NOT_BEGUN) for item in queue)


def _sign_one(item: BatchItem, session: TokenSession, plan: BatchPlan) -> BatchResult:
    try:
        if item.out.exists() and item.out.resolve() != item.source.resolve():
            return _taken_up(item, session, plan)
        signed = sign_pdf(
            item.source,
            item.out,
            session,
            appearance=plan.appearance(item.source),
            timestamp=plan.timestamp,
            level=plan.level,
            assurance=plan.assurance,
            stamp_later=plan.stamp_later,
            reason=plan.reason,
        )
    except SigningError as error:
        return BatchResult(item, Outcome.FAILED, error=error)
    except Exception as error:
        _log.exception("a document of the batch met a bug")
        fault = SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__)
        return BatchResult(item, Outcome.FAILED, error=fault)
    return BatchResult(item, Outcome.SIGNED, signed.level)


def _taken_up(item: BatchItem, session: TokenSession, plan: BatchPlan) -> BatchResult:
    """A result that is there already: kept, raised to its level, or not ours and left alone."""
    if not _signed_form(item, session.certificate):
        return BatchResult(item, Outcome.FAILED, error=SigningError(SigningFault.OUTPUT_TAKEN))
    level = standing_level(item.out)
    if plan.timestamp is None or level.rank >= plan.level.rank:
        return BatchResult(item, Outcome.KEPT, level.value)
    try:
        raised = extend_pdf(
            item.out,
            item.out,
            plan.level,
            timestamp=plan.timestamp,
            assurance=plan.assurance,
        )
    except SigningError as error:
        if plan.stamp_later and error.fault in _OF_A_FILE:
            return BatchResult(item, Outcome.KEPT, level.value)
        return BatchResult(item, Outcome.FAILED, level.value, error)
    return BatchResult(item, Outcome.RAISED, raised.level.value)


def _signed_form(item: BatchItem, certificate: bytes) -> bool:
    """Whether the result begins with its source and holds a valid signature of the signer after it."""
    if not item.source.is_file():
        raise SigningError(SigningFault.PDF_MISSING)
    size = item.source.stat().st_size
    if item.out.stat().st_size <= size or not _begins_with(item.out, item.source):
        return False
    return any(
        one.verdict.integrity is Integrity.VALID
        and one.field.reach > size
        and one.certificate is not None
        and one.certificate.dump() == certificate
        for one in readings_of(item.out)
    )


def _begins_with(long: Path, short: Path) -> bool:
    with long.open("rb") as one, short.open("rb") as other:
        while piece := other.read(_PIECE):
            if one.read(len(piece)) != piece:
                return False
    return True
