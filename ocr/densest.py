"""Where a page is dense enough for a code of small modules (vùng đặc): every row inked, unlike in print."""

from typing import TYPE_CHECKING

from ocr.clean.shrunken import shrunken
from ocr.page import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORKING_DPI = 50
_WINDOW_MM, _DENSE = 4.0, 36
_BARS_MM, _LOW_MM, _BLACK = 8.0, 3.0, 64
"""A window holds a code when every row of it has so many levels of darkness, of 255, on average. A black code
has 80 and more, a pale one 40; 4 mm of print hold a gap between two lines, with fewer than 15. Low bar codes
are told by more of their length, upright ones column by column."""
_MARGIN_MM = 4.0
_STROKES, _COARSER = 9, 4


def dense_areas(grey: "NDArray[np.uint8]", dpi: int) -> tuple[Box, ...]:
    """The boxes in px of a grey page (uint8, at `dpi`) that may hold such a code, with its quiet zone.

    Measured on office papers: 1 to 12 % of a page.
    """
    import cv2
    import numpy as np

    times = max(1, round(dpi / _WORKING_DPI))
    small = shrunken(grey, times)
    height, width = small.shape
    coarse = cv2.resize(
        small, (max(1, width // _COARSER), max(1, height // _COARSER)), interpolation=cv2.INTER_NEAREST
    )
    paper = cv2.resize(cv2.dilate(coarse, np.ones((_STROKES, _STROKES), np.uint8)), (width, height))
    darkness = 255 - np.asarray(cv2.divide(small, np.maximum(paper, 1), scale=255), np.uint8)
    px = dpi / times / 25.4
    square, long, low = (round(size * px) | 1 for size in (_WINDOW_MM, _BARS_MM, _LOW_MM))
    dense = cv2.erode(cv2.blur(darkness, (square, 1)), np.ones((square, 1), np.uint8)) > _DENSE
    for across in (True, False):
        along = cv2.blur(darkness, (long, 1) if across else (1, long))
        dense |= cv2.erode(along, np.ones((low, 1) if across else (1, low), np.uint8)) > _BLACK
    reach = 2 * round((_WINDOW_MM / 2 + _MARGIN_MM) * px) + 1
    near = cv2.dilate(dense.astype(np.uint8), np.ones((reach, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    return tuple(
        (x * times, y * times, (x + wide) * times, (y + high) * times)
        for x, y, wide, high, _ in stats[1:].tolist()
    )
