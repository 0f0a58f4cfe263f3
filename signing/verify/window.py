"""A part of a file as a file of its own, read without copying it (cửa sổ đọc tệp)."""

import io
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from signing.errors import SigningError, SigningFault

_HEADER_WITHIN = 1024


@contextmanager
def opened_window(path: Path, start: int, length: int | None = None) -> Iterator[BinaryIO]:
    """`length` bytes of a file from `start`, to its end without `length`.

    The file is mapped, since PDF readers seek back and forth byte by byte. Only a window that doesn't
    begin with the file (bytes before %PDF) is copied to memory. Raises `sign.pdf-broken` for an empty file.
    """
    with path.open("rb") as stream:
        if start:
            stream.seek(start)
            yield io.BytesIO(stream.read() if length is None else stream.read(length))
            return
        try:
            mapped = mmap.mmap(stream.fileno(), length or 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise SigningError(SigningFault.PDF_BROKEN, reason="empty") from error
        with mapped:
            yield cast(BinaryIO, mapped)


def header_offset(path: Path) -> int | None:
    """Where `%PDF-` stands within the first 1,024 bytes (ISO 32000-1 Annex H), None when it doesn't."""
    with path.open("rb") as stream:
        found = stream.read(_HEADER_WITHIN).find(b"%PDF-")
    return None if found < 0 else found
