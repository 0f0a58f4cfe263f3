"""How long a dossier is kept (thời hạn bảo quản), Luật Lưu trữ 33/2024/QH15 Điều 15."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Retention:
    """Years of retention counted from the end of the year in which `start_event` falls.

    `years` None with `permanent` False means that the archivist has not decided yet (chưa xác định):
    it blocks the hand-over to the archive, never the scanning.
    """

    years: int | None = None
    permanent: bool = False
    start_event: str = "kết thúc công việc"

    def __post_init__(self) -> None:
        if self.permanent and self.years is not None:
            raise ValueError("permanent retention has no number of years")
        if self.years is not None and not 2 <= self.years <= 70:
            raise ValueError("retention is permanent or 2 to 70 years")

    @property
    def decided(self) -> bool:
        """False while the archivist has not decided."""
        return self.permanent or self.years is not None


def longest(items: tuple[Retention, ...]) -> Retention:
    """The retention of a dossier: that of its longest-kept item; undecided while one item is."""
    if not items or not all(item.decided for item in items):
        return Retention()
    if any(item.permanent for item in items):
        return Retention(permanent=True)
    return max(items, key=lambda item: item.years or 0)
