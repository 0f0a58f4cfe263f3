"""What the program read from a paper for a field, and what the clerk made of it (gợi ý, xác nhận)."""

from dataclasses import dataclass
from enum import StrEnum

Box = tuple[int, int, int, int]


class Band(StrEnum):
    """What a suggestion asks of the clerk, by its confidence."""

    ACCEPT = "accept"  # từ 90: nhận
    NOTICE = "notice"  # 70 đến 89: tô màu
    CONFIRM = "confirm"  # 40 đến 69: phải xác nhận
    BLANK = "blank"  # dưới 40: để trống


_LEAST = ((90.0, Band.ACCEPT), (70.0, Band.NOTICE), (40.0, Band.CONFIRM))


def band_of(confidence: float) -> Band:
    """The band of a confidence 0..100."""
    return next((band for least, band in _LEAST if confidence >= least), Band.BLANK)


@dataclass(frozen=True)
class FieldSpot:
    """Where a field was read: the page's id and the box in px of its straightened image."""

    page_id: str
    box: Box


@dataclass(frozen=True)
class WordChoice:
    """A word as it was read in a field, and what it may be instead, the likeliest first (gợi ý chữ)."""

    word: str
    instead: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """One field of a component's paper.

    `suggested` is what was read and never changes; None where nothing is to be relied on. `value` is what the
    clerk confirmed, with `decided_at` and `decided_by`; None as long as nobody has. `choices` are words of it
    that the program isn't sure of; nothing but a person puts another one in their place.
    """

    component_id: str
    ordinal: int
    name: str
    suggested: str | None
    confidence: float
    read: str = ""
    doubt: str | None = None
    spots: tuple[FieldSpot, ...] = ()
    value: str | None = None
    decided_at: str | None = None
    decided_by: str | None = None
    choices: tuple[WordChoice, ...] = ()

    @property
    def band(self) -> Band:
        """What it asks of the clerk."""
        return band_of(self.confidence)

    @property
    def decided(self) -> bool:
        """Whether a person has confirmed or corrected it."""
        return self.decided_at is not None

    @property
    def shown(self) -> str:
        """What stands in the field's box: the clerk's word, else the suggestion, else nothing."""
        return (self.value if self.decided else self.suggested) or ""

    @property
    def open(self) -> bool:
        """Whether somebody still has to look: doubtful and not decided."""
        return not self.decided and self.band in (Band.CONFIRM, Band.BLANK)
