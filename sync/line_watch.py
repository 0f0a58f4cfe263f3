"""A watch over the connections of one pass: hangs them up when asked to stop, or when nothing moves."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from weakref import WeakSet

_LOOKS_EVERY_S = 0.2


class LineWatch:
    """Hangs up every connection in its care once `stopped()` is true or a deadline has passed.

    A blocked read cannot be asked to stop; a socket shut down under it returns at once. The deadline also
    ends answers that drip in so slowly that no single read ever times out. While the watch stands,
    `stopped` is called from a thread of its own.
    """

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._guard = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._deadline = float("inf")
        self._stopped: Callable[[], bool] = lambda: False
        self.cancelled = False
        self.overdue = False

    def over(self, stopped: Callable[[], bool]) -> "LineWatch":
        """Prepare one pass that ends early when `stopped()` is true; use the result in `with`."""
        self._stopped = stopped
        return self

    def __enter__(self) -> "LineWatch":
        self.cancelled = self.overdue = False
        self._over.clear()
        self._thread = threading.Thread(target=self._stand, name="sync-line-watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self._thread = None
        self._stopped = lambda: False

    def asked_to_stop(self) -> bool:
        """Ask `stopped` now, rather than when the watch next looks."""
        self.cancelled = self.cancelled or self._stopped()
        return self.cancelled

    def take(self, connection: socket.socket) -> None:
        """Take a new connection into care."""
        with self._guard:
            self._sockets.add(connection)

    def moves_within(self, seconds: float) -> None:
        """Something moved just now; the next sign of life is due in `seconds`."""
        self._deadline = time.monotonic() + seconds

    def rest(self) -> None:
        """No answer is awaited."""
        self._deadline = float("inf")

    def _stand(self) -> None:
        while not self._over.wait(_LOOKS_EVERY_S):
            if not self.asked_to_stop() and time.monotonic() > self._deadline:
                self.overdue = True
            if self.cancelled:
                self._hang_up()
                return
            if self.overdue:
                self._hang_up()
                self.rest()

    def _hang_up(self) -> None:
        with self._guard:
            connections = list(self._sockets)
        for connection in connections:
            with contextlib.suppress(OSError):
                # An SSL socket's own shutdown first drops its TLS state, under the feet of its reader.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
