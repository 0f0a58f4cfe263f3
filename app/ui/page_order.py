"""The order in which pages are read, which a rescan keeps and an inserted page moves on (thứ tự trang)."""

from collections.abc import Iterable

from app.domain.page import Page


def place_of(page: Page) -> int:
    """The page's place in the dossier from 1; the number it was scanned as where nobody placed it."""
    return page.number if page.place is None else page.place


def reading_order(page: Page) -> tuple[int, int]:
    """The key by which pages are sorted; of two in one place the one that was scanned first."""
    return place_of(page), page.number


def in_order(pages: Iterable[Page]) -> list[Page]:
    """The pages as they are read."""
    return sorted(pages, key=reading_order)
