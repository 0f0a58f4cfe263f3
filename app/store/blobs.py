"""Files by what they hold: the name of a blob is the SHA-256 of its bytes (kho tệp theo nội dung)."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.domain.errors import StationError, StationFault
from app.store.durable import disk_faults, make_folder, sync_folder, write_file

_CHUNK = 1 << 20  # bytes read at a time


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits, read in chunks."""
    with disk_faults(), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Blobs:
    """A folder of blobs, two levels deep; a blob is never changed and never written twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_folder(folder)

    def sweep(self) -> None:
        """Removes what a cut-off run left half written; only for the one program that works here."""
        with suppress(OSError):  # what cannot be looked at now is looked at next time
            for torn in self._folder.glob("??/.*.part"):
                with suppress(OSError):
                    torn.unlink()

    def path(self, sha256: str) -> Path:
        """Where the blob lies. Raises StationError `station.blob-missing`."""
        place = self._place(sha256)
        if not _is_there(place):
            raise StationError(StationFault.BLOB_MISSING, blob=sha256[:12])
        return place

    def read(self, sha256: str) -> bytes:
        """The blob's bytes, checked. Raises StationError when it is missing or damaged."""
        with disk_faults():
            data = self.path(sha256).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StationError(StationFault.BLOB_DAMAGED, blob=sha256[:12])
        return data

    def check(self, sha256: str) -> None:
        """Reads a blob through, in pieces. Raises StationError when it is missing or damaged."""
        if sha256_of(self.path(sha256)) != sha256:
            raise StationError(StationFault.BLOB_DAMAGED, blob=sha256[:12])

    def has(self, sha256: str) -> bool:
        """True when a blob of this name is on disk."""
        return _is_there(self._place(sha256))

    def put(self, data: bytes) -> str:
        """Keeps `data` and returns its name; when this returns it is on disk."""
        name = hashlib.sha256(data).hexdigest()
        place = self._place(name)
        if not _is_there(place):
            make_folder(place.parent)
            write_file(place, data)
        return name

    def adopt(self, file: Path, sha256: str | None = None) -> str:
        """Takes over a file that is already durable on the same disk, by a second name for it.

        The file keeps its own name too, so that whoever wrote it can still find it. Returns the
        blob's name; `sha256`, when the writer knows it, spares reading the file again.
        """
        name = sha256 or sha256_of(file)
        place = self._place(name)
        if _is_there(place):
            return name
        make_folder(place.parent)
        with disk_faults():
            try:
                os.link(file, place)
            except FileExistsError:
                return name
            except OSError:  # another disk, or one without links
                self._copy(file, place)
            else:
                sync_folder(place.parent)
        return name

    def remove(self, sha256: str) -> None:
        """Lets a blob go; one that is gone already is no fault. Raises StationError when the disk refuses."""
        place = self._place(sha256)
        with disk_faults():
            place.unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """The names of all blobs, in no order."""
        with disk_faults():
            places = list(self._folder.glob("??/*"))
        for place in places:
            if len(place.name) == 64:
                yield place.name

    def _copy(self, file: Path, place: Path) -> None:
        temporary = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            with file.open("rb") as source, temporary.open("wb") as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            temporary.replace(place)
            sync_folder(place.parent)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _is_there(place: Path) -> bool:
    with disk_faults():
        return place.is_file()
