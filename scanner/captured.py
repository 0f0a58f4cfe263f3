"""What is known of a page once it was captured: where it came from, and what is on it (trang đã thu nhận)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

Fact = str | int | float
"""One circumstance of a finding or a note."""


@dataclass(frozen=True)
class CapturedPage:
    """One side of one sheet, with what was seen on it. The pixels aren't here.

    `number` is the page's own in its batch, from 1; `feed` counts the loadings of the feeder, from 1, and
    `sheet` the sheets within one, from 1 (a jam starts a new feed); `side` is 1 for the front and 2 for the
    back. `blank` is a mark that nothing is on it, `codes` the texts of its barcodes, `separator` says that
    it is a separator sheet's, `likeness` is its fingerprint. `left_out` is the confirmed reason why it is
    not to be delivered; `taken_out` without a reason is a fault in accounting. `note` says that it shows a
    side with a note stuck on it, of which a second image without the note follows: the two are one page.
    """

    number: int
    sheet: int
    side: int = 1
    feed: int = 1
    blank: bool = False
    codes: tuple[str, ...] = ()
    separator: bool = False
    likeness: str = ""
    taken_out: bool = False
    left_out: str = ""
    note: bool = False

    @property
    def leaf(self) -> tuple[int, int]:
        """The sheet of paper among all of the batch: its feed and its number there."""
        return self.feed, self.sheet


class FindingCode(StrEnum):
    """What was noticed about the pages of a batch. The values never change: texts hang on them."""

    SHEET_GAP = "capture.sheet-gap"
    """Sheet numbers are missing between two that are there (facts: feed, after, before)."""
    SIDE_MISSING = "capture.side-missing"
    """A sheet scanned on both sides has one side only (facts: feed, sheet, side)."""
    SIDE_TWICE = "capture.side-twice"
    """The same side of the same sheet is there twice (facts: feed, sheet, side)."""
    ORDER_BROKEN = "capture.order-broken"
    """A page stands before one that was fed earlier (facts: feed, sheet, side)."""
    NUMBER_TWICE = "capture.number-twice"
    """Two pages carry the same number (fact: number)."""
    TOO_FEW = "capture.too-few"
    """Fewer than expected (facts: unit, expected, found)."""
    TOO_MANY = "capture.too-many"
    """More than expected (facts: unit, expected, found)."""
    BLANKS_UNCLEAR = "capture.blanks-unclear"
    """The count hangs on which blank pages were counted (facts: expected, written, images)."""
    BLANK_COUNTED = "capture.blank-counted"
    """The count is right only with its blank pages counted: someone should look at them (fact: blanks)."""
    FED_NOT_KEPT = "capture.fed-not-kept"
    """The device fed another number of sheets than were kept (facts: fed, sheets)."""
    NO_REASON = "capture.no-reason"
    """A page was taken out without a confirmed reason."""
    NOT_COUNTED = "capture.not-counted"
    """No one has typed or counted how many sheets or pages there should be."""
    SCANNED_TWICE = "capture.scanned-twice"
    """A sheet looks like one that was fed before (facts: feed, sheet, first_feed, first_sheet)."""
    SIDES_UNEQUAL = "duplex.sides-unequal"
    """As many backs as fronts are needed (facts: fronts, backs)."""
    STACK_REVERSED = "duplex.stack-reversed"
    """The backs come in the other order than was said (fact: by, numbers or show-through)."""
    BACKS_UPSIDE_DOWN = "duplex.backs-upside-down"
    """The backs stand on their heads: turned over the other edge (facts: upside_down, upright)."""
    FRONTS_AGAIN = "duplex.fronts-again"
    """What was fed as backs are the fronts once more (fact: sheets)."""
    STACK_UNTOLD = "duplex.stack-untold"
    """Nothing on the pages tells whether the order of the backs is right."""
    FLIP_UNTOLD = "duplex.flip-untold"
    """Nothing on the pages tells whether the backs are the right way up."""
    TWO_CODES = "separation.two-codes"
    """A sheet carries two different codes that separate; the first one counts (fact: sheet)."""
    WRITTEN_SEPARATOR = "separation.written-separator"
    """The other side of a separator sheet isn't blank, and goes with it (fact: sheet)."""
    UNEVEN_PART = "separation.uneven-part"
    """A part has another number of pages than was set (facts: part, expected, found)."""
    BEFORE_FIRST = "separation.before-first"
    """Pages came before the first separator; they stand in a part without a key (fact: pages)."""
    EMPTY_PART = "separation.empty-part"
    """A separator is followed by no page of its own (fact: part)."""


@dataclass(frozen=True)
class Finding:
    """Something that a person should know of; nothing was changed or removed because of it.

    `pages` are the numbers of the pages concerned, `facts` the circumstances by name.
    """

    code: FindingCode
    pages: tuple[int, ...] = ()
    facts: tuple[tuple[str, Fact], ...] = ()

    def fact(self, name: str) -> Fact:
        """One circumstance. Raises KeyError for a name that this finding doesn't have."""
        return dict(self.facts)[name]


def finding(code: FindingCode, pages: Iterable[int] = (), /, **facts: Fact) -> Finding:
    """A finding with its facts given by name."""
    return Finding(code, tuple(pages), tuple(facts.items()))
