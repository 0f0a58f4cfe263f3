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


def account(station: Station, dossier_id: str) -> scanner.Account:
    """The account of a dossier's pages against what was counted at reception."""
    history = station.store.dossiers.all_pages(dossier_id)
    components = station.store.dossiers.components(dossier_id)
    return scanner.reconcile(captured(history), expected(components))


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
    pages = station.store.dossiers.pages(dossier_id)
    found = scanner.same_sheet_twice(captured(pages, likeness=station.store.blobs.read))
    marked = {number for finding in found for number in finding.pages[len(finding.pages) // 2 :]}
    for page in pages:
        flags = tuple(flag for flag in page.flags if flag != TWICE)
        if page.number in marked:
            flags = (*flags, TWICE)
        if flags != page.flags:
            station.store.dossiers.save_page(replace(page, flags=flags))


def expected(components: Sequence[Component]) -> scanner.Expected | None:
    """How many pages the clerk counted, where every component was counted."""
    counts = [component.expected_pages for component in components]
    known = [count for count in counts if count is not None]
    return scanner.Expected(sum(known)) if known and len(known) == len(counts) else None


def captured(
    pages: Sequence[Page], likeness: Callable[[str], bytes] | None = None
) -> list[scanner.CapturedPage]:
    """The pages as the capture engine counts them, in the order in which they are read.

    Replaced pages stand at the end, as left out. A feed begins where sheet numbers begin again;
    `likeness` reads fingerprints, which only the search for sheets fed twice needs.
    """
    feeds = _feeds(sorted(pages, key=lambda page: page.number))
    ordered = sorted(pages, key=lambda page: (page.place is None, page.place or page.number))
    return [
        scanner.CapturedPage(
            number=page.number,
            sheet=page.sheet,
            side=page.side,
            feed=feeds[page.id],
            blank="blank" in page.flags,
            separator=page.role is PageRole.SEPARATOR,
            likeness=likeness(page.fingerprint).decode() if likeness and page.fingerprint else "",
            taken_out=page.place is None,
            left_out="rescanned" if page.place is None else "",
        )
        for page in ordered
    ]


def _feeds(pages: Sequence[Page]) -> dict[str, int]:
    feeds = {pages[0].id: 1} if pages else {}
    for before, page in pairwise(pages):
        goes_on = (page.sheet, page.side) > (before.sheet, before.side)
        feeds[page.id] = feeds[before.id] + (not goes_on)
    return feeds
