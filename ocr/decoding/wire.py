"""What goes between the program and its decoder: a line of JSON, then the bytes it announces."""

import json
from typing import IO, Any

Message = dict[str, Any]

_LONGEST_HEAD = 64_000_000
_MOST_BYTES = 1_200_000_000


class BrokenWireError(Exception):
    """The other side is gone, or talks nonsense."""


def send(out: IO[bytes], head: Message, *parts: bytes | memoryview) -> None:
    """One message with its parts."""
    line = json.dumps({**head, "parts": [len(part) for part in parts]}, ensure_ascii=False)
    out.write(line.encode() + b"\n")
    for part in parts:
        out.write(part)
    out.flush()


def receive(source: IO[bytes]) -> tuple[Message, list[bytes]]:
    """The next message. Raises BrokenWireError."""
    line = source.readline(_LONGEST_HEAD)
    if not line.endswith(b"\n"):
        raise BrokenWireError
    try:
        head = json.loads(line)
        sizes = [int(size) for size in head.pop("parts")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenWireError from error
    if any(size < 0 for size in sizes) or sum(sizes) > _MOST_BYTES:
        raise BrokenWireError
    parts = [source.read(size) for size in sizes]
    if any(len(part) != size for part, size in zip(parts, sizes, strict=True)):
        raise BrokenWireError
    return head, parts
