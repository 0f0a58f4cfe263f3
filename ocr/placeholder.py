"""The sheet that stands where a page couldn't be had (tờ thay thế), with the reason written on it."""

from typing import TYPE_CHECKING

from ocr.page import Flag, ReadPage
from ocr.pdf.archival import archival
from ocr.pdf.finished import FinishedPage
from resources import path as resource

if TYPE_CHECKING:
    from PIL import ImageFont

_DPI = 100
_A4_PX = (827, 1169)
_MARGIN_PX, _TOP_PX, _LINE_PX, _SIZE_PX = 90, 360, 34, 24


def placeholder(caption: str, engine: str) -> FinishedPage:
    """An A4 page flagged UNREADABLE that shows `caption`, black on white; it has no words of its own."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(resource("fonts", "LiberationSerif-Regular.ttf")), _SIZE_PX)
    sheet = Image.new("1", _A4_PX, 1)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((40, 40, _A4_PX[0] - 41, _A4_PX[1] - 41), outline=0, width=2)
    for number, line in enumerate(_lines(caption, font)):
        pen.text((_MARGIN_PX, _TOP_PX + number * _LINE_PX), line, 0, font)
    width, height = _A4_PX
    read = ReadPage(
        source_sha256="",
        parameters_sha256="",
        width_px=width,
        height_px=height,
        dpi=_DPI,
        words=(),
        text="",
        confidence=0.0,
        turned=0,
        skew_deg=0.0,
        flags=(Flag.UNREADABLE,),
        barcodes=(),
        engine=engine,
    )
    return FinishedPage(read, archival(np.asarray(sheet.convert("L"), np.uint8), _DPI, None))


def _lines(caption: str, font: "ImageFont.FreeTypeFont") -> list[str]:
    """`caption` broken where it would leave the sheet; names without spaces, too."""
    most = _A4_PX[0] - 2 * _MARGIN_PX
    lines: list[str] = []
    for paragraph in caption.splitlines():
        line = ""
        for word in paragraph.split(" "):
            for part in _fitting(word, font, most):
                longer = f"{line} {part}".strip()
                if line and font.getlength(longer) > most:
                    lines.append(line)
                    longer = part
                line = longer
        lines.append(line)
    return lines


def _fitting(word: str, font: "ImageFont.FreeTypeFont", most: int) -> list[str]:
    parts, part = [], ""
    for letter in word:
        if part and font.getlength(part + letter) > most:
            parts.append(part)
            part = ""
        part += letter
    return [*parts, part]
