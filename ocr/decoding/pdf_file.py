"""The pages of somebody else's PDF (tệp PDF có sẵn), each the way it loses least.

A page that is nothing but one JPEG gives that JPEG; a page of letters and lines is taken over as it is where
PDF/A allows; any other page is drawn: at the resolution of its only image, or at 300 dpi.
"""

import ctypes
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr.decoding.copied import copied_page
from ocr.decoding.existing import words_of
from ocr.decoding.legibility import is_legible
from ocr.decoding.wishes import DecodedPage, TextLayer, Wishes
from ocr.errors import OcrError, OcrFault, reading_fault
from ocr.image import encode_bmp, refuse_bomb
from ocr.jpeg import jpeg_facts
from ocr.page import Word, plain_values, text_of

if TYPE_CHECKING:
    import pikepdf

_DPI = 300
_DPI_RANGE = (150, 600)
_COARSEST_DPI = 72
_MOST_PX = 60_000_000
_COVERS = 0.97
_INVISIBLE = 3
_FPDF_ERR_PASSWORD = 4
_MOSTLY_IMAGE = 0.5
_FEWEST_LETTERS_OVER_IMAGE = 200


class PdfFile:
    """A PDF with `count` pages, looked at as `wishes` say.

    Raises OcrError: ocr.password, ocr.damaged-pdf, ocr.not-found, ocr.unreadable.
    """

    def __init__(self, path: Path, wishes: Wishes) -> None:
        import pypdfium2

        self._path = path
        self._wishes = wishes
        self._parsed: pikepdf.Pdf | None = None
        self._unparsable = False
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise reading_fault(error) from error
        try:
            self._document = pypdfium2.PdfDocument(self._file)
            self._document.init_forms()
        except pypdfium2.PdfiumError as error:
            self._file.close()
            locked = error.err_code == _FPDF_ERR_PASSWORD
            raise OcrError(OcrFault.PASSWORD if locked else OcrFault.DAMAGED_PDF) from error
        self.count = len(self._document)
        self.signatures = max(0, int(pypdfium2.raw.FPDF_GetSignatureCount(self._document)))
        if self.count == 0:
            self.close()
            raise OcrError(OcrFault.DAMAGED_PDF)

    def page(self, index: int) -> DecodedPage:
        """Page `index` from 0. Raises OcrError ocr.damaged-pdf, ocr.bomb."""
        import pypdfium2

        try:
            page = self._document[index]
        except (pypdfium2.PdfiumError, IndexError) as error:
            raise OcrError(OcrFault.DAMAGED_PDF, page=index + 1) from error
        try:
            return self._decoded(page, index)
        except (pypdfium2.PdfiumError, ctypes.ArgumentError, ValueError) as error:
            raise OcrError(OcrFault.DAMAGED_PDF, page=index + 1) from error
        finally:
            page.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._document.close()
        self._file.close()
        if self._parsed is not None:
            self._parsed.close()

    def _decoded(self, page: Any, index: int) -> DecodedPage:
        only_image = _only_image(page)
        dpi = _native_dpi(page, only_image)
        words = self._layer_that_stays(page, dpi)
        plain = None if words is None else [plain_values(word) for word in words]
        whole = words is not None and (self._wishes.as_it_is or only_image is None)
        bare = words is None and self._wishes.as_it_is and only_image is not None
        copy = self._copy(index, with_text=words is not None) if whole or bare else None
        if whole and copy is not None:
            width, height = page.get_size()
            size = max(1, round(width * dpi / 72)), max(1, round(height * dpi / 72))
            return DecodedPage(None, dpi, size, plain, copy)
        jpeg = _embedded_jpeg(page, only_image)
        if jpeg is not None:
            image, dpi_of_jpeg = jpeg
            if plain is not None and dpi_of_jpeg != dpi:
                plain = [plain_values(word) for word in words_of(page, dpi_of_jpeg)]
            return DecodedPage(image, dpi_of_jpeg, None, plain, copy)
        image, size = _rendered(page, dpi)
        return DecodedPage(image, dpi, size, plain, copy)

    def _layer_that_stays(self, page: Any, dpi: int) -> tuple[Word, ...] | None:
        """The words that the page brings along, None when it is to be read."""
        if self._wishes.text_layer == TextLayer.REDO or page.get_rotation():
            return None
        words = words_of(page, dpi)
        if self._wishes.text_layer == TextLayer.SKIP:
            return words or None
        text = text_of(words)
        if not is_legible(text):
            return None
        letters = sum(letter.isalpha() for letter in text)
        # A page number or a stamp of receipt over a scan says nothing of what is written on it.
        return None if letters < _FEWEST_LETTERS_OVER_IMAGE and _is_mostly_image(page) else words

    def _copy(self, index: int, *, with_text: bool) -> bytes | None:
        import pikepdf

        if self._unparsable:
            return None
        try:
            if self._parsed is None:
                self._parsed = pikepdf.open(self._path)
            return copied_page(self._parsed, index, self._wishes.flavour, with_text=with_text)
        # What qpdf can't make sense of is drawn instead.
        except Exception:
            self._unparsable = self._parsed is None
            return None


def _is_mostly_image(page: Any) -> bool:
    """Whether images cover more than half of the page."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    covered = 0.0
    for part in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        left, bottom, right, top = part.get_bounds()
        covered += max(0.0, min(right, width) - max(left, 0)) * max(0.0, min(top, height) - max(bottom, 0))
    return bool(covered > _MOSTLY_IMAGE * width * height)


def _embedded_jpeg(page: Any, image: Any) -> tuple[bytes, int] | None:
    """The JPEG that is all of the page, as it is, and its dpi; None when there is more to the page, or it is
    turned or shown in part."""
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
    return data, max(1, round(facts.width * 72 / a))


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


def _rendered(page: Any, dpi: int) -> tuple[bytes, tuple[int, int]]:
    """The page drawn at `dpi` as BMP, and its size in px."""
    import cv2
    import numpy as np

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
    return encode_bmp(np.ascontiguousarray(shown)), (shown.shape[1], shown.shape[0])


def _is_grey(pixels: Any) -> bool:
    import numpy as np

    first = pixels[..., 0]
    return bool(np.array_equal(first, pixels[..., 1]) and np.array_equal(first, pixels[..., 2]))


def _native_dpi(page: Any, image: Any) -> int:
    """The resolution of the page's only `image`, within 150..600; 300 for a page of anything else. A huge
    page is drawn more coarsely, so that it can be drawn at all."""
    width, height = page.get_size()
    most = math.sqrt(_MOST_PX / max(width * height / 72 / 72, 0.01))
    wanted = float(_DPI)
    if image is not None:
        across, _ = image.get_px_size()
        a, b = (float(value) for value in image.get_matrix().get()[:2])
        inches = math.hypot(a, b) / 72
        if inches > 0:
            wanted = max(_DPI_RANGE[0], min(_DPI_RANGE[1], int(across) / inches))
    return max(_COARSEST_DPI, round(min(wanted, most)))


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
