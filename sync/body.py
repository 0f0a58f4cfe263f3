"""What a request carries, sent in small blocks at the pace allowed."""

from collections.abc import Callable, Sequence
from typing import BinaryIO

from sync.errors import Fault, SyncError
from sync.pace import BLOCK, Pace

_PIECE = 64 * 1024


class Body:
    """What is sent, in parts one after the other: bytes, or open files that are sent from their beginning.

    It leaves in small blocks, each with its own time limit and at the pace allowed. `length` is in bytes.
    """

    def __init__(self, *parts: bytes | tuple[BinaryIO, int]) -> None:
        self._parts: Sequence[bytes | tuple[BinaryIO, int]] = parts
        self.length = sum(len(part) if isinstance(part, bytes) else part[1] for part in parts)

    def outgoing(self, moved: Callable[[], None], pace: Pace) -> "_Outgoing":
        """The body as a file for one sending."""
        return _Outgoing(self._parts, self.length, moved, pace)


class _Outgoing:
    def __init__(
        self,
        parts: Sequence[bytes | tuple[BinaryIO, int]],
        length: int,
        moved: Callable[[], None],
        pace: Pace,
    ) -> None:
        self._parts = parts
        self._length = length
        self._moved = moved
        self._pace = pace
        self._part = 0
        self._at = 0

    def __len__(self) -> int:
        return self._length

    def read(self, size: int = -1) -> bytes:
        """Return the next block; each call is a sign that the one before went out."""
        self._moved()
        limit = BLOCK if self._pace.capped else _PIECE
        block = self._next(limit if size < 0 else min(size, limit))
        if block:
            self._pace.take(len(block), moved=self._moved)
        return block

    def _next(self, size: int) -> bytes:
        while self._part < len(self._parts):
            part = self._parts[self._part]
            if isinstance(part, bytes):
                block = part[self._at : self._at + size]
            else:
                stream, length = part
                stream.seek(self._at)
                block = stream.read(min(size, length - self._at))
                if not block and self._at < length:
                    raise SyncError(Fault.PACKAGE_DAMAGED, reason="length")
            self._at += len(block)
            if block:
                return block
            self._part, self._at = self._part + 1, 0
        return b""
