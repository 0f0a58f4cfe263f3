"""Whether the page was in focus (độ nét)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_EDGES_SHARE = 0.002
_BLURRED_MM = 0.42
_BLURRED_PX = 3.3


def edge_width_mm(grey: "NDArray[np.uint8]", dpi: int) -> float:
    """How far ink takes to turn into paper at the sharpest edges of a grey page, in mm; 0.0 without edges.

    The full contrast divided by the steepest slopes; a median of three first keeps dust and noise out.
    """
    import cv2
    import numpy as np

    calm = cv2.medianBlur(grey, 3)
    slope = cv2.max(
        cv2.convertScaleAbs(cv2.Sobel(calm, cv2.CV_16S, 1, 0, ksize=3), alpha=0.125),
        cv2.convertScaleAbs(cv2.Sobel(calm, cv2.CV_16S, 0, 1, ksize=3), alpha=0.125),
    )
    histogram = cv2.calcHist([slope], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    steepest = _value_above(histogram, _EDGES_SHARE)
    contrast = float(np.percentile(calm[::4, ::4], 99)) - float(calm.min())
    return contrast / steepest * 25.4 / dpi if steepest > 2 and contrast > 40 else 0.0


def is_blurred(grey: "NDArray[np.uint8]", dpi: int) -> bool:
    """True when even the sharpest edges of a grey page are wider than a thin stroke, or than three px where
    px are coarse. Measured: sharp scans 0.18–0.26 mm, the same out of focus by two px 0.5 mm."""
    return edge_width_mm(grey, dpi) > max(_BLURRED_MM, _BLURRED_PX * 25.4 / dpi)


def _value_above(histogram: "NDArray[np.float64]", share: float) -> int:
    """The value that only `share` of all points exceed."""
    import numpy as np

    from_top = np.cumsum(histogram[::-1])
    return len(histogram) - 1 - int(np.searchsorted(from_top, share * from_top[-1]))
