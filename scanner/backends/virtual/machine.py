"""The pretended device: a glass, a feeder with a stack, one job at a time, and a fault on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from scanner.backends.virtual.escl import ScanSettings
from scanner.backends.virtual.faults import Fault, FaultKind
from scanner.backends.virtual.paper import expose, sheets_of


class Refusal(Enum):
    """Why there is no page."""

    BUSY = auto()
    FAULT = auto()
    NO_PAPER = auto()
    GONE = auto()


SECONDS_ON_THE_WAY = 5.0
SECONDS_TO_NOTICE = 0.2


@dataclass(eq=False)
class Delivery:
    """A page on its way to the client of a job; `broken` where only half of its bytes shall arrive, `fed`
    where its sheet came from the feeder.
    """

    job: int
    broken: bool
    fed: bool
    jpeg: bytes = b""


@dataclass(frozen=True)
class Shown:
    """What the status page of the device tells; `images` are those of the last job."""

    loaded: bool
    scanning: bool
    fault: FaultKind | None
    job: int | None = None
    images: int = 0


@dataclass
class _Job:
    number: int
    settings: ScanSettings
    sent: int = 0


_FAULTS_OF_THE_FEEDER = frozenset({FaultKind.JAM, FaultKind.DOUBLE_FEED, FaultKind.COVER})


class Machine:
    """State of the device, shared by the threads of its server.

    A page leaves the stack once it has arrived; what a fault stops stays in. While one is on its way,
    whatever asks about the stack waits for it. A new job ends the one before: its client may have died.
    """

    def __init__(
        self, stack: Path | Sequence[Path], fault: Fault | None, pages_per_minute: float | None
    ) -> None:
        self._changed = threading.Condition()
        self._seconds_a_page = 60 / pages_per_minute if pages_per_minute else 0.0
        self._fault = fault
        self._showing: FaultKind | None = None
        self._job: _Job | None = None
        self._last: _Job | None = None
        self._jobs = 0
        self._off = False
        self._next_page_at = 0.0
        self._stack: list[Path] = []
        self._glass: Path | None = None
        self._passed = 0
        self._on_its_way: Delivery | None = None
        self.load(stack)

    def load(self, stack: Path | Sequence[Path]) -> None:
        """Replaces what lies in the feeder; the first image lies on the glass as well."""
        sheets = list(sheets_of(stack))
        with self._settled():
            self._on_its_way = None
            self._stack = sheets
            self._glass = sheets[0] if sheets else None
            self._passed = 0

    def set_fault(self, fault: Fault | None) -> None:
        """The fault to come; None repairs the device and lets a hanging client go."""
        with self._changed:
            self._fault = fault
            self._showing = None
            self._changed.notify_all()

    def switch_off(self) -> None:
        """Lets every waiting client go with nothing."""
        with self._changed:
            self._off = True
            self._changed.notify_all()

    def remaining(self) -> int:
        """Sheets still in the feeder."""
        with self._settled():
            return len(self._stack)

    def shown(self) -> Shown:
        """What the status page tells now."""
        with self._settled():
            job = self._last
            return Shown(
                loaded=bool(self._stack),
                scanning=self._job is not None,
                fault=self._showing,
                job=job.number if job else None,
                images=job.sent if job else 0,
            )

    def start_job(self, settings: ScanSettings) -> int | Refusal:
        """A job number, or why the device doesn't begin."""
        with self._settled():
            due = self._due_fault()
            if due is FaultKind.BUSY and self._passed == 0:
                self._showing = due
                return Refusal.BUSY
            if settings.feeder:
                if due is FaultKind.COVER:
                    self._showing = due
                if self._showing in _FAULTS_OF_THE_FEEDER:
                    return Refusal.FAULT
                if not self._stack:
                    return Refusal.NO_PAPER
            self._jobs += 1
            self._job = self._last = _Job(self._jobs, settings)
            self._changed.notify_all()
            return self._job.number

    def end_job(self, number: int) -> bool:
        """Ends a job; False where it isn't the one under way."""
        with self._changed:
            if self._job is None or self._job.number != number:
                return False
            self._job = None
            self._changed.notify_all()
            return True

    def take(self, number: int) -> Delivery | Refusal:
        """The next page of the job, to be followed by `arrived`. Waits as long as the device needs."""
        with self._settled():
            job = self._current(number)
            if job is None:
                return Refusal.GONE
            if self._is_over(job):
                self._take_notice(job)
                return self._ended(job, Refusal.NO_PAPER)
            due = self._due_fault()
            if due in _FAULTS_OF_THE_FEEDER and job.settings.feeder:
                self._take_notice(job)
                self._showing = due
                return self._ended(job, Refusal.FAULT)
            if due is FaultKind.BUSY:
                return Refusal.BUSY
            if due is FaultKind.TRUNCATED:
                self._take_notice(job)
            if due is FaultKind.HANG:
                self._changed.wait_for(lambda: self._due_fault() is not due or not self._current(number))
            self._changed.wait_for(lambda: not self._current(number), self._next_page_at - time.monotonic())
            if self._current(number) is None:
                return Refusal.GONE
            self._next_page_at = time.monotonic() + self._seconds_a_page
            sheet = self._next_sheet(job)
            delivery = Delivery(job.number, due is FaultKind.TRUNCATED, job.settings.feeder)
            self._on_its_way = delivery
        try:
            delivery.jpeg = expose(sheet, job.settings.exposure)
        except BaseException:
            self.arrived(delivery, whole=False)
            raise
        return delivery

    def arrived(self, delivery: Delivery, *, whole: bool) -> None:
        """The client has the page and it lies in the output tray; or it has not, and it stays in."""
        with self._changed:
            if self._on_its_way is not delivery:
                return
            self._on_its_way = None
            job = self._current(delivery.job)
            if whole and job is not None:
                job.sent += 1
            # A job that was taken back meanwhile doesn't bring its sheet back.
            if whole and delivery.fed:
                self._passed += 1
                del self._stack[:1]
            self._changed.notify_all()

    @contextmanager
    def _settled(self) -> Iterator[None]:
        """The state, with no page on its way; one whose client doesn't read it is waited for a while only."""
        with self._changed:
            self._changed.wait_for(lambda: self._off or self._on_its_way is None, SECONDS_ON_THE_WAY)
            yield

    def _take_notice(self, job: _Job) -> None:
        """The time in which a feeder notices that no sheet has come, or not the whole of it.

        A job that is over within milliseconds loses pages in sane-airscan, which then reports how it ended
        before it hands out what it has received.
        """
        if job.sent and job.settings.feeder:
            self._changed.wait_for(lambda: not self._current(job.number), SECONDS_TO_NOTICE)

    def _ended(self, job: _Job, why: Refusal) -> Refusal:
        """Ends the job with a reason, unless another began while this one was noticing its end."""
        if self._current(job.number) is None:
            return Refusal.GONE
        self._job = None
        return why

    def _current(self, number: int) -> _Job | None:
        if self._off or self._job is None or self._job.number != number:
            return None
        return self._job

    def _due_fault(self) -> FaultKind | None:
        if self._fault is None or self._fault.at_page > self._passed + 1:
            return None
        return self._fault.kind

    def _is_over(self, job: _Job) -> bool:
        if not job.settings.feeder:
            return job.sent == 1
        back_is_due = job.settings.duplex and job.sent % 2 == 1
        return not self._stack and not back_is_due

    def _next_sheet(self, job: _Job) -> Path | None:
        if not job.settings.feeder:
            return self._glass
        return self._stack[0] if self._stack else None
