"""How much the intake takes and how long it waits (các giới hạn)."""

from dataclasses import dataclass
from datetime import timedelta, timezone

from sync.server.accounts import Account
from sync.server.records import Quota

NAME = "sohoa-intake"
VERSION = "1.1"
DEFAULT_MAX_BYTES = 4 * 1024**3
"""Bytes of the largest package."""

VIETNAM = timezone(timedelta(hours=7))
"""Indochina Time; Viet Nam has one zone and no summer time."""


@dataclass(frozen=True)
class Limits:
    """Bounds that keep one sender from taking the intake away from the others.

    Bytes: `max_bytes` of a package, `reserve_bytes` of the disk that uploads never touch (so that receipts
    can still be written), `piece_bytes` held in memory per upload, `checkpoint_bytes` after which a long
    chunk without checksum is made durable. Seconds: `idle_s` without a byte, `upload_life_s` of an upload
    that nobody continues. `slowest_bytes_per_s` is the least average rate of a body after `idle_s`.
    The last three hold for each station whose account says nothing else.
    """

    max_bytes: int = DEFAULT_MAX_BYTES
    reserve_bytes: int = 16 * 1024**2
    piece_bytes: int = 512 * 1024
    checkpoint_bytes: int = 4 * 1024**2
    idle_s: float = 30.0
    slowest_bytes_per_s: float = 512.0
    upload_life_s: float = 7 * 24 * 3600.0
    most_connections: int = 1024
    packages_per_day: int = 50_000
    bytes_per_day: int = 1024**4
    uploads_at_once: int = 2_000

    def quota(self, account: Account) -> Quota:
        """Return what `account` may send."""
        return Quota(
            account.packages_per_day or self.packages_per_day,
            account.bytes_per_day or self.bytes_per_day,
            account.uploads_at_once or self.uploads_at_once,
        )
