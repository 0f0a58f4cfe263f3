"""BER to DER: what some tokens write with indefinite lengths, read like everything else (mã hóa BER).

Only the parts that need it are encoded anew (X.690 §8.1.3.6 indefinite lengths, §8.7.3 strings in pieces):
certificates and attributes keep the bytes over which they were signed.
"""

_DEEPEST = 64
_CONSTRUCTED = 0x20
_PIECES = {0x24: 0x04, 0x23: 0x03}
"""Constructed OCTET STRING and BIT STRING, and what they are in one piece."""


def as_der(data: bytes) -> tuple[bytes, int, bool]:
    """The first value in `data` in DER, where it ended, and whether it had to be encoded anew.

    Raises ValueError for bytes that are no BER value.
    """
    return _value(data, 0, len(data), 0)


def contents_of(value: bytes) -> bytes:
    """The contents of one DER value. Raises ValueError."""
    body, length = _header(value, 0, len(value))
    if length is None or body + length != len(value):
        raise ValueError("cut off")
    return value[body:]


def parts_of(contents: bytes) -> list[bytes]:
    """The values side by side in the contents of a DER structure. Raises ValueError."""
    parts, at = [], 0
    while at < len(contents):
        body, length = _header(contents, at, len(contents))
        if length is None or body + length > len(contents):
            raise ValueError("cut off")
        parts.append(contents[at : body + length])
        at = body + length
    return parts


def _value(data: bytes, at: int, limit: int, depth: int) -> tuple[bytes, int, bool]:
    """The value at `at` in DER, where it ends, and whether that differs from the bytes there."""
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    body, length = _header(data, at, limit)
    tag = data[at]
    if length is not None:
        end = body + length
        if end > limit:
            raise ValueError("longer than what holds it")
        if not tag & _CONSTRUCTED:
            return data[at:end], end, False
        parts, _, changed = _children(data, body, end, depth, open_end=False)
        if not changed and tag not in _PIECES:
            return data[at:end], end, False
    else:
        if not tag & _CONSTRUCTED:
            raise ValueError("an open end needs parts")
        parts, end, _ = _children(data, body, limit, depth, open_end=True)
    return _encoded(data[at : _tag_end(data, at, limit)], parts), end, True


def _children(
    data: bytes, at: int, limit: int, depth: int, *, open_end: bool
) -> tuple[list[bytes], int, bool]:
    parts: list[bytes] = []
    changed = False
    while at < limit:
        if open_end and data[at : at + 2] == b"\0\0":
            return parts, at + 2, changed
        part, at, anew = _value(data, at, limit, depth + 1)
        parts.append(part)
        changed = changed or anew
    if open_end:
        raise ValueError("no end of contents")
    return parts, at, changed


def _tag_end(data: bytes, at: int, limit: int) -> int:
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < limit and data[end] & 0x80:
            end += 1
        end += 1
    return end


def _header(data: bytes, at: int, limit: int) -> tuple[int, int | None]:
    """Where the contents begin and their length, None for an indefinite one."""
    if at >= limit:
        raise ValueError("nothing there")
    at = _tag_end(data, at, limit)
    if at >= limit:
        raise ValueError("cut off")
    first = data[at]
    if first == 0x80:
        return at + 1, None
    if first < 0x80:
        return at + 1, first
    count = first & 0x7F
    if count > 8 or at + 1 + count > limit:
        raise ValueError("no length")
    return at + 1 + count, int.from_bytes(data[at + 1 : at + 1 + count], "big")


def _encoded(tag: bytes, parts: list[bytes]) -> bytes:
    if len(tag) == 1 and tag[0] in _PIECES:
        tag = bytes([_PIECES[tag[0]]])
        bodies = [part[_header(part, 0, len(part))[0] :] for part in parts]
        if tag[0] == 0x03:  # each piece starts with the number of unused bits
            bodies = [bodies[-1][:1], *(body[1:] for body in bodies)] if bodies else [b"\0"]
        content = b"".join(bodies)
    else:
        content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return tag + bytes([size]) + content
    told = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(told)]) + told + content
