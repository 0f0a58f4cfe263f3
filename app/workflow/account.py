"""Sheets against images: nothing is sealed that does not add up (đối soát tờ và ảnh).

TT 01/2023/TT-VPCP Điều 8 khoản 2: as many images as pages went in, in order.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import scanner
from app.domain.dossier import Component
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.workflow.station import Station

_WRONG_COUNT = frozenset({scanner.FindingCode.TOO_FEW, scanner.FindingCode.TOO_MANY})
# The fact that tells where: the sheet before the gap, or the sheet that lacks a side.
_LOST = {scanner.FindingCode.SHEET_GAP: "after", scanner.FindingCode.SIDE_MISSING: "sheet"}
TWICE = "twice"
BLANK = "blank"
NOTE = "note"
"""The image shows a note stuck on the page; the next one is of the same page without it (giấy nhớ)."""


def account(station: Station, dossier_id: str) -> scanner.Account:
    """The account of a dossier's pages against the sheets, or else the pages, counted at reception."""
    history = station.store.dossiers.all_pages(dossier_id)
    sheets = station.store.dossiers.get(dossier_id).sheets_expected
    if sheets is not None:
        return scanner.reconcile(captured(history), scanner.Expected(sheets, scanner.CountUnit.SHEETS))
    return scanner.reconcile(captured(history), expected(station.store.dossiers.components(dossier_id)))


def require_balance(station: Station, dossier_id: str) -> None:
    """Raises StationError `station.count-differs` or `station.sheet-missing` where it does not add up."""
    for finding in account(station, dossier_id).findings:
        if finding.code in _WRONG_COUNT:
            raise StationError(
                StationFault.COUNT_DIFFERS,
                expected=finding.fact("expected"),
                found=finding.fact("found"),
            )
        if finding.code in _LOST:
            raise StationError(StationFault.SHEET_MISSING, sheet=finding.fact(_LOST[finding.code]))


def mark_twice(station: Station, dossier_id: str) -> None:
    """Marks the pages of sheets that look like one fed before; a person decides."""
    pages = [page for page in station.store.dossiers.pages(dossier_id) if not is_second_image(page)]
    found = scanner.same_sheet_twice(captured(pages, likeness=station.store.blobs.read))
    marked = {number for finding in found for number in finding.pages[len(finding.pages) // 2 :]}
    for page in pages:
        flags = tuple(flag for flag in page.flags if flag != TWICE)
        if page.number in marked:
            flags = (*flags, TWICE)
        if flags != page.flags:
            station.store.dossiers.save_page(replace(page, flags=flags))


def count_sheets(station: Station, dossier_id: str, sheets: int | None) -> None:
    """Notes how many sheets of paper the clerk counted, separator sheets not among them; None for no count.

    Raises ValueError for fewer than one.
    """
    if sheets is not None and sheets < 1:
        raise ValueError("no sheets are no dossier")
    with station.store.transaction():
        dossier = station.store.dossiers.get(dossier_id)
        station.store.dossiers.save(replace(dossier, sheets_expected=sheets))
        station.note("counted", dossier_id, sheets=sheets or 0)


def mark_note(station: Station, page: Page) -> None:
    """Marks that the image of a page shows a note, and the one behind it is the same page without it."""
    with station.store.transaction():
        known = station.store.dossiers.page(page.id)
        if NOTE not in known.flags:
            station.store.dossiers.save_page(replace(known, flags=(*known.flags, NOTE)))
            station.note("note", page.dossier_id, number=page.number)


def is_second_image(page: Page) -> bool:
    """True for the image of a page that shows a note on it: it doesn't count as a page."""
    return NOTE in page.flags


def expected(components: Sequence[Component]) -> scanner.Expected | None:
    """How many pages the clerk counted, where every component was counted."""
    counts = [component.expected_pages for component in components]
    known = [count for count in counts if count is not None]
    return scanner.Expected(sum(known)) if known and len(known) == len(counts) else None


def captured(
    pages: Sequence[Page], likeness: Callable[[str], bytes] | None = None
) -> list[scanner.CapturedPage]:
    """The pages as the capture engine counts them, in the order in which they are read.

    Pages that were replaced or left out stand at the end. A feed begins where sheet numbers begin again;
    `likeness` reads fingerprints, which only the search for sheets fed twice needs.
    """
    feeds = _feeds(sorted(pages, key=lambda page: page.number))
    ordered = sorted(pages, key=lambda page: (page.place is None, page.place or page.number))
    for before, page in pairwise(ordered):
        # A back that came with another feed, the stack being turned over by hand, is of its front's sheet.
        if (before.sheet, before.side, page.side) == (page.sheet, 1, 2):
            feeds[page.id] = feeds[before.id]
    return [
        scanner.CapturedPage(
            number=page.number,
            sheet=page.sheet,
            side=page.side,
            feed=feeds[page.id],
            blank=BLANK in page.flags,
            separator=page.role is PageRole.SEPARATOR,
            likeness=likeness(page.fingerprint).decode() if likeness and page.fingerprint else "",
            taken_out=page.place is None,
            left_out=page.left_out or ("rescanned" if page.place is None else ""),
            note=NOTE in page.flags,
        )
        for page in ordered
    ]


def _feeds(pages: Sequence[Page]) -> dict[str, int]:
    feeds = {pages[0].id: 1} if pages else {}
    for before, page in pairwise(pages):
        goes_on = (page.sheet, page.side) > (before.sheet, before.side)
        feeds[page.id] = feeds[before.id] + (not goes_on)
    return feeds
