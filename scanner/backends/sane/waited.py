"""How long this thread waited, without the time in which others had the processor (thời gian chờ)."""

from __future__ import annotations

import time
from pathlib import Path

_SCHEDULED = Path("/proc/thread-self/schedstat")
"""Linux: nanoseconds on the processor, nanoseconds waiting for it, turns (Documentation/scheduler)."""


class Stopwatch:
    """Begins when it is made; for the thread that made it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._kept_off = _kept_off_s()

    @property
    def waited_s(self) -> float:
        """Seconds since the beginning without those in which the processor was somebody else's."""
        return time.monotonic() - self._began - (_kept_off_s() - self._kept_off)


def _kept_off_s() -> float:
    """Seconds that this thread was ready and had no processor; 0 where the system doesn't tell."""
    try:
        return int(_SCHEDULED.read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
