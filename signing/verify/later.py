"""What followed each signature, judged by what it allows (các lần ghi thêm)."""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.errors import SigningError
from signing.verify.changes import Difference, Event, compare
from signing.verify.document import OpenedPdf, SignedField, read
from signing.verify.quirks import Quirk
from signing.verify.verdict import Changes

if TYPE_CHECKING:
    import mmap
    from collections.abc import Sequence

    import pikepdf

_BLANKS = b"\x00\t\n\x0c\r "
_OBJECT = re.compile(rb"\d+[\x00\t\n\x0c\r ]+\d+[\x00\t\n\x0c\r ]+obj\b")
_START = re.compile(rb"startxref\s+(\d{1,12})")
_PIECE = 1 << 16


@dataclass(frozen=True)
class Later:
    """The verdict on what followed a signature, its reason and quirks, and the fields signed since."""

    changes: Changes
    reason: str
    quirks: tuple[Quirk, ...] = ()
    signed: frozenset[str] = frozenset()
    filled: tuple[str, ...] = ()


def later_of(document: OpenedPdf, signatures: "Sequence[SignedField]") -> list[Later]:
    """For each signature (in the order of their ranges) what followed it.

    Each signed revision is compared with the next one only, the last with the file as it is: what an earlier
    signature has to suffer is the sum of the steps after it.
    """
    ends = sorted({one.coverage.end for one in signatures if one.coverage})
    starts = {one.coverage.end: one.coverage.start for one in signatures if one.coverage}
    steps = _steps(document, [(starts[end], end) for end in ends])
    since: dict[int, Difference] = {}
    total = Difference()
    for end, step in zip(reversed(ends), reversed(steps), strict=True):
        total = step + total
        since[end] = total
    return [_judged(document, one, since) for one in signatures]


def _judged(document: OpenedPdf, signature: SignedField, since: dict[int, Difference]) -> Later:
    if signature.coverage is None:
        return Later(Changes.SUSPICIOUS, "coverage")
    difference = since[signature.coverage.end]
    if signature.removed:
        return Later(Changes.SUSPICIOUS, "signature-removed")
    if difference.bad:
        return Later(Changes.SUSPICIOUS, difference.bad)
    follows = _follows(document.data, signature.coverage.end)
    if not follows:
        return Later(Changes.NONE, "changes-none")
    return _by_permission(signature, difference)


def _by_permission(signature: SignedField, difference: Difference) -> Later:
    """Filling in, notes and further signatures, by what a certification allows (ISO 32000-1 table 254)."""
    kinds = {event for event, _ in difference.events}
    filled = tuple(sorted(name for event, name in difference.events if event is Event.FILLED))
    quirks = [Quirk.LATER_REVISIONS]
    if Event.ANNOTATED in kinds:
        if signature.docmdp != 3:
            return Later(Changes.SUSPICIOUS, "new-annotation")
        quirks.append(Quirk.ANNOTATED_AS_ALLOWED)
    if filled:
        if signature.docmdp == 1:
            return Later(Changes.SUSPICIOUS, "filled-though-forbidden")
        if any(_is_locked(signature, name) for name in filled):
            return Later(Changes.SUSPICIOUS, "locked-field")
        quirks.append(Quirk.FILLED_LATER)
    if signature.docmdp == 1 and kinds & {Event.SIGNED, Event.FIELD_ADDED}:
        quirks.append(Quirk.CERTIFIED_THEN_SIGNED)
    signed = frozenset(name for event, name in difference.events if event is Event.SIGNED)
    return Later(Changes.HARMLESS, "changes-harmless", tuple(quirks), signed, filled)


def _is_locked(signature: SignedField, name: str) -> bool:
    if signature.locked is None:
        return False
    action, names = signature.locked
    listed = any(name == one or name.startswith(f"{one}.") for one in names)
    return {"/All": True, "/Include": listed, "/Exclude": not listed}.get(action, False)


def _steps(document: OpenedPdf, revisions: list[tuple[int, int]]) -> list[Difference]:
    """The difference of each signed revision to the next, and of the last to the whole file."""
    if not revisions:
        return []
    found: list[Difference] = []
    hidden = _hidden(document, revisions[-1])
    with ExitStack() as closing:
        earlier: pikepdf.Pdf | None = None
        for place, (start, end) in enumerate(revisions):
            last = place == len(revisions) - 1
            if place == 0 and last and not _follows(document.data, end):
                return [Difference(hidden)]
            before = earlier if earlier is not None else _opened(document, start, end, closing)
            if last:
                follows = _follows(document.data, end)
                step = _compared(document, start, before, document.pdf) if follows else Difference()
                found.append(Difference(hidden) + step)
            else:
                earlier = _opened(document, *revisions[place + 1], closing)
                found.append(_compared(document, start, before, earlier))
    return found


def _opened(document: OpenedPdf, start: int, end: int, closing: ExitStack) -> "pikepdf.Pdf | None":
    try:
        return closing.enter_context(read(document.data, start, end))
    except SigningError:
        return None


def _compared(
    document: OpenedPdf, start: int, before: "pikepdf.Pdf | None", after: "pikepdf.Pdf | None"
) -> Difference:
    if before is None or after is None:
        return Difference("unreadable")
    return compare(before, after, same_start=start == document.header)


def _follows(data: "mmap.mmap", end: int) -> bool:
    """Whether anything but blanks follows."""
    return any(data[at : at + _PIECE].strip(_BLANKS) for at in range(end, len(data), _PIECE))


def _hidden(document: OpenedPdf, revision: tuple[int, int]) -> str:
    """Objects where no cross-reference leads: a reader that repairs files might show them.

    They stand before %PDF, or after the last signed revision without a cross-reference table of their own.
    """
    data, (start, end) = document.data, revision
    if _OBJECT.search(data, 0, start):
        return "hidden-objects"
    first = _OBJECT.search(data, end)
    if first is None:
        return ""
    starts = list(_START.finditer(data, end))
    if not starts or int(starts[-1].group(1)) + document.header < end:
        return "hidden-objects"
    return "hidden-objects" if _OBJECT.search(data, starts[-1].end()) else ""


def junk_after_end(document: OpenedPdf) -> bool:
    """Whether bytes that aren't blank stand after the last %%EOF."""
    data = document.data
    last = data.rfind(b"%%EOF")
    return last >= 0 and _follows(data, last + 5)
