"""The test page as an image and as a PDF to print (vẽ trang kiểm tra)."""

from __future__ import annotations

import errno
import io
import math
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from resources import path as resource
from scanner.contract import LEAST_DPI, MM_PER_INCH
from scanner.errors import ScanError, ScanFault
from scanner.testpage.layout import A4_MM, Patch, patches, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MOST_DPI = 1200
_PRINT_DPI = 600
_POINTS_PER_INCH = 72


def target(dpi: int = 300) -> npt.NDArray[np.uint8]:
    """The page at `dpi`, 200 to 1200: (H, W, 3) uint8 RGB, edges drawn by the share of a pixel they cover.

    Raises ValueError for another resolution.
    """
    import numpy as np

    if not LEAST_DPI <= dpi <= _MOST_DPI:
        raise ValueError(f"a test page is drawn at {LEAST_DPI} to {_MOST_DPI} dpi")
    width, height = (round(side * dpi / MM_PER_INCH) for side in A4_MM)
    page = np.full((height, width, 3), 255, np.uint8)
    for patch in patches():
        _paint(page, patch, dpi / MM_PER_INCH)
    _write_words(page, dpi)
    return page


def write_target(out: Path) -> Path:
    """Write the page as a PDF of one A4 page, lossless at 600 dpi, to be printed at 100 %.

    A file that was at `out` is replaced as a whole. Raises ScanError `scan.disk-full`, `scan.disk-failed`.
    """
    import pikepdf

    pixels = target(_PRINT_DPI)
    document = pikepdf.new()
    width, height = (side / MM_PER_INCH * _POINTS_PER_INCH for side in A4_MM)
    page = document.add_blank_page(page_size=(width, height))
    picture = document.make_stream(
        pixels.tobytes(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=pixels.shape[1],
        Height=pixels.shape[0],
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
    )
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=picture))
    page.obj.Contents = document.make_stream(f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Page Do Q".encode())
    with document.open_metadata(set_pikepdf_as_editor=False) as record:
        record["dc:title"] = "Trang kiểm tra máy quét"
    data = io.BytesIO()
    document.save(data, compress_streams=True)
    _write_whole(out, data.getvalue())
    return out


def _paint(page: npt.NDArray[np.uint8], patch: Patch, scale: float) -> None:
    """Lay a patch over the page, thinner at edges that cut through pixels."""
    import numpy as np

    rows, down = _covered(patch.top * scale, (patch.top + patch.height) * scale, page.shape[0])
    columns, across = _covered(patch.left * scale, (patch.left + patch.width) * scale, page.shape[1])
    share = np.outer(down, across)[..., None]
    under = page[rows, columns].astype(np.float64)
    page[rows, columns] = np.round(under + (np.array(patch.colour) - under) * share).astype(np.uint8)


def _covered(start: float, end: float, length: int) -> tuple[slice, npt.NDArray[np.float64]]:
    """The pixels between two places of an axis, and the share of each that lies between them."""
    import numpy as np

    first, last = max(0, math.floor(start)), min(length, math.ceil(end))
    places = np.arange(first, last)
    share = np.minimum(places + 1, end) - np.maximum(places, start)
    return slice(first, last), np.clip(share, 0, 1)


def _write_words(page: npt.NDArray[np.uint8], dpi: int) -> None:
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    for line in words():
        file = resource("fonts", f"LiberationSerif-{'Bold' if line.bold else 'Regular'}.ttf")
        size = line.size_pt * dpi / _POINTS_PER_INCH
        face = ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)
        left, top, right, bottom = (round(edge) for edge in face.getbbox(line.text))
        strip = Image.new("L", (right - left, bottom - top), 255)
        ImageDraw.Draw(strip).text((-left, -top), line.text, fill=0, font=face)
        x = round(line.middle * dpi / MM_PER_INCH - strip.width / 2)
        y = round(line.top * dpi / MM_PER_INCH)
        page[y : y + strip.height, x : x + strip.width] = np.asarray(strip)[..., None]


def _write_whole(out: Path, data: bytes) -> None:
    draft = out.with_name(f".sohoa-{secrets.token_hex(8)}.tmp")
    try:
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(out)
            _sync_folder(out.parent)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        fault = ScanFault.DISK_FULL if full else ScanFault.DISK_FAILED
        raise ScanError(fault, errno=error.errno or 0) from error


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
