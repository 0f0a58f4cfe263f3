"""Turning and straightening (xoay, chỉnh thẳng) without cutting anything off."""

from typing import TYPE_CHECKING

from ocr.clean.shrunken import shrunken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SHRINK = 8
_INK = 140


def turned(pixels: "NDArray[np.uint8]", degrees: int) -> "NDArray[np.uint8]":
    """`pixels` turned clockwise by 0, 90, 180 or 270 degrees."""
    import numpy as np

    return np.ascontiguousarray(np.rot90(pixels, -(degrees // 90) % 4)) if degrees else pixels


def straightened(
    pixels: "NDArray[np.uint8]",
    angle_deg: float,
    canvas: tuple[int, int] | None = None,
    *,
    fine: bool = True,
) -> "NDArray[np.uint8]":
    """`pixels` rotated counter-clockwise by `angle_deg` about their middle; corners get the colour of the
    paper.

    `canvas` is the (width, height) in px of the result, by default that of `canvas_for`. Points are taken
    from sixteen around them when it has to be `fine`, otherwise from four, in half the time.
    """
    import cv2
    import numpy as np

    if not angle_deg:
        return pixels
    height, width = pixels.shape[:2]
    new_width, new_height = canvas or canvas_for(pixels, angle_deg)
    matrix = _rotation(width, height, new_width, new_height, angle_deg)
    bright = np.percentile(pixels[::_SHRINK, ::_SHRINK].reshape(-1, *pixels.shape[2:]), 80, axis=0)
    paper = tuple(float(value) for value in np.atleast_1d(bright))
    # Channel by channel takes a fifth less time than all at once.
    rotated = [
        cv2.warpAffine(
            channel,
            matrix,
            (new_width, new_height),
            flags=cv2.INTER_CUBIC if fine else cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=value,
        )
        for channel, value in zip(cv2.split(pixels), paper, strict=True)
    ]
    return np.asarray(cv2.merge(rotated), np.uint8)


def canvas_for(
    pixels: "NDArray[np.uint8]", angle_deg: float, size: tuple[int, int] | None = None
) -> tuple[int, int]:
    """(width, height) in px that a rotation needs: the page's own when the corners that it would lose are
    empty, otherwise enough for all of the page.

    `size` is the (width, height) of the page when `pixels` is a smaller image of it.
    """
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    own = size or (width, height)
    # Where ink lies matters, not its colour: one channel is enough, the one in which seals and pens are dark.
    channel = pixels if pixels.ndim == 2 else cv2.extractChannel(pixels, 1)
    ink = shrunken(np.asarray(channel, np.uint8), _SHRINK) < _INK
    ys, xs = np.nonzero(ink)
    matrix = _rotation(width, height, width, height, angle_deg)
    centres = np.stack([(xs + 0.5) * _SHRINK, (ys + 0.5) * _SHRINK, np.ones(len(xs))])
    new_x, new_y = matrix @ centres
    kept = (new_x > 0) & (new_x < width) & (new_y > 0) & (new_y < height)
    if kept.all():
        return own
    angle = np.deg2rad(abs(angle_deg))
    across = own[0] * np.cos(angle) + own[1] * np.sin(angle)
    down = own[0] * np.sin(angle) + own[1] * np.cos(angle)
    return int(np.ceil(across)), int(np.ceil(down))


def _rotation(
    width: int, height: int, new_width: int, new_height: int, angle_deg: float
) -> "NDArray[np.float64]":
    import cv2
    import numpy as np

    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0), np.float64)
    matrix[:, 2] += ((new_width - width) / 2, (new_height - height) / 2)
    return matrix
