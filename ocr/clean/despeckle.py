"""Dust taken off the image that is read (khử bụi), never a dot near a larger component.

Vietnamese stands and falls by its marks: ạ without its dot is another word. A speck goes only when it is
small, and nothing larger lies within the reach of a mark.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_INK = 150


@dataclass(frozen=True)
class DespeckleParameters:
    """Specks are at most `speck_mm` high and wide; `reach_mm` around anything larger they stay. A page with
    more than `most` specks is textured, or printed in dots, and is left alone."""

    speck_mm: float = 0.5
    reach_mm: float = 2.2
    most: int = 4000


@dataclass(frozen=True)
class Despeckled:
    """`grey`: the page without its specks, `removed` of them; `heights` in px of the pieces of ink that were
    found, specks among them. `sure`: 0..1, 0.0 when there were too many."""

    grey: "NDArray[np.uint8]"
    removed: int
    sure: float
    heights: "NDArray[np.int32]"


def despeckle(
    grey: "NDArray[np.uint8]",
    dpi: int,
    parameters: DespeckleParameters = DespeckleParameters(),
) -> Despeckled:
    """`grey` (uint8, whitened) with lone specks made white; the array itself when there are none."""
    import cv2
    import numpy as np

    ink = (grey < _INK).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    size = max(2, round(parameters.speck_mm * dpi / 25.4))
    small = (stats[:, cv2.CC_STAT_WIDTH] <= size) & (stats[:, cv2.CC_STAT_HEIGHT] <= size)
    small[0] = False
    heights = np.asarray(stats[1:, cv2.CC_STAT_HEIGHT], np.int32)
    if not small.any():
        return Despeckled(grey, 0, 1.0, heights)
    larger = ~small
    larger[0] = False
    reach = 2 * round(parameters.reach_mm * dpi / 25.4) + 1
    # A box filter of the larger ink: above zero wherever some of it lies within reach.
    near = cv2.dilate(larger.astype(np.uint8)[labels], np.ones((1, reach), np.uint8))
    near = cv2.dilate(near, np.ones((reach, 1), np.uint8))
    x0, y0, wide, high = (stats[small, column] for column in range(4))
    sums = cv2.integral(near)
    x1, y1 = x0 + wide, y0 + high
    lone = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0] == 0
    removed = int(lone.sum())
    if removed > parameters.most:
        return Despeckled(grey, 0, 0.0, heights)
    if not removed:
        return Despeckled(grey, 0, 1.0, heights)
    clean = grey.copy()
    for left, top, right, bottom in zip(x0[lone], y0[lone], x1[lone], y1[lone], strict=True):
        clean[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = 255
    return Despeckled(clean, removed, 1.0, heights)
