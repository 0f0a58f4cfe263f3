"""Black ink told from coloured ink (tách mực đen khỏi mực màu), for reading only.

A red seal or a blue signature across a line costs Tesseract whole blocks. On whitened paper black print has
little chroma (largest minus smallest channel), stamp pads and ball pens have much; lightening every point by
its chroma takes the coloured ink away and leaves the print that lies under it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LUMA = (0.299, 0.587, 0.114)
_INK = 160
_COLOURED = 60


@dataclass(frozen=True)
class InkParameters:
    """Points are lightened by `gain` times their chroma above `floor`. A page whose ink is coloured by more
    than `mostly` is written in colour, and keeps it."""

    gain: float = 1.6
    floor: int = 24
    mostly: float = 0.6


def black_ink(
    channels: "Sequence[NDArray[np.uint8]]",
    parameters: InkParameters = InkParameters(),
) -> "NDArray[np.uint8]":
    """The grey image to read: whitened `channels` (one, or R, G, B) without their coloured ink.

    A page written in coloured ink throughout (carbon copy, blue ribbon, ball pen) keeps it: there the colour
    is the text.
    """
    import cv2
    import numpy as np

    if len(channels) == 1:
        return channels[0]
    red, green, blue = channels
    darkest = darkest_channel(channels)
    chroma = np.asarray(cv2.subtract(cv2.max(cv2.max(red, green), blue), darkest), np.uint8)
    grey = cv2.addWeighted(
        cv2.addWeighted(red, _LUMA[0] / 0.886, green, _LUMA[1] / 0.886, 0), 0.886, blue, _LUMA[2], 0
    )
    if _is_mostly_coloured(darkest, chroma, parameters.mostly):
        return np.asarray(grey, np.uint8)
    # Chroma up to the floor is what JPEG leaves around black strokes; the sum saturates at 0 and 255.
    lift = cv2.addWeighted(chroma, parameters.gain, chroma, 0, -parameters.gain * parameters.floor)
    return np.asarray(cv2.add(grey, lift), np.uint8)


def darkest_channel(channels: "Sequence[NDArray[np.uint8]]") -> "NDArray[np.uint8]":
    """The darkest of the channels at every point: ink of any colour is dark in it."""
    import cv2
    import numpy as np

    if len(channels) == 1:
        return channels[0]
    red, green, blue = channels
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)


def _is_mostly_coloured(darkest: "NDArray[np.uint8]", chroma: "NDArray[np.uint8]", mostly: float) -> bool:
    ink = darkest[::4, ::4] < _INK
    coloured = ink & (chroma[::4, ::4] > _COLOURED)
    return bool(coloured.sum() > mostly * max(1, ink.sum()))
