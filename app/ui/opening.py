"""Opening the counter in the background, and closing it there (mở và đóng quầy)."""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.settings import Settings
from app.ui.bridge import Bridge

if TYPE_CHECKING:
    from app.workflow.counter import Counter

logger = logging.getLogger(__name__)

Opener = Callable[[Settings], "AbstractContextManager[Counter]"]


def open_for_work(settings: Settings) -> "AbstractContextManager[Counter]":
    """The counter of the settings; the engines are imported here, on the thread that opens it."""
    from app.workflow.counter import open_counter

    return open_counter(settings)


class Opening(QObject):
    """Holds the counter open on a thread of its own: opened, kept and closed there.

    Signals arrive on the window's thread. After `failed` it may be started again; after `close`
    comes `closed`, always, also when nothing was open.
    """

    opened = Signal(object)  # Counter
    failed = Signal(object)  # the error
    closed = Signal()

    def __init__(self, settings: Settings, bridge: Bridge, opener: Opener = open_for_work) -> None:
        super().__init__(bridge)
        self._settings = settings
        self._bridge = bridge
        self._opener = opener
        self._leave = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """True while the counter is being opened, is open, or is being closed."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begins to open the counter; ignored while it is open."""
        if self.busy or self._leave.is_set():
            return
        self._thread = threading.Thread(target=self._keep_open, name="counter")
        self._thread.start()

    def close(self) -> None:
        """Asks the counter to stop its jobs and close; a counter that is still being opened closes next."""
        asked_before = self._leave.is_set()
        self._leave.set()
        if not self.busy and not asked_before:
            self._bridge.post(self.closed.emit)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Waits until the counter is closed, for the end of the program; False when it isn't by then."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return not self.busy

    def _keep_open(self) -> None:
        try:
            with self._opener(self._settings) as counter:
                self._bridge.post(lambda: self.opened.emit(counter))
                self._leave.wait()
        except Exception as error:
            fault = error
            if self._leave.is_set():
                logger.error("the counter failed while the window was closing", exc_info=error)
            else:
                self._bridge.post(lambda: self.failed.emit(fault))
        finally:
            if self._leave.is_set():
                self._bridge.post(self.closed.emit)
