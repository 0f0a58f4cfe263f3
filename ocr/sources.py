"""Where pages come from (nguồn ảnh): image files, folders of them, PDFs; page by page, never all at once."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ocr.decoding.process import Decoder
from ocr.decoding.wishes import DecodedPage, Wishes
from ocr.errors import OcrError, OcrFault, reading_fault
from ocr.image import MAX_BYTES, load_bytes
from ocr.page import Word, word_from_values

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".bmp", ".webp", ".pdf"})
_PDF_HEADER_WITHIN = 1024
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MOST_DEATHS = 3
_DEADLY = frozenset({OcrFault.DECODER_DIED, OcrFault.DECODING_TOO_SLOW})


class Kind(Enum):
    """How the pages of a file are had."""

    IMAGE = "image"
    TIFF = "tiff"
    PDF = "pdf"


@dataclass(frozen=True)
class SourceFile:
    """A file among the sources: its kind, the number of its pages, or why it can't be opened (one page)."""

    path: Path
    kind: Kind
    pages: int
    error: OcrError | None = None


@dataclass(frozen=True)
class SourceImage:
    """One page: its encoded image, dpi where the source tells (None: what the image says counts), the name of
    the file it comes from, and its number there, from 1.

    Of a PDF's page there may be more: `words` of a text layer that stays, places in px of `size_px`; `copy`,
    a PDF of this page alone that may be taken over as it is, in which case `data` may be empty.
    """

    data: bytes
    dpi: int | None
    origin: str
    page: int
    words: tuple[Word, ...] | None = None
    size_px: tuple[int, int] | None = None
    copy: bytes | None = None
    file_sha256: str = ""


@dataclass(frozen=True)
class SourceFault:
    """A page, or a whole file (page 1), that can't be had, and why."""

    error: OcrError
    origin: str
    page: int


@dataclass(frozen=True)
class SourceKnown:
    """A page that was finished before, and isn't decoded again."""

    origin: str
    page: int
    file_sha256: str


Source = SourceImage | SourceFault | SourceKnown


def open_sources(
    paths: Sequence[Path], *, stopped: Callable[[], bool] = lambda: False
) -> Iterator[SourceImage]:
    """The pages of `paths` one after the other: JPEG, PNG, TIFF with any number of pages, BMP, WebP, PDF, and
    folders of these in natural order (2 before 10).

    A page of a PDF that is just one JPEG is that JPEG; other pages are drawn. Raises OcrError when the next
    page can't be had: ocr.not-found, ocr.empty-folder, ocr.unreadable, ocr.password, ocr.damaged-pdf,
    ocr.bomb, ocr.cancelled, … An image file is handed on unseen; what is wrong inside it shows when it is
    read.
    """
    wishes = Wishes(text_layer="redo", as_it_is=False)
    with Decoder(stopped) as decoder:
        files = survey(paths, decoder, wishes)
        for item in walk_sources(files, decoder, wishes, stopped=stopped):
            if isinstance(item, SourceFault):
                raise item.error
            if isinstance(item, SourceImage):
                yield item


def survey(
    paths: Sequence[Path], decoder: Decoder, wishes: Wishes, *, signed_too: bool = True
) -> list[SourceFile]:
    """Every file of `paths` with its kind and number of pages; nothing is decoded.

    A path that isn't there or an empty folder raises. Without `signed_too` a PDF with digital signatures is a
    file with the error ocr.signed.
    """
    return [_surveyed(file, decoder, wishes, signed_too=signed_too) for file in list_files(paths)]


def walk_sources(
    files: Sequence[SourceFile],
    decoder: Decoder,
    wishes: Wishes,
    *,
    stopped: Callable[[], bool] = lambda: False,
    known: Callable[[str, int], bool] = lambda _sha256, _page: False,
) -> Iterator[Source]:
    """The pages of `files`; in place of one that can't be had its `SourceFault`, and of one that is `known`
    by the sha256 of its file and its number a `SourceKnown`. Raises OcrError ocr.cancelled."""
    for file in files:
        try:
            for item in _pages_of(file, decoder, wishes, known):
                if stopped():
                    raise OcrError(OcrFault.CANCELLED)
                yield item
        except OcrError as error:
            if error.fault is OcrFault.CANCELLED:
                raise
            yield SourceFault(error, file.path.name, 1)


