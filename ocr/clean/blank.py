"""Whether anything is on a page (trang trắng): a pencil note or a lone stamp is something."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORKING_DPI = 100
_EDGE_MM = 6.0
_PUNCH_HOLE_ZONE_MM = 22.0
_PUNCH_HOLE_MM = (4.0, 9.0)
_FAINTEST = 30
_NOISE_TIMES = 6.0
_TEXT_PX = (3, 60)
_SPECKS_ALLOWED = 3
_MARK_PX = 60


def is_blank(darkest: "NDArray[np.uint8]", dpi: int) -> bool:
    """True when a whitened page, reduced to its darkest channel (uint8, height × width), holds nothing.

    What counts as ink is darker than the paper by six times the paper's own grain. The outer 6 mm and punch
    holes don't count; dust up to three specks of text size doesn't either.
    """
    import cv2
    import numpy as np

    shrink = min(1.0, _WORKING_DPI / dpi)
    small = cv2.resize(darkest, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    scale = dpi * shrink / 25.4
    edge = round(_EDGE_MM * scale)
    inner = np.asarray(small[edge:-edge, edge:-edge] if min(small.shape) > 4 * edge else small, np.uint8)
    ink = (inner < 255 - _faintest_ink(inner)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    zone = _PUNCH_HOLE_ZONE_MM * scale - edge
    marks = [
        row
        for label, row in enumerate(stats)
        if label and not _is_punch_hole(row, labels == label, zone, scale)
    ]
    longest = [int(max(row[cv2.CC_STAT_WIDTH], row[cv2.CC_STAT_HEIGHT])) for row in marks]
    text_sized = sum(_TEXT_PX[0] <= length <= _TEXT_PX[1] for length in longest)
    large = sum(
        length > _TEXT_PX[1] or int(row[cv2.CC_STAT_AREA]) > _MARK_PX
        for length, row in zip(longest, marks, strict=True)
    )
    return large == 0 and text_sized <= _SPECKS_ALLOWED


def _faintest_ink(page: "NDArray[np.uint8]") -> float:
    """How much darker than white a point must be to be ink, from the grain of the paper."""
    import numpy as np

    middle = float(np.median(page))
    grain = 1.4826 * float(np.median(np.abs(page.astype(np.float32) - middle)))
    return min(120.0, max(_FAINTEST, (255 - middle) + _NOISE_TIMES * grain))


def _is_punch_hole(
    row: "NDArray[np.int32]", component: "NDArray[np.bool_]", zone: float, scale: float
) -> bool:
    """Whether a component is round, full or a ring, 4–9 mm wide and within `zone` px of the left or right."""
    import cv2
    import numpy as np

    x, wide, high = int(row[cv2.CC_STAT_LEFT]), int(row[cv2.CC_STAT_WIDTH]), int(row[cv2.CC_STAT_HEIGHT])
    size = max(wide, high) / scale
    near = min(x, component.shape[1] - x - wide) < zone
    if not (near and _PUNCH_HOLE_MM[0] <= size <= _PUNCH_HOLE_MM[1] and 0.75 < wide / high < 1.33):
        return False
    hull = cv2.convexHull(np.argwhere(component).astype(np.int32))
    return 0.6 < cv2.contourArea(hull) / (wide * high) < 0.88
