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
    """`grey`: the page without its specks, `removed` of them. `sure`: 0..1, 0.0 when there were too many."""

    grey: "NDArray[np.uint8]"
    removed: int
    sure: float


def despeckle(
    grey: "NDArray[np.uint8]",
    dpi: int,
    parameters: DespeckleParameters = DespeckleParameters(),
) -> Despeckled:
    """`grey` (uint8, whitened) with lone specks made white; the array itself when there are none."""
    import cv2
    import numpy as np

    ink = (grey < _INK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    size = max(2, round(parameters.speck_mm * dpi / 25.4))
    small = (stats[:, cv2.CC_STAT_WIDTH] <= size) & (stats[:, cv2.CC_STAT_HEIGHT] <= size)
    small[0] = False
    if not small.any():
        return Despeckled(grey, 0, 1.0)
    larger = ~small
    larger[0] = False
    reach = 2 * round(parameters.reach_mm * dpi / 25.4) + 1
    # A box filter of the larger ink: above zero wherever some of it lies within reach.
    near = cv2.dilate(larger[labels].astype(np.uint8), np.ones((1, reach), np.uint8))
    near = cv2.dilate(near, np.ones((reach, 1), np.uint8))
    touched = np.bincount(labels.ravel(), weights=near.ravel(), minlength=count) > 0
    lone = small & ~touched
    removed = int(lone.sum())
    if removed > parameters.most:
        return Despeckled(grey, 0, 0.0)
    if not removed:
        return Despeckled(grey, 0, 1.0)
    gone = cv2.dilate(lone[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return Despeckled(np.where(gone, np.uint8(255), grey), removed, 1.0)
