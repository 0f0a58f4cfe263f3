"""The pages of a PDF scan (tệp PDF đã quét). PDFium knows no threads: for the process of the decoder only.

A page that is nothing but one JPEG gives that JPEG, one that is a single image of another kind the dots of
that image. Whatever shows more than its image, or less, is drawn: at the resolution of its only image, or at
300 dpi.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner import jpeg
from scanner.backends.importing.density import true_dpi
from scanner.backends.importing.raster import refuse_bomb
from scanner.contract import PageImage
from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

POINTS_PER_INCH = 72
DRAWN_DPI = 300
MOST_PAGES = 10_000

_NATIVE_DPI = (50, 1200)
_COVERS_PT = 6.0
"""An image may miss or pass the edge of its page by this much, 2 mm, and still be the page."""
_NOT_QUITE = 1 - 1e-7
"""Sizes in px are rounded up: without this, 3300 and a billionth become 3301, and every dot is smeared."""
_INVISIBLE_TEXT = 3
_PASSWORD_ERROR = 4
_LOOK_PX = 160
_LOOKS_ALIKE = 10.0
"""Mean difference in levels below which two small pictures show the same page."""


@dataclass(frozen=True)
class EncodedPage:
    """A page that is one JPEG, with the dpi at which it stands on the page."""

    data: bytes
    dpi: int


@dataclass(frozen=True)
class _SoleImage:
    """The image that is all that a page shows.

    `fills` where it is the whole page, with square dots and no more than a number of quarter turns clockwise.
    """

    part: Any
    dpi: tuple[float, float]
    fills: bool
    turns: int


class PdfDocument:
    """A PDF file. Raises ScanError `scan.password`, `scan.unreadable-file`, `scan.refused-size`."""

    def __init__(self, path: Path) -> None:
        import pypdfium2

        try:
            self._pdf = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            if error.err_code == _PASSWORD_ERROR:
                raise ScanError(ScanFault.PASSWORD) from error
            raise ScanError(ScanFault.UNREADABLE_FILE, reason="structure") from error
        self.count = len(self._pdf)
        if self.count < 1:
            raise ScanError(ScanFault.UNREADABLE_FILE, reason="no pages")
        if self.count > MOST_PAGES:
            raise ScanError(ScanFault.REFUSED_SIZE, pages=self.count, most=MOST_PAGES)
        self._pdf.init_forms()

    def page(self, index: int) -> PageImage | EncodedPage:
        """The page at `index`, from 0. Raises ScanError `scan.unreadable-file`, `scan.refused-size`."""
        import pypdfium2

        try:
            page = self._pdf[index]
        except pypdfium2.PdfiumError as error:
            raise ScanError(ScanFault.UNREADABLE_FILE, reason="page") from error
        try:
            image = _sole_image(page)
            kept = _as_jpeg(page, image) or _as_dots(page, image) if image and image.fills else None
            return kept or _drawn(page, image)
        except (pypdfium2.PdfiumError, ValueError) as error:
            raise ScanError(ScanFault.UNREADABLE_FILE, reason="page") from error
        finally:
            page.close()

    def close(self) -> None:
        """Closes the file."""
        self._pdf.close()


def _sole_image(page: Any) -> _SoleImage | None:
    """The only thing that the page shows, if that is an image; text that nobody sees doesn't count."""
    import pypdfium2.raw as pdfium

    images = []
    for part in page.get_objects(max_depth=1):
        if part.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append(part)
        elif part.type != pdfium.FPDF_PAGEOBJ_TEXT or _is_seen(part):
            return None
    if len(images) != 1 or pdfium.FPDFPage_GetAnnotCount(page):
        return None
    (part,) = images
    a, b, c, d, left, bottom = part.get_matrix().get()
    width_px, height_px = part.get_px_size()
    wide, high = (a * a + b * b) ** 0.5, (c * c + d * d) ** 0.5
    if min(wide, high, width_px, height_px) <= 0:
        return None
    straight = a > 0 and d > 0 and abs(b) < 1e-3 * a and abs(c) < 1e-3 * d
    box = page.get_bbox()
    edges = (left, bottom, left + a, bottom + d)
    covers = all(abs(edge - side) <= _COVERS_PT for edge, side in zip(edges, box, strict=True))
    across, down = width_px * POINTS_PER_INCH / wide, height_px * POINTS_PER_INCH / high
    square = abs(across - down) <= 0.02 * max(across, down)
    whole = straight and covers and square and not pdfium.FPDFPageObj_HasTransparency(part)
    return _SoleImage(part, (across, down), whole, page.get_rotation() // 90)


def _is_seen(text: Any) -> bool:
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDFTextObj_GetTextRenderMode(text) != _INVISIBLE_TEXT)


