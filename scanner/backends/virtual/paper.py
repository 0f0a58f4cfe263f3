"""The stack of paper in a virtual scanner: image files, turned into what the device would send (tập giấy)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.contract import MM_PER_INCH, ColorMode
from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    from PIL import Image

PAPER_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
_FORMATS = ("JPEG", "PNG")

A4_WIDTH_INCH = 210 / MM_PER_INCH
LEAST_STATED_DPI = 72
"""Below it the density of a file is a default of some program and says nothing of the paper."""

AS_IS_MM = 2.0
"""An image may differ from the area asked for by this much and still be sent as its own bytes."""

LARGEST_SHEET_PIXELS = 100_000_000
"""A3 at 600 dpi, and half as much again."""

JPEG_QUALITY = 92
INK_THRESHOLD = 160
"""Grey level below which bitonal capture sees ink."""


@dataclass(frozen=True)
class Exposure:
    """What a scan job asks of every page: mode, resolution in dpi, area in px at that resolution."""

    mode: ColorMode
    dpi: int
    width_px: int
    height_px: int
    left_px: int = 0
    top_px: int = 0


def sheets_of(stack: Path | Sequence[Path]) -> tuple[Path, ...]:
    """The image files of a folder in reading order (`page 2` before `page 10`), or the list as it is.

    Raises ScanError `scan.folder-missing` where there is nothing at a single path, `scan.unreadable-paper`
    where a file of a list is missing.
    """
    if isinstance(stack, Path) and not stack.exists():
        raise ScanError(ScanFault.FOLDER_MISSING)
    if isinstance(stack, Path) and stack.is_dir():
        images = (file for file in stack.iterdir() if file.suffix.lower() in PAPER_SUFFIXES)
        return tuple(sorted(images, key=_reading_order))
    files = (stack,) if isinstance(stack, Path) else tuple(stack)
    for file in files:
        if not file.is_file():
            raise ScanError(ScanFault.UNREADABLE_PAPER, suffix=file.suffix)
    return files


def _reading_order(file: Path) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", file.name.lower())
    ]


def expose(sheet: Path | None, exposure: Exposure) -> bytes:
    """The JPEG that the device sends for a sheet; None is the blank back of the last sheet.

    A JPEG whose resolution, colours and size are what was asked for is sent as its own bytes.
    Raises ScanError `scan.unreadable-paper` for a file that is no JPEG or PNG, `scan.refused-size` for one
    that is too large.
    """
    from PIL import Image

    if sheet is None:
        blank = Image.new("RGB", (exposure.width_px, exposure.height_px), "white")
        return _developed(blank, exposure)
    try:
        with Image.open(sheet, formats=_FORMATS) as image:
            if image.width * image.height > LARGEST_SHEET_PIXELS:
                raise ScanError(ScanFault.REFUSED_SIZE, width_px=image.width, height_px=image.height)
            dpi = _dpi_of(image)
            if _fits_as_is(image, dpi, exposure):
                return sheet.read_bytes()
            return _developed(_laid_on_glass(image.convert("RGB"), dpi, exposure), exposure)
    except ScanError:
        raise
    # Whatever a decoder raises over a file that somebody put into the folder means the same thing.
    except Exception as error:
        raise ScanError(ScanFault.UNREADABLE_PAPER, suffix=sheet.suffix) from error


def _dpi_of(image: Image.Image) -> float:
    stated = image.info.get("dpi")
    if stated and float(stated[0]) >= LEAST_STATED_DPI:
        return float(stated[0])
    return image.width / A4_WIDTH_INCH


def _fits_as_is(image: Image.Image, dpi: float, exposure: Exposure) -> bool:
    modes = {ColorMode.COLOR: "RGB", ColorMode.GREY: "L"}
    slack_px = AS_IS_MM * exposure.dpi / MM_PER_INCH
    return (
        image.format == "JPEG"
        and exposure.left_px == exposure.top_px == 0
        and image.mode == modes.get(exposure.mode)
        and round(dpi) == exposure.dpi
        and abs(image.width - exposure.width_px) <= slack_px
        and abs(image.height - exposure.height_px) <= slack_px
    )


def _laid_on_glass(image: Image.Image, dpi: float, exposure: Exposure) -> Image.Image:
    """The paper at its true size in the corner of the area, white beyond its edge, cut at the area's edge."""
    from PIL import Image

    if round(dpi) != exposure.dpi:
        scale = exposure.dpi / dpi
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    area = Image.new("RGB", (exposure.width_px, exposure.height_px), "white")
    area.paste(image, (-exposure.left_px, -exposure.top_px))
    return area


def _developed(image: Image.Image, exposure: Exposure) -> bytes:
    if exposure.mode is not ColorMode.COLOR:
        image = image.convert("L")
    if exposure.mode is ColorMode.BITONAL:
        image = image.point([0] * INK_THRESHOLD + [255] * (256 - INK_THRESHOLD))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0, dpi=(exposure.dpi, exposure.dpi))
    return out.getvalue()
