"""The order of a dossier's pages and what was left out of it, with the reasons for it (sắp xếp trang)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.page import Page


class LeftOut(StrEnum):
    """Why a page is not delivered; its image stays in the history (lý do bỏ trang)."""

    BLANK = "blank"  # trang trắng
    FED_TWICE = "fed-twice"  # tờ nạp hai lần
    NOT_OF_DOSSIER = "not-of-dossier"  # không thuộc hồ sơ
    POOR_IMAGE = "poor-image"  # ảnh hỏng, trang đã quét lại


class Rearranged(StrEnum):
    """Why what stands now is right although it isn't what the feeder gave (lý do sắp xếp lại)."""

    PAPERS_MIXED = "papers-mixed"  # giấy nạp lộn xộn, đã xếp theo bản giấy
    FED_AFTER_A_JAM = "fed-after-a-jam"  # nạp lại sau khi kẹt giấy
    AS_CHECKLIST = "as-checklist"  # xếp theo danh mục thành phần
    COUNTED_BY_HAND = "counted-by-hand"  # đã đếm lại giấy, đủ trang


@dataclass(frozen=True)
class FeedCount:
    """What a device itself counted of one feed, and how much of it was kept, both in `unit`.

    `unit` is "sheets" or "pages" (images); `first_page` is the number of the first page of the feed.
    """

    dossier_id: str
    first_page: int
    unit: str
    fed: int
    kept: int

    @property
    def lost(self) -> int:
        """How many passed and are not here."""
        return max(0, self.fed - self.kept)


def as_captured(history: Iterable[Page]) -> list[int]:
    """The numbers of all pages in the order in which the paper lay.

    A page that replaces another stands in its place; one that was put in stands behind its neighbour, or
    behind what replaced that; all others came in the order of scanning.
    """
    places: list[int] = []
    place_of: dict[int, int] = {}
    for page in sorted(history, key=lambda page: page.number):
        if page.replaces in place_of:
            place_of[page.number] = place_of[page.replaces]
            continue
        place_of[page.number] = page.number
        row = len(places)
        if page.after == 0:
            row = 0
        elif page.after in place_of:
            row = places.index(place_of[page.after]) + 1
        places.insert(row, page.number)
    return sorted(place_of, key=lambda number: (places.index(place_of[number]), number))


def standing(pages: Iterable[Page]) -> list[Page]:
    """The pages that are delivered, in the order of now."""
    return sorted((page for page in pages if page.place is not None), key=lambda page: page.place or 0)


def moved(history: Sequence[Page]) -> list[int]:
    """The numbers of pages that stand elsewhere than where they were captured, in the order of now."""
    now = [page.number for page in standing(history)]
    there = set(now)
    captured = [number for number in as_captured(history) if number in there]
    return [number for number, was in zip(now, captured, strict=True) if number != was]


def home_of(history: Sequence[Page], number: int) -> int:
    """The place, from 0, at which a page that was left out belongs among those that stand now.

    Behind the nearest page before it, as captured, that stands.
    """
    rows = {page.number: row for row, page in enumerate(standing(history))}
    captured = as_captured(history)
    before = [rows[one] for one in captured[: captured.index(number)] if one in rows]
    return before[-1] + 1 if before else 0
