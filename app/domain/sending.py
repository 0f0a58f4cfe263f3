"""When the line may be used, and how much of it (khung giờ gửi)."""

import re
from dataclasses import dataclass
from datetime import datetime, time

_RULE = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})=(\d{1,6})")

PATTERN = rf"|{_RULE.pattern}(?: {_RULE.pattern})*"
"""What the option looks like: `07:30-11:30=64 13:00-17:00=64`, or nothing."""


@dataclass(frozen=True)
class Cap:
    """From `begins` until before `ends` at most so many kilobytes (1,000 bytes) a second; 0 sends nothing.

    A span that ends before it begins goes over midnight.
    """

    begins: time
    ends: time
    kilobytes: int

    def holds(self, at: time) -> bool:
        """True while this cap is in force."""
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def parse_caps(text: str) -> tuple[Cap, ...]:
    """The caps that a text lists. Raises ValueError for times that no clock shows."""
    caps = []
    for found in _RULE.finditer(text):
        begins, ends = time(int(found[1]), int(found[2])), _end(int(found[3]), int(found[4]))
        caps.append(Cap(begins, ends, int(found[5])))
    return tuple(caps)


def allowed(caps: tuple[Cap, ...], at: datetime) -> float | None:
    """Bytes a second allowed at this moment of the day: the tightest cap that holds; None for no cap."""
    now = at.time().replace(tzinfo=None)
    holding = [cap.kilobytes * 1000.0 for cap in caps if cap.holds(now)]
    return min(holding) if holding else None


def _end(hour: int, minute: int) -> time:
    # 24:00 is how people write the end of a day.
    return time.max if (hour, minute) == (24, 0) else time(hour, minute)
