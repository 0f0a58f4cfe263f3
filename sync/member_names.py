"""Which names may stand in a package, on every system that may ever unpack it."""

import re
from collections.abc import Iterable

from sync.errors import Fault, SyncError

LONGEST_NAME = 200
"""Characters of a whole name: longer ones break on Windows shares."""

_SEGMENT = re.compile(r"[A-Za-z0-9._-]+")
_DEVICES = frozenset({"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10)})


def check_names(names: Iterable[str], fault: Fault = Fault.NAME_REFUSED) -> None:
    """Raise SyncError(`fault`) unless every name is safe and no two meet in one place.

    Safe is: ASCII letters, digits, dot, dash, underscore, with "/" between segments; relative; no "."
    or ".." segment; no segment that ends in a dot or names a Windows device; 200 characters at most.
    Two names meet when they differ only in case, or when one is a folder of the other.
    """
    seen: set[str] = set()
    folders: set[str] = set()
    for name in names:
        if not _is_safe(name):
            raise SyncError(fault, reason="name")
        folded = name.lower()
        if folded in seen:
            raise SyncError(fault, reason="duplicate")
        seen.add(folded)
        parts = folded.split("/")
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
    if seen & folders:
        raise SyncError(fault, reason="file-and-folder")


def _is_safe(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and all(_is_safe_segment(part) for part in name.split("/"))


def _is_safe_segment(segment: str) -> bool:
    return (
        _SEGMENT.fullmatch(segment) is not None
        and not segment.endswith(".")
        and segment.split(".", maxsplit=1)[0].lower() not in _DEVICES
    )
