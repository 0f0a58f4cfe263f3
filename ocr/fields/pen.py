"""Telling print from handwriting where both can stand (chữ in hay chữ viết tay).

Digits set by a machine are as tall as the capitals and digits beside them, all of one height on one line, and
have the same strokes and ink; a pen keeps none of these. Print that was filled in later may stand a little
higher or lower than the rest of its line.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from ocr.page import Box, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_THINNEST = 0.6
_OTHER_INK = 28
"""Levels between the hues of two inks: a pen's thin blue loses half of its hue to the paper at its edges, and
prints beside each other on one paper differ by 5."""
_MARGIN = 0.15


_Hue = tuple[float, float]
"""Red and blue of an ink less its green, in levels, with the paper at its edges mixed in."""


@dataclass(frozen=True)
class _Glyph:
    """A connected piece of ink in px: its upper and lower edge, the width of its strokes, its hue.

    `cut` tells that it goes on beyond the box it was looked for in.
    """

    top: int
    bottom: int
    stroke: float
    hue: "_Hue"
    cut: bool

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True)
class _Type:
    """The type of a line in px: height of its capitals, the line they stand on, their strokes, their hue."""

    height: float
    foot: float
    stroke: float
    hue: _Hue


@dataclass(frozen=True)
class _Leeway:
    """How far digits may be from the type beside them, in heights of its capitals."""

    lowest: float
    highest: float
    off_line: float
    heaviest: float


_MANY = _Leeway(lowest=0.82, highest=1.2, off_line=0.45, heaviest=1.5)
_FEW = _Leeway(lowest=0.9, highest=1.12, off_line=0.3, heaviest=1.35)
"""One or two digits written by hand may happen to be of one height, so less is allowed."""


class Print:
    """The picture that words were read from; decoded when it is first asked."""

    def __init__(self, decoded: "Callable[[], NDArray[np.uint8]]") -> None:
        """`decoded` gives the visible image, R, G, B or grey, in the px that the words' boxes are in."""
        self._decoded = decoded

    @functools.cached_property
    def _pixels(self) -> "NDArray[np.uint8]":
        return self._decoded()

    def typed(
        self,
        words: Sequence[Word],
        beside: Iterable[Word],
        *,
        bold: bool = False,
        apart: bool = False,
        behind: Word | None = None,
    ) -> bool:
        """Whether `words`, digits, are print like the words `beside` them, or its bold cut when `bold`.

        `apart` asks for one glyph a digit where there are only two: slanted dates may touch their neighbours.
        Nothing as tall as a digit may stand between `behind` and the first of them: it would not have been
        read, and the number would lack it.
        """
        type_ = _type_of([glyph for word in beside for glyph in self._glyphs(word.box)])
        if type_ is None:
            return False
        least = 0.5 * type_.height
        own = [glyph for word in words for glyph in self._digits(word, least)]
        if not own or (behind is not None and self._is_unread(behind, words[0], least)):
            return False
        leeway = _MANY if len(own) > 2 else _FEW
        if apart and leeway is _FEW and len(own) < sum(_digit_count(word) for word in words):
            return False  # a pen runs two digits into one; type keeps them apart
        heaviest = leeway.heaviest * (1.35 if bold else 1.0)
        even = 0.1 * type_.height + 1.5
        feet, heights = [glyph.bottom for glyph in own], [glyph.height for glyph in own]
        return (
            max(feet) - min(feet) <= even
            and max(heights) - min(heights) <= even
            and abs(median(feet) - type_.foot) <= leeway.off_line * type_.height
            and all(leeway.lowest <= height / type_.height <= leeway.highest for height in heights)
            and all(_THINNEST <= glyph.stroke / type_.stroke <= heaviest for glyph in own)
            and not any(_is_of_a_pen(glyph.hue, type_.hue) for glyph in own)
        )

    def _is_unread(self, left: Word, right: Word, least: float) -> bool:
        """Whether anything of at least that height in px stands whole between two words of a line."""
        x0, x1 = left.box[2], right.box[0]
        box = (x0, min(left.box[1], right.box[1]), x1, max(left.box[3], right.box[3]))
        return x1 > x0 and any(glyph.height >= least and not glyph.cut for glyph in self._glyphs(box))

    def _digits(self, word: Word, least: float) -> list[_Glyph]:
        """The glyphs of a word's digits; of 441/QĐ-UBND cut in two, as many as stand before the slash."""
        tall = [glyph for glyph in self._glyphs(word.box) if glyph.height >= least and not glyph.cut]
        before, slash, _ = word.text.partition("/")
        return tall[: sum(map(str.isalnum, before))] if slash else tall

    def _glyphs(self, box: Box) -> list[_Glyph]:
        import cv2
        import numpy as np

        x0, y0, x1, y1 = box
        grow = round(_MARGIN * (y1 - y0))
        top, left = max(y0 - grow, 0), max(x0 - 2, 0)
        cut = self._pixels[top : y1 + grow, left : x1 + 2]
        if cut.size == 0:
            return []
        dark = np.ascontiguousarray(cut.min(axis=2) if cut.ndim == 3 else cut)
        level, ink = cv2.threshold(dark, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
        if level <= 0:
            return []
        count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        glyphs = []
        for number in range(1, count):
            x, y, width, height, area = (int(value) for value in stats[number])
            if height < 0.2 * (y1 - y0) or area < 6:
                continue
            mask = labels == number
            stroke = _stroke(mask, area)
            beyond = x == 0 or x + width == cut.shape[1]
            glyph = _Glyph(top + y, top + y + height, stroke, _hue_of(cut, mask), beyond)
            glyphs.append((x, glyph))
        return [glyph for _, glyph in sorted(glyphs, key=lambda placed: placed[0])]


def _digit_count(word: Word) -> int:
    """How many digits a word shows before its slash; at most two matter."""
    return min(sum(map(str.isdigit, word.text.partition("/")[0])), 2)


def _type_of(glyphs: Sequence[_Glyph]) -> _Type | None:
    """Capitals, digits and tall letters on the line; marks, dashes, slashes, tails are left out."""
    if not glyphs:
        return None
    tallest = max(glyph.height for glyph in glyphs)
    foot = median(glyph.bottom for glyph in glyphs if glyph.height >= 0.35 * tallest)
    standing = [glyph for glyph in glyphs if abs(glyph.bottom - foot) <= 0.1 * tallest]
    if not standing:
        return None
    highest = max(glyph.height for glyph in standing)
    tall = [glyph for glyph in standing if glyph.height >= 0.85 * highest]
    return _Type(
        float(median(glyph.height for glyph in tall)),
        float(foot),
        float(median(glyph.stroke for glyph in tall)),
        (median(glyph.hue[0] for glyph in tall), median(glyph.hue[1] for glyph in tall)),
    )


def _stroke(mask: "NDArray[np.bool_]", area: int) -> float:
    """The mean width of a glyph's strokes in px: its ink over half the length of its outline."""
    import cv2
    import numpy as np

    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    length = sum(float(cv2.arcLength(outline, closed=True)) for outline in outlines)
    return 2 * area / max(length, 1.0)


def _hue_of(cut: "NDArray[np.uint8]", mask: "NDArray[np.bool_]") -> _Hue:
    if cut.ndim != 3:
        return 0.0, 0.0
    red, green, blue = (float(level) for level in cut[mask].mean(axis=0))
    return red - green, blue - green


def _is_of_a_pen(own: _Hue, beside: _Hue) -> bool:
    """Whether the ink is another one and has more colour: black digits behind coloured labels are print."""
    apart = max(abs(own[0] - beside[0]), abs(own[1] - beside[1]))
    return apart > _OTHER_INK and _colour(own) > _colour(beside)


def _colour(hue: _Hue) -> float:
    return max(*hue, 0.0) - min(*hue, 0.0)
