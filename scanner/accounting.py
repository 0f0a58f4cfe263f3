"""Sheet accounting: what went in against what is there (đối soát tờ).

A digitised document has as many images as the paper has pages, in the same order (Thông tư 01/2023/TT-VPCP
Điều 8 khoản 2 c). So nothing is judged by the total alone: a gap, a lost side and a broken order are found
also where the sum happens to be right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

from scanner.captured import CapturedPage, Finding, FindingCode, finding


class CountUnit(StrEnum):
    """What was counted (đơn vị đếm)."""

    SHEETS = "sheets"
    PAGES = "pages"


class CountOrigin(StrEnum):
    """Where the expected number comes from (nguồn số đếm)."""

    TYPED = "typed"
    COUNTED = "counted"


@dataclass(frozen=True)
class Expected:
    """How many sheets or written pages the papers have, and who says so: a clerk, or a machine that counts.

    Separator sheets are never among them. Raises ValueError for a negative number.
    """

    count: int
    unit: CountUnit = CountUnit.PAGES
    origin: CountOrigin = CountOrigin.TYPED

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("nothing can be expected fewer than no times")


class Verdict(StrEnum):
    """What the account comes to (kết quả đối soát)."""

    BALANCED = "balanced"
    """As many as expected, in order."""
    UNCOUNTED = "uncounted"
    """In order, but no number is there to compare with."""
    CHECK = "check"
    """A person has to look: the blank pages decide, or a page was taken out without a reason."""
    SHORT = "short"
    """Something is missing."""
    OVER = "over"
    """There is more than expected."""
    BROKEN = "broken"
    """A gap, a lost side or a wrong order: the number can't make up for it."""


@dataclass(frozen=True)
class Account:
    """The account of a batch (bảng đối soát).

    `sheets` are those of the papers, without separator sheets and without pages that were left out; `images`
    are their sides, each once: of a side with a note on it there are two images, and `notes` counts the
    second ones; `blanks` are the blank ones among them; `separators` counts sheets, `left_out` images that
    someone took out. `expected` is what was said; `difference` is found minus expected, in its unit and
    to the nearest possible count, None where nothing was expected.
    """

    sheets: int
    images: int
    blanks: int
    separators: int
    left_out: int
    expected: Expected | None
    difference: int | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    notes: int = 0


_BROKEN = frozenset(
    {
        FindingCode.SHEET_GAP,
        FindingCode.SIDE_MISSING,
        FindingCode.SIDE_TWICE,
        FindingCode.ORDER_BROKEN,
        FindingCode.NUMBER_TWICE,
        FindingCode.FED_NOT_KEPT,
    }
)
_TO_CHECK = frozenset({FindingCode.BLANKS_UNCLEAR, FindingCode.BLANK_COUNTED, FindingCode.NO_REASON})


def reconcile(
    pages: Sequence[CapturedPage],
    expected: Expected | None = None,
    *,
    fed: int | None = None,
    duplex: bool = False,
) -> Account:
    """The account of `pages`, given in the order in which they are to be delivered.

    `fed` is the number of sheets that the device itself counted, where it does. `duplex` says that every
    sheet was scanned on both sides; without it, a feed that gave any back is taken for such a one.
    """
    kept = [page for page in pages if not _is_out(page)]
    separators = {page.leaf for page in kept if page.separator}
    papers = [page for page in kept if page.leaf not in separators and not page.note]
    sheets = len({page.leaf for page in papers})
    blanks = sum(page.blank for page in papers)
    found = [*_out_of_order(pages), *_broken_sheets(pages, duplex=duplex), *_without_reason(pages)]
    if fed is not None and fed != len({page.leaf for page in pages}):
        found.append(finding(FindingCode.FED_NOT_KEPT, fed=fed, sheets=len({page.leaf for page in pages})))
    difference, counted = _compared(papers, sheets, expected)
    found += counted
    return Account(
        sheets=sheets,
        images=len(papers),
        blanks=blanks,
        separators=len(separators),
        left_out=len(pages) - len(kept),
        expected=expected,
        difference=difference,
        verdict=_verdict(difference, found),
        findings=tuple(found),
        notes=sum(page.note for page in kept),
    )


def _is_out(page: CapturedPage) -> bool:
    return page.taken_out or bool(page.left_out)


