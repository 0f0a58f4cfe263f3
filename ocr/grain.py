"""The grain of paper told from what is on it (hạt giấy): laid level where nothing else is, so that no byte is
spent on it.

Paper keeps its colour, its shadows and its clouds; print, seals, stains and the faintest pencil keep every
level. Nothing is whitened, moved or removed: only what changes from point to point by no more than the noise
of the sensor is smoothed, as any coder does, but before and not after bytes were given to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BAND = 256
_MARGIN = 4
_INK_DEPTH = 8
_NEAR_PX, _WIDE_PX = 9, 41
_SOFT_PX = 1.0
# What smoothing by `_SOFT_PX` leaves of noise, times the standard deviation that belongs to a median.
_LEFT_OF_NOISE = 0.3 * 1.4826
_DOUBTFUL, _CERTAIN = 4.0, 8.8
_LEAST_DEPTH = 0.8
_HUE_DEPTH, _COLOURED = 3, 14
_COLOUR_MARGIN_PX = 5
# Levels of hue summed up over a patch at a quarter of the page's size: letters stay below 70 however their
# edges shimmer, a crumb of a seal has several hundred, a whole one 400,000.
_CRUMB, _MUCH = 80, 6000


@dataclass(frozen=True)
class Calm:
    """A page ready for a JPEG coder: `planes` uint8, height × width (grey) or height × width × 3 (Y, Cb, Cr
    of JFIF); `coloured` when there is so much ink of a hue of its own that its colour is worth finer
    steps."""

    planes: "NDArray[np.uint8]"
    coloured: bool


def without_grain(pixels: "NDArray[np.uint8]") -> Calm:
    """`pixels` (uint8, grey or R, G, B) on level paper.

    Colour is kept coarsely, a value for 4 × 4 px, except where coloured ink lies: the fringes that a scanner
    leaves on black print aren't worth more.
    """
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    even = pixels
    if height % 2 or width % 2:
        even = np.asarray(
            cv2.copyMakeBorder(pixels, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8
        )
    if even.ndim == 2:
        even = even.copy() if even is pixels else even
        halves = [_halved(even)]
        papers = _paper([_halved(halves[0])])
        _levelled(even, papers[0], _weight(halves[0], papers[0]))
        return Calm(even[:height, :width], coloured=False)
    luma, red, blue = (
        np.asarray(plane, np.uint8) for plane in cv2.split(cv2.cvtColor(even, cv2.COLOR_RGB2YCrCb))
    )
    del even  # a page is 26 MB
    halves = [_halved(plane) for plane in (luma, red, blue)]
    quarters = [_halved(plane) for plane in halves]
    papers = _paper(quarters)
    hue = _hue(quarters[1:], papers[1:])
    tinged = cv2.resize(_ramp(hue, _HUE_DEPTH, 2 * _HUE_DEPTH), halves[0].shape[1::-1])
    weight = np.asarray(cv2.max(_weight(halves[0], papers[0]), tinged), np.float32)
    _levelled(luma, papers[0], weight)
    areas, amount = _coloured_areas(hue)
    coarse = cv2.resize(weight, quarters[0].shape[1::-1], interpolation=cv2.INTER_AREA)
    chroma = []
    for index, whole in ((2, blue), (1, red)):  # Y, Cb, Cr is the order of JFIF
        few = cv2.blendLinear(quarters[index].astype(np.float32), papers[index], coarse, 1 - coarse)
        calm = cv2.resize(np.rint(few).astype(np.uint8), whole.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        for (rows, columns), ink in areas:
            place = whole[rows, columns]
            # An image of a few px ends before its quarters do.
            cv2.copyTo(place, ink[: place.shape[0], : place.shape[1]], calm[rows, columns])
        chroma.append(calm)
    planes = np.asarray(cv2.merge([luma, *chroma]), np.uint8)
    return Calm(planes[:height, :width], coloured=amount >= _MUCH)


def _halved(plane: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    import cv2
    import numpy as np

    height, width = plane.shape
    size = max(1, width // 2), max(1, height // 2)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


def _paper(quarters: "Sequence[NDArray[np.uint8]]") -> "list[NDArray[np.float32]]":
    """The paper around every point, plane by plane (float32, at a quarter of the page's size): the mean of
    what is next to it and isn't ink."""
    import cv2
    import numpy as np

    luma = quarters[0]
    light = cv2.medianBlur(cv2.dilate(luma, np.ones((7, 7), np.uint8)), 5)
    ink = cv2.threshold(cv2.subtract(light, luma), _INK_DEPTH, 1, cv2.THRESH_BINARY)[1]
    bare = (1 - cv2.dilate(ink, np.ones((3, 3), np.uint8))).astype(np.float32)
    near_share = cv2.blur(bare, (_NEAR_PX, _NEAR_PX))
    wide_share = cv2.blur(near_share, (_WIDE_PX, _WIDE_PX))
    nearness = np.clip(near_share * 10, 0, 1)
    papers = []
    for plane in quarters:
        near = cv2.blur(plane * bare, (_NEAR_PX, _NEAR_PX))
        wide = cv2.blur(near, (_WIDE_PX, _WIDE_PX)) / np.maximum(wide_share, 1e-3)
        found = nearness * near / np.maximum(near_share, 1e-3) + (1 - nearness) * wide
        papers.append(np.where(wide_share < 1e-2, plane, found).astype(np.float32))
    return papers


def _weight(half: "NDArray[np.uint8]", paper: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """How surely something lies on the paper, 0..1, at half the page's size.

    Smoothing leaves strokes and takes the noise, so that a stroke far below the noise of a single px shows.
    """
    import cv2
    import numpy as np

    soft = cv2.GaussianBlur(half.astype(np.float32), (0, 0), _SOFT_PX)
    noise = _LEFT_OF_NOISE * float(np.median(np.abs(half[::4, ::4] - soft[::4, ::4])))
    wide = cv2.resize(paper, half.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    apart = np.asarray(cv2.dilate(cv2.absdiff(soft, wide), np.ones((3, 3), np.uint8)), np.float32)
    return _ramp(apart, _DOUBTFUL * noise + _LEAST_DEPTH, _CERTAIN * noise + 2.2 * _LEAST_DEPTH)


def _ramp(values: "NDArray[np.float32]", low: float, high: float) -> "NDArray[np.float32]":
    """0 up to `low`, 1 from `high` on."""
    import numpy as np

    return np.asarray(np.clip((values - low) * (1 / (high - low)), 0, 1), np.float32)


def _hue(
    quarters: "Sequence[NDArray[np.uint8]]", papers: "Sequence[NDArray[np.float32]]"
) -> "NDArray[np.float32]":
    """How far the colour of every point is from that of its paper, in levels, at a quarter of the page's
    size."""
    import cv2
    import numpy as np

    red, blue = (
        cv2.absdiff(plane.astype(np.float32), paper) for plane, paper in zip(quarters, papers, strict=True)
    )
    return np.asarray(cv2.max(red, blue), np.float32)


Area = tuple[tuple[slice, slice], "NDArray[np.uint8]"]
"""Rows and columns of the page, and which of the points there count: not 0."""


def _coloured_areas(hue: "NDArray[np.float32]") -> tuple[list[Area], float]:
    """Where ink of a hue of its own lies, with a margin, and how much of it there is."""
    import cv2
    import numpy as np

    ink = hue > _COLOURED
    near = cv2.dilate(ink.astype(np.uint8), np.ones((_COLOUR_MARGIN_PX, _COLOUR_MARGIN_PX), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    amounts = np.bincount(labels[ink], weights=hue[ink], minlength=count)
    areas, total = [], 0.0
    for index in range(1, count):
        if amounts[index] < _CRUMB:
            continue
        total += float(amounts[index])
        left, top, wide, high = (int(value) for value in stats[index, :4])
        own = (labels[top : top + high, left : left + wide] == index).astype(np.uint8)
        place = slice(4 * top, 4 * (top + high)), slice(4 * left, 4 * (left + wide))
        areas.append((place, cv2.resize(own, (4 * wide, 4 * high), interpolation=cv2.INTER_NEAREST)))
    return areas, total


def _levelled(
    plane: "NDArray[np.uint8]", paper: "NDArray[np.float32]", weight: "NDArray[np.float32]"
) -> None:
    """Lays `paper` into `plane` as far as nothing lies on it; band by band, to need little memory."""
    import cv2
    import numpy as np

    height, width = plane.shape
    level = np.rint(cv2.resize(paper, weight.shape[1::-1], interpolation=cv2.INTER_LINEAR)).astype(np.uint8)
    for top in range(0, height, _BAND):
        bottom = min(height, top + _BAND)
        above = min(_MARGIN, top // 2)
        rows = slice(top // 2 - above, bottom // 2 + _MARGIN)
        share, under = (
            cv2.resize(part, (width, 2 * part.shape[0]), interpolation=cv2.INTER_LINEAR)[
                2 * above : 2 * above + bottom - top
            ]
            for part in (weight[rows], level[rows])
        )
        plane[top:bottom] = cv2.blendLinear(np.ascontiguousarray(plane[top:bottom]), under, share, 1 - share)
