"""The mark of training pages (dấu "TẬP HUẤN"): seen by everyone, in the way of nothing that is read."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from resources import path as resource

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WORDS = "TẬP HUẤN"
_TINT = (214, 228, 243)
"""A light blue: darker than white and yellowed paper, a long way from the lightest print."""

_SHARE = 0.8


def mark(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A copy of a page image, (H, W, 3) RGB or (H, W) uint8, with TẬP HUẤN from the bottom left to the top
    right.

    Only what is lighter than the mark changes: print, seals and signatures keep every pixel. Raises
    ValueError for what is no page image.
    """
    import numpy as np

    if image.dtype != np.uint8 or image.size == 0:
        raise ValueError("a page image has uint8 pixels, at least one")
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] == 3):
        raise ValueError("a page image is (H, W) or (H, W, 3)")
    cover = _cover(image.shape[1], image.shape[0])
    if image.ndim == 2:
        return np.minimum(image, 255 - (cover * (255 - min(_TINT)) // 255).astype(np.uint8))
    marked = image.copy()
    for channel, tint in enumerate(_TINT):
        layer = 255 - (cover * (255 - tint) // 255).astype(np.uint8)
        np.minimum(marked[..., channel], layer, out=marked[..., channel])
    return marked


@lru_cache(maxsize=2)
def _cover(width: int, height: int) -> npt.NDArray[np.uint16]:
    """How much of every pixel the letters cover, 0 to 255: along the diagonal, 0.8 of its length."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    diagonal = math.hypot(width, height)
    file = str(resource("fonts", "LiberationSerif-Bold.ttf"))
    trial = ImageFont.truetype(file, 100, layout_engine=ImageFont.Layout.BASIC)
    size = max(4.0, 100 * _SHARE * diagonal / trial.getlength(WORDS))
    face = ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)
    box = face.getbbox(WORDS)
    line = Image.new("L", (math.ceil(box[2] - box[0]), math.ceil(box[3] - box[1])), 0)
    ImageDraw.Draw(line).text((-box[0], -box[1]), WORDS, fill=255, font=face)
    turned = line.rotate(math.degrees(math.atan2(height, width)), Image.Resampling.BILINEAR, expand=True)
    whole = Image.new("L", (width, height), 0)
    whole.paste(turned, ((width - turned.width) // 2, (height - turned.height) // 2))
    return np.asarray(whole).astype(np.uint16)
