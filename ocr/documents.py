"""Whole documents (cả tài liệu): pages from files, read, written as one searchable PDF/A with its text and
JSON."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ocr.atomic import landing
from ocr.errors import OcrError, OcrFault, writing_fault
from ocr.fields import FieldGathering
from ocr.image import encode_jpeg
from ocr.page import CleanedPage, Flag, ReadPage
from ocr.pdf.writer import PdfResult, write_pdf
from ocr.reader import Reader, never
from ocr.sources import SourceFault, SourceImage, count_pages, list_files, walk_sources

_PLACEHOLDER_DPI = 75
_A4_PX = (620, 877)


def _unreported(_done: int, _total: int) -> None:
    """The `report` of work that nobody watches."""


def read_documents(
    paths: Sequence[Path],
    out: Path,
    *,
    text: Path | None = None,
    json: Path | None = None,
    jobs: int = 1,
    title: str | None = None,
    flavour: str = "2b",
    report: Callable[[int, int], None] = _unreported,
    stopped: Callable[[], bool] = never,
    model: str = "Vietnamese",
    engine: str = "auto",
    tessdata: Path | None = None,
    created: datetime | None = None,
) -> PdfResult:
    """Reads images, folders and PDFs into one searchable PDF/A at `out`, on `jobs` threads.

    `text` receives the text, pages separated by form feeds; `json` the words with places and confidences, and
    the fields of the paper that the pages make (`form`, `fields`). A page that can't be had becomes a white
    page flagged UNREADABLE, its reason in the JSON. `title` is by default the name of `out`; `created` now.
    `report(done, total)` counts pages. The files appear whole or not at all.

    Raises OcrError: what `open_sources` raises for a path that isn't there, ocr.same-file before anything is
    read where a result would overwrite a source or another result, what `write_pdf` raises, the first page's
    fault when every page fails, ocr.cancelled.
    """
    _refuse_overwriting(list_files(paths), {"pdf": out, "text": text, "json": json})
    total = count_pages(paths)
    with ExitStack() as files, Reader(model=model, jobs=jobs, engine=engine, tessdata=tessdata) as reader:
        records = _Records(
            _opened(files, text),
            _opened(files, json),
            reader.engine,
            progress=lambda done: report(done, total),
        )
        report(0, total)
        outcome = write_pdf(
            records.kept(_read(paths, reader, stopped)),
            out,
            title=title or out.stem,
            flavour=flavour,
            created=created or datetime.now(UTC),
        )
        records.finish(outcome)
    return outcome


def _refuse_overwriting(sources: Sequence[Path], results: Mapping[str, Path | None]) -> None:
    taken = list(sources)
    for kind, result in results.items():
        if result is None:
            continue
        if any(_is_same_file(result, other) for other in taken):
            raise OcrError(OcrFault.SAME_FILE, result=kind)
        taken.append(result)


def _is_same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, be it there already or not."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False


Outcome = tuple[SourceImage | SourceFault, CleanedPage | OcrError]


def _read(paths: Sequence[Path], reader: Reader, stopped: Callable[[], bool]) -> Iterator[Outcome]:
    """Every source page with what reading it gave, in order."""
    waiting: list[SourceImage | SourceFault] = []

    def calls() -> Iterator[Callable[[], CleanedPage]]:
        for source in walk_sources(paths, stopped=stopped):
            waiting.append(_without_data(source))
            yield _call(source, reader, stopped)

    for result in reader.read_jobs(calls()):
        yield waiting.pop(0), result
        if stopped():
            raise OcrError(OcrFault.CANCELLED)


def _call(
    source: SourceImage | SourceFault, reader: Reader, stopped: Callable[[], bool]
) -> Callable[[], CleanedPage]:
    def call() -> CleanedPage:
        if isinstance(source, SourceFault):
            raise source.error
        return reader.read(source.data, dpi=source.dpi, stopped=stopped)

    return call


def _without_data(source: SourceImage | SourceFault) -> SourceImage | SourceFault:
    if isinstance(source, SourceFault):
        return source
    return SourceImage(b"", source.dpi, source.origin, source.page)


class _Records:
    """Writes text and JSON while pages pass by, so that they needn't be remembered."""

    def __init__(
        self, text: IO[str] | None, record: IO[str] | None, engine: str, *, progress: Callable[[int], None]
    ) -> None:
        self._text = text
        self._json = record
        self._engine = engine
        self._progress = progress
        self._done = 0
        self._good = 0
        self._first_error: OcrError | None = None
        self._fields = FieldGathering()

    def kept(self, outcomes: Iterator[Outcome]) -> Iterator[CleanedPage]:
        """The pages of `outcomes`, white ones for those that failed. Raises the first fault when all of
        them did."""
        for source, result in outcomes:
            error = result if isinstance(result, OcrError) else None
            page = _placeholder(self._engine) if isinstance(result, OcrError) else result
            self._first_error = self._first_error or error
            self._good += error is None
            self._write(source, page.read, error)
            if self._json is not None:
                self._fields.add(page)
            yield page
            self._done += 1
            self._progress(self._done)
        if self._first_error and not self._good:
            raise self._first_error

    def finish(self, outcome: PdfResult) -> None:
        """Ends the JSON with what is known once the PDF is there."""
        end: dict[str, Any] = {"engine": self._engine, "pdf": outcome.path.name, "sha256": outcome.sha256}
        if self._json is not None:
            end |= self._fields.found().to_dict()
        _put(self._json, "\n]," + json.dumps(end, ensure_ascii=False)[1:] + "\n")
        for file in (self._text, self._json):
            if file is not None:
                file.close()

    def _write(self, source: SourceImage | SourceFault, page: ReadPage, error: OcrError | None) -> None:
        record = _record(self._done + 1, source, page, error)
        opening = '{"pages": [\n' if self._done == 0 else ",\n"
        _put(self._json, opening + json.dumps(record, ensure_ascii=False))
        _put(self._text, ("\f" if self._done else "") + page.text + "\n")


