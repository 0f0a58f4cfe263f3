"""The scanner's bed around the sheet (viền đen quanh trang): found, so that nothing in it is read as ink.

What is seen keeps all of its pixels: content near an edge is never cut off. The border is only whitened on
the image that is read.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORKING_DPI = 50


@dataclass(frozen=True)
class BorderParameters:
    """A row or column belongs to the border while more than `share` of it is darker than `dark`; no border is
    wider than `widest_mm`. Less than `seen_mm` is a shadow, not worth a mark."""

    dark: int = 90
    share: float = 0.6
    widest_mm: float = 25.0
    seen_mm: float = 2.0


@dataclass(frozen=True)
class Borders:
    """Widths in px of the dark border at the left, top, right and bottom of the image that was looked at;
    `notable`: wide enough for a mark. `sure`: 0..1."""

    left: int
    top: int
    right: int
    bottom: int
    notable: bool
    sure: float

    @property
    def any(self) -> bool:
        """Whether there is a border at all."""
        return bool(self.left or self.top or self.right or self.bottom)


def find_borders(
    pixels: "NDArray[np.uint8]",
    dpi: int,
    parameters: BorderParameters = BorderParameters(),
) -> Borders:
    """The dark borders of a page (grey or R, G, B), before anything is whitened."""
    import cv2

    shrink = min(1.0, _WORKING_DPI / dpi)
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    dark = (
        small if small.ndim == 2 else cv2.max(cv2.max(*cv2.split(small)[:2]), small[:, :, 2])
    ) < parameters.dark
    most = max(1, round(parameters.widest_mm * dpi * shrink / 25.4))
    rows, columns = dark.mean(axis=1), dark.mean(axis=0)
    widths = [_run(lane[:most], parameters.share) for lane in (columns, rows, columns[::-1], rows[::-1])]
    full = [round(width / shrink) for width in widths]
    notable = max(full) * 25.4 / dpi >= parameters.seen_mm
    # A run that reaches the limit is perhaps a dark page, not a border.
    sure = 0.0 if any(width >= most for width in widths) else 1.0
    if sure == 0.0:
        full = [0, 0, 0, 0]
    return Borders(full[0], full[1], full[2], full[3], notable and sure > 0, sure)


def without_borders(grey: "NDArray[np.uint8]", borders: Borders) -> "NDArray[np.uint8]":
    """`grey` with its borders white; the array itself when there are none."""
    if not borders.any:
        return grey
    clean = grey.copy()
    height, width = clean.shape[:2]
    clean[:, : borders.left] = 255
    clean[:, width - borders.right :] = 255
    clean[: borders.top] = 255
    clean[height - borders.bottom :] = 255
    return clean


def _run(shares: "NDArray[np.float64]", enough: float) -> int:
    """How many lanes from the edge inwards are dark enough."""
    run = 0
    for share in shares:
        if share < enough:
            break
        run += 1
    return run
