"""The archival profile (hồ sơ lưu trữ): the page as it was captured, apart from its geometry."""

from typing import TYPE_CHECKING

from ocr.image import coded_jpeg
from ocr.jpeg import JpegFacts, jpeg_facts
from ocr.pdf.g4 import encode_g4
from ocr.pdf.layers import Coding, Ink, Layer, Painting, Picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUALITIES = (75, 65, 55, 45)
"""JPEG qualities, the first one unless the page would outgrow its source. Measured on 300 dpi colour scans:
75 leaves 40 dB, the grain of paper and all, in seven tenths of the bytes of 88."""


def archival(
    pixels: "NDArray[np.uint8]", dpi: int, jpeg: bytes | None, *, most: int | None = None
) -> Painting:
    """`pixels` (uint8, grey or R, G, B, at `dpi`) as one layer.

    `jpeg`, the source's own file, goes in with every coefficient as it is. Black and white stays black and
    white, without loss; what had to be turned, and what came without loss, becomes a JPEG, of no more than
    `most` bytes if any quality allows.
    """
    height, width = pixels.shape[:2]
    whole = (0.0, 0.0, float(width), float(height))
    layer: Layer
    facts = jpeg_facts(jpeg) if jpeg is not None else None
    if jpeg is not None and facts is not None:
        return kept_jpeg(jpeg, facts, dpi)
    if pixels.ndim == 2 and bilevel(pixels):
        layer = Ink(encode_g4(255 - pixels), width, height, (0, 0, 0), whole)
    else:
        components = 1 if pixels.ndim == 2 else 3
        layer = Picture(_coded(pixels, most), Coding.JPEG, width, height, components, whole)
    return Painting(width, height, dpi, (layer,))


def kept_jpeg(jpeg: bytes, facts: JpegFacts, dpi: int) -> Painting:
    """A page at `dpi` that is one JPEG, every coefficient as it is; `facts` are those of `jpeg`."""
    whole = (0.0, 0.0, float(facts.width), float(facts.height))
    layer = Picture(jpeg, Coding.JPEG, facts.width, facts.height, facts.components, whole)
    return Painting(facts.width, facts.height, dpi, (layer,))


def _coded(pixels: "NDArray[np.uint8]", most: int | None) -> bytes:
    for quality in QUALITIES:
        data = coded_jpeg(pixels, quality)
        if most is None or len(data) <= most:
            break
    return data


def bilevel(pixels: "NDArray[np.uint8]") -> bool:
    """Whether grey `pixels` are black and white alone."""
    import numpy as np

    def plain(some: "NDArray[np.uint8]") -> bool:
        return bool(((some == 0) | (some == 255)).all())

    return plain(pixels[::16, ::16]) and plain(np.asarray(pixels, np.uint8))
