"""Page images as JPEG files that state their true resolution (JFIF, ITU-T T.871; markers of ITU-T T.81)."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

THUMBNAIL_PX = 256
"""Long side of a thumbnail."""

LONGEST_SIDE = 65500
"""Pixels that a side of a JPEG may have, as libjpeg writes it."""

START = b"\xff\xd8"
END = b"\xff\xd9"

_THUMBNAIL_QUALITY = 80
_PER_INCH, _PER_CM = 1, 2
_CM_PER_INCH = 2.54
_MOST_DENSITY = 0xFFFF

_START_OF_SCAN = 0xDA
_APP0, _APP14 = 0xE0, 0xEE
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FRAMES_THAT_ANYONE_DECODES = frozenset({0xC0, 0xC1, 0xC2})


@dataclass(frozen=True)
class Header:
    """What a JPEG says of itself before its first scan.

    `density_at` is the offset of unit and densities in the file, None without a JFIF segment. `stored_rgb` is
    True where only the lack of a JFIF segment tells that the three components are R, G and B.
    """

    width_px: int
    height_px: int
    components: int
    scan_at: int
    density_at: int | None
    stored_rgb: bool


def header_of(data: bytes) -> Header | None:
    """The header of an 8-bit baseline or progressive JPEG; None for anything else, or a broken one."""
    try:
        return _walked(data) if data[:2] == START else None
    except (IndexError, struct.error):
        return None


def _walked(data: bytes) -> Header | None:
    density_at: int | None = None
    transform: int | None = None
    frame: tuple[int, int, bytes] | None = None
    at = 2
    while True:
        marker, at = _next_marker(data, at)
        if marker in _WITHOUT_LENGTH:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        body = data[at + 2 : at + length]
        if length < 2 or len(body) != length - 2:
            return None
        if marker == _START_OF_SCAN:
            break
        if marker == _APP0 and body[:5] == b"JFIF\0" and len(body) >= 12 and density_at is None:
            density_at = at + 2 + 7
        elif marker == _APP14 and body[:5] == b"Adobe" and len(body) >= 12:
            transform = body[11]
        elif marker in _FRAMES:
            precision, height, width, count = struct.unpack_from(">BHHB", body)
            ids = body[6 : 6 + 3 * count : 3]
            if marker not in _FRAMES_THAT_ANYONE_DECODES or precision != 8 or len(ids) != count:
                return None
            frame = (width, height, ids)
        at += length
    if frame is None or 0 in frame[:2]:
        return None
    width, height, ids = frame
    stored_rgb = density_at is None and (transform == 0 if transform is not None else ids == b"RGB")
    return Header(width, height, len(ids), at, density_at, stored_rgb and len(ids) == 3)


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at `at`, after its fill bytes, and the offset behind it."""
    if data[at] != 0xFF:
        raise IndexError(at)
    while data[at] == 0xFF:
        at += 1
    return data[at], at + 1


def has_end(data: bytes, header: Header) -> bool:
    """Whether the end-of-image marker follows the first scan; entropy-coded data can't hold its two bytes."""
    return data.rfind(END) > header.scan_at


def as_kept(data: bytes, shape: tuple[int, ...], dpi: int) -> bytes | None:
    """The JPEG as it is, but for a density that isn't `dpi`; the coded image itself is never touched.

    None where it can't stand for pixels of `shape`, (H, W, 3) RGB or (H, W) grey: another size, other
    colours, no end, or a form in which no density can be stated.
    """
    header = header_of(data)
    if header is None or not has_end(data, header):
        return None
    components = 3 if len(shape) == 3 else 1
    if (header.height_px, header.width_px, header.components) != (*shape[:2], components):
        return None
    if not 1 <= dpi <= _MOST_DENSITY:
        return None
    if header.density_at is None:
        # A JFIF segment would make every decoder take R, G, B for Y, Cb, Cr.
        return None if header.stored_rgb else START + _jfif(dpi) + data[2:]
    if _states(data, header.density_at, dpi):
        return data
    at = header.density_at
    return data[:at] + struct.pack(">BHH", _PER_INCH, dpi, dpi) + data[at + 5 :]