def _as_jpeg(page: Any, image: _SoleImage) -> EncodedPage | None:
    if image.turns or list(image.part.get_filters()) != ["DCTDecode"]:
        return None
    data = bytes(image.part.get_data(decode_simple=False))
    header = jpeg.header_of(data)
    if header is None or (header.width_px, header.height_px) != tuple(image.part.get_px_size()):
        return None
    if header.components not in (1, 3) or not _shows_the_same(page, _decoded_in_small(data)):
        return None
    return EncodedPage(data, _believed(image.dpi, header.width_px, header.height_px))


def _as_dots(page: Any, image: _SoleImage) -> PageImage | None:
    import numpy as np
    from PIL import Image

    width, height = image.part.get_px_size()
    refuse_bomb(width, height, 3)
    bitmap = image.part.get_bitmap()
    stored = bitmap.to_numpy()
    if stored.ndim == 3:
        stored = stored[..., 2::-1] if stored.shape[2] >= 3 else stored[..., 0]
    pixels = _plain(np.rot90(stored, -image.turns))
    small = Image.fromarray(pixels)
    small.thumbnail((_LOOK_PX, _LOOK_PX), Image.Resampling.BOX)
    if not _shows_the_same(page, small):
        return None
    height, width = pixels.shape[:2]
    return PageImage(pixels, _believed(image.dpi, width, height), 1, 1)


def _believed(dpi: tuple[float, float], width_px: int, height_px: int) -> int:
    across, _ = true_dpi(dpi, width_px, height_px)
    return max(1, round(across))


def _decoded_in_small(data: bytes) -> Image.Image | None:
    """The JPEG at a fraction of its size; None where it is broken inside."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("JPEG",)) as stored:
        stored.draft("RGB", (_LOOK_PX, _LOOK_PX))
        try:
            return stored.convert("RGB")
        except OSError:
            return None


def _shows_the_same(page: Any, stored: Image.Image | None) -> bool:
    """Whether an image by itself looks as the page does, in small.

    Colour spaces, masks and decode arrays stand beside the image, and change what the page shows of it. One
    that is broken counts as the same: whoever decodes it for the page shall say so, where PDFium would not.
    """
    import numpy as np
    from PIL import Image

    if stored is None:
        return True
    shown = _rendered(page, _LOOK_PX / max(page.get_size()))
    alike = stored.convert("RGB").resize((shown.shape[1], shown.shape[0]), Image.Resampling.BOX)
    return float(np.abs(np.asarray(alike, np.int16) - shown).mean()) < _LOOKS_ALIKE


def _drawn(page: Any, image: _SoleImage | None) -> PageImage:
    dpi = float(DRAWN_DPI)
    if image is not None:
        least, most = _NATIVE_DPI
        dpi = min(most, max(least, *image.dpi))
    scale = dpi / POINTS_PER_INCH * _NOT_QUITE
    width, height = (math.ceil(length * scale) for length in page.get_size())
    refuse_bomb(width, height, 3)
    pixels = _plain(_rendered(page, scale))
    height, width = pixels.shape[:2]
    return PageImage(pixels, _believed((dpi, dpi), width, height), 1, 1)


def _rendered(page: Any, scale: float) -> npt.NDArray[np.uint8]:
    bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=True)
    pixels: npt.NDArray[np.uint8] = bitmap.to_numpy()[..., :3].copy()
    bitmap.close()
    return pixels


def _plain(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Of its own memory, and grey where there is no colour in it."""
    import numpy as np

    if pixels.ndim == 3:
        red = pixels[..., 0]
        if np.array_equal(red, pixels[..., 1]) and np.array_equal(red, pixels[..., 2]):
            return red.copy()
    return pixels.copy()
