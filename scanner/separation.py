"""Where one paper ends and the next begins (tách giấy tờ): by codes, separator sheets, counts, blank sheets.

Sheets are split, never sides: the back of a separator sheet goes with it, and a blank sheet is one with both
sides blank. Every page given comes back exactly once, among a part's pages or its separators.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from scanner.captured import CapturedPage, Finding, FindingCode, finding
from scanner.errors import ScanError, ScanFault


class SeparateBy(StrEnum):
    """What begins a new part (cách tách)."""

    NONE = "none"
    CODES = "codes"
    """A code sheet: a code whose text begins with the prefix. The rest of the text is the part's key."""
    SHEETS = "sheets"
    """A separator sheet, as marked."""
    COUNT = "count"
    """Every so many pages or sheets."""
    BLANK = "blank"
    """A blank sheet."""


@dataclass(frozen=True)
class Separation:
    """How a stack is split (quy tắc tách).

    `prefix` is what a separating code begins with, "" for any code. With `keeps_sheet` the sheet that carries
    the code is the first of its part (a code stuck on the paper itself); without, it is a separator that
    belongs to no part. `count` is in pages (sides that aren't blank) or, with `in_sheets`, in sheets.
    Raises ScanError `scan.bad-request` for a count below 1.
    """

    by: SeparateBy = SeparateBy.NONE
    prefix: str = ""
    keeps_sheet: bool = False
    count: int = 1
    in_sheets: bool = False

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ScanError(ScanFault.BAD_REQUEST, field="count", value=self.count)


@dataclass(frozen=True)
class Part:
    """The pages between two separators, in order (phần). `key` is "" where nothing names it.

    `separators` are the pages of the separator in front of it, and belong to no paper.
    """

    key: str
    pages: tuple[CapturedPage, ...]
    separators: tuple[CapturedPage, ...] = ()


@dataclass(frozen=True)
class Split:
    """A stack that was split: its parts in order, and what someone should look at."""

    parts: tuple[Part, ...]
    findings: tuple[Finding, ...] = ()


_Sheet = tuple[CapturedPage, ...]


def split(pages: Sequence[CapturedPage], policy: Separation) -> Split:
    """The parts of a stack, its pages in the order of the paper; pages of one sheet stand together.

    Nothing in gives no part. Pages before the first separator are a part without a key, and are noted.
    """
    sheets = [tuple(leaf) for _, leaf in groupby(pages, key=lambda page: page.leaf)]
    if not sheets:
        return Split(())
    if policy.by is SeparateBy.NONE:
        return Split((Part("", tuple(pages)),))
    if policy.by is SeparateBy.COUNT:
        return _by_count(sheets, policy)
    return _by_separators(sheets, policy)


def _by_count(sheets: Sequence[_Sheet], policy: Separation) -> Split:
    """A part closes at the end of the sheet that fills it. The last one, and one that a sheet overfills, is
    noted."""
    parts: list[Part] = []
    found: list[Finding] = []
    held: list[CapturedPage] = []
    counted = 0
    for number, sheet in enumerate(sheets, start=1):
        held += sheet
        counted += 1 if policy.in_sheets else sum(not page.blank for page in sheet)
        if counted < policy.count and number < len(sheets):
            continue
        parts.append(Part("", tuple(held)))
        if counted != policy.count:
            found.append(
                finding(
                    FindingCode.UNEVEN_PART,
                    (page.number for page in held),
                    part=len(parts),
                    expected=policy.count,
                    found=counted,
                )
            )
        held, counted = [], 0
    return Split(tuple(parts), tuple(found))


def _by_separators(sheets: Sequence[_Sheet], policy: Separation) -> Split:
    found: list[Finding] = []
    parts: list[Part] = []
    key, pages, separators = "", list[CapturedPage](), list[CapturedPage]()
    for sheet in sheets:
        opened = _key_on(sheet, policy)
        if opened is None:
            pages += sheet
            continue
        found += _odd(sheet, policy)
        # Separators without a name that follow each other are one.
        if pages or (separators and (key or opened)):
            parts.append(Part(key, tuple(pages), tuple(separators)))
            pages, separators = [], []
        key = opened
        (pages if policy.keeps_sheet else separators).extend(sheet)
    parts.append(Part(key, tuple(pages), tuple(separators)))
    return Split(tuple(parts), (*found, *_odd_parts(parts, policy)))


def _key_on(sheet: _Sheet, policy: Separation) -> str | None:
    """The key of the part that this sheet opens, "" for one without a name; None when it opens none."""
    if policy.by is SeparateBy.CODES:
        return next(_keys(sheet, policy), None)
    if policy.by is SeparateBy.SHEETS:
        if not any(page.separator for page in sheet):
            return None
        return next(_keys(sheet, policy), "")
    return "" if all(page.blank for page in sheet) else None


def _keys(sheet: _Sheet, policy: Separation) -> Iterator[str]:
    for page in sheet:
        for text in page.codes:
            if text.startswith(policy.prefix) and text != policy.prefix:
                yield text.removeprefix(policy.prefix)


def _odd(sheet: _Sheet, policy: Separation) -> Iterable[Finding]:
    numbers = [page.number for page in sheet]
    if len(set(_keys(sheet, policy))) > 1 and policy.by is not SeparateBy.BLANK:
        yield finding(FindingCode.TWO_CODES, numbers, sheet=sheet[0].sheet)
    if policy.keeps_sheet or policy.by is SeparateBy.BLANK:
        return
    marked = [page for page in sheet if page.separator or next(_keys((page,), policy), None) is not None]
    if any(not page.blank for page in sheet if page not in marked):
        yield finding(FindingCode.WRITTEN_SEPARATOR, numbers, sheet=sheet[0].sheet)


def _odd_parts(parts: Sequence[Part], policy: Separation) -> Iterable[Finding]:
    first = parts[0]
    opened = bool(first.separators) or (policy.keeps_sheet and _opens(first, policy))
    if first.pages and not opened:
        yield finding(FindingCode.BEFORE_FIRST, (page.number for page in first.pages), pages=len(first.pages))
    for number, part in enumerate(parts, start=1):
        if not part.pages and policy.by is not SeparateBy.BLANK:
            yield finding(FindingCode.EMPTY_PART, (page.number for page in part.separators), part=number)


def _opens(part: Part, policy: Separation) -> bool:
    leaf = part.pages[0].leaf
    return _key_on(tuple(page for page in part.pages if page.leaf == leaf), policy) is not None
