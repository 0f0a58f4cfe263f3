"""The queue at work: whose turn it is, when the line may be tried again, what came back (hàng đợi gửi)."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sync
from app.domain.errors import StationError
from app.domain.outbox import OutboxEntry
from app.domain.sending import allowed, parse_caps
from app.domain.states import Synchronisation
from app.messages import CodedError
from app.workflow.deliver import CLOCK_SKEW, LONGEST_WAIT, deliver, wait_after
from app.workflow.erase import erase_delivered
from app.workflow.happenings import BytesSent, EntrySettled, Happening, Tell
from app.workflow.station import Desk
from app.workflow.throughput import Throughput
from app.workflow.verdicts import ask_verdicts

logger = logging.getLogger(__name__)

PAUSED, LINE_TRIES, LINE_NEXT, LINE_ERROR = "paused", "line-tries", "line-next", "line-error"
_LOOK_AGAIN_S = 60.0
_LISTENS_EVERY_S = 0.5
_MOST_UNLUCKY = 3


@dataclass(frozen=True)
class Outcome:
    """What became of one entry in a round."""

    entry: OutboxEntry
    error: CodedError | None


@dataclass(frozen=True)
class QueueStatus:
    """The queue as a whole: what waits, what is stuck, what was sent back, and how the line is.

    Bytes are whole packages. `line_error` is the code of the fault that the line had last, None on a good
    one; `clock_skew_s` is how far the server's clock is ahead when that is more than two minutes.
    """

    waiting: int
    waiting_bytes: int
    stuck: int
    rejected: int
    delivered: int
    paused: bool
    line_error: str | None
    line_next: datetime | None
    clock_skew_s: int | None


class Sender:
    """Sends what is due, round after round; one at a time, the most urgent first.

    A fault of the line stops the round, as every other package would meet it too; the line is then tried
    again after a wait of its own (full jitter, or as the server asked). A fault of one package concerns
    that package alone.
    """

    def __init__(self, desk: Desk, *, stopped: Callable[[], bool], tell: Tell) -> None:
        self._desk = desk
        self._stopped = stopped
        self._tell = tell
        self._woken = threading.Event()
        self._throughput = Throughput()

    def wake(self) -> None:
        """Something changed: look at once instead of after the wait."""
        self._woken.set()

    def run(self) -> None:
        """Send, ask for verdicts and erase what may go, until stopped."""
        while not self._stopped():
            self._woken.clear()
            for _ in self.round():
                pass
            self._afterwards()
            self._rest(self._pause_s())

    def round(self, *, now_or_never: bool = False) -> Iterator[Outcome]:
        """Send entry after entry until none is due, and yield what became of each.

        `now_or_never` does not wait for the line's next try: a person asked.
        """
        outbox = self._desk.store.outbox
        tried: set[str] = set()
        unlucky = 0
        while not self._stopped() and may_send(self._desk):
            if not now_or_never and not line_free(self._desk):
                return
            entry = outbox.next_due(self._desk.clock())
            if entry is None or entry.submission_id in tried:
                return
            outcome = self._one(entry)
            if outcome is None:
                continue
            tried.add(entry.submission_id)
            yield outcome
            unlucky = unlucky + 1 if _passing(outcome.error) else 0
            if _of_the_line(outcome.error):
                return
            if unlucky >= _MOST_UNLUCKY and isinstance(outcome.error, sync.SyncError):
                # One after the other fails in passing: that is no package's doing.
                note_line(self._desk, outcome.error)
                return

    def _rest(self, seconds: float) -> None:
        """Wait until there may be something to do, somebody wakes us, or it is time to end."""
        until = time.monotonic() + seconds
        while not self._stopped() and not self._woken.is_set() and (left := until - time.monotonic()) > 0:
            self._woken.wait(min(left, _LISTENS_EVERY_S))

    def _one(self, entry: OutboxEntry) -> Outcome | None:
        """Send one entry; None when it gave way and its turn comes again."""
        self._throughput.begin(self._desk.store.outbox.counts())
        error: sync.SyncError | StationError | None = None
        try:
            deliver(
                self._desk,
                entry.submission_id,
                stopped=self._stopped,
                tell=self._progress,
                give_way=lambda: self._gives_way(entry),
            )
            note_line(self._desk, None)
        except sync.SyncError as fault:
            if fault.fault is sync.Fault.GAVE_WAY:
                return None
            if fault.fault is not sync.Fault.CANCELLED:
                note_line(self._desk, fault if fault.of_the_line else None)
            error = fault
        except StationError as fault:
            error = fault
        now = self._desk.store.outbox.get(entry.submission_id)
        self._tell(EntrySettled(now))
        return Outcome(now, error)

    def _gives_way(self, entry: OutboxEntry) -> bool:
        """Between two chunks: somebody waits for the line, the queue is to pause, a more urgent one came."""
        desk = self._desk
        if desk.turn.wanted or not may_send(desk):
            return True
        return desk.store.outbox.next_due(desk.clock(), above=entry.priority) is not None

    def _progress(self, happening: Happening) -> None:
        self._tell(happening)
        if isinstance(happening, BytesSent):
            self._tell(self._throughput.moved(happening))

    def _afterwards(self) -> None:
        """What is no package's business: a fault here waits for the next round."""
        if self._stopped() or not line_free(self._desk):
            return
        try:
            ask_verdicts(self._desk, stopped=self._stopped, tell=self._tell)
            erase_delivered(self._desk, stopped=self._stopped)
        except sync.SyncError as fault:
            if fault.of_the_line:
                note_line(self._desk, fault)
            logger.info("the province was not asked: %s", fault.code)
        except StationError as fault:
            logger.info("the province was not asked: %s", fault.code)

    def _pause_s(self) -> float:
        """Seconds until there may be something to do; woken earlier when something changes."""
        now = self._desk.clock()
        moments = [self._desk.store.outbox.next_try(now), line_next(self._desk)]
        waits = [(moment - now).total_seconds() for moment in moments if moment and moment > now]
        return min([*waits, _LOOK_AGAIN_S])


