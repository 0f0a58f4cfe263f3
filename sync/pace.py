"""How fast bytes may leave, so that the counter's other programs keep a usable line (giới hạn băng thông)."""

import threading
import time
from collections.abc import Callable

BLOCK = 16 * 1024
"""Bytes that go out at once; also the most that a capped line sends ahead of its allowance."""

_LONGEST_NAP_S = 0.2


class Pace:
    """Spreads what is sent over time. `limit()` is asked again and again: bytes a second, or None for no cap.

    A cap of 0 lets nothing out until it is lifted. Time is read from `clock` in seconds; `nap` waits.
    """

    def __init__(
        self,
        limit: Callable[[], float | None] = lambda: None,
        *,
        clock: Callable[[], float] = time.monotonic,
        nap: Callable[[float], object] | None = None,
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._nap = nap or (lambda seconds: threading.Event().wait(seconds))
        self._free_at = clock()

    @property
    def capped(self) -> bool:
        """True while a cap is in force."""
        return self._limit() is not None

    def take(self, size: int, *, moved: Callable[[], None]) -> None:
        """Wait until `size` more bytes may go out; `moved` is called at least every 0.2 s and may raise."""
        while True:
            rate = self._limit()
            now = self._clock()
            if rate is None:
                self._free_at = now
                return
            wait = self._free_at - now
            if rate > 0 and wait <= 0:
                self._free_at = now + size / rate
                return
            moved()
            self._nap(min(wait, _LONGEST_NAP_S) if rate > 0 else _LONGEST_NAP_S)
