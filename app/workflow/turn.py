"""One sender at a time on the line, and a way for the counter to go before the queue (lượt gửi)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sync

_LOOKS_EVERY_S = 0.05


class Turn:
    """Who has the line. Whoever waits for it makes `wanted` true, so that the queue gives way."""

    def __init__(self) -> None:
        self._line = threading.Lock()
        self._guard = threading.Lock()
        self._waiting = 0

    @property
    def wanted(self) -> bool:
        """True while somebody waits for the line."""
        return self._waiting > 0

    @contextmanager
    def taken(self, stopped: Callable[[], bool]) -> Iterator[None]:
        """Wait for the line and hold it. Raises SyncError(sync.cancelled) when stopped before."""
        self._count(1)
        try:
            while not self._line.acquire(timeout=_LOOKS_EVERY_S):
                if stopped():
                    raise sync.SyncError(sync.Fault.CANCELLED)
        finally:
            self._count(-1)
        try:
            yield
        finally:
            self._line.release()

    def _count(self, change: int) -> None:
        with self._guard:
            self._waiting += change
