"""A file as a number of pages that can be asked for one by one (tệp nhiều trang)."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from scanner.backends.importing.decoder import Decoder
from scanner.backends.importing.forms import HEAD_BYTES, Form, form_of
from scanner.backends.importing.raster import RasterDocument, decoded_jpeg
from scanner.backends.importing.wholeness import is_whole
from scanner.backends.importing.wire import Message
from scanner.contract import LARGEST_PAGE_BYTES, PageImage
from scanner.errors import ScanError, ScanFault

LARGEST_FILE_BYTES = 1024**3
"""A PDF of some two thousand pages in colour."""

DECODED_HERE = frozenset({Form.JPEG, Form.PNG})
"""Simple forms with one page, whose decoders the whole program relies upon anyway."""


class Document(Protocol):
    """An open file."""

    @property
    def count(self) -> int:
        """How many pages it has."""

    @property
    def lost(self) -> bool:
        """Whether nothing more can come of it."""

    def page(self, index: int) -> PageImage:
        """The page at `index`, from 0, as sheet 1. Raises ScanError for what is wrong with that page."""

    def close(self) -> None:
        """Closes the file."""


@contextmanager
def open_document(path: Path, decoder: Decoder) -> Iterator[Document]:
    """The file at `path`, which is never changed, with its end in place.

    Raises ScanError: `scan.truncated` where the end is missing, `scan.unsupported` for a form that is not
    read here, `scan.password`, `scan.refused-size`, `scan.unreadable-file`.
    """
    try:
        form = _form_of_whole(path)
    except OSError as error:
        raise ScanError(ScanFault.UNREADABLE_FILE, errno=error.errno or 0) from error
    document: Document
    document = RasterDocument(path, form) if form in DECODED_HERE else RemoteDocument(path, form, decoder)
    try:
        yield document
    finally:
        document.close()


def _form_of_whole(path: Path) -> Form:
    state = path.stat()
    # A pipe or a device would be waited for without end.
    if not stat.S_ISREG(state.st_mode):
        raise ScanError(ScanFault.UNREADABLE_FILE, reason="no file")
    size = state.st_size
    if size > LARGEST_FILE_BYTES:
        raise ScanError(ScanFault.REFUSED_SIZE, bytes=size, most=LARGEST_FILE_BYTES)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        form = form_of(head)
        if form is None:
            # Some systems reserve the room for a file before its bytes come.
            empty = not head.strip(b"\0")
            raise ScanError(ScanFault.TRUNCATED if empty else ScanFault.UNSUPPORTED)
        if form is Form.JPEG and size > LARGEST_PAGE_BYTES:
            raise ScanError(ScanFault.REFUSED_SIZE, bytes=size, most=LARGEST_PAGE_BYTES)
        if not is_whole(file, form, size):
            raise ScanError(ScanFault.TRUNCATED)
    return form


class RemoteDocument:
    """A file that the process of the decoder has open."""

    def __init__(self, path: Path, form: Form, decoder: Decoder) -> None:
        self._decoder = decoder
        told, _ = decoder.ask({"verb": "open", "path": str(path.absolute()), "form": form.value})
        self.count = _whole_number(told, "count", decoder)

    @property
    def lost(self) -> bool:
        """Whether the process, and the open file with it, is gone."""
        return not self._decoder.is_running

    def page(self, index: int) -> PageImage:
        """The page at `index`, from 0. Raises ScanError."""
        if self.lost:
            raise ScanError(ScanFault.UNREADABLE_FILE, reason="died")
        told, payload = self._decoder.ask({"verb": "page", "index": index})
        dpi = _whole_number(told, "dpi", self._decoder)
        if told.get("kind") == "jpeg":
            return decoded_jpeg(bytes(payload), dpi)
        return _page_of(told.get("shape"), payload, dpi, self._decoder)

    def close(self) -> None:
        """Nothing to do: the next file that is opened there closes this one."""


def _page_of(shape: object, payload: bytearray, dpi: int, decoder: Decoder) -> PageImage:
    import numpy as np

    if not isinstance(shape, list) or len(shape) not in (2, 3) or shape[2:] not in ([], [3]):
        raise decoder.refuse()
    if not payload or any(type(length) is not int or length < 1 for length in shape):
        raise decoder.refuse()
    height, width, channels = shape[0], shape[1], 3 if len(shape) == 3 else 1
    if height * width * channels != len(payload):
        raise decoder.refuse()
    return PageImage(np.frombuffer(payload, np.uint8).reshape(shape), dpi, 1, 1)


def _whole_number(told: Message, name: str, decoder: Decoder) -> int:
    number = told.get(name)
    if type(number) is not int or number < 1:
        raise decoder.refuse()
    return number
