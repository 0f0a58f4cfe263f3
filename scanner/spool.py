"""The spool: every page on the disk before anyone sees it (hàng đợi trang quét).

A page is written to a temporary file and synced, then recorded in the journal and synced, then renamed and
the folder synced. So at every moment a page is either recorded, and then its bytes are on the disk under
one of two names, or it never was there. Reopening the folder is the whole of crash recovery. Nothing is ever
deleted: a page that was scanned again stays in the batch, and another one stands in its place.
"""

from __future__ import annotations

import errno
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
LOCK_NAME = ".journal.lock"
RESCUE_LOCK_NAME = ".rescue.lock"
"""Held by a driver's process that keeps the last pages of a program that was killed."""
MOST_SECONDS_OF_A_RESCUE = 20.0
THUMBNAILS_NAME = ".thumbnails"
PART_SUFFIX = ".part"

_ON_WINDOWS = os.name == "nt"
_FILE_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PAGE_NAME = re.compile(r"page-(\d{5,})\.jpg")


class Spool:
    """One capture batch in `folder`, which is made where missing. JPEG `quality` 1 to 95.

    Opening an existing one recovers it: half-written files are removed, the torn end of the journal is cut
    off, and every page is checked to be there in its full length; what isn't is in `damaged()`. Several
    threads may use one object, and several objects and programs one folder. Numbers begin after `beyond`,
    where pages up to it are known elsewhere although their batch was lost. Where the driver of a program that
    was killed still keeps its last pages, opening waits for it; `at_rescue` is for that driver.
    Raises ScanError `scan.spool-damaged`, `scan.disk-full`, `scan.disk-failed`.
    """

    def __init__(self, folder: Path, *, quality: int = 90, beyond: int = 0, at_rescue: bool = False) -> None:
        self._folder = folder
        self._quality = quality
        self._history: list[SpooledPage] = []
        self._damaged: frozenset[int] = frozenset()
        self._journal_bytes = 0
        self._beyond = beyond
        self._last_number = 0
        self._guard = threading.Lock()
        with _disk_faults():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not at_rescue:
                _await_rescue(folder)
        with self._guard, self._journal() as file:
            self._recover(file)

    @property
    def quality(self) -> int:
        """The JPEG quality of pages that come as raw samples."""
        return self._quality

    @property
    def folder(self) -> Path:
        """Where the batch lies."""
        return self._folder

    def pages(self) -> tuple[SpooledPage, ...]:
        """Every page that is whole, in the order of now: replacements and insertions in their places."""
        with self._guard:
            return tuple(page for page in journal.in_order(self._history) if page.number not in self._damaged)

    def history(self) -> tuple[SpooledPage, ...]:
        """Every page that was ever kept, in the order of capture; also replaced and damaged ones."""
        with self._guard:
            return tuple(self._history)

    def damaged(self) -> tuple[SpooledPage, ...]:
        """Pages that the journal knows and whose file is missing or has another length."""
        with self._guard:
            return tuple(page for page in self._history if page.number in self._damaged)

    def altered(self) -> tuple[SpooledPage, ...]:
        """Pages of the history whose bytes are no longer those that were kept; reads every file."""
        with self._guard:
            whole = [page for page in self._history if page.number not in self._damaged]
        return tuple(page for page in whole if not _holds(page.path, page))

    def keep(
        self,
        image: PageImage,
        device: str,
        *,
        profile: str = "",
        replaces: int | None = None,
        after: int | None = None,
    ) -> SpooledPage:
        """Puts a page on the disk; when this returns, neither a crash nor a power cut takes it away.

        The JPEG that a page came in is kept as it is, its density made true; other pages are encoded.
        `profile` names the settings of the scan. The page comes last, or in the place of the page whose
        number `replaces` says, or right behind the one that `after` says (0: before all others).
        Raises ScanError `scan.disk-full` or `scan.disk-failed`; then nothing of the page is left, and the
        pages before it are as they were. `scan.bad-request` for a place that there isn't, ValueError for
        pixels that are no page image.
        """
        data, small = self._coded(image)
        digest = hashlib.sha256(data).hexdigest()
        height, width = image.shape[:2]
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
                profile=profile,
                replaces=replaces,
                after=after,
            )
            self._require_place(page)
            self._commit(file, page, data)
            self._history.append(page)
            self._last_number = number
            # The page is safe; a thumbnail that found no room is made again when somebody looks at it.
            with suppress(OSError):
                self._keep_thumbnail(page, small)
        return page

    def _coded(self, image: PageImage) -> tuple[bytes, bytes]:
        """The JPEG of a page and its thumbnail; one that came as a JPEG is not decoded in full."""
        data = jpeg.as_kept(image.encoded, image.shape, image.dpi) if image.encoded is not None else None
        if data is not None:
            with suppress(OSError):
                return data, image.thumbnail or jpeg.thumbnail_of(data)
        jpeg.require_page_image(image.pixels)
        return jpeg.encode(image.pixels, image.dpi, self._quality), jpeg.thumbnail(image.pixels)

    def thumbnail(self, page: SpooledPage) -> Path:
        """A small JPEG of a page (ảnh thu nhỏ), its long side 256 px or less; made anew where it is missing.

        Raises ScanError `scan.disk-full`, or `scan.disk-failed` where the page itself can't be read.
        """
        place = self._thumbnail_of(page)
        with _disk_faults():
            if _is_jpeg_file(place):
                return place
            small = jpeg.thumbnail_of(page.path)
            with self._guard, self._locked():
                self._keep_thumbnail(page, small)
        return place

    def _thumbnail_of(self, page: SpooledPage) -> Path:
        return self._folder / THUMBNAILS_NAME / page.path.name

    def _keep_thumbnail(self, page: SpooledPage, small: bytes) -> None:
        """Not synced: what a power cut leaves of it is seen to be no JPEG, and made anew."""
        place = self._thumbnail_of(page)
        part = _part_of(place)
        place.parent.mkdir(exist_ok=True, mode=0o700)
        try:
            _write(part, small, synced=False)
            part.replace(place)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def _require_place(self, page: SpooledPage) -> None:
        if journal.is_placed(page, {known.number for known in self._history}):
            return
        field = "after" if page.replaces is None else "replaces"
        raise ScanError(ScanFault.BAD_REQUEST, field=field, value=str(getattr(page, field)))

    def _commit(self, file: int, page: SpooledPage, data: bytes) -> None:
        line = journal.line_of(page)
        part = _part_of(page.path)
        try:
            _write(part, data, synced=True)
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
        with _disk_faults(), self._locked():
            file = os.open(
                self._folder / JOURNAL_NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | _FILE_FLAGS, 0o600
            )
            try:
                yield file
            finally:
                os.close(file)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The folder for us alone. The lock is a file of its own: Windows lets nobody write a locked one."""
        import filelock

        # Made anew every time: a lock that was inherited by a forked process is of no use there.
        with filelock.FileLock(self._folder / LOCK_NAME, mode=0o600).acquire(poll_interval=0.01):
            yield

    def _recover(self, file: int) -> None:
        """Reads the journal anew and brings folder and journal into agreement."""
        recorded, sound = journal.read((self._folder / JOURNAL_NAME).read_bytes(), self._folder)
        if sound != os.fstat(file).st_size:
            os.ftruncate(file, sound)
            os.fsync(file)
        self._history = recorded
        self._damaged = frozenset(
            page.number for page in recorded if not _is_there(page) and not _complete(page)
        )
        for folder in (self._folder, self._folder / THUMBNAILS_NAME):
            for stray in folder.glob(f"*{PART_SUFFIX}"):
                stray.unlink()
        _sync_folder(self._folder)
        self._journal_bytes = sound
        # A page file that no line names was not made by a crash; its number is not given again.
        unnamed = (_PAGE_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        taken = [page.number for page in recorded] + [int(match[1]) for match in unnamed if match]
        self._last_number = max([self._beyond, *taken])


def _await_rescue(folder: Path) -> None:
    """The lock goes with its process, however that ends; one that hangs is not waited for for ever."""
    import filelock

    lock = folder / RESCUE_LOCK_NAME
    if lock.exists():
        with (
            suppress(filelock.Timeout),
            filelock.FileLock(lock, mode=0o600, timeout=MOST_SECONDS_OF_A_RESCUE),
        ):
            lock.unlink(missing_ok=True)


def _is_jpeg_file(path: Path) -> bool:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    return data.startswith(jpeg.START) and data.endswith(jpeg.END)


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


def _write(path: Path, data: bytes, *, synced: bool) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _FILE_FLAGS, 0o600)
    try:
        _write_all(file, data)
        if synced:
            os.fsync(file)
    finally:
        os.close(file)


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _sync_folder(folder: Path) -> None:
    """Windows opens no folder as a file; its journaling file system keeps a rename by itself."""
    if _ON_WINDOWS:
        return
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
