"""What lies in a hot folder and since when it has been at rest (theo dõi thư mục).

The folder is looked into again and again: file servers tell nobody of what other machines do, and their
clocks are not ours, so rest is measured between two looks of our own.
"""

from __future__ import annotations

import re
import stat
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".pdf", ".heic", ".heif"})
"""What devices write. Anything else in the folder is no page."""

_NOT_YET = (".part", ".tmp", "~")
_NOT_FOR_US = (".", "~")


@dataclass(frozen=True)
class State:
    """What changes when a file changes, as far as a look tells."""

    inode: int
    size: int
    modified_ns: int


@dataclass(frozen=True)
class Found:
    """A file in the folder. Times are of the monotonic clock, in seconds.

    `first_at` is when it was first seen, `changed_at` when it last looked otherwise, `grew_at` when it last
    was larger than ever before.
    """

    path: Path
    state: State
    first_at: float
    changed_at: float
    grew_at: float
    largest: int


class Watch:
    """Looks into one folder, and remembers the last look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, Found] = {}

    def look(self) -> list[Found]:
        """The scans that lie there now, in natural order of their names. Raises OSError."""
        now = time.monotonic()
        seen: dict[str, Found] = {}
        for path in self._folder.iterdir():
            if not is_scan(path.name):
                continue
            try:
                told = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(told.st_mode):
                state = State(told.st_ino, told.st_size, told.st_mtime_ns)
                seen[path.name] = _aged(self._seen.get(path.name), path, state, now)
        self._seen = seen
        return sorted(seen.values(), key=lambda found: natural_order(found.path.name))


def _aged(before: Found | None, path: Path, state: State, now: float) -> Found:
    if before is None or before.state.inode != state.inode:
        return Found(path, state, now, now, now, state.size)
    return Found(
        path,
        state,
        before.first_at,
        before.changed_at if before.state == state else now,
        now if state.size > before.largest else before.grew_at,
        max(before.largest, state.size),
    )


def is_scan(name: str) -> bool:
    """Whether a file of that name may be a finished scan."""
    lower = name.lower()
    if lower.startswith(_NOT_FOR_US) or lower.endswith(_NOT_YET):
        return False
    return Path(lower).suffix in SUFFIXES


def natural_order(name: str) -> list[tuple[int, str]]:
    """Sorts `page 2` before `page 10`."""
    parts = re.split(r"(\d+)", unicodedata.normalize("NFC", name).casefold())
    # Every second part is digits, so that numbers meet numbers only.
    return [(int(part), "") if index % 2 else (0, part) for index, part in enumerate(parts)]