def _compared(
    papers: Sequence[CapturedPage], sheets: int, expected: Expected | None
) -> tuple[int | None, list[Finding]]:
    if expected is None:
        return None, [finding(FindingCode.NOT_COUNTED)]
    if expected.unit is CountUnit.SHEETS:
        return sheets - expected.count, _off(expected, sheets)
    return _compared_pages(papers, expected)


def _compared_pages(papers: Sequence[CapturedPage], expected: Expected) -> tuple[int | None, list[Finding]]:
    """A blank side may or may not have been counted as a page: any number in between can be right.

    Blank backs are not counted by people, as a rule; so the count without them is right outright. Any other
    right count rests on the blank pages, and is shown.
    """
    blank = [page.number for page in papers if page.blank]
    images, written = len(papers), len(papers) - len(blank)
    if expected.count < written:
        return written - expected.count, _off(expected, written)
    if expected.count > images:
        return images - expected.count, _off(expected, images)
    if expected.count == written:
        return 0, []
    if expected.count == images:
        return 0, [finding(FindingCode.BLANK_COUNTED, blank, blanks=len(blank))]
    return 0, [
        finding(FindingCode.BLANKS_UNCLEAR, blank, expected=expected.count, written=written, images=images)
    ]


def _off(expected: Expected, found: int) -> list[Finding]:
    if found == expected.count:
        return []
    code = FindingCode.TOO_FEW if found < expected.count else FindingCode.TOO_MANY
    return [finding(code, unit=expected.unit.value, expected=expected.count, found=found)]


def _verdict(difference: int | None, found: Sequence[Finding]) -> Verdict:
    codes = {one.code for one in found}
    if codes & _BROKEN:
        return Verdict.BROKEN
    if difference:
        return Verdict.SHORT if difference < 0 else Verdict.OVER
    if codes & _TO_CHECK:
        return Verdict.CHECK
    return Verdict.UNCOUNTED if difference is None else Verdict.BALANCED


def _out_of_order(pages: Sequence[CapturedPage]) -> Iterator[Finding]:
    for before, page in pairwise(pages):
        if (page.feed, page.sheet, page.side) < (before.feed, before.sheet, before.side):
            yield finding(
                FindingCode.ORDER_BROKEN,
                (before.number, page.number),
                feed=page.feed,
                sheet=page.sheet,
                side=page.side,
            )
    for number, times in Counter(page.number for page in pages).items():
        if times > 1:
            yield finding(FindingCode.NUMBER_TWICE, (number,), number=number)


def _broken_sheets(pages: Sequence[CapturedPage], *, duplex: bool) -> Iterator[Finding]:
    """Gaps and lost or doubled sides, feed by feed. Pages that were taken out are still part of the paper."""
    ordered = sorted(pages, key=lambda page: (page.feed, page.sheet, page.side))
    for feed, group in groupby(ordered, key=lambda page: page.feed):
        of_feed = list(group)
        yield from _gaps(feed, of_feed)
        sides = {1, 2} if duplex else {page.side for page in of_feed}
        for sheet, leaf in groupby(of_feed, key=lambda page: page.sheet):
            yield from _sides(feed, sheet, list(leaf), sides)


def _gaps(feed: int, pages: Sequence[CapturedPage]) -> Iterator[Finding]:
    """A first sheet other than 1 is a gap as well: the one before it was fed and is gone."""
    if pages[0].sheet > 1:
        yield finding(FindingCode.SHEET_GAP, (pages[0].number,), feed=feed, after=0, before=pages[0].sheet)
    for before, page in pairwise(pages):
        if page.sheet > before.sheet + 1:
            yield finding(
                FindingCode.SHEET_GAP,
                (before.number, page.number),
                feed=feed,
                after=before.sheet,
                before=page.sheet,
            )


def _sides(feed: int, sheet: int, leaf: Sequence[CapturedPage], wanted: set[int]) -> Iterator[Finding]:
    numbers = [page.number for page in leaf]
    there = Counter(page.side for page in leaf)
    for side in sorted({1, *wanted}):
        if not there[side]:
            yield finding(FindingCode.SIDE_MISSING, numbers, feed=feed, sheet=sheet, side=side)
        elif there[side] > 1:
            yield finding(FindingCode.SIDE_TWICE, numbers, feed=feed, sheet=sheet, side=side)


def _without_reason(pages: Sequence[CapturedPage]) -> Iterator[Finding]:
    silent = [page.number for page in pages if page.taken_out and not page.left_out.strip()]
    if silent:
        yield finding(FindingCode.NO_REASON, silent)
