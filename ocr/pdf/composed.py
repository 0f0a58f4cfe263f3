"""What a painting looks like as px again (dựng lại ảnh trang), layer over layer."""

import io
import struct
from typing import TYPE_CHECKING

from ocr.image import decode
from ocr.pdf.layers import Ink, Layer, Painting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SHORT, _LONG = 3, 4


def composed(painting: Painting) -> "NDArray[np.uint8]":
    """The page, height_px × width_px × 3, R, G, B, on white paper. Raises OcrError for a broken layer."""
    import numpy as np

    page = np.full((painting.height_px, painting.width_px, 3), 255, np.uint8)
    for layer in painting.layers:
        left, top, right, bottom = (round(edge) for edge in layer.box)
        part = page[top:bottom, left:right]
        if part.size:
            part[:] = _laid(layer, part)
    return page


def _laid(layer: Layer, under: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    import cv2
    import numpy as np

    height, width = under.shape[:2]
    if isinstance(layer, Ink):
        share = cv2.resize(decode_g4(layer), (width, height), interpolation=cv2.INTER_AREA)
        ink = np.asarray(layer.colour, np.float32)
        weight = (share.astype(np.float32) / 255)[..., None]
        return np.asarray(np.round(under * (1 - weight) + ink * weight), np.uint8)
    shown = decode(layer.data).pixels
    colour = shown if shown.ndim == 3 else cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.resize(colour, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def decode_g4(ink: Ink) -> "NDArray[np.uint8]":
    """The mask of `ink`, 255 where it paints."""
    import numpy as np
    from PIL import Image

    entries = [
        (256, _LONG, ink.width),
        (257, _LONG, ink.height),
        (258, _SHORT, 1),
        (259, _SHORT, 4),  # T.6
        (262, _SHORT, 1),
        (273, _LONG, 8),
        (278, _LONG, ink.height),
        (279, _LONG, len(ink.data)),
    ]
    padded = ink.data + b"\0" * (len(ink.data) % 2)
    directory = struct.pack("<H", len(entries))
    for tag, kind, value in entries:
        directory += struct.pack("<HHI", tag, kind, 1)
        directory += struct.pack("<I", value) if kind == _LONG else struct.pack("<HH", value, 0)
    whole = b"II*\0" + struct.pack("<I", 8 + len(padded)) + padded + directory + b"\0\0\0\0"
    with Image.open(io.BytesIO(whole), formats=["TIFF"]) as opened:
        return np.asarray(opened.convert("L"), np.uint8)
