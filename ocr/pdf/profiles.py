"""How the visible page is kept (hồ sơ lưu ảnh): as captured, or small."""

from enum import StrEnum
from typing import TYPE_CHECKING

from ocr.jpeg import jpeg_facts
from ocr.pdf.archival import archival, kept_jpeg
from ocr.pdf.compact.painting import compact
from ocr.pdf.layers import Painting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECIPE = 5
"""Counts up whenever the same page would be painted otherwise."""


class Profile(StrEnum):
    """What a page looks like in the file."""

    ARCHIVAL = "archival"
    """As captured, apart from its geometry (lưu trữ)."""
    COMPACT = "compact"
    """Whitened paper, sharp print, seals and signatures in their colours (gọn nhẹ)."""
    ORIGINAL = "original"
    """As archival, and a page that needs no turning is the scanner's own JPEG, bit by bit (ảnh gốc)."""


def painted(
    pixels: "NDArray[np.uint8]",
    dpi: int,
    profile: Profile,
    *,
    jpeg: bytes | None = None,
    most: int | None = None,
) -> Painting:
    """`pixels` (uint8, grey or R, G, B, at `dpi`) as `profile` wants them.

    `jpeg` is the source's own file when the pixels are just it; `most` the bytes that the source had and the
    result should not exceed.
    """
    if profile is Profile.COMPACT:
        small = compact(pixels, dpi)
        # Noise everywhere, or a photograph of a page: then the plain JPEG is the smaller one.
        if jpeg is None or small.size <= len(jpeg):
            return small
    facts = jpeg_facts(jpeg) if jpeg is not None else None
    if profile is Profile.ORIGINAL and jpeg is not None and facts is not None:
        return kept_jpeg(jpeg, facts, dpi)
    return archival(pixels, dpi, jpeg, most=most)
