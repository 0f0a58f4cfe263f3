"""A part of a file as a file of its own, read without copying it (cửa sổ đọc tệp)."""

import io
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from signing.errors import SigningError, SigningFault

_HEADER_WITHIN = 1024
_LARGE = 1 << 26
_READS = 32
"""A large file is let go of after so many reads: each may map two megabytes around it."""


class Window(io.RawIOBase):
    """The bytes of `data` from `start` to `end`, as a seekable stream."""

    def __init__(self, data: "mmap.mmap", start: int, end: int) -> None:
        super().__init__()
        self._data = data
        self._start = start
        self._size = max(end - start, 0)
        self._at = 0
        self._reads = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(origin + offset, 0)
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        count = max(min(len(buffer), self._size - self._at), 0)
        at = self._start + self._at
        buffer[:count] = self._data[at : at + count]
        self._at += count
        self._reads += 1
        if self._reads % _READS == 0 and len(self._data) > _LARGE:
            give_back(self._data, 0, len(self._data))
        return count


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """The whole file, mapped for reading. Raises `sign.pdf-missing`, `sign.pdf-broken` for an empty one."""
    try:
        with path.open("rb") as stream:
            try:
                data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise SigningError(SigningFault.PDF_BROKEN, reason="empty") from error
    except OSError as error:
        raise SigningError(SigningFault.PDF_MISSING, errno=error.errno or 0) from error
    with data:
        yield data


def give_back(data: mmap.mmap, start: int, end: int) -> None:
    """Let the system have the memory of bytes that were read: large files then cost what small ones do."""
    if hasattr(mmap, "MADV_DONTNEED"):
        first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
        if end - first >= mmap.PAGESIZE:
            data.madvise(mmap.MADV_DONTNEED, first, end - first)


def window_of(data: mmap.mmap, start: int, end: int) -> BinaryIO:
    """The bytes from `start` to `end` as a stream that PDF readers accept."""
    return cast(BinaryIO, io.BufferedReader(Window(data, start, end), 1 << 15))


def header_at(data: mmap.mmap) -> int | None:
    """Where `%PDF-` stands within the first 1,024 bytes (ISO 32000-1 Annex H), None when it doesn't."""
    found = data[:_HEADER_WITHIN].find(b"%PDF-")
    return None if found < 0 else found
