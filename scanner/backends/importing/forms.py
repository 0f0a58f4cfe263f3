"""Which form a file has, told by its first bytes, never by its name (loại tệp)."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """The forms in which scanned pages are kept."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    PDF = "pdf"
    HEIC = "heic"


HEAD_BYTES = 1024
"""How much of a file its form is told by; what PDF readers accept before `%PDF-` (ISO 32000-1, annex H)."""

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_STARTS = {
    b"\xff\xd8\xff": Form.JPEG,
    b"\x89PNG\r\n\x1a\n": Form.PNG,
    b"II*\0": Form.TIFF,
    b"MM\0*": Form.TIFF,
    b"II+\0": Form.TIFF,
    b"MM\0+": Form.TIFF,
}


def form_of(head: bytes) -> Form | None:
    """The form of a file that begins with `head`, HEAD_BYTES of it; None for all others."""
    for start, form in _STARTS.items():
        if head.startswith(start):
            return form
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return Form.HEIC
    return Form.PDF if b"%PDF-" in head else None
