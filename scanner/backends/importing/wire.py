"""What goes between this program and the process of the decoder.

A request is one line of JSON. An answer is a frame: four bytes for the length of its JSON, eight for that of
the bytes that follow (both big endian), then these two. Nothing that comes over the pipe is executed.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO, TypeAlias

from scanner.contract import LARGEST_PAGE_BYTES

Message: TypeAlias = dict[str, Any]

HEADER = struct.Struct("!IQ")
LARGEST_MESSAGE = 64 * 1024


class BrokenWireError(Exception):
    """The process at the other end is gone, or speaks nonsense."""


def request(message: Message) -> bytes:
    """The line of a request."""
    return json.dumps(message, ensure_ascii=True).encode("ascii") + b"\n"


def write_answer(out: BinaryIO, message: Message, payload: bytes | memoryview = b"") -> None:
    """Writes a whole frame."""
    raw = json.dumps(message, ensure_ascii=True).encode("ascii")
    out.write(HEADER.pack(len(raw), len(payload)) + raw)
    out.write(payload)
    out.flush()


def read_answer(source: BinaryIO) -> tuple[Message, bytearray]:
    """Reads a whole frame. Raises BrokenWireError."""
    length, payload = HEADER.unpack(_exactly(source, HEADER.size))
    if length > LARGEST_MESSAGE or payload > LARGEST_PAGE_BYTES:
        raise BrokenWireError
    try:
        message = json.loads(_exactly(source, length))
    except ValueError:
        raise BrokenWireError from None
    if not isinstance(message, dict):
        raise BrokenWireError
    return message, _exactly(source, payload)


def _exactly(source: BinaryIO, length: int) -> bytearray:
    data = bytearray(length)
    left = memoryview(data)
    while left:
        count = source.readinto(left)  # type: ignore[attr-defined]
        if not count:
            raise BrokenWireError
        left = left[count:]
    return data
