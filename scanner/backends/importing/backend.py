"""Files as a `Backend` (nhập tệp có sẵn)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from scanner.backends.importing.decoder import SECONDS_A_PAGE, Decoder
from scanner.backends.importing.documents import open_document
from scanner.backends.importing.stack import CAPABILITIES, OneAtATime, RefusedFile, Stack
from scanner.contract import Capabilities, Connection, Device, PageImage, ScanRequest, never
from scanner.errors import ScanError, ScanFault

NAME = "import"
DEVICE = Device(
    id="import:files", backend=NAME, maker="", model="Files", kind="files", connection=Connection.FOLDER
)


class ImportBackend:
    """Files that were scanned elsewhere as one device: JPEG, PNG, TIFF, PDF, HEIC, told by their content.

    The pages come in the order of `files`, each with the resolution its file states, or such that it fits an
    A4 sheet. A JPEG, also one that is all of a PDF page, is passed on in `PageImage.encoded`. Every scan
    begins with the first file; no file is ever changed. HEIC needs the package `pillow-heif`.
    `patience_s` is how long one page may take.
    """

    def __init__(self, files: Sequence[Path], *, patience_s: float = SECONDS_A_PAGE) -> None:
        self._files = tuple(files)
        self._patience_s = patience_s
        self._one_at_a_time = OneAtATime()
        self._refused: tuple[RefusedFile, ...] = ()

    def devices(self) -> tuple[Device, ...]:
        """The one device that holds the files. Raises ScanError `scan.busy`."""
        with self._one_at_a_time():
            return (DEVICE,)

    def capabilities(self, device_id: str) -> Capabilities:
        """What can be asked for. Raises ScanError `scan.no-device`, `scan.busy`."""
        with self._one_at_a_time():
            _require_device(device_id)
            return CAPABILITIES

    def refused(self) -> tuple[RefusedFile, ...]:
        """What the last scan had to leave out."""
        return self._refused

    def scan(
        self, device_id: str, request: ScanRequest, stopped: Callable[[], bool] = never
    ) -> Iterator[PageImage]:
        """The pages of every file that can be read, then the first fault or the end.

        The fact `file` of a ScanError counts from 1 in `files`, `page` in that file; `refused` is how many
        files or pages were left out. From the glass (`Source.FLATBED`) comes the first page alone.
        """
        with self._one_at_a_time(), closing(Decoder(self._patience_s)) as decoder:
            _require_device(device_id)
            self._refused = ()
            stack = Stack(request, stopped, decoder)
            stack.heed()
            yield from self._pages(stack)

    def _pages(self, stack: Stack) -> Iterator[PageImage]:
        first_refused = 0
        for number, path in enumerate(self._files, start=1):
            try:
                with open_document(path, stack.decoder) as document:
                    for _, page in stack.pages(path, document):
                        yield page
            except ScanError as error:
                if error.fault is ScanFault.CANCELLED:
                    raise
                stack.refuse(path, error)
            self._refused = tuple(stack.refused)
            if stack.refused and not first_refused:
                first_refused = number
            if stack.is_enough:
                break
            stack.heed()
        stack.end(**({"file": first_refused} if first_refused else {}))


def _require_device(device_id: str) -> None:
    if device_id != DEVICE.id:
        raise ScanError(ScanFault.NO_DEVICE)
