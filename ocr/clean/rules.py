"""Printed rules (đường kẻ) of forms, tables and music: long straight lines that tell how a page lies."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORKING_DPI = 100
_LONGEST_PX = 1400
_LENGTH_SHARE = 0.08
_LIMIT_DEG = 20.0
_FEWEST = 4
_BESIDE_DEG = 0.6
_ALIKE_SHARE = 0.6


def angle_of_rules(grey: "NDArray[np.uint8]", dpi: int) -> float | None:
    """The angle in degrees, counter-clockwise, by which a page has to be turned for its rules to lie level.

    None where fewer than four segments are long enough, or less than three fifths of their length agree.
    """
    import cv2
    import numpy as np

    shrink = min(1.0, _WORKING_DPI / dpi, _LONGEST_PX / max(grey.shape))
    small = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    # The type stubs leave out that there may be no segment at all.
    found: Any = cv2.createLineSegmentDetector(cv2.LSD_REFINE_ADV).detect(small)[0]
    if found is None:
        return None
    x0, y0, x1, y1 = np.asarray(found, np.float64).reshape(-1, 4).T
    lengths = np.hypot(x1 - x0, y1 - y0)
    angles = (np.rad2deg(np.arctan2(y1 - y0, x1 - x0)) + 90) % 180 - 90
    long = (lengths > _LENGTH_SHARE * small.shape[1]) & (np.abs(angles) < _LIMIT_DEG)
    # A page whose edges show has level ones around a sheet that lies askew.
    long &= ~_along_the_frame(y0, y1, small.shape[0])
    angles, lengths = angles[long], lengths[long]
    if len(angles) < _FEWEST:
        return None
    order = np.argsort(angles)
    reached = np.cumsum(lengths[order])
    middle = float(angles[order][int(np.searchsorted(reached, reached[-1] / 2))])
    alike = np.abs(angles - middle) < _BESIDE_DEG
    if float(lengths[alike].sum()) < _ALIKE_SHARE * float(lengths.sum()):
        return None
    return middle


def _along_the_frame(
    y0: "NDArray[np.float64]", y1: "NDArray[np.float64]", height: int
) -> "NDArray[np.bool_]":
    import numpy as np

    edge = 0.01 * height
    return np.asarray((np.maximum(y0, y1) < edge) | (np.minimum(y0, y1) > height - edge), bool)
