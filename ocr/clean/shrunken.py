"""A page made smaller by a whole number (thu nhỏ ảnh): means of squares of px."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def shrunken(channel: "NDArray[np.uint8]", times: int) -> "NDArray[np.uint8]":
    """`channel` (uint8, height × width) at 1 / `times` of its size, at least 1 × 1 px.

    Px that fill no square at the right and lower edges are left out: to shrink by just the whole number takes
    a fifth of the time.
    """
    import cv2
    import numpy as np

    height, width = channel.shape
    high, wide = max(1, height // times), max(1, width // times)
    whole = channel[: high * times, : wide * times]
    return np.asarray(cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
