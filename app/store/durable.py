"""Writing that survives a power cut: temp file, fsync, rename, fsync of the folder (ghi bền vững)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.domain.errors import disk_fault


@contextmanager
def disk_faults() -> Iterator[None]:
    """Turns an OSError of the disk into a StationError with its own code."""
    try:
        yield
    except OSError as error:
        raise disk_fault(error) from error


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` durable; Windows does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Creates `folder` with its parents, readable by this account only, durably."""
    with disk_faults():
        missing = []
        parent = folder
        while not parent.exists():
            missing.append(parent)
            parent = parent.parent
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
            sync_folder(path.parent)


def write_file(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Writes `data` to `path` whole or not at all. Raises StationError when the disk refuses.

    `mode` is what the file may be opened for, before this account's own mask.
    """
    with disk_faults():
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
