"""Barcodes on a page (mã vạch, mã QR): separator sheets, document codes, the code on a citizen card."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ocr.clean.shrunken import shrunken
from ocr.densest import dense_areas
from ocr.image import decode
from ocr.page import Barcode, nfc

if TYPE_CHECKING:
    import numpy as np
    import zxingcpp
    from numpy.typing import NDArray

_LARGER = 1.5
_COARSE_DPI = 100
# The remaining symbologies are found in ordinary print now and then.
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


def codes_on_page(pixels: "NDArray[np.uint8]", dpi: int) -> tuple[Barcode, ...]:
    """The barcodes on a grey or R, G, B page (uint8) at `dpi`, in a third of the time of `barcodes_in`.

    Codes of large modules show at 100 dpi as well; those of small ones are dense, and only dense places are
    looked at closely. Of 425 codes drawn on pages of print, many pale, tiny or blurred, `barcodes_in` found
    382, this 376: lost were squares of 4.5 mm and bars of 3 mm.
    """
    import cv2
    import numpy as np

    grey = np.asarray(pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    times = dpi // _COARSE_DPI
    if times < 2:
        return barcodes_in(grey)
    found = [_moved(code, times) for code in barcodes_in(shrunken(grey, times))]
    for x0, y0, x1, y1 in dense_areas(grey, dpi):
        found += [_moved(code, 1, x0, y0) for code in barcodes_in(grey[y0:y1, x0:x1])]
    return _told_apart(found)


def _in_enlarged(pixels: "NDArray[np.uint8]", only: Sequence[str]) -> tuple[Barcode, ...]:
    import cv2
    import numpy as np

    larger = cv2.resize(pixels, None, fx=_LARGER, fy=_LARGER, interpolation=cv2.INTER_CUBIC)
    found = barcodes_in(np.asarray(larger, np.uint8), only)
    return tuple(_moved(code, 1 / _LARGER) for code in found)


def _moved(code: Barcode, times: float, left: int = 0, top: int = 0) -> Barcode:
    """`code` with its box `times` as large, then moved to the right and down by px."""
    x0, y0, x1, y1 = (round(edge * times) for edge in code.box)
    return replace(code, box=(x0 + left, y0 + top, x1 + left, y1 + top))


def barcodes_in(pixels: "NDArray[np.uint8]", only: Sequence[str] = SYMBOLOGIES) -> tuple[Barcode, ...]:
    """The barcodes in a grey or R, G, B page (uint8)."""
    import cv2
    import zxingcpp

    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    formats = zxingcpp.barcode_formats_from_str("|".join(only))
    found = zxingcpp.read_barcodes(grey, formats=formats, try_invert=False, text_mode=zxingcpp.TextMode.Plain)
    return _told_apart([_barcode(code) for code in found if code.valid])


def _told_apart(found: Sequence[Barcode]) -> tuple[Barcode, ...]:
    """Every symbol once, from top to bottom."""
    codes: list[Barcode] = []
    for code in sorted(found, key=_oddness):
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
