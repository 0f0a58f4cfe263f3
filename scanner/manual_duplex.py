"""Both sides on a scanner that sees one (quét hai mặt thủ công): all fronts, then, turned over, all backs.

Sides are put in order before anyone marks a blank one: a blank back that is gone would shift all the others.
What went wrong at the feeder is told from the images where they tell, and it is said where they don't.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from scanner.captured import Finding, FindingCode, finding
from scanner.errors import ScanError, ScanFault
from scanner.inkmap import ink_map
from scanner.likeness import NOTHING, SAME_SHEET, distance, fingerprint_of
from scanner.show_through import SHINES, Shine, Through, shine_of, shines_through
from scanner.text_direction import upside_down

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

T = TypeVar("T")

Flip = Literal["long-edge", "short-edge"]
"""The edge over which the stack was turned (cạnh lật). Over the short one, backs come out on their heads."""

Stack = Literal["reversed", "same"]
"""The order of the backs (thứ tự mặt sau): a stack turned over as it lies gives the last back first."""


@dataclass(frozen=True)
class Placed(Generic[T]):
    """A side where it belongs: its sheet from 1, side 1 or 2, and the degrees that turn it upright."""

    image: T
    sheet: int
    side: int
    turn_deg: int = 0


@dataclass(frozen=True, eq=False)
class Look:
    """What one image tells (dấu hiệu trên ảnh); a few hundred kB, so that a whole stack can be held.

    `number` is the page's own, `printed` the page number that was read on it, where one was.
    """

    number: int
    likeness: str
    upside_down: bool | None
    shine: Shine
    printed: int | None = None


def look(image: npt.NDArray[np.uint8], dpi: int, number: int, printed: int | None = None) -> Look:
    """Look at one page image, (H, W, 3) RGB or (H, W) uint8 at `dpi`; some 50 ms for A4."""
    seen = ink_map(image, dpi)
    return Look(number, fingerprint_of(seen), upside_down(seen), shine_of(seen), printed)


def interleave(
    fronts: Sequence[T], backs: Sequence[T], flip: Flip = "long-edge", stack: Stack = "reversed"
) -> tuple[Placed[T], ...]:
    """The sides in the order of the paper, both given in the order in which they were fed.

    Raises ScanError `scan.sides-unequal` unless there is a back to every front: one side too few would put
    every later back behind the wrong front.
    """
    if len(fronts) != len(backs):
        raise ScanError(ScanFault.SIDES_UNEQUAL, fronts=len(fronts), backs=len(backs))
    turn = 180 if flip == "short-edge" else 0
    ordered: list[Placed[T]] = []
    for sheet, (front, back) in enumerate(zip(fronts, _stacked(backs, stack), strict=True), start=1):
        ordered += [Placed(front, sheet, 1), Placed(back, sheet, 2, turn)]
    return tuple(ordered)


def check(
    fronts: Sequence[Look],
    backs: Sequence[Look],
    flip: Flip = "long-edge",
    stack: Stack = "reversed",
) -> tuple[Finding, ...]:
    """What looks wrong before the sides are interleaved as `flip` and `stack` say; nothing looks wrong: ().

    The way up is told by the lines of print; the order by page numbers where they were read, else by what
    shines through the paper. Blank backs and white card tell nothing, and `…-untold` says so.
    """
    if not fronts and not backs:
        return ()
    if (again := _fronts_again(fronts, backs)) is not None:
        return (again,)
    found = []
    if len(fronts) != len(backs):
        numbers = (one.number for one in backs)
        found.append(finding(FindingCode.SIDES_UNEQUAL, numbers, fronts=len(fronts), backs=len(backs)))
        return (*found, *_flip_findings(fronts, backs, (), flip))
    pairs = tuple(
        (front, back, shines_through(front.shine, back.shine))
        for front, back in zip(fronts, _stacked(backs, stack), strict=True)
    )
    return (*_stack_findings(fronts, backs, pairs, stack), *_flip_findings(fronts, backs, pairs, flip))


_Pair = tuple[Look, Look, Through]


def _stacked(backs: Sequence[T], stack: Stack) -> Sequence[T]:
    return backs[::-1] if stack == "reversed" else backs


def _fronts_again(fronts: Sequence[Look], backs: Sequence[Look]) -> Finding | None:
    """Most of the printed backs are fronts that were seen: the stack was not turned over."""
    printed = [back for back in backs if back.likeness != NOTHING]
    again = [
        back
        for back in printed
        if any(distance(front.likeness, back.likeness) <= SAME_SHEET for front in fronts)
    ]
    if not again or len(again) * 2 <= len(printed):
        return None
    return finding(FindingCode.FRONTS_AGAIN, (back.number for back in again), sheets=len(again))


def _stack_findings(
    fronts: Sequence[Look], backs: Sequence[Look], pairs: Sequence[_Pair], stack: Stack
) -> Iterator[Finding]:
    if len(fronts) < 2:
        return
    other: Stack = "same" if stack == "reversed" else "reversed"
    crossed = list(zip(fronts, _stacked(backs, other), strict=True))
    numbers = (one.number for one in backs)
    right, wrong = _follow((front, back) for front, back, _ in pairs), _follow(crossed)
    if right != wrong:
        if wrong > right:
            yield finding(FindingCode.STACK_REVERSED, numbers, by="numbers")
        return
    shining, crossing = 0.0, 0.0
    for (front, back, through), (_, opposite) in zip(pairs, crossed, strict=True):
        if back is opposite:
            continue
        crosses = shines_through(front.shine, opposite.shine).best
        if max(through.best, crosses) >= SHINES:
            shining += through.best
            crossing += crosses
    if crossing > 1.2 * shining:
        yield finding(FindingCode.STACK_REVERSED, numbers, by="show-through")
    elif shining <= 1.2 * crossing:
        yield finding(FindingCode.STACK_UNTOLD, numbers)


def _follow(pairs: Iterator[tuple[Look, Look]] | Sequence[tuple[Look, Look]]) -> int:
    """How many backs carry the page number after their front's."""
    return sum(front.printed is not None and back.printed == front.printed + 1 for front, back in pairs)


