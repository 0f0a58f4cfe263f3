"""The one way from worker threads to the window: job events and happenings as queued signals (cầu nối).

What comes in quick succession is delivered together, a few dozen times a second, so that a fast
feeder cannot keep the window from answering the clerk.
"""

import threading
import weakref
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.domain.dossier import Component
from app.domain.page import Page
from app.jobs import Job, Progress
from app.ui.page_order import in_order
from app.workflow.happenings import BytesSent, ComponentChanged, FedAgain, Happening, PageKept, PageRead

ROUND_MS = 30  # between two deliveries


class Bridge(QObject):
    """Take news with `tell`, `follow` and `post` on any thread; connect to the signals on the window's.

    One round of news is delivered in the order: pages, components, bytes, progress, answers posted,
    jobs that ended. Each page and component comes once a round, as it stood last.
    """

    pages_changed = Signal(object)  # tuple[Page, ...] by place
    components_changed = Signal(object)  # tuple[Component, ...] by ordinal
    bytes_sent = Signal(object)  # BytesSent
    fed_again = Signal(object)  # FedAgain
    progressed = Signal(object)  # Progress
    finished = Signal(object)  # Job
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waking = False
        self._closed = False
        self._pages: dict[str, Page] = {}
        self._components: dict[str, Component] = {}
        self._sent: BytesSent | None = None
        self._progress: Progress | None = None
        self._posted: list[Callable[[], None]] = []
        self._ended: list[Job[Any]] = []
        self._known_ended: weakref.WeakSet[Job[Any]] = weakref.WeakSet()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ROUND_MS)
        self._timer.timeout.connect(self._deliver)
        # A listener may be called on the window's own thread; queued, nothing runs inside its caller.
        self._woken.connect(self._begin_round, Qt.ConnectionType.QueuedConnection)

    # -- on any thread -----------------------------------------------------------------------
    def tell(self, happening: Happening) -> None:
        """Takes news of a dossier: what a counter's methods want as `tell`."""
        with self._lock:
            match happening:
                case PageKept(page) | PageRead(page):
                    self._pages[page.id] = _later(self._pages.get(page.id), page)
                case ComponentChanged(component):
                    self._components[component.id] = component
                case BytesSent():
                    self._sent = happening
                case FedAgain():
                    self._posted.append(lambda: self.fed_again.emit(happening))
            wake = self._must_wake()
        if wake:
            self._woken.emit()

    def follow(self, job: "Job[Any]") -> None:
        """Delivers the progress and the end of `job`, even if it ended before anybody could watch."""
        job.watch(self._job_changed)
        self._job_changed(job)

    def post(self, work: Callable[[], None]) -> None:
        """Runs `work` on the window's thread soon; dropped once the bridge is closed."""
        with self._lock:
            self._posted.append(work)
            wake = self._must_wake()
        if wake:
            self._woken.emit()

    def _job_changed(self, job: "Job[Any]") -> None:
        with self._lock:
            if job.done:
                if job in self._known_ended:
                    return
                self._known_ended.add(job)
                self._ended.append(job)
            else:
                self._progress = job.progress
            wake = self._must_wake()
        if wake:
            self._woken.emit()

    def _must_wake(self) -> bool:
        wake = not self._waking and not self._closed
        self._waking = self._waking or wake
        return wake

    # -- on the window's thread --------------------------------------------------------------
    def close(self) -> None:
        """Delivers nothing more; news that still comes is dropped."""
        with self._lock:
            self._closed = True
        self._timer.stop()

    def _begin_round(self) -> None:
        if not self._closed and not self._timer.isActive():
            self._timer.start()

    def _deliver(self) -> None:
        with self._lock:
            pages, self._pages = self._pages, {}
            components, self._components = self._components, {}
            sent, self._sent = self._sent, None
            progress, self._progress = self._progress, None
            posted, self._posted = self._posted, []
            ended, self._ended = self._ended, []
            self._waking = False
        if pages:
            self.pages_changed.emit(tuple(in_order(pages.values())))
        if components:
            self.components_changed.emit(tuple(sorted(components.values(), key=lambda c: c.ordinal)))
        if sent is not None:
            self.bytes_sent.emit(sent)
        if progress is not None:
            self.progressed.emit(progress)
        for work in posted:
            work()
        for job in ended:
            self.finished.emit(job)


def _later(known: Page | None, page: Page) -> Page:
    """The page that is further on its way: a reader may be faster than the news of the copy."""
    return known if known is not None and known.is_read and not page.is_read else page
