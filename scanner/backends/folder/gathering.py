"""One scan out of a hot folder: which file is next, which one is waited for, when it is over (gom tệp)."""

from __future__ import annotations

import errno
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scanner.backends.folder.taken import put_away, share_faults
from scanner.backends.folder.watch import Found, State, Watch
from scanner.backends.importing.documents import open_document
from scanner.backends.importing.stack import Stack
from scanner.contract import PageImage
from scanner.errors import ScanError, ScanFault

_LONGEST_PAUSE_S = 0.25

_Version = tuple[str, State]
"""A file as it was at one look, under its name."""


def _version(found: Found) -> _Version:
    return found.path.name, found.state


@dataclass
class Memory:
    """What is known of a folder from the scans before: files refused, and files taken in part.

    `begun` says at which index the next scan goes on.
    """

    refused: set[_Version] = field(default_factory=set)
    begun: dict[_Version, int] = field(default_factory=dict)


class Gathering:
    """Takes file after file while they come. A file is ready when it has been at rest for `settle_s`.

    A file that is still being written holds those behind it, so that their order is kept, but for no longer
    than `patience_s`. One that is at rest and lacks its end lets the others go first, and is waited for until
    it has not grown for `patience_s`.
    """

    def __init__(
        self, folder: Path, stack: Stack, memory: Memory, *, settle_s: float, patience_s: float
    ) -> None:
        self._stack = stack
        self._memory = memory
        self._settle_s = settle_s
        self._patience_s = patience_s
        self._watch = Watch(folder)
        self._torn: set[_Version] = set()
        self._since = time.monotonic()

    def pages(self) -> Iterator[PageImage]:
        """The pages as they come. Raises ScanError as a backend's `scan` does."""
        while not self._stack.is_enough:
            self._stack.heed()
            present = self._look()
            ready = self._ready(present)
            if ready is not None:
                yield from self._take(ready)
                self._since = time.monotonic()
            elif self._is_over(present):
                self._give_up(present)
                break
            else:
                time.sleep(min(_LONGEST_PAUSE_S, self._settle_s / 4))
        self._stack.end()

    def _look(self) -> list[Found]:
        with share_faults():
            return [found for found in self._watch.look() if _version(found) not in self._memory.refused]

    def _ready(self, present: list[Found]) -> Found | None:
        now = time.monotonic()
        for found in present:
            if _version(found) in self._torn:
                continue
            if now - found.changed_at >= self._settle_s:
                return found
            if now - found.first_at < self._patience_s:
                return None
        return None

    def _is_over(self, present: list[Found]) -> bool:
        """Whether nothing more is to be expected, where no file is ready."""
        now = time.monotonic()
        if any(now - found.grew_at < self._patience_s for found in present):
            return False
        if self._stack.given or self._stack.refused or present:
            return now - self._since >= self._settle_s
        return now - self._since >= self._patience_s

    def _give_up(self, present: list[Found]) -> None:
        """What still lies there never became whole."""
        for found in present:
            self._refuse(found, ScanError(ScanFault.TRUNCATED))

    def _refuse(self, found: Found, error: ScanError) -> None:
        """Once told, a refused file is left alone until it changes: it must not spoil every scan to come."""
        self._memory.refused.add(_version(found))
        self._stack.refuse(found.path, error)

    def _take(self, found: Found) -> Iterator[PageImage]:
        taken = yield from self._pages_of(found)
        if not taken or not _is_as(found):
            return
        try:
            put_away(found.path)
        except ScanError:
            self._memory.refused.add(_version(found))
            raise

    def _pages_of(self, found: Found) -> Generator[PageImage, None, bool]:
        """The pages of one file; whether the caller has had all of them."""
        version = _version(found)
        had = self._memory.begun.pop(version, 0)
        sound = len(self._stack.refused)
        taken = False
        try:
            with open_document(found.path, self._stack.decoder) as document:
                for index, page in self._stack.pages(found.path, document, had):
                    yield page
                    had = index + 1
                taken = not self._stack.is_enough or had == document.count
        except ScanError as error:
            self._note(found, error)
            return False
        finally:
            if had and not taken:
                self._memory.begun[version] = had
        if len(self._stack.refused) > sound:
            self._memory.refused.add(version)
            return False
        return taken

    def _note(self, found: Found, error: ScanError) -> None:
        if error.fault is ScanFault.CANCELLED:
            raise error
        if error.fault is ScanFault.TRUNCATED:
            self._torn.add(_version(found))
        # Whoever put it there may take it away again.
        elif error.facts.get("errno") != errno.ENOENT:
            self._refuse(found, error)


def _is_as(found: Found) -> bool:
    """Whether the file is still the one that was read, and not another under its name."""
    try:
        told = found.path.lstat()
    except OSError:
        return False
    return State(told.st_ino, told.st_size, told.st_mtime_ns) == found.state
