"""The archival profile (hồ sơ lưu trữ): the page as it was captured, apart from its geometry."""

from typing import TYPE_CHECKING

from ocr.jpeg import JpegFacts, jpeg_facts
from ocr.pdf.g4 import encode_g4
from ocr.pdf.layers import Coding, Ink, Painting, Picture
from ocr.visible import visible_jpeg

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def archival(
    pixels: "NDArray[np.uint8]", dpi: int, jpeg: bytes | None = None, *, most: int | None = None
) -> Painting:
    """`pixels` (uint8, grey or R, G, B, at `dpi`) as one layer.

    Black and white stays black and white, without loss. Everything else is the JPEG of `visible_jpeg`, which
    is `jpeg`, the source's own file, where that is small; of no more than `most` bytes if any step allows.
    """
    height, width = pixels.shape[:2]
    if pixels.ndim == 2 and bilevel(pixels):
        ink = Ink(encode_g4(255 - pixels), width, height, (0, 0, 0), (0.0, 0.0, float(width), float(height)))
        return Painting(width, height, dpi, (ink,))
    data = visible_jpeg(pixels, dpi, jpeg, most=most)
    facts = jpeg_facts(data)
    if facts is None:
        raise ValueError("the coder wrote no JPEG")
    return kept_jpeg(data, facts, dpi)


def kept_jpeg(jpeg: bytes, facts: JpegFacts, dpi: int) -> Painting:
    """A page at `dpi` that is one JPEG, every coefficient as it is; `facts` are those of `jpeg`."""
    whole = (0.0, 0.0, float(facts.width), float(facts.height))
    layer = Picture(jpeg, Coding.JPEG, facts.width, facts.height, facts.components, whole)
    return Painting(facts.width, facts.height, dpi, (layer,))


def bilevel(pixels: "NDArray[np.uint8]") -> bool:
    """Whether grey `pixels` are black and white alone."""
    import numpy as np

    def plain(some: "NDArray[np.uint8]") -> bool:
        return bool(((some == 0) | (some == 255)).all())

    return plain(pixels[::16, ::16]) and plain(np.asarray(pixels, np.uint8))
