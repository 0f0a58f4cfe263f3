"""Where pages come from (nguồn ảnh): image files, folders of them, PDFs; page by page, never all at once."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr.errors import OcrError, OcrFault, reading_fault
from ocr.image import MAX_BYTES, credible_dpi, encode_png, frame_pixels, load_bytes, open_header, refuse_bomb

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".bmp", ".webp", ".pdf"})
_PDF_HEADER_WITHIN = 1024
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MOST_FRAMES = 10_000


@dataclass(frozen=True)
class SourceImage:
    """One page as an encoded image: its dpi where the source tells (None: what the image says counts), the
    name of the file it comes from, and its number there, from 1."""

    data: bytes
    dpi: int | None
    origin: str
    page: int


@dataclass(frozen=True)
class SourceFault:
    """A page, or a whole file (page 1), that can't be had, and why."""

    error: OcrError
    origin: str
    page: int


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
    for item in walk_sources(paths, stopped=stopped):
        if isinstance(item, SourceFault):
            raise item.error
        yield item


def walk_sources(
    paths: Sequence[Path], *, stopped: Callable[[], bool] = lambda: False
) -> Iterator[SourceImage | SourceFault]:
    """As `open_sources`, with a `SourceFault` where that raises, and what comes after it.

    A path that isn't there or an empty folder raises before the first page.
    """
    for file in list_files(paths):
        try:
            for item in _pages_of(file):
                if stopped():
                    raise OcrError(OcrFault.CANCELLED)
                yield item
        except OcrError as error:
            if error.fault is OcrFault.CANCELLED:
                raise
            yield SourceFault(error, file.name, 1)


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


def count_pages(paths: Sequence[Path]) -> int:
    """How many pages `walk_sources` will yield, without decoding any; a file that can't be opened counts as
    one."""
    return sum(_count(file) for file in list_files(paths))


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """A sorting key by which scan2.jpg comes before scan10.jpg."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _files_in(folder: Path) -> list[Path]:
    try:
        inside = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    except OSError as error:
        raise reading_fault(error) from error
    files = sorted((path for path in inside if path.suffix.lower() in SUFFIXES), key=natural_order)
    if not files:
        raise OcrError(OcrFault.EMPTY_FOLDER)
    return files


def _pages_of(file: Path) -> Iterator[SourceImage | SourceFault]:
    start = _start_of(file)
    if is_pdf(start):
        from ocr.pdf.pages import drawn_pages

        for number, page in enumerate(drawn_pages(file), 1):
            if isinstance(page, OcrError):
                yield SourceFault(page, file.name, number)
            else:
                yield SourceImage(page.data, page.dpi, file.name, number)
    elif start.startswith(_TIFF_STARTS):
        yield from _tiff_pages(file)
    else:
        yield SourceImage(load_bytes(file), None, file.name, 1)


def is_pdf(start: bytes) -> bool:
    """Whether a file that starts like this is a PDF; some have junk before the header."""
    return b"%PDF-" in start[:_PDF_HEADER_WITHIN]


def _start_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            size = file.stat().st_size
            if size > MAX_BYTES:
                raise OcrError(OcrFault.TOO_BIG, bytes=size)
            return opened.read(_PDF_HEADER_WITHIN)
    except OSError as error:
        raise reading_fault(error) from error


def _tiff_pages(file: Path) -> Iterator[SourceImage | SourceFault]:
    data = load_bytes(file)
    opened = open_header(data)
    count = _frames(opened)
    if count == 1:
        yield SourceImage(data, None, file.name, 1)
        return
    for number in range(count):
        try:
            # A stored page opened afresh: one broken directory doesn't spoil the pages after it.
            frame = open_header(data)
            try:
                frame.seek(number)
            except Exception as error:
                raise OcrError(OcrFault.DAMAGED_IMAGE) from error
            refuse_bomb(*frame.size)
            yield SourceImage(encode_png(frame_pixels(frame)), credible_dpi(frame), file.name, number + 1)
        except OcrError as error:
            yield SourceFault(error, file.name, number + 1)


def _frames(opened: object) -> int:
    try:
        return min(int(getattr(opened, "n_frames", 1)), _MOST_FRAMES)
    except Exception:
        # A chain of directories that ends in nonsense: the first page is still there.
        return 1


def _count(file: Path) -> int:
    try:
        start = _start_of(file)
        if is_pdf(start):
            from ocr.pdf.pages import page_count

            return page_count(file)
        if start.startswith(_TIFF_STARTS):
            return _frames(open_header(load_bytes(file)))
    except OcrError:
        return 1
    return 1
