"""Pictures of handwriting and seals on a transparent ground (hình chữ ký, hình dấu).

ISO 19005-2 §6.2.10 leaves soft masks to files with a blending space; a mask of one bit at full resolution
needs none and prints the same on every device.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signing.appearance.frame import POINTS_PER_MM
from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    import pikepdf
    from PIL import Image

_LARGEST_BYTES = 16 << 20
_MOST_PIXELS = 40_000_000
_LARGEST_MM = 120.0
_SMALLEST_DPI = 90
_OPAQUE = 96
_GREY = 40
_PAPER = 200
"""Lighter than this on every channel is paper, where the picture itself knows no transparency."""


@dataclass(frozen=True)
class Picture:
    """RGB and one-bit mask, rows from the top, and the size in mm at which it is shown."""

    wide: int
    high: int
    rgb: bytes
    mask: bytes
    width_mm: float
    height_mm: float

    def scaled(self, by: float) -> "Picture":
        """The same at another size."""
        return Picture(self.wide, self.high, self.rgb, self.mask, self.width_mm * by, self.height_mm * by)


def read_picture(file: Path, fitting_mm: tuple[float, float], colour: tuple[int, int, int]) -> Picture:
    """A PNG or JPEG cut down to its ink, at its own size, or within `fitting_mm` when it tells none.

    A grey picture is drawn in `colour` (NĐ 30/2020: a signature blue, a seal red). Raises
    `sign.picture-broken` for what isn't a picture, holds no ink, or is larger than 16 MB or 40 megapixels.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        data = file.read_bytes() if file.stat().st_size <= _LARGEST_BYTES else b""
        with Image.open(io.BytesIO(data)) as opened:
            if opened.format not in {"PNG", "JPEG"} or opened.width * opened.height > _MOST_PIXELS:
                raise SigningError(SigningFault.PICTURE_BROKEN, reason="kind or size")
            dpi = opened.info.get("dpi")
            whole = opened.convert("RGBA")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SigningError(SigningFault.PICTURE_BROKEN, reason=type(error).__name__) from error
    ink = _ink_of(whole)
    edges = ink.getbbox()
    if edges is None:
        raise SigningError(SigningFault.PICTURE_BROKEN, reason="empty")
    ink, shown = ink.crop(edges), whole.convert("RGB").crop(edges)
    if _is_grey(shown, ink):
        shown = _tinted(shown, colour)
    width, height = _size_of(shown.size, dpi, fitting_mm)
    return Picture(shown.width, shown.height, shown.tobytes(), ink.convert("1").tobytes(), width, height)


def _ink_of(whole: "Image.Image") -> "Image.Image":
    """255 where the picture is to be seen: by its own transparency, else where it is darker than paper."""
    alpha = whole.getchannel("A")
    if alpha.getextrema()[0] < _OPAQUE:  # type: ignore[operator]
        return alpha.point(lambda value: 255 if value >= _OPAQUE else 0)
    from PIL import ImageChops

    red, green, blue, _ = whole.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return darkest.point(lambda value: 255 if value < _PAPER else 0)


def _is_grey(shown: "Image.Image", ink: "Image.Image") -> bool:
    from PIL import ImageStat

    saturation = shown.convert("HSV").getchannel("S")
    return ImageStat.Stat(saturation, ink).mean[0] < _GREY


def _tinted(shown: "Image.Image", colour: tuple[int, int, int]) -> "Image.Image":
    from PIL import ImageOps

    return ImageOps.colorize(shown.convert("L"), black=colour, white=(255, 255, 255))


def _size_of(pixels: tuple[int, int], dpi: Any, fitting_mm: tuple[float, float]) -> tuple[float, float]:
    wide, high = pixels
    try:
        across, down = (float(value) for value in dpi)
    except (TypeError, ValueError):
        across = down = 0.0
    if across >= _SMALLEST_DPI and down >= _SMALLEST_DPI:
        width, height = wide / across * 25.4, high / down * 25.4
        if max(width, height) <= _LARGEST_MM:
            return width, height
    by = min(fitting_mm[0] / wide, fitting_mm[1] / high)
    return wide * by, high * by


def embedded_picture(pdf: "pikepdf.Pdf", picture: Picture) -> "pikepdf.Object":
    """The picture as an image of `pdf` with an explicit mask (ISO 32000-1 §8.9.6.3)."""
    from pikepdf import Array, Name

    size: dict[str, Any] = {
        "Type": Name.XObject,
        "Subtype": Name.Image,
        "Width": picture.wide,
        "Height": picture.high,
    }
    mask = pdf.make_stream(picture.mask, **size, ImageMask=True, BitsPerComponent=1, Decode=Array([1, 0]))
    image: pikepdf.Object = pdf.make_stream(
        picture.rgb, **size, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Mask=mask
    )
    return image


def drawn_picture(picture: Picture, left: float, bottom: float) -> bytes:
    """The operators that show the image `/Pic` with its lower left corner there (pt)."""
    width, height = picture.width_mm * POINTS_PER_MM, picture.height_mm * POINTS_PER_MM
    return f"q {width:.3f} 0 0 {height:.3f} {left:.3f} {bottom:.3f} cm /Pic Do Q".encode()
