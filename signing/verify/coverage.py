"""What does a signature cover? Its byte range against the file (vùng được ký).

ISO 32000-1 §12.8.1: the range is the file from its first byte with only the value of /Contents left out. What
is left out must be exactly that value, or else bytes that no one signed could be read as part of the file.
"""

import mmap
from dataclasses import dataclass

from signing.verify.quirks import Quirk

_BLANKS = b"\x00\t\n\x0c\r "
_LARGEST_GAP = 1 << 25


@dataclass(frozen=True)
class Coverage:
    """The absolute places in the file: start–until and again–end are signed, `contents` stood between."""

    start: int
    until: int
    again: int
    end: int
    contents: bytes
    quirks: tuple[Quirk, ...] = ()


def coverage_of(data: mmap.mmap, header: int, span: tuple[int, ...], stated: bytes | None) -> Coverage | None:
    """Where the range lies, None when it isn't the whole of a beginning of the file.

    `header` is where %PDF stands: ranges count from there, or from the file's first byte when the bytes
    before were there at the time of signing. `stated` is /Contents as the dictionary has it (None: don't
    compare).
    """
    if len(span) != 4 or min(span) < 0:
        return None
    for origin in dict.fromkeys((header, 0)):
        if span[0] + origin not in (0, header):
            continue
        start, until = span[0] + origin, span[0] + span[1] + origin
        again, end = span[2] + origin, span[2] + span[3] + origin
        if not (start < until < again <= end <= len(data) and again - until <= _LARGEST_GAP):
            continue
        left_out = _left_out(data, until, again)
        if left_out is None:
            continue
        contents, plain = left_out
        if stated is None or contents == stated:
            return Coverage(start, until, again, end, contents, () if plain else (Quirk.UNUSUAL_GAP,))
    return None


def _left_out(data: mmap.mmap, until: int, again: int) -> tuple[bytes, bool] | None:
    """The string that stands between, and whether it stands there with its brackets and nothing else."""
    gap = data[until:again]
    trimmed = gap.strip(_BLANKS)
    plain = trimmed == gap
    if trimmed[:1] == b"(" and trimmed[-1:] == b")":
        contents = _literal(trimmed)
        return None if contents is None else (contents, False)
    if not trimmed.startswith(b"<"):
        if not data[max(until - 64, 0) : until].rstrip(_BLANKS).endswith(b"<"):
            return None
        plain = False
    if not trimmed.endswith(b">"):
        if not data[again : again + 64].lstrip(_BLANKS).startswith(b">"):
            return None
        plain = False
    digits = bytes(trimmed.removeprefix(b"<").removesuffix(b">")).translate(None, _BLANKS)
    try:
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")), plain
    except ValueError:
        return None


def _literal(text: bytes) -> bytes | None:
    """A string in round brackets (ISO 32000-1 §7.3.4.2) that fills `text` wholly."""
    import pikepdf

    try:
        found = pikepdf.Object.parse(text)
    except (pikepdf.PdfError, ValueError):
        return None
    return bytes(found) if isinstance(found, pikepdf.String) else None
