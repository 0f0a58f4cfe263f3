"""Finished pages on disk (trang đã xong chờ ghép): kept through a crash, and not read again.

A page is a file of its own, named by the hash of its source and of everything that decides its looks, with
the hash of its contents in front. Whoever kills the program loses the pages that were being read, no other.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ocr.errors import writing_fault
from ocr.pdf.finished import FinishedPage

_DIGEST_BYTES = 32
_STALE_SECONDS = 14 * 24 * 3600


class PageSpool:
    """The finished pages of one job in `folder`; `stamp` names everything besides the source that decides
    what becomes of a page."""

    def __init__(self, folder: Path, stamp: str) -> None:
        self._folder = folder
        self._stamp = stamp

    def name(self, file_sha256: str, page: int, reverse: str = "") -> str:
        """The name of what becomes of page number `page` of a file; `reverse` names the other side of its
        leaf, if that had a part in it."""
        told = f"{self._stamp}\n{file_sha256}\n{page}" + (f"\n{reverse}" if reverse else "")
        return hashlib.sha256(told.encode()).hexdigest()[:40]

    def has(self, file_sha256: str, page: int) -> bool:
        """Whether that page is there, whole."""
        return self.has_named(self.name(file_sha256, page))

    def has_named(self, name: str) -> bool:
        """Whether the page of this name is there, whole."""
        return self._load(name) is not None

    def put(self, name: str, page: FinishedPage) -> None:
        """Keeps a page. Raises OcrError ocr.disk-full or ocr.not-writable."""
        packed = page.pack()
        draft = self._folder / f".{secrets.token_hex(8)}"
        try:
            draft.write_bytes(hashlib.sha256(packed).digest() + packed)
            draft.replace(self._folder / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise writing_fault(error) from error

    def get(self, name: str) -> FinishedPage:
        """A page that was put or that `has` found. Raises ValueError when it is gone."""
        packed = self._load(name)
        if packed is None:
            raise ValueError("no such page")
        return FinishedPage.unpack(packed)

    def _load(self, name: str) -> bytes | None:
        try:
            whole = (self._folder / name).read_bytes()
        except OSError:
            return None
        digest, packed = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
        return packed if hashlib.sha256(packed).digest() == digest else None


@contextmanager
def opened_spool(root: Path | None, beside: Path, job: str, stamp: str) -> Iterator[PageSpool]:
    """A spool in `root` that outlives a crash of the job named `job`; without `root`, or while another
    process does the same job, one that doesn't, in the folder `beside`.

    After success it is removed; after a fault the pages in `root` stay for the next attempt, two weeks at
    most.
    Raises OcrError ocr.disk-full or ocr.not-writable.
    """
    if root is None:
        with _temporary(beside) as folder:
            yield PageSpool(folder, stamp)
        return
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise writing_fault(error) from error
    lock = FileLock(root / f"{job}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        with _temporary(root) as folder:
            yield PageSpool(folder, stamp)
        return
    except OSError as error:
        raise writing_fault(error) from error
    try:
        _remove_stale(root, job)
        folder = root / job
        with _writing():
            folder.mkdir(mode=0o700, exist_ok=True)
            os.utime(folder)
        yield PageSpool(folder, stamp)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


@contextmanager
def _temporary(parent: Path) -> Iterator[Path]:
    with _writing():
        made = tempfile.TemporaryDirectory(prefix=".", dir=parent)
    with made as folder:
        yield Path(folder)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise writing_fault(error) from error


def _remove_stale(root: Path, job: str) -> None:
    """Pages of jobs that nobody came back to, and old locks."""
    for old in root.iterdir():
        with contextlib.suppress(OSError, Timeout):
            if old.stem == job or time.time() - old.stat().st_mtime < _STALE_SECONDS:
                continue
            if old.is_dir():
                with FileLock(root / f"{old.name}.lock", timeout=0):
                    shutil.rmtree(old, ignore_errors=True)
            else:
                old.unlink(missing_ok=True)
