"""Hot folders as a `Backend` (quét qua thư mục chia sẻ của máy đa chức năng)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from scanner.backends.folder.gathering import Gathering, Memory
from scanner.backends.folder.taken import hot_folder
from scanner.backends.importing.decoder import Decoder
from scanner.backends.importing.stack import CAPABILITIES, OneAtATime, RefusedFile, Stack
from scanner.contract import Capabilities, Connection, Device, PageImage, ScanRequest, never
from scanner.errors import ScanError, ScanFault

NAME = "folder"


class FolderBackend:
    """Folders into which devices scan, one device each, under the names given or their own.

    A file is taken once it has been at rest for `settle_s` and has its end; JPEG, PNG, TIFF, PDF, HEIC. When
    its last page has been taken over, it is moved into the folder `taken` below; no file is ever changed or
    deleted. A scan waits for its first file up to `patience_s`, and ends when no new one comes for
    `settle_s`. The pages are as an ImportBackend gives them.
    """

    def __init__(
        self,
        folders: Mapping[str, Path] | Sequence[Path],
        *,
        settle_s: float = 1.0,
        patience_s: float = 60.0,
    ) -> None:
        self._settle_s = settle_s
        self._patience_s = patience_s
        self._folders = {f"{NAME}:{name}": (name, path) for name, path in _named(folders)}
        self._memories = {device_id: Memory() for device_id in self._folders}
        self._one_at_a_time = OneAtATime()
        self._refused: tuple[RefusedFile, ...] = ()

    def devices(self) -> tuple[Device, ...]:
        """One device a folder, whether it can be reached now or not. Raises ScanError `scan.busy`."""
        with self._one_at_a_time():
            return tuple(
                Device(
                    id=device_id,
                    backend=NAME,
                    maker="",
                    model=name,
                    kind="hot folder",
                    address=str(path),
                    connection=Connection.FOLDER,
                )
                for device_id, (name, path) in self._folders.items()
            )

    def capabilities(self, device_id: str) -> Capabilities:
        """What can be asked for. Raises ScanError `scan.no-device`, `scan.busy`."""
        with self._one_at_a_time():
            self._folder(device_id)
            return CAPABILITIES

    def refused(self) -> tuple[RefusedFile, ...]:
        """What the last scan had to leave in its folder."""
        return self._refused

    def scan(
        self, device_id: str, request: ScanRequest, stopped: Callable[[], bool] = never
    ) -> Iterator[PageImage]:
        """The pages of every file that is or becomes whole, then the first fault or the end.

        A page counts as taken over when the next one is asked for; where the iteration is left before, the
        next scan begins with it again. A file that never becomes whole is `scan.truncated`, others go first.
        A file that is refused stays where it is, and is told of once. Raises ScanError also `scan.busy` where
        another program takes from the folder, `scan.access-denied` where nothing can be moved, `scan.io`.
        """
        with self._one_at_a_time(), closing(Decoder()) as decoder:
            folder = self._folder(device_id)
            self._refused = ()
            stack = Stack(request, stopped, decoder)
            stack.heed()
            with hot_folder(folder):
                gathering = Gathering(
                    folder,
                    stack,
                    self._memories[device_id],
                    settle_s=self._settle_s,
                    patience_s=self._patience_s,
                )
                try:
                    yield from gathering.pages()
                finally:
                    self._refused = tuple(stack.refused)

    def _folder(self, device_id: str) -> Path:
        if device_id not in self._folders:
            raise ScanError(ScanFault.NO_DEVICE)
        return self._folders[device_id][1]


def _named(folders: Mapping[str, Path] | Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Every folder with a name of its own."""
    if isinstance(folders, Mapping):
        yield from ((unicodedata.normalize("NFC", name), path) for name, path in folders.items())
        return
    given: dict[str, int] = {}
    for path in folders:
        name = unicodedata.normalize("NFC", path.name)
        given[name] = given.get(name, 0) + 1
        yield (name if given[name] == 1 else f"{name} ({given[name]})"), path
