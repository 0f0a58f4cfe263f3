"""Encoded images in, arrays out (giải mã ảnh): refused by their header when they are bombs, whole or not at
all."""

import hashlib
import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocr.errors import OcrError, OcrFault, reading_fault
from ocr.jpeg import jpeg_facts, with_density

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image, ImageFile

MAX_PIXELS = 200_000_000
"""An A0 plan at 300 dpi has 139 Mpx; nothing larger comes out of an office scanner."""
MAX_BYTES = 1_000_000_000
JPEG_QUALITY = 88
_A4_SHORT_INCHES = 210 / 25.4
_EXIF_ORIENTATION = 0x0112
_END_OF_IMAGE = b"\xff\xd9"


@dataclass(frozen=True)
class Picture:
    """A decoded page image.

    `pixels` is uint8, height × width (grey) or height × width × 3 (R, G, B). `dpi` is what the file says,
    None when it says nothing credible. `jpeg` is the file itself when a PDF can hold it untouched.
    """

    pixels: "NDArray[np.uint8]"
    dpi: int | None
    sha256: str
    jpeg: bytes | None


def load_bytes(image: Path | bytes) -> bytes:
    """The bytes of an encoded image. Raises OcrError when the file can't be read or is too big."""
    if isinstance(image, bytes):
        return image
    try:
        size = image.stat().st_size
        if size > MAX_BYTES:
            raise OcrError(OcrFault.TOO_BIG, bytes=size)
        return image.read_bytes()
    except OSError as error:
        raise reading_fault(error) from error


def decode(image: Path | bytes) -> Picture:
    """The page image in a JPEG, PNG, TIFF (first page), BMP or WebP file, upright by its Exif orientation.

    Transparent parts are white. Raises OcrError: ocr.not-an-image, ocr.bomb, ocr.truncated,
    ocr.damaged-image, or what `load_bytes` raises.
    """
    data = load_bytes(image)
    opened = open_header(data)
    dpi = credible_dpi(opened)
    exif_turned = _exif_orientation(opened) not in (0, 1)
    pixels = None if exif_turned else _whole_jpeg(data, opened)
    if pixels is None:
        pixels = _pixels(opened, exif_turned=exif_turned)
    kept = data if opened.format == "JPEG" and not exif_turned and _fits_pdf(data, opened) else None
    return Picture(pixels, dpi, hashlib.sha256(data).hexdigest(), kept)


def open_header(data: bytes) -> "ImageFile.ImageFile":
    """The image in `data` with its header read and nothing decoded. Raises OcrError."""
    reader = _reader_of(data)
    if reader is None:
        raise OcrError(OcrFault.NOT_AN_IMAGE)
    try:
        opened = reader(io.BytesIO(data))
    except Exception as error:
        raise OcrError(_reading_fault_of(error)) from error
    width, height = opened.size
    refuse_bomb(width, height)
    return opened


def refuse_bomb(width: int, height: int) -> None:
    """Raises OcrError ocr.bomb when width × height px is more than any page has."""
    if width * height > MAX_PIXELS:
        raise OcrError(OcrFault.BOMB, width=width, height=height)


def credible_dpi(opened: "Image.Image") -> int | None:
    """The dpi that an image claims, None when it claims none between 60 and 2400."""
    claimed = opened.info.get("dpi")
    try:
        dpi = round(float(claimed[0])) if claimed else 0
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return dpi if 60 <= dpi <= 2400 and dpi not in (72, 96) else None


def guessed_dpi(width: int, height: int) -> int:
    """The dpi at which the short side of width × height px is that of A4, within 72..1200."""
    return max(72, min(1200, round(min(width, height) / _A4_SHORT_INCHES)))


def encode_jpeg(pixels: "NDArray[np.uint8]", dpi: int) -> bytes:
    """Grey or R, G, B `pixels` as a baseline JPEG labelled with `dpi`."""
    return with_density(coded_jpeg(pixels, JPEG_QUALITY), dpi)


