"""Page images as JPEG files that state their true resolution (JFIF, ITU-T T.871)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def encode(pixels: npt.NDArray[np.uint8], dpi: int, quality: int) -> bytes:
    """A JPEG of (H, W, 3) RGB or (H, W) grey, 4:4:4, with `dpi` in the density of its JFIF header.

    4:4:4 because a red seal over black text loses its edge where chroma is halved.
    Raises ValueError for any other shape or type of array, or an empty one.
    """
    from PIL import Image

    if pixels.dtype.name != "uint8" or pixels.size == 0:
        raise ValueError("a page image has uint8 pixels, at least one")
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] == 3):
        raise ValueError("a page image is (H, W) or (H, W, 3)")
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling=0, dpi=(dpi, dpi))
    return out.getvalue()
