"""The pages of somebody else's PDF as images (trang của tệp PDF có sẵn).

A page that is nothing but one JPEG gives that JPEG; any other page is drawn: at the resolution of its only
image, or at 300 dpi. PDFium knows no threads, so every call into it holds one lock.
"""

import ctypes
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr.errors import OcrError, OcrFault, reading_fault
from ocr.image import encode_png, refuse_bomb
from ocr.jpeg import jpeg_facts

_DPI = 300
_DPI_RANGE = (150, 600)
_COVERS = 0.97
_INVISIBLE = 3
_FPDF_ERR_PASSWORD = 4
_lock = threading.Lock()


@dataclass(frozen=True)
class DrawnPage:
    """An encoded image of a page and its dpi."""

    data: bytes
    dpi: int


def page_count(path: Path) -> int:
    """How many pages the PDF has. Raises OcrError as `drawn_pages` does."""
    with _opened(path) as document, _lock:
        return max(1, len(document))


def drawn_pages(path: Path) -> Iterator[DrawnPage | OcrError]:
    """The pages of a PDF, drawn one by one as they are asked for; a page that can't be drawn is its OcrError.

    Raises OcrError: ocr.password, ocr.damaged-pdf, ocr.not-found, ocr.unreadable.
    """
    with _opened(path) as document:
        with _lock:
            count = len(document)
        if count == 0:
            raise OcrError(OcrFault.DAMAGED_PDF)
        for index in range(count):
            try:
                with _lock:
                    drawn = _draw(document, index)
            except OcrError as error:
                yield error
            else:
                yield drawn


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import pypdfium2

    try:
        file = path.open("rb")
    except OSError as error:
        raise reading_fault(error) from error
    with file:
        try:
            with _lock:
                document = pypdfium2.PdfDocument(file)
                document.init_forms()
        except pypdfium2.PdfiumError as error:
            locked = error.err_code == _FPDF_ERR_PASSWORD
            raise OcrError(OcrFault.PASSWORD if locked else OcrFault.DAMAGED_PDF) from error
        try:
            yield document
        finally:
            with _lock:
                document.close()


def _draw(document: Any, index: int) -> DrawnPage:
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise OcrError(OcrFault.DAMAGED_PDF, page=index + 1) from error
    try:
        return _embedded_jpeg(page) or _rendered(page)
    except (pypdfium2.PdfiumError, ctypes.ArgumentError, ValueError) as error:
        raise OcrError(OcrFault.DAMAGED_PDF, page=index + 1) from error
    finally:
        page.close()


def _embedded_jpeg(page: Any) -> DrawnPage | None:
    """The JPEG that is all of the page, as it is; None when there is more to the page, or it is turned or
    shown in part."""
    image = _only_image(page)
    if image is None or page.get_rotation() or list(image.get_filters()) != ["DCTDecode"]:
        return None
    a, b, c, d, e, f = image.get_matrix().get()
    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    upright = a > 0 and d > 0 and abs(b) < 1e-3 * a and abs(c) < 1e-3 * d
    within = abs(e - left) < 0.02 * width and abs(f - bottom) < 0.02 * height
    covering = abs(a - width) < (1 - _COVERS) * width and abs(d - height) < (1 - _COVERS) * height
    if not (upright and within and covering):
        return None
    data = bytes(image.get_data(decode_simple=False))
    facts = jpeg_facts(data)
    # Colour spaces and decode arrays live outside the JPEG; only a drawing that agrees with it is trusted to.
    if facts is None or not facts.fits_pdf or not _looks_as_drawn(page, data):
        return None
    return DrawnPage(data, max(1, round(facts.width * 72 / a)))


def _looks_as_drawn(page: Any, data: bytes) -> bool:
    """Whether the JPEG decoded by itself shows the page as PDFium draws it, compared at 20 dpi."""
    import cv2
    import numpy as np

    drawn = page.render(scale=20 / 72, rev_byteorder=False, force_bitmap_format=None).to_numpy()
    grey = (
        cv2.cvtColor(drawn[..., :3], cv2.COLOR_BGR2GRAY) if drawn.ndim == 3 and drawn.shape[2] > 1 else drawn
    )
    grey = grey.reshape(grey.shape[:2])
    decoded = cv2.imdecode(
        np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_4 | cv2.IMREAD_IGNORE_ORIENTATION
    )
    if decoded is None:
        return False
    small = cv2.resize(decoded, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_AREA)
    return float(np.abs(small.astype(np.int16) - grey.astype(np.int16)).mean()) < 12


def _rendered(page: Any) -> DrawnPage:
    import cv2
    import numpy as np

    dpi = _native_dpi(page)
    width, height = page.get_size()
    refuse_bomb(round(width * dpi / 72), round(height * dpi / 72))
    bitmap = page.render(scale=dpi / 72, may_draw_forms=True, fill_color=(255, 255, 255, 255))
    pixels = bitmap.to_numpy()
    shown = (
        pixels[..., 0]
        if pixels.ndim == 3 and pixels.shape[2] == 1
        else cv2.cvtColor(pixels[..., :3], cv2.COLOR_BGR2RGB)
    )
    if shown.ndim == 3 and _is_grey(shown):
        shown = shown[..., 0]
    return DrawnPage(encode_png(np.ascontiguousarray(shown)), dpi)


def _is_grey(pixels: Any) -> bool:
    import numpy as np

    first = pixels[..., 0]
    return bool(np.array_equal(first, pixels[..., 1]) and np.array_equal(first, pixels[..., 2]))


def _native_dpi(page: Any) -> int:
    """The resolution of the page's only image, within 150..600; 300 for a page of anything else."""
    image = _only_image(page)
    if image is None:
        return _DPI
    across, _ = image.get_px_size()
    a, b = (float(value) for value in image.get_matrix().get()[:2])
    inches = math.hypot(a, b) / 72
    if inches <= 0:
        return _DPI
    return max(_DPI_RANGE[0], min(_DPI_RANGE[1], round(int(across) / inches)))


def _only_image(page: Any) -> Any:
    """The image that is all of what the page shows; None when there is anything else visible."""
    import pypdfium2.raw as pdfium

    images = []
    for part in page.get_objects(max_depth=1):
        if part.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            images.append(part)
        elif (
            part.type != pdfium.FPDF_PAGEOBJ_TEXT or pdfium.FPDFTextObj_GetTextRenderMode(part) != _INVISIBLE
        ):
            return None
    annotated = pdfium.FPDFPage_GetAnnotCount(page) > 0
    return images[0] if len(images) == 1 and not annotated else None
