"""What is wrong with a capture (chất lượng ảnh quét): blur, a clipped edge, a colour cast."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_EDGES_SHARE = 0.002
_BLURRED_MM = 0.42
_BLURRED_PX = 3.3
_ENOUGH_INK_PX = 2500


@dataclass(frozen=True)
class QualityParameters:
    """`low_dpi`: below this a page is coarse. Paper is cast when its lightest and darkest channel lie more
    than `cast` levels apart and it is not one of the pastel papers that offices use (`pastel`: lightest
    channel at least). Writing is clipped when `clipped` pieces of text size touch one edge."""

    low_dpi: int = 150
    cast: int = 60
    pastel: int = 215
    clipped: int = 4


@dataclass(frozen=True)
class Quality:
    """`findings`: "blurred", "clipped", "colour-cast". `sure`: 0..1, less when there is little to
    judge by."""

    findings: frozenset[str]
    sure: float


def quality_of(
    seen: "NDArray[np.uint8]",
    grey: "NDArray[np.uint8]",
    mask: "NDArray[np.uint8]",
    dpi: int,
    parameters: QualityParameters = QualityParameters(),
) -> Quality:
    """The findings about a page `seen` (grey or R, G, B) at `dpi`, with the whitened
    `grey` and its `text_mask`."""
    findings = set()
    enough = int((mask > 0).sum()) > _ENOUGH_INK_PX
    if enough and is_blurred(grey, dpi):
        findings.add("blurred")
    if _is_clipped(mask, parameters.clipped):
        findings.add("clipped")
    if seen.ndim == 3 and _is_cast(seen, parameters):
        findings.add("colour-cast")
    return Quality(frozenset(findings), 1.0 if enough else 0.5)


def _is_clipped(mask: "NDArray[np.uint8]", enough: int) -> bool:
    """Whether several pieces of text end at one edge of the image."""
    import numpy as np

    for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]):
        ink = (edge > 0).astype(np.int8)
        if int((np.diff(ink, prepend=0) == 1).sum()) >= enough:
            return True
    return False


def _is_cast(seen: "NDArray[np.uint8]", parameters: QualityParameters) -> bool:
    import numpy as np

    paper = np.percentile(seen[::8, ::8].reshape(-1, 3), 75, axis=0)
    return bool(paper.max() - paper.min() > parameters.cast and paper.max() < parameters.pastel)


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