def coded_jpeg(
    pixels: "NDArray[np.uint8]", quality: int, *, colour_quality: int = 0, progressive: bool = False
) -> bytes:
    """Grey or R, G, B `pixels` as a JPEG of `quality` 1..100; colour in half the resolution, unless it has
    a `colour_quality` of its own. `progressive` ones take less where little is to be seen."""
    import cv2

    shown = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    if progressive:
        settings += [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    if colour_quality:
        settings += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
        settings += [cv2.IMWRITE_JPEG_LUMA_QUALITY, quality, cv2.IMWRITE_JPEG_CHROMA_QUALITY, colour_quality]
    _, encoded = cv2.imencode(".jpg", shown, settings)
    return encoded.tobytes()


def encode_bmp(pixels: "NDArray[np.uint8]") -> bytes:
    """Grey or R, G, B `pixels` as a BMP: no time goes into what is decoded again at once."""
    import cv2

    shown = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".bmp", shown)
    return encoded.tobytes()


def frame_pixels(opened: "Image.Image") -> "NDArray[np.uint8]":
    """The current frame of `opened` as grey or R, G, B. Raises OcrError when it can't be decoded."""
    return _pixels(opened, exif_turned=_exif_orientation(opened) not in (0, 1))


def _reader_of(data: bytes) -> "type[ImageFile.ImageFile] | None":
    """The Pillow class for these first bytes; named one by one, since the generic opener tries every format
    and warns of size before anyone can ask for the size."""
    from PIL import BmpImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

    if data.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return TiffImagePlugin.TiffImageFile
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    if data.startswith(b"BM"):
        return BmpImagePlugin.BmpImageFile
    return None


def _reading_fault_of(error: Exception) -> OcrFault:
    told = str(error).lower()
    cut_off = isinstance(error, EOFError | struct.error) or "truncated" in told or "broken data" in told
    if cut_off:
        return OcrFault.TRUNCATED
    return OcrFault.DAMAGED_IMAGE


def _whole_jpeg(data: bytes, opened: "Image.Image") -> "NDArray[np.uint8] | None":
    """The px of a grey or coloured JPEG that has its end; None for anything else.

    The same px that Pillow makes, in half the time: it copies them twice more. OpenCV fills up what is cut
    off, without a word.
    """
    import cv2
    import numpy as np

    if opened.format != "JPEG" or opened.mode not in ("L", "RGB") or not data.endswith(_END_OF_IMAGE):
        return None
    kind = cv2.IMREAD_GRAYSCALE if opened.mode == "L" else cv2.IMREAD_COLOR_RGB
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), kind | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)


def _pixels(opened: "Image.Image", *, exif_turned: bool) -> "NDArray[np.uint8]":
    import numpy as np
    from PIL import Image, ImageOps

    try:
        opened.load()
        shown = ImageOps.exif_transpose(opened) if exif_turned else opened
        return np.asarray(_grey_or_rgb(shown))
    except Image.DecompressionBombError as error:
        raise OcrError(OcrFault.BOMB, width=opened.width, height=opened.height) from error
    except Exception as error:
        raise OcrError(_reading_fault_of(error)) from error


def _grey_or_rgb(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _eight_bits(image)
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        return paper.convert("RGB")
    return image.convert("RGB")


def _eight_bits(image: "Image.Image") -> "Image.Image":
    import numpy as np
    from PIL import Image

    values = np.nan_to_num(np.asarray(image, dtype=np.float32))
    top = 65535.0 if values.max(initial=0) > 255 else 255.0
    return Image.fromarray(np.clip(values * (255.0 / top), 0, 255).astype(np.uint8))


def _exif_orientation(opened: "Image.Image") -> int:
    try:
        return int(opened.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:
        # Exif is written by anyone; a broken block says nothing about how the page stands.
        return 1


def _fits_pdf(data: bytes, opened: "Image.Image") -> bool:
    facts = jpeg_facts(data)
    return facts is not None and facts.fits_pdf and (facts.width, facts.height) == opened.size
