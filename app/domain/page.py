"""A page of paper as the program knows it (trang)."""

from dataclasses import dataclass
from enum import StrEnum


class PageRole(StrEnum):
    """What a captured image is in the dossier."""

    PAPER = "paper"  # trang giấy tờ
    SEPARATOR = "separator"  # tờ phân tách


@dataclass(frozen=True)
class Page:
    """One captured image: where its original lies, and what has been made of it so far.

    `number` counts the images of the dossier from 1 in the order they were scanned and never changes;
    `place` counts them in the order they are read, and is None for one that a rescan replaced
    or a clerk left out;
    `replaces` is the number of the page that this one was scanned in the place of, `after` that of the page
    behind which it was put in, 0 for the very beginning. `left_out` is the reason for which a clerk took it
    out of what is delivered (a value of `LeftOut`).
    `original` is the SHA-256 of the image as captured, which never changes; `visible` and `reading`
    are the blobs of the straightened image and of the words read from it, once there are any.
    """

    id: str
    dossier_id: str
    number: int
    original: str
    dpi: int
    width_px: int
    height_px: int
    sheet: int
    side: int
    scanned_at: str
    role: PageRole = PageRole.PAPER
    component_id: str | None = None
    separator_key: str | None = None
    visible: str | None = None
    reading: str | None = None
    confidence: float | None = None
    flags: tuple[str, ...] = ()
    place: int | None = None
    replaces: int | None = None
    fingerprint: str | None = None
    profile: str = ""
    after: int | None = None
    left_out: str | None = None

    @property
    def is_read(self) -> bool:
        """True once the page has been looked at: a separator needs no text."""
        return self.reading is not None or self.role is PageRole.SEPARATOR