def _flip_findings(
    fronts: Sequence[Look], backs: Sequence[Look], pairs: Sequence[_Pair], flip: Flip
) -> Iterator[Finding]:
    """Backs are judged against the fronts: a stack that was fed feet first has both on their heads."""
    if all(back.likeness == NOTHING and back.upside_down is None for back in backs):
        return
    heads = [front.upside_down for front in fronts if front.upside_down is not None]
    fronts_down = 2 * sum(heads) > len(heads)
    wanted = fronts_down if flip == "long-edge" else not fronts_down
    told = [back for back in backs if back.upside_down is not None]
    if not told:
        yield from _flip_by_shine(backs, pairs, flip)
        return
    wrong = [back for back in told if back.upside_down is not wanted]
    if len(wrong) * 2 > len(told):
        yield finding(
            FindingCode.BACKS_UPSIDE_DOWN,
            (back.number for back in wrong),
            upside_down=len(wrong),
            upright=len(told) - len(wrong),
        )


def _flip_by_shine(backs: Sequence[Look], pairs: Sequence[_Pair], flip: Flip) -> Iterator[Finding]:
    """Without lines of print on the backs: over which edge were they turned, by what shines through?"""
    numbers = [back.number for back in backs]
    shining = [through for _, _, through in pairs if through.best >= SHINES]
    over_long = sum(through.long_edge > through.short_edge for through in shining)
    over_short = len(shining) - over_long
    if over_long == over_short:
        yield finding(FindingCode.FLIP_UNTOLD, numbers)
        return
    right, wrong = (over_long, over_short) if flip == "long-edge" else (over_short, over_long)
    if wrong > right:
        yield finding(FindingCode.BACKS_UPSIDE_DOWN, numbers, upside_down=wrong, upright=right)