def status(desk: Desk) -> QueueStatus:
    """The queue as it stands now."""
    outbox = desk.store.outbox
    counts = outbox.counts()
    waiting = [counts.get(s, (0, 0)) for s in (Synchronisation.QUEUED, Synchronisation.SENDING)]
    skew = outbox.fact(CLOCK_SKEW)
    return QueueStatus(
        waiting=sum(entries for entries, _ in waiting),
        waiting_bytes=sum(size for _, size in waiting),
        stuck=counts.get(Synchronisation.STUCK, (0, 0))[0],
        rejected=counts.get(Synchronisation.REJECTED, (0, 0))[0],
        delivered=counts.get(Synchronisation.DELIVERED, (0, 0))[0],
        paused=paused(desk),
        line_error=outbox.fact(LINE_ERROR),
        line_next=line_next(desk),
        clock_skew_s=int(skew) if skew else None,
    )


def paused(desk: Desk) -> bool:
    """True while a person has stopped the queue."""
    return desk.store.outbox.fact(PAUSED) is not None


def may_send(desk: Desk) -> bool:
    """False while the queue is paused, or in hours for which the settings allow no byte."""
    return not paused(desk) and allowed(parse_caps(desk.settings.send_caps), desk.clock()) != 0


def line_next(desk: Desk) -> datetime | None:
    """When the line is tried again, after a fault of it; a moment set by a wrong clock does not count."""
    text = desk.store.outbox.fact(LINE_NEXT)
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return None if moment - desk.clock() > LONGEST_WAIT else moment


def line_free(desk: Desk) -> bool:
    """True when the line may be tried now."""
    moment = line_next(desk)
    return moment is None or moment <= desk.clock()


def note_line(desk: Desk, fault: sync.SyncError | None) -> None:
    """Keep in mind how the line is: a fault sets its next try, a success forgets the faults."""
    outbox = desk.store.outbox
    if fault is None:
        if outbox.fact(LINE_TRIES) is not None:
            with desk.store.transaction():
                for name in (LINE_TRIES, LINE_NEXT, LINE_ERROR):
                    outbox.set_fact(name, None)
        return
    tries = int(outbox.fact(LINE_TRIES) or "0") + 1
    next_try = desk.clock() + timedelta(seconds=wait_after(fault, tries))
    with desk.store.transaction():
        outbox.set_fact(LINE_TRIES, str(tries))
        outbox.set_fact(LINE_NEXT, next_try.isoformat())
        outbox.set_fact(LINE_ERROR, fault.code)


def _passing(error: CodedError | None) -> bool:
    return isinstance(error, sync.SyncError) and error.passing


def _of_the_line(error: CodedError | None) -> bool:
    return isinstance(error, sync.SyncError) and error.of_the_line
