"""JPEG files looked at and labelled without decoding them (ISO/IEC 10918-1, JFIF 1.02)."""

import struct
from dataclasses import dataclass

_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_HUFFMAN_FRAMES = frozenset({0xC0, 0xC1, 0xC2})


@dataclass(frozen=True)
class JpegFacts:
    """Size in px, number of components (1 grey, 3 colour, 4 CMYK) and whether a PDF may hold it as it is."""

    width: int
    height: int
    components: int
    fits_pdf: bool


def jpeg_facts(data: bytes) -> JpegFacts | None:
    """The facts of the first frame header in `data`; None when there is none."""
    for marker, start, _ in _segments(data):
        if marker in _FRAMES and start + 6 <= len(data):
            bits, height, width, components = struct.unpack_from(">BHHB", data, start)
            fits = marker in _HUFFMAN_FRAMES and bits == 8 and components in (1, 3)
            return JpegFacts(width, height, components, fits)
    return None


def with_density(data: bytes, dpi: int) -> bytes:
    """The JPEG `data` labelled with `dpi` in its JFIF header; no pixel changes."""
    density = struct.pack(">BHH", 1, min(dpi, 65535), min(dpi, 65535))
    if data[2:4] == b"\xff\xe0" and data[6:11] == b"JFIF\x00":
        return data[:13] + density + data[18:]
    header = b"\xff\xe0\x00\x10JFIF\x00\x01\x02" + density + b"\x00\x00"
    return data[:2] + header + data[2:]


def _segments(data: bytes) -> list[tuple[int, int, int]]:
    """(marker, start of its payload, length of its payload) up to the first scan."""
    found: list[tuple[int, int, int]] = []
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((marker, at + 4, length - 2))
        if marker == 0xDA or length < 2:
            break
        at += 2 + length
    return found