def _jfif(dpi: int) -> bytes:
    return struct.pack(">BBH5sHBHHBB", 0xFF, _APP0, 16, b"JFIF\0", 0x0102, _PER_INCH, dpi, dpi, 0, 0)


def _states(data: bytes, density_at: int, dpi: int) -> bool:
    unit: int
    across: int
    down: int
    unit, across, down = struct.unpack_from(">BHH", data, density_at)
    if unit == _PER_CM:
        # Whole dots per centimetre can't say every dpi exactly.
        return all(abs(density * _CM_PER_INCH - dpi) <= _CM_PER_INCH / 2 for density in (across, down))
    return unit == _PER_INCH and across == down == dpi


def encode(pixels: npt.NDArray[np.uint8], dpi: int, quality: int) -> bytes:
    """A JPEG of (H, W, 3) RGB or (H, W) grey, 4:4:4, with `dpi` in the density of its JFIF header.

    4:4:4 because a red seal over black text loses its edge where chroma is halved.
    Raises ValueError for any other shape or type of array, or an empty one; ScanError `scan.refused-size`
    where a side is longer than a JPEG can be.
    """
    import cv2
    import numpy as np

    require_page_image(pixels)
    if max(pixels.shape[:2]) > LONGEST_SIDE:
        raise ScanError(ScanFault.REFUSED_SIZE, px=max(pixels.shape[:2]), most=LONGEST_SIDE)
    plain = np.ascontiguousarray(pixels)
    if pixels.ndim == 3:
        plain = np.asarray(cv2.cvtColor(plain, cv2.COLOR_RGB2BGR), np.uint8)
    wanted = [
        *(cv2.IMWRITE_JPEG_QUALITY, quality),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
    ]
    done, data = cv2.imencode(".jpg", plain, wanted)
    kept = as_kept(data.tobytes(), pixels.shape, dpi) if done else None
    if kept is None:
        raise MemoryError("no JPEG was made")
    return kept


def decoded(data: bytes) -> npt.NDArray[np.uint8]:
    """The pixels of a JPEG as it lies, whatever its EXIF says: (H, W, 3) RGB or (H, W) grey.

    Raises ValueError for what is no JPEG. One that is short is filled up: see to that before.
    """
    import cv2
    import numpy as np

    header = header_of(data)
    kind = cv2.IMREAD_GRAYSCALE if header and header.components == 1 else cv2.IMREAD_COLOR_RGB
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), kind | cv2.IMREAD_IGNORE_ORIENTATION)
    if header is None or pixels is None:
        raise ValueError("no JPEG")
    return np.asarray(pixels, np.uint8)


def require_page_image(pixels: npt.NDArray[np.uint8]) -> None:
    """Raises ValueError for what is no page image: other shapes or types, or no pixel at all."""
    if pixels.dtype.name != "uint8" or pixels.size == 0:
        raise ValueError("a page image has uint8 pixels, at least one")
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] == 3):
        raise ValueError("a page image is (H, W) or (H, W, 3)")


def thumbnail(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A small JPEG of a page image, its long side THUMBNAIL_PX or less."""
    import cv2
    import numpy as np
    from PIL import Image

    # Every fourth pixel of a page at 300 dpi is plenty for a picture of a few centimetres.
    step = max(1, max(pixels.shape[:2]) // (THUMBNAIL_PX * 3))
    size = [max(1, length // step) for length in reversed(pixels.shape[:2])]
    picked = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_NEAREST)
    return _shrunk(Image.fromarray(picked))


def thumbnail_of(source: Path | bytes) -> bytes:
    """The thumbnail of a JPEG or of the file of one. Raises OSError where it can't be read or is no image."""
    from PIL import Image

    with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=("JPEG",)) as image:
        # The decoder itself halves the image up to three times, which costs next to nothing.
        image.draft(None, (THUMBNAIL_PX, THUMBNAIL_PX))
        return _shrunk(image if image.mode in ("L", "RGB") else image.convert("RGB"))


def _shrunk(image: Image.Image) -> bytes:
    from PIL import Image

    image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.BOX)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_THUMBNAIL_QUALITY)
    return out.getvalue()
