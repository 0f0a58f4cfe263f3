"""Files that are whole or absent: temporary file, fsync, rename, fsync of the folder (ghi an toàn)."""

import errno
import hashlib
import os
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from signing.errors import SigningError, SigningFault


@contextmanager
def appearing(out: Path) -> Iterator[Path]:
    """A temporary path beside `out` that becomes `out` when the block ends without an exception.

    The temporary file is removed on any exception and its name tells nothing. Raises SigningError
    `sign.disk-full` or `sign.write-failed`; faults of the block itself pass through.
    """
    draft = out.parent / f"{_own_stem()}{secrets.token_hex(8)}.tmp"
    try:
        try:
            yield draft
            sync_file(draft)
            draft.replace(out)
            sync_folder(out.parent)
        except OSError as error:
            raise writing_failed(error) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def sweep(folder: Path) -> int:
    """Remove the temporary files that killed programs of this machine left in `folder`; how many."""
    swept = 0
    for left in folder.glob(f".sohoa-{_this_machine()}-*.tmp"):
        owner = left.name.split("-")[2]
        if owner.isdigit() and not _alive(int(owner)):
            with suppress(OSError):
                left.unlink()
                swept += 1
    return swept


def _own_stem() -> str:
    return f".sohoa-{_this_machine()}-{os.getpid()}-"


@lru_cache(maxsize=1)
def _this_machine() -> str:
    """Six hexadecimal digits: a shared folder may hold files of other machines' programs."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def _alive(process: int) -> bool:
    """Whether a program with this number runs; on Windows, where asking would end it, every one does."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_bytes(out: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a small file whole or not at all, with the permission bits `mode`."""
    with appearing(out) as draft:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, where the system can do so."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def refuse_same_file(source: Path, out: Path) -> None:
    """Raise `sign.same-file` when `out` is the input itself."""
    if out.exists() and source.exists() and out.samefile(source):
        raise SigningError(SigningFault.SAME_FILE)


def writing_failed(error: OSError) -> SigningError:
    """The coded fault of a failed write."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    fault = SigningFault.DISK_FULL if full else SigningFault.WRITE_FAILED
    return SigningError(fault, errno=error.errno or 0)
