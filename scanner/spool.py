"""The spool: every page on the disk before anyone sees it (hàng đợi trang quét).

A page is written to a temporary file and synced, then recorded in the journal and synced, then renamed and
the folder synced. So at every moment a page is either recorded, and then its bytes are on the disk under
one of two names, or it never was there. Reopening the folder is the whole of crash recovery.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from scanner import journal, jpeg
from scanner.contract import PageImage
from scanner.errors import ScanError, ScanFault
from scanner.journal import SpooledPage

JOURNAL_NAME = "journal.jsonl"
PART_SUFFIX = ".part"

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PAGE_NAME = re.compile(r"page-(\d{5,})\.jpg")


class Spool:
    """One capture batch in `folder`, which is made where missing. JPEG `quality` 1 to 95.

    Opening an existing one recovers it: half-written files are removed, the torn end of the journal is cut
    off, and every page is checked to be there in its full length; what isn't is in `damaged()`. Several
    threads may use one object, and several objects one folder.
    Raises ScanError `scan.spool-damaged`, `scan.disk-full`, `scan.disk-failed`.
    """

    def __init__(self, folder: Path, *, quality: int = 90) -> None:
        self._folder = folder
        self._quality = quality
        self._pages: list[SpooledPage] = []
        self._damaged: list[SpooledPage] = []
        self._journal_bytes = 0
        self._last_number = 0
        self._guard = threading.Lock()
        with _disk_faults():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._guard, self._journal() as file:
            self._recover(file)

    @property
    def folder(self) -> Path:
        """Where the batch lies."""
        return self._folder

    def pages(self) -> tuple[SpooledPage, ...]:
        """Every page that is whole, in the order of capture."""
        with self._guard:
            return tuple(self._pages)

    def damaged(self) -> tuple[SpooledPage, ...]:
        """Pages that the journal knows and whose file is missing or has another length."""
        with self._guard:
            return tuple(self._damaged)

    def altered(self) -> tuple[SpooledPage, ...]:
        """Pages whose bytes are no longer those that were kept; reads every file."""
        return tuple(page for page in self.pages() if not _holds(page.path, page))

    def keep(self, image: PageImage, device: str) -> SpooledPage:
        """Puts a page on the disk; when this returns, neither a crash nor a power cut takes it away.

        Raises ScanError `scan.disk-full` or `scan.disk-failed`; then nothing of the page is left, and the
        pages before it are as they were. ValueError for pixels that are no page image.
        """
        data = jpeg.encode(image.pixels, image.dpi, self._quality)
        digest = hashlib.sha256(data).hexdigest()
        height, width = image.pixels.shape[:2]
        with self._guard, self._journal() as file:
            if os.fstat(file).st_size != self._journal_bytes:
                self._recover(file)
            number = self._last_number + 1
            page = SpooledPage(
                number=number,
                path=self._folder / journal.file_name(number),
                sha256=digest,
                bytes=len(data),
                dpi=image.dpi,
                width_px=width,
                height_px=height,
                sheet=image.sheet,
                side=image.side,
                device=device,
                scanned_at=datetime.now().astimezone().isoformat(timespec="milliseconds"),
            )
            self._commit(file, page, data)
            self._pages.append(page)
            self._last_number = number
        return page

    def _commit(self, file: int, page: SpooledPage, data: bytes) -> None:
        line = journal.line_of(page)
        part = _part_of(page.path)
        try:
            _write_synced(part, data)
            _write_all(file, line)
            os.fsync(file)
            part.rename(page.path)
            _sync_folder(self._folder)
        except BaseException:
            self._take_back(file, page)
            raise
        self._journal_bytes += len(line)

    def _take_back(self, file: int, page: SpooledPage) -> None:
        """Leaves nothing half. As long as the journal names the page, its bytes stay for the recovery."""
        with suppress(OSError):
            os.ftruncate(file, self._journal_bytes)
            os.fsync(file)
            _part_of(page.path).unlink(missing_ok=True)
            page.path.unlink(missing_ok=True)
            return
        self._journal_bytes = -1

    @contextmanager
    def _journal(self) -> Iterator[int]:
        """The open journal, locked against other processes; faults of the disk become ScanErrors."""
        with _disk_faults():
            file = os.open(
                self._folder / JOURNAL_NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
            finally:
                os.close(file)

    def _recover(self, file: int) -> None:
        """Reads the journal anew and brings folder and journal into agreement."""
        recorded, sound = journal.read((self._folder / JOURNAL_NAME).read_bytes(), self._folder)
        if sound != os.fstat(file).st_size:
            os.ftruncate(file, sound)
            os.fsync(file)
        whole: list[SpooledPage] = []
        damaged: list[SpooledPage] = []
        for page in recorded:
            (whole if _is_there(page) or _complete(page) else damaged).append(page)
        for stray in self._folder.glob(f"*{PART_SUFFIX}"):
            stray.unlink()
        _sync_folder(self._folder)
        self._pages, self._damaged = whole, damaged
        self._journal_bytes = sound
        # A page file that no line names was not made by a crash; its number is not given again.
        unnamed = (_PAGE_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        self._last_number = max(
            [page.number for page in recorded] + [int(match[1]) for match in unnamed if match], default=0
        )


def _is_there(page: SpooledPage) -> bool:
    return page.path.is_file() and page.path.stat().st_size == page.bytes


def _complete(page: SpooledPage) -> bool:
    """Finishes what a crash between journal and rename left: the bytes are there under the temporary name."""
    part = _part_of(page.path)
    if page.path.exists() or not _holds(part, page):
        return False
    part.rename(page.path)
    return True


def _holds(path: Path, page: SpooledPage) -> bool:
    if not path.is_file() or path.stat().st_size != page.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == page.sha256


def _part_of(path: Path) -> Path:
    return path.with_name(path.name + PART_SUFFIX)


def _write_synced(path: Path, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        _write_all(file, data)
        os.fsync(file)
    finally:
        os.close(file)


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def _disk_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fault = ScanFault.DISK_FULL if error.errno in _FULL else ScanFault.DISK_FAILED
        raise ScanError(fault, errno=error.errno or 0) from error
