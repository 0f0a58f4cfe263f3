"""The sidecar journal: every committed change once more, outside the database (nhật ký dự phòng).

One line a transaction: CRC-32 of the text in hex, a blank, then JSON `{"schema": n, "writes": [[statement,
values], …]}`; the first line of a segment also tells where the one before it ended (`after`). A line is on
the disk before its transaction commits, and the database itself remembers how far the journal reaches: what a
crash left behind the mark was never committed and is cut off by the next writer. A deleted or damaged
database is made anew from the newest snapshot and the lines after it.
"""

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.store.durable import make_folder, sync_folder

LARGEST_SEGMENT = 16 << 20
"""Bytes after which a new segment begins."""

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would otherwise change line ends

Values = Sequence[object] | dict[str, object]


@dataclass(frozen=True)
class Mark:
    """A place in the journal: `bytes` into a segment; segments count from 1."""

    segment: int
    bytes: int


@dataclass(frozen=True)
class Change:
    """One committed transaction: the schema it was written for, its statements with their values.

    `after` is where the segment before ended, in the first line of a segment.
    """

    schema: int
    writes: tuple[tuple[str, Values], ...]
    after: Mark | None = None


class Journal:
    """The segments in a folder. Written only by whoever holds the database's write lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: tuple[int, int] | None = None  # segment, descriptor
        self._distrusted = 0  # after a failed fsync nobody knows what a segment holds

    def append(self, at: Mark, schema: int, writes: Sequence[tuple[str, Values]]) -> tuple[Mark, bool]:
        """Make a transaction durable behind `at`; the mark after it, and whether the journal was unbroken.

        Raises OSError; then nothing counts that was written.
        """
        unbroken = True
        after: Mark | None = None
        if at.bytes >= LARGEST_SEGMENT or at.segment <= self._distrusted:
            after, at = at, Mark(max(at.segment, self._distrusted) + 1, 0)
        descriptor = self._descriptor(at.segment)
        there = os.fstat(descriptor).st_size
        if there < at.bytes:  # somebody took lines away; what follows needs a new base
            after, at, unbroken = None, Mark(at.segment + 1, 0), False
            descriptor = self._descriptor(at.segment)
            there = os.fstat(descriptor).st_size
        try:
            if there > at.bytes:
                os.ftruncate(descriptor, at.bytes)
            line = _line(schema, writes, after)
            _write_all(descriptor, line, at.bytes)
            os.fsync(descriptor)
        except OSError:
            self._distrusted = at.segment
            raise
        return Mark(at.segment, at.bytes + len(line)), unbroken

    def changes(self, after: Mark) -> Iterator[Change]:
        """The transactions behind `after`, in order; a line that is not whole ends its segment."""
        segment, skip = after.segment, after.bytes
        while (path := self._path(segment)).is_file():
            end = self._end_of(segment)
            with path.open("rb") as file:
                file.seek(skip)
                for line in file:
                    if end is not None and file.tell() > end:
                        break  # never committed: the next segment began behind an earlier place
                    change = _change(line)
                    if change is None:
                        break
                    yield change
            segment, skip = segment + 1, 0

    def backwards(self, end: Mark) -> Iterator[Change]:
        """The transactions up to `end`, the newest first; each segment is read whole."""
        for segment in range(end.segment, 0, -1):
            path = self._path(segment)
            if not path.is_file():
                return
            data = path.read_bytes()
            lines = (data[: end.bytes] if segment == end.segment else data).splitlines(keepends=True)
            for line in reversed(lines):
                change = _change(line)
                if change is None:
                    return
                yield change

    def _end_of(self, segment: int) -> int | None:
        """Where a segment ended, as the next one tells; None when it does not."""
        following = self._path(segment + 1)
        if not following.is_file():
            return None
        with following.open("rb") as file:
            change = _change(file.readline())
        told = change.after if change else None
        return told.bytes if told is not None and told.segment == segment else None

    def reaches(self, base: Mark, end: Mark) -> bool:
        """True when every segment from `base` to `end` is there and long enough."""
        for segment in range(base.segment, end.segment + 1):
            least = max(
                base.bytes if segment == base.segment else 0, end.bytes if segment == end.segment else 0
            )
            path = self._path(segment)
            if least and not (path.is_file() and path.stat().st_size >= least):
                return False
            if segment < end.segment and not path.is_file():
                return False
        return True

    def drop_before(self, segment: int) -> None:
        """Remove segments that a snapshot has made needless."""
        for path in self.folder.glob("journal-*.lines"):
            if _number(path) < segment:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the open segment."""
        if self._open is not None:
            os.close(self._open[1])
            self._open = None

    def _descriptor(self, segment: int) -> int:
        if self._open is not None and self._open[0] == segment and self._still_there(self._open[1]):
            return self._open[1]
        self.close()
        make_folder(self.folder)
        path = self._path(segment)
        new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, 0o600)
        self._open = (segment, descriptor)
        if new:
            sync_folder(self.folder)
        return descriptor

    @staticmethod
    def _still_there(descriptor: int) -> bool:
        return os.fstat(descriptor).st_nlink > 0

    def _path(self, segment: int) -> Path:
        return self.folder / f"journal-{segment:06d}.lines"


def _write_all(descriptor: int, line: bytes, at: int) -> None:
    os.lseek(descriptor, at, os.SEEK_SET)
    view = memoryview(line)
    while view:
        view = view[os.write(descriptor, view) :]


def _number(path: Path) -> int:
    digits = path.stem.removeprefix("journal-")
    return int(digits) if digits.isdigit() else 1 << 62


def _line(schema: int, writes: Sequence[tuple[str, Values]], after: Mark | None) -> bytes:
    told = {} if after is None else {"after": [after.segment, after.bytes]}
    text = json.dumps({"schema": schema, "writes": writes, **told}, ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "surrogatepass")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _change(line: bytes) -> Change | None:
    crc, _, body = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or crc != b"%08x" % zlib.crc32(body):
        return None
    value = json.loads(body.decode("utf-8", "surrogatepass"))
    writes = tuple((str(statement), values) for statement, values in value["writes"])
    after = value.get("after")
    return Change(int(value["schema"]), writes, Mark(int(after[0]), int(after[1])) if after else None)
