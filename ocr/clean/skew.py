"""How far a page lies askew (độ lệch trang), by two methods that must agree.

First estimate: the projection profile. At the right angle text lines pile up into sharp peaks; the energy
of the differences between neighbouring rows says how sharp (W. Postl, 1986). Second: the direction of the
text lines themselves, after every one has been smeared into a single long blob; on a page with hardly any,
that of its printed rules (`rules`). A straight page is never tilted: without agreement, or without enough
text, the angle is 0.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORKING_DPI = 100
_LEAST_PX = 300
LIMIT_DEG = 15.0
_FINEST_DEG = 0.01
_ENOUGH_POINTS = 300
_ENOUGH_LINES = 3


@dataclass(frozen=True)
class SkewParameters:
    """`agreement_deg`: how far the two estimates may lie apart. Below `negligible_deg` a page is straight.
    `sharp`: energy at the best angle over the usual one, from which the profile is believed; `telling`: from
    which it is believed to say something even where no line confirms it."""

    agreement_deg: float = 0.35
    negligible_deg: float = 0.04
    sharp: float = 1.25
    telling: float = 2.0


@dataclass(frozen=True)
class Skew:
    """`angle_deg`: the counter-clockwise rotation that straightens the page, 0.0 when it is straight or in
    doubt.

    `doubtful`: something seems askew, but the two estimates disagree. `sure`: 0..1.
    """

    angle_deg: float
    doubtful: bool
    sure: float = 1.0


def text_mask(grey: "NDArray[np.uint8]", dpi: int) -> "NDArray[np.uint8]":
    """Text-sized ink of a whitened grey page as 0 or 255; rules, frames, pictures and specks removed.

    It has 100 dpi, more where the short side would have less than 300 px: slips and cards bear small print.
    """
    import cv2
    import numpy as np

    shrink = max(WORKING_DPI / dpi, _LEAST_PX / min(grey.shape))
    small = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else grey
    _, ink = cv2.threshold(small, 175, 255, cv2.THRESH_BINARY_INV)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    text_sized = (longer >= 4) & (longer <= 140) & (shorter <= 40) & (shorter >= 2)
    text_sized[0] = False
    return np.where(text_sized[labels], np.uint8(255), np.uint8(0))


def measure_skew(
    mask: "NDArray[np.uint8]",
    parameters: SkewParameters = SkewParameters(),
    rules: Callable[[], float | None] | None = None,
) -> Skew:
    """The skew of a page whose lines run across, from its `text_mask`.

    `rules` gives the angle of its printed rules in degrees, None without any; it is asked where text lines
    don't tell.
    """
    import numpy as np

    ys, xs = np.nonzero(mask)
    if len(xs) < _ENOUGH_POINTS:
        return Skew(0.0, doubtful=False, sure=0.5)
    angle, sharpness = _by_profile(xs.astype(np.float32), ys.astype(np.float32))
    if sharpness < parameters.sharp:
        return Skew(0.0, doubtful=False, sure=0.3)
    residual = _by_lines(mask, angle)
    if residual is None and rules is not None and abs(angle) > parameters.agreement_deg:
        ruled = rules()
        residual = None if ruled is None else ruled - angle
    if residual is None:
        unclear = sharpness > parameters.telling and abs(angle) > parameters.agreement_deg
        return Skew(0.0, doubtful=unclear, sure=0.0 if unclear else 0.5)
    if abs(residual) > parameters.agreement_deg or abs(angle) >= LIMIT_DEG:
        return Skew(0.0, doubtful=True, sure=0.0)
    sure = max(0.1, 1.0 - abs(residual) / parameters.agreement_deg)
    if abs(angle) < parameters.negligible_deg:
        return Skew(0.0, doubtful=False, sure=sure)
    return Skew(round(angle, 3), doubtful=False, sure=sure)


def profile_energy(mask: "NDArray[np.uint8]") -> tuple[float, float]:
    """How sharply the ink of a `text_mask` piles up into rows and into columns, at the best angle of each.

    Text that runs across has the larger first number, text on its side the larger second.
    """
    import numpy as np

    ys, xs = (values.astype(np.float32) for values in np.nonzero(mask))
    if len(xs) < _ENOUGH_POINTS:
        return 0.0, 0.0
    angles = np.arange(-LIMIT_DEG, LIMIT_DEG + 0.01, 0.75)
    across = max(_energy(xs, ys, float(angle)) for angle in angles)
    upright = max(_energy(ys, xs, float(angle)) for angle in angles)
    return across, upright


def _by_profile(xs: "NDArray[np.float32]", ys: "NDArray[np.float32]") -> tuple[float, float]:
    """(angle in degrees, its energy over the median energy of all angles), coarse first, then halving."""
    import numpy as np

    angles = np.arange(-LIMIT_DEG, LIMIT_DEG + 0.01, 0.5)
    energies = [_energy(xs, ys, float(angle)) for angle in angles]
    best = float(angles[int(np.argmax(energies))])
    top = max(energies)
    step = 0.25
    while step >= _FINEST_DEG:
        for candidate in (best - step, best + step):
            energy = _energy(xs, ys, candidate)
            if energy > top:
                best, top = candidate, energy
        step /= 2
    return best, top / max(float(np.median(energies)), 1e-9)


def _energy(xs: "NDArray[np.float32]", ys: "NDArray[np.float32]", angle_deg: float) -> float:
    """Energy of the profile's differences after a counter-clockwise rotation of the points by `angle_deg`."""
    import numpy as np

    angle = math.radians(angle_deg)
    rows = ys * math.cos(angle) - xs * math.sin(angle)  # four bytes a point, as long as no number has eight
    profile = np.bincount((rows - rows.min()).astype(np.int32)).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())


def _by_lines(mask: "NDArray[np.uint8]", angle_deg: float) -> float | None:
    """What is left of the skew after a rotation by `angle_deg`, from the text lines' own directions, in
    degrees; None with fewer than three lines."""
    import cv2
    import numpy as np

    straightened = _rotated(mask, angle_deg)
    smeared = cv2.morphologyEx(straightened, cv2.MORPH_CLOSE, np.ones((1, 25), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(smeared, connectivity=8)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    lines = [label for label in range(1, count) if width[label] > 60 and width[label] > 4 * height[label]]
    if len(lines) < _ENOUGH_LINES:
        return None
    slopes, weights = [], []
    for label in lines:
        x, y, w, h = stats[label, :4]
        piece = (labels[y : y + h, x : x + w] == label) & (straightened[y : y + h, x : x + w] > 127)
        ys, xs = np.nonzero(piece)
        slopes.append(_slope(xs, ys) if len(xs) and np.ptp(xs) > 30 else 0.0)
        weights.append(float(w))
    return float(np.rad2deg(np.arctan(_weighted_median(np.array(slopes), np.array(weights)))))


def _slope(xs: "NDArray[np.intp]", ys: "NDArray[np.intp]") -> float:
    """That of the straight line with the least squared distances."""
    across = xs - xs.mean()
    return float(across @ ys) / float(across @ across)


def _weighted_median(values: "NDArray[np.float64]", weights: "NDArray[np.float64]") -> float:
    import numpy as np

    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][int(np.searchsorted(reached, reached[-1] / 2))])


def _rotated(mask: "NDArray[np.uint8]", angle_deg: float) -> "NDArray[np.uint8]":
    import cv2
    import numpy as np

    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    return np.asarray(cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_LINEAR), np.uint8)
