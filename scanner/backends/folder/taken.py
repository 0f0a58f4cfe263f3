"""Where the files go whose pages have been taken: into a folder below, never away (tệp đã lấy)."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanner.errors import ScanError, ScanFault

TAKEN_NAME = "taken"
LOCK_NAME = ".lock"

_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def hot_folder(folder: Path) -> Iterator[None]:
    """The folder for us alone; two programs that watch one folder would take every file twice.

    Raises ScanError: `scan.no-device` where there is no such folder, `scan.busy` where another program has
    it, `scan.access-denied` where files can't be moved, `scan.io`.
    """
    import filelock

    if not folder.is_dir():
        raise ScanError(ScanFault.NO_DEVICE)
    with share_faults():
        (folder / TAKEN_NAME).mkdir(exist_ok=True)
        # A stream may be read by one thread and left by another.
        lock = filelock.FileLock(folder / TAKEN_NAME / LOCK_NAME, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            raise ScanError(ScanFault.BUSY) from None
    try:
        yield
    finally:
        with share_faults():
            lock.release()


def put_away(path: Path) -> None:
    """Moves a file into the folder of the taken ones, beside others of its name. Raises ScanError."""
    with share_faults():
        folder = path.parent / TAKEN_NAME
        place = folder / path.name
        count = 1
        while place.exists():
            count += 1
            place = folder / f"{path.stem} ({count}){path.suffix}"
        path.rename(place)


@contextmanager
def share_faults() -> Iterator[None]:
    """What the file system refuses, as a ScanError `scan.access-denied` or `scan.io`."""
    try:
        yield
    except OSError as error:
        fault = ScanFault.ACCESS_DENIED if error.errno in _DENIED else ScanFault.IO
        raise ScanError(fault, errno=error.errno or 0) from error