def list_files(paths: Sequence[Path]) -> list[Path]:
    """The files meant by `paths`, folders replaced by their images and PDFs in natural order.

    Raises OcrError ocr.not-found, ocr.empty-folder or ocr.unreadable.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise OcrError(OcrFault.NOT_FOUND)
        files += _files_in(path) if path.is_dir() else [path]
    return files


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """A sorting key by which scan2.jpg comes before scan10.jpg."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def is_pdf(start: bytes) -> bool:
    """Whether a file that starts like this is a PDF; some have junk before the header."""
    return b"%PDF-" in start[:_PDF_HEADER_WITHIN]


def _files_in(folder: Path) -> list[Path]:
    try:
        inside = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    except OSError as error:
        raise reading_fault(error) from error
    files = sorted((path for path in inside if path.suffix.lower() in SUFFIXES), key=natural_order)
    if not files:
        raise OcrError(OcrFault.EMPTY_FOLDER)
    return files


def _surveyed(file: Path, decoder: Decoder, wishes: Wishes, *, signed_too: bool) -> SourceFile:
    kind = Kind.IMAGE
    try:
        start = _start_of(file)
        if is_pdf(start):
            kind = Kind.PDF
        elif start.startswith(_TIFF_STARTS):
            kind = Kind.TIFF
        else:
            return SourceFile(file, kind, 1)
        opened = decoder.open(file, wishes, pdf=kind is Kind.PDF)
        if opened.signatures and not signed_too:
            return SourceFile(file, kind, 1, OcrError(OcrFault.SIGNED))
        return SourceFile(file, kind, opened.count)
    except OcrError as error:
        if error.fault is OcrFault.CANCELLED:
            raise
        return SourceFile(file, kind, 1, error)


def _pages_of(
    file: SourceFile, decoder: Decoder, wishes: Wishes, known: Callable[[str, int], bool]
) -> Iterator[Source]:
    if file.error is not None:
        raise file.error
    name = file.path.name
    if file.kind is Kind.IMAGE:
        data = load_bytes(file.path)
        digest = hashlib.sha256(data).hexdigest()
        yield (
            SourceKnown(name, 1, digest)
            if known(digest, 1)
            else SourceImage(data, None, name, 1, file_sha256=digest)
        )
        return
    digest = _sha256_of(file.path)
    is_open, deaths = False, 0
    for number in range(1, file.pages + 1):
        if known(digest, number):
            yield SourceKnown(name, number, digest)
            continue
        try:
            if deaths >= _MOST_DEATHS:
                raise OcrError(OcrFault.DECODER_DIED)
            if not is_open:
                decoder.open(file.path, wishes, pdf=file.kind is Kind.PDF)
                is_open = True
            yield _image(decoder.page(number - 1), name, number, digest)
        except OcrError as error:
            if error.fault is OcrFault.CANCELLED:
                raise
            deaths += error.fault in _DEADLY
            yield SourceFault(error, name, number)


def _image(page: DecodedPage, name: str, number: int, digest: str) -> SourceImage:
    words = None if page.words is None else tuple(word_from_values(*values) for values in page.words)
    return SourceImage(
        page.image or b"", page.dpi, name, number, words, page.size_px, page.copy, file_sha256=digest
    )


def _start_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            size = file.stat().st_size
            if size > MAX_BYTES:
                raise OcrError(OcrFault.TOO_BIG, bytes=size)
            return opened.read(_PDF_HEADER_WITHIN)
    except OSError as error:
        raise reading_fault(error) from error


def _sha256_of(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise reading_fault(error) from error
