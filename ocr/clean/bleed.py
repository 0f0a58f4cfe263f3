"""What shows through from the other side (hằn mực mặt sau), told from what was written on this one.

Three ways in: the reverse side where it is at hand, mirrored and laid over this one; print that shines
through paper, faint and soft all over; a seal struck on the other side, whose ink comes through in specks and
never as the closed ring that a stamp leaves. Measured on backs of stamped decisions: the largest piece of
such a seal spans 0.35 to 0.75 of it, of a seal struck on this side 0.97 and more, and half of its pieces are
below a millimetre.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Channels = tuple["NDArray[np.uint8]", ...]

_SEAL_MM = (10.0, 60.0)
_NARROWEST_MM = 3.5
_JOIN_MM = 3.2
_AROUND_MM = 5.0


@dataclass(frozen=True)
class BleedParameters:
    """`chroma`: from which a point is coloured. A seal from the other side has at least `pieces` pieces, half
    of them below `speck_mm`, none spanning more than `span` of it. Print from there is lighter than `faint`
    grey levels and softer than `soft_mm` at its edges. `notable`: share of the page from which a mark is
    made."""

    chroma: int = 24
    pieces: int = 15
    speck_mm: float = 1.0
    span: float = 0.86
    faint: int = 70
    soft_mm: float = 0.53
    notable: float = 0.00005


@dataclass(frozen=True)
class BleedThrough:
    """`channels`: the page without what came through; `share` of its points were whitened. `sure`: 0..1."""

    channels: Channels
    share: float
    sure: float
    notable: bool


def find_bleed_through(
    channels: Channels,
    dpi: int,
    parameters: BleedParameters = BleedParameters(),
    reverse: "NDArray[np.uint8] | None" = None,
) -> BleedThrough:
    """Takes off a whitened page (one channel, or R, G, B) what belongs to the other side.

    `reverse` is the other side as it was captured (grey or R, G, B), at the same dpi.
    """
    import cv2
    import numpy as np

    darkest = channels[0] if len(channels) == 1 else cv2.min(cv2.min(channels[0], channels[1]), channels[2])
    through = np.zeros(darkest.shape, bool)
    sure = 1.0
    if reverse is not None:
        through |= _under(reverse, np.asarray(darkest, np.uint8), parameters)
    elif len(channels) == 3:
        through |= _struck_seals(channels, dpi, parameters)
        sure = 0.8 if through.any() else 1.0
    if not (darkest[~through] < 255 - 2 * parameters.faint).any():
        through |= _soft_print(np.asarray(darkest, np.uint8), dpi, parameters)
    share = float(through.mean())
    if share == 0.0:
        return BleedThrough(channels, 0.0, 1.0, notable=False)
    clean = tuple(np.where(through, np.uint8(255), channel) for channel in channels)
    return BleedThrough(clean, share, sure, notable=share >= parameters.notable)


def _struck_seals(
    channels: "Sequence[NDArray[np.uint8]]", dpi: int, parameters: BleedParameters
) -> "NDArray[np.bool_]":
    """The points of coloured clusters of a seal's size that fell apart into specks."""
    import cv2
    import numpy as np

    red, green, blue = channels
    chroma = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    coloured = (np.asarray(chroma) > parameters.chroma).astype(np.uint8)
    through = np.zeros(coloured.shape, bool)
    px = dpi / 25.4
    join = max(3, round(_JOIN_MM * px))
    joined = cv2.morphologyEx(coloured, cv2.MORPH_CLOSE, np.ones((join, join), np.uint8))
    _, clusters, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for label in range(1, len(stats)):
        x, y, width, height = (int(value) for value in stats[label, :4])
        if (
            not (_SEAL_MM[0] <= max(width, height) / px <= _SEAL_MM[1])
            or min(width, height) < _NARROWEST_MM * px
        ):
            continue
        area = slice(y, y + height), slice(x, x + width)
        own = coloured[area] * (clusters[area] == label)
        if _is_specks(own.astype(np.uint8), px, parameters):
            # A part of the ring may not have come through at all: its colour counts in the whole square.
            side = max(width, height) + round(_AROUND_MM * px)
            wide = (
                slice(max(0, y + height - side), y + side),
                slice(max(0, x + width - side), x + side),
            )
            pale = (np.asarray(chroma)[wide] > parameters.chroma // 3).astype(np.uint8)
            through[wide] |= cv2.dilate(pale, np.ones((5, 5), np.uint8)) > 0
    return through


def _is_specks(ink: "NDArray[np.uint8]", px: float, parameters: BleedParameters) -> bool:
    import cv2
    import numpy as np

    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count - 1 < parameters.pieces:
        return False
    lengths = np.maximum(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
    broken = lengths.max() < parameters.span * max(ink.shape)
    return bool(broken and np.median(lengths) < parameters.speck_mm * px)


def _soft_print(darkest: "NDArray[np.uint8]", dpi: int, parameters: BleedParameters) -> "NDArray[np.bool_]":
    """The faint ink of a page that has no other, where its edges are soft all over."""
    import cv2
    import numpy as np

    calm = cv2.GaussianBlur(darkest, (0, 0), max(0.5, dpi / 250))
    depth = 255.0 - np.asarray(calm, np.float32)
    ink = depth > 8
    if not ink.any():
        return np.zeros(darkest.shape, bool)
    # The darkest stroke and the steepest edge tell: a pencil leaves both on a page of much faint texture.
    strongest = float(depth.max())
    core = cv2.dilate((depth > strongest / 2).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    slope = np.hypot(cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1)) / 8
    steepest = float(slope[core].max())
    width_mm = strongest / max(steepest, 0.1) * 25.4 / dpi
    soft = strongest < parameters.faint and width_mm > parameters.soft_mm
    return ink if soft else np.zeros(darkest.shape, bool)


def _under(
    reverse: "NDArray[np.uint8]", darkest: "NDArray[np.uint8]", parameters: BleedParameters
) -> "NDArray[np.bool_]":
    """The faint points of this side that lie over ink of the mirrored other one, moved to fit."""
    import cv2
    import numpy as np

    grey = reverse if reverse.ndim == 2 else reverse.min(axis=2)
    height, width = darkest.shape
    mirrored = cv2.flip(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), 1)
    small = [
        255.0 - np.asarray(cv2.resize(side, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.float32)
        for side in (mirrored, darkest)
    ]
    (dx, dy), response = cv2.phaseCorrelate(small[0], small[1])
    if response < 0.02 or max(abs(dx), abs(dy)) > 0.05 * width:
        dx = dy = 0.0
    move = np.array([[1, 0, 4 * dx], [0, 1, 4 * dy]], np.float32)
    moved = cv2.warpAffine(mirrored, move, (width, height), borderValue=255)
    reach = np.ones((7, 7), np.uint8)
    over = cv2.dilate((moved < 160).astype(np.uint8), reach) > 0
    faint = (darkest > 255 - 2 * parameters.faint) & (darkest < 250)
    return np.asarray(over & faint, bool)
