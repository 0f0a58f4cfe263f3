"""What happens to a dossier on its way, as values that a terminal or a window can show (diễn biến)."""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.dossier import Component
from app.domain.outbox import OutboxEntry
from app.domain.page import Page


@dataclass(frozen=True)
class PageKept:
    """A page is on disk and in the store (trang đã lưu)."""

    page: Page


@dataclass(frozen=True)
class PageRead:
    """A page has been cleaned and read (trang đã nhận dạng)."""

    page: Page


@dataclass(frozen=True)
class FedAgain:
    """Pages at the beginning of a feed show sheets that were kept before a jam (tờ nạp lại)."""

    dossier_id: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class ComponentChanged:
    """A component reached a further step (thành phần đã lập, cấp mã hoặc ký)."""

    component: Component


@dataclass(frozen=True)
class BytesSent:
    """The upload went on (đã gửi thêm)."""

    sent: int
    total: int


@dataclass(frozen=True)
class EntrySettled:
    """A package was delivered, put off, put before the clerk, or answered (gói có tin mới)."""

    entry: OutboxEntry


@dataclass(frozen=True)
class QueueProgress:
    """How far the whole queue is; the time left is None while the rate is not known (tiến độ hàng đợi)."""

    entries_left: int
    bytes_left: int
    bytes_per_s: float
    seconds_left: float | None


Happening = PageKept | PageRead | FedAgain | ComponentChanged | BytesSent | EntrySettled | QueueProgress
Tell = Callable[[Happening], None]


def tell_nobody(happening: Happening) -> None:
    """Watches nothing."""
    del happening
