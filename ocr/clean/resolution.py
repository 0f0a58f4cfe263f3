"""The size at which a page is read (độ phân giải khi đọc).

Measured (docs/nhan-dang.md): print of 11 to 14 points read at 200 dpi is read at least as right as at 300,
in two thirds of the time. Small print keeps more.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEAR = 1.15
_FEW = 40
_LETTER_MM = (0.55, 12.0)


@dataclass(frozen=True)
class ResolutionParameters:
    """`usual_dpi` for office print; `fine_dpi` where the middle letter is lower than `small_mm`."""

    usual_dpi: int = 200
    fine_dpi: int = 300
    small_mm: float = 1.15


def reduced(pixels: "NDArray[np.uint8]", dpi: int, wanted_dpi: int) -> "tuple[NDArray[np.uint8], int]":
    """(`pixels` at `wanted_dpi`, its dpi); as they are when they hardly have more than that."""
    import cv2
    import numpy as np

    if dpi <= wanted_dpi * _NEAR:
        return pixels, dpi
    scale = wanted_dpi / dpi
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), wanted_dpi


def letter_height_mm(heights_px: "NDArray[np.int32]", dpi: int) -> float:
    """The middle height in mm of the letters among pieces of ink of `heights_px` at `dpi`; 0.0 when there are
    hardly any."""
    import numpy as np

    heights = heights_px * 25.4 / dpi
    # Dots and marks are no letters, frames and drawings neither.
    letters = heights[(heights >= _LETTER_MM[0]) & (heights <= _LETTER_MM[1])]
    return float(np.median(letters)) if len(letters) >= _FEW else 0.0
