"""The work behind the scanners' sheet without widgets: looking, testing, keeping profiles (việc máy quét)."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.jobs import Job
from app.ui.background import Background
from app.ui.bridge import Bridge
from app.ui.notice import tell_error

if TYPE_CHECKING:
    from app.workflow.counter import Counter
    from app.workflow.scanner_room import ScannerRoom, ShownProfile


class ScannersWork(QObject):
    """Asks the station off the window's thread; one job with a device at a time, and it can be stopped."""

    seen = Signal(object)  # ScannersView
    tested = Signal(object)  # MeasuredPage
    done = Signal(str, object)  # what was asked for, and what it gave
    failed = Signal(object)  # Told
    changed = Signal()  # whether a job runs

    def __init__(self, bridge: Bridge, background: Background, language: str) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._background = background
        self._language = language
        self._room: ScannerRoom | None = None
        self._job: Job[Any] | None = None

    @property
    def ready(self) -> bool:
        """True when something may be asked for."""
        return self._room is not None and self._job is None

    @property
    def busy(self) -> bool:
        """True while a device is looked for or tested."""
        return self._job is not None

    def begin(self, counter: "Counter") -> None:
        """Takes the opened counter."""
        self._room = counter.scanner_room
        self.changed.emit()

    def look(self) -> None:
        """Shows what is known; asks no device."""
        if self._room is not None:
            self._background.ask(self._room.view, self.seen.emit, self._failed)

    def find(self) -> None:
        """Asks which scanners answer now."""
        if self._room is not None:
            self._run(self._room.look, self.seen.emit)

    def test(self, device_id: str) -> None:
        """Has a scanner scan the printed test page."""
        room = self._room
        if room is not None:

            def told(figures: object) -> None:
                self.tested.emit(figures)
                self.look()

            self._run(lambda: room.test(device_id), told)

    def stop(self) -> None:
        """Asks the job that runs to stop."""
        if self._job is not None:
            self._job.cancel()

    def write_test_page(self, out: Path) -> None:
        """Writes the page to be printed."""
        self._do("test-page", lambda room: room.write_test_page(out))

    def export_inventory(self, out: Path) -> None:
        """Writes the list of scanners as CSV."""
        self._do("inventory", lambda room: room.export_inventory(out))

    def export_profiles(self, out: Path) -> None:
        """Writes all ways of scanning as TOML."""
        self._do("profiles-out", lambda room: room.export_profiles(out))

    def import_profiles(self, source: Path) -> None:
        """Takes ways of scanning from TOML."""
        self._do("profiles-in", lambda room: room.import_profiles(source))

    def save_profile(self, profile: "ShownProfile") -> None:
        """Keeps a way of scanning."""

        def save(room: "ScannerRoom") -> str:
            room.save_profile(profile)
            return profile.name

        self._do("saved", save)

    def copy_profile(self, name: str) -> None:
        """Copies a way of scanning."""
        self._do("copied", lambda room: room.copy_profile(name))

    def _do(self, what: str, act: "Callable[[ScannerRoom], object]") -> None:
        room = self._room
        if room is None:
            return

        def done(outcome: object) -> None:
            self.done.emit(what, outcome)
            self.look()

        self._background.ask(lambda: act(room), done, self._failed)

    def _run(self, start: "Callable[[], Job[Any]]", told: Callable[[object], None]) -> None:
        if self._job is not None:
            return
        self._job = job = start()
        self.changed.emit()

        def watched(job: Job[Any]) -> None:
            if job.done:
                self._bridge.post(ended)

        def ended() -> None:
            if self._job is not job:
                return
            self._job = None
            error = job.error()
            if error is None:
                told(job.result())
            else:
                self._failed(error)
            self.changed.emit()

        job.watch(watched)
        if job.done:
            self._bridge.post(ended)

    def _failed(self, error: BaseException) -> None:
        self.failed.emit(tell_error(error, self._language))
