"""How fast the queue goes and when it will be through (tốc độ gửi, thời gian còn lại)."""

import time
from collections.abc import Callable, Mapping

from app.domain.states import Synchronisation
from app.workflow.happenings import BytesSent, QueueProgress

_MEMORY_S = 20.0


class Throughput:
    """A rate that forgets slowly: a line that stumbles for a second is no slow line yet."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries = 0
        self._bytes = 0
        self._last: tuple[float, int] | None = None
        self._rate = 0.0

    def begin(self, counts: Mapping[Synchronisation, tuple[int, int]]) -> None:
        """A package sets out; these wait, itself among them."""
        waiting = [counts.get(s, (0, 0)) for s in (Synchronisation.QUEUED, Synchronisation.SENDING)]
        self._entries = sum(entries for entries, _ in waiting)
        self._bytes = sum(size for _, size in waiting)
        self._last = None

    def moved(self, sent: BytesSent) -> QueueProgress:
        """The package went on; what is known now of the whole queue."""
        now = self._clock()
        if self._last is not None and now > self._last[0]:
            elapsed = now - self._last[0]
            rate = max(0, sent.sent - self._last[1]) / elapsed
            weight = min(1.0, elapsed / _MEMORY_S) if self._rate else 1.0
            self._rate += (rate - self._rate) * weight
        if self._last is None or now > self._last[0]:
            self._last = (now, sent.sent)
        left = max(0, self._bytes - sent.sent)
        return QueueProgress(
            entries_left=self._entries,
            bytes_left=left,
            bytes_per_s=self._rate,
            seconds_left=left / self._rate if self._rate > 0 else None,
        )
