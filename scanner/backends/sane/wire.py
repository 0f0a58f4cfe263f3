"""Frames between this program and the process in which SANE runs.

A frame is one byte of kind, eight bytes of length (big endian) and the payload: a JSON object, or bytes of
the page that the message before it announced: its raw samples, or a JPEG and the one of its thumbnail.
Nothing that comes over the pipe is executed.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeAlias

Message: TypeAlias = dict[str, Any]
"""A JSON object; `number` is the call that it belongs to, `kind` or `verb` what it says."""


class Kind(IntEnum):
    """What the payload of a frame is."""

    MESSAGE = 1
    BYTES = 2


HEADER = struct.Struct("!BQ")
LARGEST_MESSAGE = 1024 * 1024
PIPE_BYTES = 1024 * 1024


class BrokenWireError(Exception):
    """The other side speaks nonsense: it can't be trusted with one more byte."""


def pack_message(message: Message) -> bytes:
    """A whole frame holding the JSON of `message`."""
    payload = json.dumps(message, ensure_ascii=True).encode("ascii")
    return HEADER.pack(Kind.MESSAGE, len(payload)) + payload


def write_all(fd: int, data: bytes | bytearray | memoryview) -> None:
    """Writes every byte. Raises OSError (BrokenPipeError where the other side has gone)."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def write_bytes(fd: int, data: bytes | bytearray | memoryview) -> None:
    """Writes a frame of samples, or of a JPEG."""
    write_all(fd, HEADER.pack(Kind.BYTES, len(data)))
    write_all(fd, data)


def read_header(fill: Callable[[memoryview], None]) -> tuple[Kind, int]:
    """The kind and the length of the next payload; `fill` fills a buffer or raises."""
    raw = bytearray(HEADER.size)
    fill(memoryview(raw))
    kind, length = HEADER.unpack(raw)
    try:
        return Kind(kind), length
    except ValueError:
        raise BrokenWireError from None


def read_message(length: int, fill: Callable[[memoryview], None]) -> Message:
    """The JSON object of a payload of `length` bytes. Raises BrokenWireError for anything else."""
    if length > LARGEST_MESSAGE:
        raise BrokenWireError
    raw = bytearray(length)
    fill(memoryview(raw))
    try:
        message = json.loads(raw)
    except ValueError:
        raise BrokenWireError from None
    if not isinstance(message, dict):
        raise BrokenWireError
    return message
