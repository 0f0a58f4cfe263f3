"""The other side of a leaf (mặt kia của tờ giấy), decoded small, and only when its ink is asked for."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from ocr.clean.reverse import OtherSide
from ocr.errors import OcrError
from ocr.image import frame_pixels, load_bytes, open_header

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SHRINK = 2


def other_side(image: Path | bytes) -> OtherSide | None:
    """The other side in an image file; None when it can't be had, which is told when it is read itself."""
    try:
        data = load_bytes(image)
    except OcrError:
        return None
    return OtherSide(hashlib.sha256(data).hexdigest(), lambda: _pixels(data))


def _pixels(data: bytes) -> "NDArray[np.uint8] | None":
    try:
        opened = open_header(data)
        # A JPEG comes in half the size for a quarter of the work; other kinds don't know how.
        opened.draft(None, (opened.width // _SHRINK, opened.height // _SHRINK))
        return frame_pixels(opened)
    except OcrError:
        return None
