"""The ink of a page, small, straight and free of its paper's tint (bản đồ nét mực).

What compares pages and judges their way up starts here, so that brightness, tint, JPEG and a little skew
don't count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Grey = npt.NDArray[np.float32]

WORKING_DPI = 100
EDGE_MM = 5.0
"""The outermost strip, where lids, shadows and cut edges show, never counts."""

LIMIT_DEG = 4.0
_FAINTEST = 0.12
_FULL = 0.5
_OWN = 0.10
_FAINT_MOST = 0.08
_ENOUGH_POINTS = 1500
_SHARP = 1.15


@dataclass(frozen=True, eq=False)
class InkMap:
    """A page at 100 dpi, straightened. All arrays are (H, W) float32.

    `ink` is 0 for paper and 1 for full ink. `faint` is how much darker than its surroundings the bare paper
    is, -0.08 to 0.08 of white, 0 where the page's own ink stands; `bare` is 1 where paper is and 0 where ink
    is or the edge. `skew_deg` is the clockwise skew that was taken out.
    """

    ink: Grey
    faint: Grey
    bare: Grey
    skew_deg: float


def ink_map(image: npt.NDArray[np.uint8], dpi: int) -> InkMap:
    """The ink of a page image, (H, W, 3) RGB or (H, W) uint8 at `dpi`.

    Raises ValueError for another shape or type, an empty image, or a resolution that is none.
    """
    import cv2
    import numpy as np

    grey = _small(image, dpi)
    darkness = 1 - grey.astype(np.float32) / np.maximum(_paper(grey), 40)
    ink = np.clip((darkness - _FAINTEST) / _FULL, 0, 1).astype(np.float32)
    skew = _skew(ink)
    near_ink = cv2.dilate((darkness > _OWN).astype(np.uint8), np.ones((7, 7), np.uint8))
    bare = (near_ink == 0).astype(np.float32)
    faint = np.clip(darkness, -_FAINT_MOST, _FAINT_MOST).astype(np.float32) * bare
    layers = [_without_edge(straightened(layer, skew)) for layer in (ink, faint, bare)]
    return InkMap(layers[0], layers[1], layers[2], skew)


def straightened(layer: Grey, skew_deg: float) -> Grey:
    """A map turned counter-clockwise by `skew_deg` about its middle; what comes in is 0."""
    import cv2
    import numpy as np

    height, width = layer.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), skew_deg, 1.0)
    return np.asarray(cv2.warpAffine(layer, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def _small(image: npt.NDArray[np.uint8], dpi: int) -> npt.NDArray[np.uint8]:
    import cv2
    import numpy as np

    if dpi < 1:
        raise ValueError("a resolution is at least 1 dpi")
    if image.dtype != np.uint8 or image.size == 0:
        raise ValueError("a page image has uint8 pixels, at least one")
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] == 3):
        raise ValueError("a page image is (H, W) or (H, W, 3)")
    height, width = image.shape[:2]
    size = (max(8, round(width * WORKING_DPI / dpi)), max(8, round(height * WORKING_DPI / dpi)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _paper(grey: npt.NDArray[np.uint8]) -> Grey:
    """The brightness of the bare paper at every point: print is dilated away, what is left is smoothed."""
    import cv2
    import numpy as np

    height, width = grey.shape
    coarse = cv2.resize(grey, (max(4, width // 4), max(4, height // 4)), interpolation=cv2.INTER_AREA)
    bare = cv2.medianBlur(cv2.dilate(coarse, np.ones((7, 7), np.uint8)), 21)
    return np.asarray(cv2.resize(bare, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _skew(ink: Grey) -> float:
    """The angle at which ink piles up most sharply into rows (W. Postl, 1986), within 4 degrees.

    0.0 for a page with few strokes or none that line up: specks have an angle as well.
    """
    import cv2
    import numpy as np

    half = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    ys, xs = np.nonzero(half > 0.25)
    if len(xs) < _ENOUGH_POINTS:
        return 0.0

    def sharpness(angle: float) -> float:
        rows = ys - xs * np.tan(np.deg2rad(angle))
        profile = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
        return float(np.square(np.diff(profile)).sum())

    angles = np.arange(-LIMIT_DEG, LIMIT_DEG + 0.01, 0.25)
    marks = [sharpness(float(angle)) for angle in angles]
    coarse = float(angles[int(np.argmax(marks))])
    if max(marks) < _SHARP * float(np.median(marks)):
        return 0.0
    return float(max(np.arange(coarse - 0.25, coarse + 0.26, 0.05), key=sharpness))


def _without_edge(layer: Grey) -> Grey:
    edge = round(EDGE_MM * WORKING_DPI / 25.4)
    layer[:edge] = 0
    layer[-edge:] = 0
    layer[:, :edge] = 0
    layer[:, -edge:] = 0
    return layer