def _opened(files: ExitStack, target: Path | None) -> IO[str] | None:
    if target is None:
        return None
    draft = files.enter_context(landing(target))
    try:
        return files.enter_context(draft.open("w", encoding="utf-8", newline="\n"))
    except OSError as error:
        raise writing_fault(error) from error


def _put(file: IO[str] | None, text: str) -> None:
    if file is None:
        return
    try:
        file.write(text)
    except OSError as error:
        raise writing_fault(error) from error


def _record(
    number: int, source: SourceImage | SourceFault, page: ReadPage, error: OcrError | None
) -> dict[str, Any]:
    return {
        "page": number,
        "origin": source.origin,
        "origin_page": source.page,
        "width_px": page.width_px,
        "height_px": page.height_px,
        "dpi": page.dpi,
        "confidence": page.confidence,
        "flags": list(page.flags),
        "turned": page.turned,
        "skew_deg": page.skew_deg,
        "error": error.code if error else None,
        "words": [{"text": word.text, "box": word.box, "confidence": word.confidence} for word in page.words],
    }


def _placeholder(engine: str) -> CleanedPage:
    """A white A4 page that stands where a page couldn't be had."""
    import numpy as np

    width, height = _A4_PX
    visible = encode_jpeg(np.full((height, width), 255, np.uint8), _PLACEHOLDER_DPI)
    read = ReadPage(
        source_sha256="",
        parameters_sha256="",
        width_px=width,
        height_px=height,
        dpi=_PLACEHOLDER_DPI,
        words=(),
        text="",
        confidence=0.0,
        turned=0,
        skew_deg=0.0,
        flags=(Flag.UNREADABLE,),
        barcodes=(),
        engine=engine,
    )
    return CleanedPage(read, visible)
