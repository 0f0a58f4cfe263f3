"""Barcodes on a page (mã vạch, mã QR): separator sheets, document codes, the code on a citizen card."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ocr.image import decode
from ocr.page import Barcode, Box, nfc

if TYPE_CHECKING:
    import numpy as np
    import zxingcpp
    from numpy.typing import NDArray

# The remaining symbologies are found in ordinary print now and then.
_LARGER = 1.5
SYMBOLOGIES = ("QRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39")
"""What is looked for. QR codes alone take a tenth of the time of all together."""


def find_barcodes(
    image: Path | bytes, *, only: Sequence[str] = SYMBOLOGIES, thorough: bool = False
) -> tuple[Barcode, ...]:
    """The QR, Data Matrix, Aztec, PDF417, Code 128 and Code 39 codes on an encoded image, from top to bottom.

    `only` names the symbologies to look for, of SYMBOLOGIES. Where nothing is found, a `thorough` search
    looks again at one and a half times the size: dense symbols on blurred scans of 200 dpi need it. Boxes
    are px of the image as it is stored, upright by its Exif orientation. Raises OcrError for one that can't
    be decoded.
    """
    pixels = decode(image).pixels
    found = barcodes_in(pixels, only)
    return found if found or not thorough else _in_enlarged(pixels, only)


def _in_enlarged(pixels: "NDArray[np.uint8]", only: Sequence[str]) -> tuple[Barcode, ...]:
    import cv2
    import numpy as np

    larger = cv2.resize(pixels, None, fx=_LARGER, fy=_LARGER, interpolation=cv2.INTER_CUBIC)
    found = barcodes_in(np.asarray(larger, np.uint8), only)
    return tuple(replace(code, box=_smaller(code.box)) for code in found)


def _smaller(box: Box) -> Box:
    x0, y0, x1, y1 = (round(edge / _LARGER) for edge in box)
    return x0, y0, x1, y1


def barcodes_in(pixels: "NDArray[np.uint8]", only: Sequence[str] = SYMBOLOGIES) -> tuple[Barcode, ...]:
    """The barcodes in a grey or R, G, B page (uint8)."""
    import cv2
    import zxingcpp

    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    formats = zxingcpp.barcode_formats_from_str("|".join(only))
    found = zxingcpp.read_barcodes(grey, formats=formats, try_invert=False, text_mode=zxingcpp.TextMode.Plain)
    codes: list[Barcode] = []
    for code in sorted(map(_barcode, (code for code in found if code.valid)), key=_oddness):
        if not any(_is_same(code, other) for other in codes):
            codes.append(code)
    return tuple(sorted(codes, key=lambda code: (code.box[1], code.box[0])))


def _is_same(code: Barcode, other: Barcode) -> bool:
    """Whether one symbol was found twice, as happens to PDF417 on a skewed page, once with a wrong text."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = code.box, other.box
    meet = ax0 <= bx1 and bx0 <= ax1 and ay0 <= by1 and by0 <= ay1
    stacked = code.format == other.format == "PDF417"
    return meet and (stacked or (code.text, code.format) == (other.text, other.format))


def _oddness(code: Barcode) -> int:
    """How many of its letters nobody would print."""
    return sum(not letter.isprintable() for letter in code.text)


def _barcode(code: "zxingcpp.Barcode") -> Barcode:
    at = code.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
    return Barcode(nfc(code.text), code.format.name, (min(xs), min(ys), max(xs), max(ys)))
