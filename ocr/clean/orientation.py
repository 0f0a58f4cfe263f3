"""Which way up a page stands (chiều của trang): 0, 90, 180 or 270 degrees.

An upright page costs nothing here: reading it is the look that tells. Only a page that reads badly is tried
the other ways, on a strip of its densest lines, and is turned only when another way reads clearly better.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.clean.geometry import straightened, turned
from ocr.clean.skew import measure_skew, profile_energy, text_mask
from ocr.page import Word, mean_confidence
from ocr.suggesting.syllable import is_syllable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SURE = 80.0
_ENOUGH_LETTERS = 12
_STRIP_INCHES = 1.8
_SIDEWAYS_TIMES = 1.5


@dataclass(frozen=True)
class OrientationParameters:
    """A page is turned when the other way reads with at least `good_enough` confidence and `clearly_better`
    than the way it lies."""

    good_enough: float = 60.0
    clearly_better: float = 15.0


@dataclass(frozen=True)
class Orientation:
    """`turned`: degrees clockwise that put the page upright. `doubtful`: another way may be right, left
    alone. `sure`: 0..1."""

    turned: int
    doubtful: bool
    sure: float = 1.0


def lies_on_its_side(mask: "NDArray[np.uint8]") -> bool:
    """Whether the ink of a `text_mask` lines up in columns rather than in rows."""
    across, upright = profile_energy(mask)
    return upright > _SIDEWAYS_TIMES * across > 0.0


def legibility(words: Sequence[Word]) -> float:
    """How well words read across, 0..100, 0.0 when there are hardly any: their mean confidence, of which half
    counts only for those that may be Vietnamese syllables.

    A net for lines is as sure as 87 of print on its head, and 99 of print that stands; but on its head hardly
    a word of it could be said. Lines that run up or down are found, too; words higher than wide tell of them.
    """
    lettered = [word for word in words if sum(letter.isalpha() for letter in word.text) > 2]
    across = [word for word in lettered if word.box[2] - word.box[0] > word.box[3] - word.box[1]]
    if sum(len(word.text) for word in across) < _ENOUGH_LETTERS or 2 * len(across) < len(lettered):
        return 0.0
    possible = [word for word in across if is_syllable("".join(filter(str.isalpha, word.text)))]
    share = sum(len(word.text) for word in possible) / sum(len(word.text) for word in across)
    return mean_confidence(across) * (1 + share) / 2


def find_orientation(
    grey: "NDArray[np.uint8]",
    dpi: int,
    read: "Callable[[NDArray[np.uint8], int], Sequence[Word]]",
    *,
    sideways: bool,
    parameters: OrientationParameters = OrientationParameters(),
) -> Orientation:
    """The way up of a doubtful page, by reading a strip of it with `read(grey, dpi)` in every direction.

    The two directions along which its ink lines up (`sideways` or not) come first; when one of them reads
    well, the others aren't tried.
    """
    marks = {0: 0.0}
    likely, unlikely = ((90, 270), (0, 180)) if sideways else ((0, 180), (90, 270))
    for directions in (likely, unlikely):
        for degrees in directions:
            marks[degrees] = legibility(read(_strip(turned(grey, degrees), dpi), dpi))
        if max(marks.values()) >= parameters.good_enough:
            break
    best = max(marks, key=lambda degrees: marks[degrees])
    if best == 0:
        return Orientation(0, doubtful=False, sure=marks[0] / 100)
    if marks[best] >= parameters.good_enough and marks[best] - marks[0] >= parameters.clearly_better:
        return Orientation(best, doubtful=False, sure=marks[best] / 100)
    return Orientation(0, doubtful=True, sure=0.0)


def _strip(grey: "NDArray[np.uint8]", dpi: int) -> "NDArray[np.uint8]":
    """The 1.8 inches of the page with the most text-sized ink, straightened."""
    import numpy as np

    mask = text_mask(grey, dpi)
    scale = grey.shape[0] / mask.shape[0]
    window = max(1, min(mask.shape[0], round(_STRIP_INCHES * dpi / scale)))
    ink = np.concatenate([[0], np.cumsum(mask.astype(np.float64).sum(axis=1))])
    top = int(np.argmax(ink[window:] - ink[:-window]))
    strip = grey[round(top * scale) : round((top + window) * scale)]
    return straightened(np.ascontiguousarray(strip), measure_skew(text_mask(strip, dpi)).angle_deg)
