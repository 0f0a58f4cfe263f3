"""Files that are wholly there or not there at all, also after a power cut."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from sync.errors import Fault, SyncError

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def durable_file(final: Path) -> Iterator[BufferedRandom]:
    """Yield a file (read and write, owner only) that takes the name `final` when the block ends well.

    Temporary file in the same folder → write → fsync → rename → fsync of the folder. When the block
    raises, `final` is as it was and the temporary file is gone.
    """
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=final.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable. Windows keeps its own order of names and has no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def no_space(error: OSError) -> bool:
    """Tell whether `error` means that the disk or the quota is full."""
    return error.errno in _NO_SPACE


@contextmanager
def storage_faults() -> Iterator[None]:
    """Turn what this machine's disk refuses into SyncError: sync.disk-full, or sync.storage."""
    try:
        yield
    except OSError as error:
        fault = Fault.DISK_FULL if no_space(error) else Fault.STORAGE
        raise SyncError(fault, errno=error.errno or 0) from error
