"""Strips of a page as the net wants them (ảnh dòng): 36 px high, dark on light around nought.

The steps are those with which the net was trained (Tesseract's `Input`, Leptonica's `pixScale`): areas
averaged when a strip shrinks by much, points between four others otherwise, then edges sharpened.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEIGHT = 36
"""px; the rows that the net has."""

_MUCH = 0.7


def line_picture(strip: "NDArray[np.uint8]") -> "NDArray[np.float32]":
    """A grey strip (uint8, any height × width) as float32, 36 × width: about -1 ink, +1 paper."""
    import numpy as np

    scaled = _scaled(strip)
    black, white = _ink_and_paper(scaled)
    contrast = max((white - black) / 2, 1.0)
    return np.asarray(np.clip((scaled - black) / contrast - 1, -1, 1), np.float32)


def _scaled(strip: "NDArray[np.uint8]") -> "NDArray[np.float32]":
    import cv2
    import numpy as np

    height, width = strip.shape
    factor = HEIGHT / height
    size = (max(3, int(factor * width + 0.5)), HEIGHT)
    if factor < _MUCH:
        return _sharpened(cv2.resize(strip, size, interpolation=cv2.INTER_AREA), 0.2, 1)
    columns = np.minimum(np.arange(size[0], dtype=np.float32) * (width / size[0]), width - 1)
    rows = np.minimum(np.arange(HEIGHT, dtype=np.float32) / factor, height - 1)
    across = np.ascontiguousarray(np.broadcast_to(columns, (HEIGHT, size[0])))
    down = np.ascontiguousarray(np.broadcast_to(rows[:, None], (HEIGHT, size[0])))
    taken = cv2.remap(strip, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _sharpened(taken, 0.4, 2) if factor < 2 * _MUCH else np.asarray(taken, np.float32)


def _sharpened(picture: "NDArray[Any]", share: float, reach: int) -> "NDArray[np.float32]":
    import cv2
    import numpy as np

    own = picture.astype(np.float32)
    around = cv2.blur(own, (2 * reach + 1, 2 * reach + 1), borderType=cv2.BORDER_REPLICATE)
    return np.clip(own + share * (own - around), 0, 255)


def _ink_and_paper(picture: "NDArray[np.float32]") -> tuple[float, float]:
    """The lower quartile of the valleys and the upper quartile of the hills along the middle row."""
    import numpy as np

    row = np.round(picture[HEIGHT // 2])
    before, here, after = row[:-2], row[1:-1], row[2:]
    valleys = here[((here < before) & (here <= after)) | ((here <= before) & (here < after))]
    hills = here[((here > before) & (here >= after)) | ((here >= before) & (here > after))]
    black = float(np.percentile(valleys, 25)) if valleys.size else 0.0
    white = float(np.percentile(hills, 75)) if hills.size else 255.0
    return black, white
