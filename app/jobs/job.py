"""One piece of long work that can be watched and stopped (công việc)."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class Cancelled(Exception):  # noqa: N818 - not an error: the clerk asked for it
    """The work stopped because it was asked to."""


@dataclass(frozen=True)
class Progress:
    """How far a job is: `done` of `total` units (0 when not known) of the step it is in."""

    step: str
    done: int
    total: int
    elapsed_s: float

    @property
    def rate(self) -> float:
        """Units a second in this step; 0.0 before the first."""
        return self.done / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated time to the end of the step, None while there is nothing to go by."""
        if not self.total or not self.done or self.rate == 0:
            return None
        return max(0, self.total - self.done) / self.rate


class Job(Generic[T]):
    """Work under way: `stopped()` and `report()` are what the work is given, the rest is for watchers.

    Listeners are called on whatever thread the news comes from; a window forwards them to its own.
    """

    def __init__(self, title: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.title = title
        self._future: Future[T] = Future()
        self._stop = threading.Event()
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Job[T]], None]] = []
        self._step_began = clock()
        self._progress = Progress("", 0, 0, 0.0)

    # -- for the work ------------------------------------------------------------------------
    def stopped(self) -> bool:
        """True once somebody asked to stop; the work then gives up at its next safe point."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raises Cancelled once somebody asked to stop."""
        if self.stopped():
            raise Cancelled

    def step(self, name: str, total: int = 0) -> None:
        """Begins a step of the work; its rate is counted from now."""
        with self._lock:
            self._step_began = self._clock()
            self._progress = Progress(name, 0, total, 0.0)
        self._tell()

    def report(self, done: int, total: int) -> None:
        """Tells how far the current step is."""
        with self._lock:
            elapsed = self._clock() - self._step_began
            self._progress = Progress(self._progress.step, done, total, elapsed)
        self._tell()

    def run(self, work: "Callable[[Job[T]], T]") -> None:
        """Does the work on this thread and keeps its result or its error."""
        if not self._future.set_running_or_notify_cancel():
            self._tell()
            return
        try:
            self.check()
            result = work(self)
        except BaseException as error:
            self._future.set_exception(error)
        else:
            self._future.set_result(result)
        self._tell()

    # -- for watchers ------------------------------------------------------------------------
    @property
    def progress(self) -> Progress:
        """Where the work is now."""
        with self._lock:
            return self._progress

    @property
    def done(self) -> bool:
        """True once there is a result or an error."""
        return self._future.done()

    def cancel(self) -> None:
        """Asks the work to stop; one that has not begun never will."""
        self._stop.set()
        self._future.cancel()

    def result(self, timeout_s: float | None = None) -> T:
        """Waits for the result. Raises what the work raised, Cancelled, or TimeoutError."""
        if self._future.cancelled():
            raise Cancelled
        return self._future.result(timeout_s)

    def error(self) -> BaseException | None:
        """What the finished work raised, or None."""
        if self._future.cancelled():
            return Cancelled()
        return self._future.exception()

    def watch(self, listener: "Callable[[Job[T]], None]") -> None:
        """Calls `listener` with this job at every change from now on."""
        with self._lock:
            self._listeners.append(listener)

    def _tell(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(self)
