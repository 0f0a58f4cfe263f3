"""Image files to page images: upright, grey or RGB, square pixels (giải mã ảnh).

Sizes are checked against the header before anything is allocated.
"""

from __future__ import annotations

import io
import struct
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.backends.importing.density import true_dpi
from scanner.backends.importing.forms import Form
from scanner.backends.importing.wholeness import MOST_IMAGES
from scanner.contract import LARGEST_PAGE_BYTES, PageImage
from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    from PIL import Image, ImageFile

LARGEST_PAGE_PIXELS = 200_000_000
"""An A0 plan at 300 dpi has 139 million."""

MOST_SCANS = 100
"""Scans of one progressive JPEG; encoders make about ten."""

_ORIENTATION = 0x0112
_UPRIGHT = (0, 1)
_SQUARE = 0.02
"""Densities across and down may differ by this part and still count as the same."""

_OF_GREY = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"})
_SEE_THROUGH = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})


def refuse_bomb(width_px: int, height_px: int, samples: int) -> None:
    """Raises ScanError `scan.refused-size` for an image larger than any page."""
    pixels = width_px * height_px
    if pixels > LARGEST_PAGE_PIXELS or pixels * samples > LARGEST_PAGE_BYTES:
        raise ScanError(
            ScanFault.REFUSED_SIZE, width_px=width_px, height_px=height_px, most_px=LARGEST_PAGE_PIXELS
        )


def _refuse_endless(data: bytes) -> None:
    """A progressive JPEG may pass over all its pixels again for a few bytes each time, for hours.

    The marker of a scan can't occur inside coded data.
    """
    scans = data.count(b"\xff\xda")
    if scans > MOST_SCANS:
        raise ScanError(ScanFault.UNREADABLE_FILE, reason="scans", scans=scans, most=MOST_SCANS)


class RasterDocument:
    """An image file with one page or, where its form has that, several. Raises ScanError as `page` does."""

    lost = False

    def __init__(self, path: Path, form: Form) -> None:
        self._data = path.read_bytes() if form is Form.JPEG else None
        source = path if self._data is None else io.BytesIO(self._data)
        try:
            if self._data is not None:
                _refuse_endless(self._data)
            self._image = _reader_of(form)(source)
            self.count = _count_of(self._image)
        except Exception as error:
            raise _fault_of(error) from error

    def page(self, index: int) -> PageImage:
        """The page at `index`, from 0, as sheet 1.

        Raises ScanError `scan.refused-size`, `scan.truncated`, `scan.unreadable-file`, `scan.unsupported`.
        """
        try:
            if index:
                self._image.seek(index)
            return page_of(self._image, self._data)
        except Exception as error:
            raise _fault_of(error) from error

    def close(self) -> None:
        """Closes the file."""
        self._image.close()


def decoded_jpeg(data: bytes, dpi: int) -> PageImage:
    """The page in a JPEG whose resolution is known from elsewhere. Raises ScanError as `page` does."""
    try:
        _refuse_endless(data)
        with _reader_of(Form.JPEG)(io.BytesIO(data)) as image:
            page = page_of(image, data)
    except Exception as error:
        raise _fault_of(error) from error
    return PageImage(page.pixels, dpi, page.sheet, page.side, page.encoded)


def page_of(image: ImageFile.ImageFile, encoded: bytes | None) -> PageImage:
    """The current page of an opened image; `encoded` is the JPEG that it is read from.

    A JPEG that isn't upright, is neither grey nor RGB or has oblong pixels is not passed on as it is. Raises
    whatever the decoder raises, and ScanError `scan.refused-size`, `scan.unsupported`.
    """
    import numpy as np

    refuse_bomb(*image.size, 1 if image.mode in _OF_GREY else 3)
    stated, size = _stated_dpi(image), image.size
    image.load()
    upright = _upright(image)
    if upright is not image:
        encoded = None
    if stated is not None and upright.size != size:
        stated = (stated[1], stated[0])
    if image.mode not in ("L", "RGB"):
        encoded = None
    across, down = true_dpi(stated, *upright.size)
    plain = _grey_or_rgb(upright)
    if abs(across - down) > _SQUARE * max(across, down):
        plain, across = _squared(plain, across, down), max(across, down)
        encoded = None
    return PageImage(np.array(plain), max(1, round(across)), 1, 1, encoded)


def _reader_of(form: Form) -> type[ImageFile.ImageFile]:
    """One class by name: the generic opener tries every form there is, and warns of sizes by itself."""
    from PIL import JpegImagePlugin, PngImagePlugin, TiffImagePlugin

    if form is Form.JPEG:
        return JpegImagePlugin.JpegImageFile
    if form is Form.PNG:
        return PngImagePlugin.PngImageFile
    if form is Form.TIFF:
        return TiffImagePlugin.TiffImageFile
    try:
        reader: type[ImageFile.ImageFile] = import_module("pillow_heif").HeifImageFile
    except ImportError as error:
        raise ScanError(ScanFault.UNSUPPORTED, form=form.value) from error
    return reader


def _count_of(image: ImageFile.ImageFile) -> int:
    if image.format not in ("TIFF", "HEIF"):
        return 1
    count = int(getattr(image, "n_frames", 1))
    if count > MOST_IMAGES:
        raise ScanError(ScanFault.REFUSED_SIZE, pages=count, most=MOST_IMAGES)
    return count


def _stated_dpi(image: Image.Image) -> tuple[float, float] | None:
    stated = image.info.get("dpi")
    try:
        return (float(stated[0]), float(stated[1])) if stated else None
    except (TypeError, ValueError, ArithmeticError, IndexError):
        return None


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    try:
        turned = image.getexif().get(_ORIENTATION, 1) not in _UPRIGHT
    except Exception:
        # Exif is written by anyone; a broken block says nothing about how the page stands.
        return image
    return (ImageOps.exif_transpose(image) if turned else None) or image


def _grey_or_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "F":
        raise ScanError(ScanFault.UNSUPPORTED, form="float")
    if image.mode.startswith("I"):
        return _eight_bits(image)
    if image.mode in _SEE_THROUGH or "transparency" in image.info:
        return _on_white(image)
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Of 16-bit grey the upper half; scanners that send it use the whole range."""
    import numpy as np
    from PIL import Image

    samples = np.asarray(image).astype(np.int64)
    return Image.fromarray((samples.clip(0, 0xFFFF) >> 8).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    grey = image.mode in ("LA", "La")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("L" if grey else "RGB")


def _squared(image: Image.Image, across: float, down: float) -> Image.Image:
    """The image with as many dots an inch across as down: those of a fax are oblong."""
    from PIL import Image

    finest = max(across, down)
    width, height = round(image.width * finest / across), round(image.height * finest / down)
    refuse_bomb(width, height, 1 if image.mode == "L" else 3)
    return image.resize((width, height), Image.Resampling.BICUBIC)


def _fault_of(error: Exception) -> ScanError:
    """A decoder's own word for what it met, as one of ours."""
    if isinstance(error, ScanError):
        return error
    if isinstance(error, MemoryError):
        return ScanError(ScanFault.OUT_OF_MEMORY)
    told = str(error).lower()
    if isinstance(error, EOFError | struct.error) or "truncated" in told or "broken data" in told:
        return ScanError(ScanFault.TRUNCATED)
    facts = {"errno": error.errno} if isinstance(error, OSError) and error.errno else {}
    return ScanError(ScanFault.UNREADABLE_FILE, reason=type(error).__name__, **facts)
