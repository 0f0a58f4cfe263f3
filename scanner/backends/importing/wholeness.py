"""Whether a file reaches to its own end (tệp đã đủ chưa): told by its structure, without decoding anything.

A copy that is still going on, or was broken off, lacks what stands at the end of every one of these forms.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import BinaryIO

from scanner import jpeg
from scanner.backends.importing.forms import Form

PDF_TAIL_BYTES = 8 * 1024
"""Where `%%EOF` is looked for: readers ask for the last 1024 bytes, some devices append padding."""

MOST_IMAGES = 10_000
"""Images of one TIFF file beyond which its chain is taken for a ring."""

_MOST_BOXES = 10_000
_MOST_CHUNKS = 1_000_000
_MOST_STRIPS = 1_000_000


def is_whole(file: BinaryIO, form: Form, size: int) -> bool:
    """Whether the file of that form, `size` bytes long, has its end."""
    try:
        return _CHECKS[form](file, size)
    except (struct.error, EOFError):
        return False


def _jpeg(file: BinaryIO, size: int) -> bool:
    file.seek(0)
    data = file.read(size)
    header = jpeg.header_of(data)
    if header is not None:
        return jpeg.has_end(data, header)
    # A kind of JPEG that isn't read here; its decoder shall say so, if only all of it is there.
    return data.rstrip(b"\0").endswith(jpeg.END)


def _png(file: BinaryIO, size: int) -> bool:
    """Chunk after chunk to the one that ends the image (ISO/IEC 15948, 5.3)."""
    at = 8
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        at += 12 + length
        if at > size:
            return False
        if kind == b"IEND":
            return True
    return False


def _pdf(file: BinaryIO, size: int) -> bool:
    """The end-of-file line, and all that a linearised file announced (ISO 32000-1, 7.5.5 and annex F)."""
    file.seek(0)
    head = file.read(2048)
    linearised = re.search(rb"/Linearized\s", head)
    if linearised:
        announced = re.search(rb"/L\s+(\d{1,15})\b", head)
        if announced and int(announced[1]) > size:
            return False
    file.seek(max(0, size - PDF_TAIL_BYTES))
    return b"%%EOF" in file.read(PDF_TAIL_BYTES)


def _heic(file: BinaryIO, size: int) -> bool:
    """Box after box, ending where the file ends (ISO/IEC 14496-12, 4.2)."""
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        length = int.from_bytes(file.read(8)[:4], "big")
        if length == 0:
            return True
        if length == 1:
            length = int.from_bytes(file.read(8), "big")
        if length < 8:
            return False
        at += length
        if at >= size:
            return at == size
    return False


class _Layout:
    """How numbers and directory entries of a TIFF file are written (TIFF 6.0; BigTIFF)."""

    def __init__(self, start: bytes) -> None:
        order = "<" if start[:2] == b"II" else ">"
        self.big = start[2:4] in (b"+\0", b"\0+")
        self.offset = order + ("Q" if self.big else "I")
        self.count = order + ("Q" if self.big else "H")
        self.entry = order + ("HHQ8s" if self.big else "HHI4s")
        self.numbers = {3: order + "H", 4: order + "I", 13: order + "I", 16: order + "Q"}


_STRIP_OFFSETS, _STRIP_BYTES, _TILE_OFFSETS, _TILE_BYTES, _COMPRESSION = 273, 279, 324, 325, 259
_OLD_JPEG = 6


def _tiff(file: BinaryIO, size: int) -> bool:
    """The chain of directories to its end, and every strip or tile that they name."""
    file.seek(0)
    start = file.read(16)
    layout = _Layout(start)
    (at,) = struct.unpack_from(layout.offset, start, 8 if layout.big else 4)
    passed: set[int] = set()
    while at and at not in passed and len(passed) < MOST_IMAGES:
        passed.add(at)
        if at >= size:
            return False
        tags, at = _directory(file, layout, at)
        if not _image_is_there(file, layout, tags, size):
            return False
    return True


def _directory(file: BinaryIO, layout: _Layout, at: int) -> tuple[dict[int, tuple[int, int, bytes]], int]:
    """The entries at `at` as tag → (type, count, value), and where the next directory is."""
    file.seek(at)
    (count,) = struct.unpack(layout.count, file.read(struct.calcsize(layout.count)))
    width = struct.calcsize(layout.entry)
    if count > _MOST_STRIPS:
        raise EOFError
    raw = file.read(count * width + struct.calcsize(layout.offset))
    tags = {}
    for index in range(count):
        tag, kind, values, value = struct.unpack_from(layout.entry, raw, index * width)
        tags[tag] = (kind, values, value)
    (following,) = struct.unpack_from(layout.offset, raw, count * width)
    return tags, following


def _image_is_there(
    file: BinaryIO, layout: _Layout, tags: dict[int, tuple[int, int, bytes]], size: int
) -> bool:
    (compression,) = _numbers(file, layout, tags.get(_COMPRESSION)) or (1,)
    if compression == _OLD_JPEG:
        # Its lengths were never well defined; the decoder has to find out.
        return True
    for offsets, lengths in ((_STRIP_OFFSETS, _STRIP_BYTES), (_TILE_OFFSETS, _TILE_BYTES)):
        begins = _numbers(file, layout, tags.get(offsets))
        counts = _numbers(file, layout, tags.get(lengths))
        if any(begin + count > size for begin, count in zip(begins, counts, strict=False)):
            return False
    return True


def _numbers(file: BinaryIO, layout: _Layout, entry: tuple[int, int, bytes] | None) -> tuple[int, ...]:
    """The whole numbers of an entry, in itself or where it points to. EOFError where they aren't there."""
    if entry is None:
        return ()
    kind, count, value = entry
    form = layout.numbers.get(kind)
    if form is None or count > _MOST_STRIPS:
        return ()
    length = count * struct.calcsize(form)
    if length > len(value):
        (at,) = struct.unpack(layout.offset, value)
        file.seek(at)
        value = file.read(length)
        if len(value) != length:
            raise EOFError
    return struct.unpack(form[0] + form[1] * count, value[:length])


_CHECKS: dict[Form, Callable[[BinaryIO, int], bool]] = {
    Form.JPEG: _jpeg,
    Form.PNG: _png,
    Form.TIFF: _tiff,
    Form.PDF: _pdf,
    Form.HEIC: _heic,
}
