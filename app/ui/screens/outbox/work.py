"""The work behind the outbox without widgets: looking at it, and doing what a clerk asks (việc hộp gửi)."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from app.jobs import Job
from app.ui.background import Background
from app.ui.bridge import Bridge
from app.ui.notice import tell_error

if TYPE_CHECKING:
    from app.workflow.counter import Counter
    from app.workflow.outbox_view import OutboxView

_WATCHED_MS, _UNWATCHED_MS = 2_000, 30_000


class OutboxWork(QObject):
    """Looks at the outbox every little while, off the window's thread; at once when something was done."""

    seen = Signal(object)  # OutboxView, when it is another than before
    failed = Signal(object)  # Told
    exported = Signal(int)  # packages put onto a drive
    receipts_taken = Signal(int)
    to_mend = Signal(str)  # the dossier that was opened again

    def __init__(self, bridge: Bridge, background: Background, language: str) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._background = background
        self._language = language
        self._counter: Counter | None = None
        self._last: OutboxView | None = None
        self._job: Job[int] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_UNWATCHED_MS)
        self._timer.timeout.connect(self.look)

    @property
    def carrying(self) -> bool:
        """True while packages or receipts are on their way to or from a drive."""
        return self._job is not None

    def begin(self, counter: "Counter") -> None:
        """Takes the opened counter."""
        self._counter = counter
        self._timer.start()
        self.look()

    def watch(self, watched: bool) -> None:
        """Looks more often while somebody sees the outbox."""
        self._timer.setInterval(_WATCHED_MS if watched else _UNWATCHED_MS)
        self._last = None
        self.look()

    def look(self) -> None:
        """Reads the outbox anew."""
        counter = self._counter
        if counter is not None:
            self._background.ask(counter.outbox_view, self._answered, self._failed)

    def send_again(self, submission_id: str) -> None:
        """Puts an entry back into the queue and sends at once."""
        self._do(lambda counter: counter.send_again(submission_id))

    def send_first(self, submission_id: str) -> None:
        """Sends an entry before all others."""
        self._do(lambda counter: counter.send_first(submission_id))

    def pause(self) -> None:
        """Stops sending until told otherwise."""
        self._do(lambda counter: counter.pause_sending())

    def go_on(self) -> None:
        """Lets the queue send again."""
        self._do(lambda counter: counter.go_on_sending())

    def mend(self, dossier_id: str) -> None:
        """Opens a dossier that was sent back."""
        self._do(lambda counter: counter.mend(dossier_id), lambda: self.to_mend.emit(dossier_id))

    def export_to(self, drive: Path) -> None:
        """Puts what has no receipt onto a drive."""
        self._carry(lambda counter: counter.export_to(drive), self.exported)

    def take_receipts(self, drive: Path) -> None:
        """Takes home the receipts that a drive brought back."""
        self._carry(lambda counter: counter.take_receipts(drive), self.receipts_taken)

    def _do(self, act: "Callable[[Counter], object]", afterwards: Callable[[], None] | None = None) -> None:
        counter = self._counter
        if counter is None:
            return

        def done(_: object) -> None:
            if afterwards is not None:
                afterwards()
            self.look()

        self._background.ask(lambda: act(counter), done, self._failed)

    def _carry(self, start: "Callable[[Counter], Job[int]]", told: SignalInstance) -> None:
        if self._counter is None or self._job is not None:
            return
        self._job = job = start(self._counter)

        def changed(job: Job[int]) -> None:
            if job.done:
                self._bridge.post(ended)

        def ended() -> None:
            if self._job is not job:
                return
            self._job = None
            error = job.error()
            if error is not None:
                self._failed(error)
            else:
                told.emit(job.result())
            self._last = None
            self.look()

        job.watch(changed)
        if job.done:
            self._bridge.post(ended)

    def _answered(self, view: "OutboxView") -> None:
        if view != self._last:
            self._last = view
            self.seen.emit(view)

    def _failed(self, error: BaseException) -> None:
        self.failed.emit(tell_error(error, self._language))
