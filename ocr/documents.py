"""Whole documents (cả tài liệu): pages from files, read, written as one searchable PDF/A with its text and
JSON."""

import functools
import hashlib
import itertools
import json as json_format
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ocr.decoding.process import Decoder
from ocr.decoding.wishes import TextLayer, Wishes
from ocr.errors import OcrError, OcrFault, reading_fault
from ocr.finishing import finish
from ocr.memory import share_large_blocks
from ocr.page import ReadPage
from ocr.pdf import profiles
from ocr.pdf.composed import composed
from ocr.pdf.finished import FinishedPage
from ocr.pdf.layers import Painting
from ocr.pdf.profiles import Profile
from ocr.pdf.writer import PdfResult, write_pdf
from ocr.pipeline import RECIPE
from ocr.placeholder import placeholder
from ocr.reader import Reader, never
from ocr.records import Records
from ocr.sides import Side, in_pairs, one_by_one
from ocr.sources import Kind, Source, SourceFault, SourceFile, SourceKnown, list_files, survey, walk_sources
from ocr.spool import PageSpool, opened_spool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def _unreported(_done: int, _total: int) -> None:
    """The `report` of work that nobody watches."""


def _plain_caption(error: OcrError, origin: str, page: int) -> str:
    """The `caption` of a placeholder where nobody has words for it."""
    return f"{origin} · {page}\n{error.code}"


def read_documents(
    paths: Sequence[Path],
    out: Path,
    *,
    text: Path | None = None,
    json: Path | None = None,
    jobs: int = 1,
    title: str | None = None,
    flavour: str = "2b",
    profile: str = Profile.ARCHIVAL,
    text_layer: str = TextLayer.KEEP,
    duplex: bool = False,
    force: bool = False,
    resume: Path | None = None,
    caption: Callable[[OcrError, str, int], str] = _plain_caption,
    report: Callable[[int, int], None] = _unreported,
    stopped: Callable[[], bool] = never,
    model: str = "auto",
    engine: str = "auto",
    tessdata: Path | None = None,
    created: datetime | None = None,
    xmp: Mapping[str, str] | None = None,
) -> PdfResult:
    """Reads images, folders and PDFs into one searchable PDF/A `flavour` at `out`, on `jobs` threads.

    `profile` is "archival", "compact" or "original"; `text_layer` tells what becomes of words that PDFs bring
    along: "keep" those that read well, "redo" all pages, "skip" every page that has any. With `duplex` the
    pages of every file, or else of neighbouring image files, are front and back of one leaf after the other,
    and what shines through is told by the other side. `text` receives the text,
    pages separated by form feeds; `json` the words with places and confidences, and the fields of
    the paper that the pages make (`form`, `fields`). A page that can't be had becomes a sheet flagged
    UNREADABLE that shows `caption`, its reason in the JSON. Finished pages wait in the folder `resume`,
    if there is one: the same job asked for again after a crash doesn't read them again.
    Without `force` a PDF with digital signatures is a page that can't be had, and PDFs never give a larger
    one. `title` is by default the name of `out`; `created` the last change of the latest source, so that
    equal input gives equal bytes. `report(done, total)` counts pages. The files appear whole or not at all.

    Raises OcrError: what `open_sources` raises for a path that isn't there, ocr.same-file before anything is
    read where a result would overwrite a source or another result, what `write_pdf` raises, the first page's
    fault when every page fails, ocr.larger, ocr.cancelled.
    """
    share_large_blocks()
    listed = list_files(paths)
    _refuse_overwriting(listed, {"pdf": out, "text": text, "json": json})
    wishes = Wishes(str(TextLayer(text_layer)), flavour, as_it_is=Profile(profile) is not Profile.COMPACT)
    with ExitStack() as files:
        decoder = files.enter_context(Decoder(stopped))
        sources = survey(paths, decoder, wishes, signed_too=force)
        reader = files.enter_context(Reader(model=model, jobs=jobs, engine=engine, tessdata=tessdata))
        total = sum(source.pages for source in sources)
        records = Records(files, text, json, reader.engine, progress=lambda done: report(done, total))
        stamp = _stamp(reader.engine, profile, wishes, duplex=duplex)
        spool = files.enter_context(opened_spool(resume, out.parent, _job(listed, out, stamp), stamp))
        job = _Job(sources, decoder, wishes, reader, Profile(profile), spool, duplex, stopped)
        report(0, total)
        outcome = write_pdf(
            _begun(job.finished(page) for page in job.read(records, caption)),
            out,
            title=title or out.stem,
            flavour=flavour,
            created=created or _last_change(listed),
            xmp=xmp,
            most_bytes=None if force else _bytes_of_pdfs(sources),
        )
        records.finish(outcome)
    return replace(outcome, unreadable=records.unreadable, resumed=records.resumed)


@dataclass(frozen=True)
class _Page:
    """What is kept in memory of a page: its name in the spool, or the sheet that stands for it."""

    name: str
    sheet: FinishedPage | None = None


_Result = tuple[str, ReadPage, bool, bool]
"""A page's name in the spool, what was read, whether it is painted, whether it was there before."""


@dataclass(frozen=True)
class _Job:
    """The pages of one call, from source to spool and back."""

    sources: Sequence[SourceFile]
    decoder: Decoder
    wishes: Wishes
    reader: Reader
    profile: Profile
    spool: PageSpool
    duplex: bool
    stopped: Callable[[], bool]

    def read(self, records: Records, caption: Callable[[OcrError, str, int], str]) -> Iterator[_Page]:
        """Reads every page into the spool, in order, and goes on while those that are there are written.

        Raises OcrError: at the end the first page's fault when all of them failed, ocr.cancelled, a fault of
        the disk.
        """
        first_error: OcrError | None = None
        good = 0
        for source, result in self._results():
            if isinstance(result, OcrError):
                _refuse_to_go_on(result)
                first_error = first_error or result
                sheet = placeholder(caption(result, source.origin, source.page), self.reader.engine)
                records.add(source.origin, source.page, sheet.read, error=result)
                yield _Page("", sheet)
            else:
                name, read, is_painted, kept = result
                good += 1
                look = functools.partial(self._look, name) if is_painted else None
                records.add(source.origin, source.page, read, kept=kept, look=look)
                yield _Page(name)
            if self.stopped():
                raise OcrError(OcrFault.CANCELLED)
        if first_error and not good:
            raise first_error

    def finished(self, page: _Page) -> FinishedPage:
        """A page out of the spool. Raises OcrError ocr.cancelled."""
        if self.stopped():
            raise OcrError(OcrFault.CANCELLED)
        return page.sheet or self.spool.get(page.name)

    def _results(self) -> "Iterator[tuple[Source, _Result | OcrError]]":
        """Every source page, without its data, and what became of it."""
        waiting: list[Source] = []

        def calls() -> Iterator[Callable[[], _Result]]:
            for side in self._sides():
                waiting.append(_without_data(side.source))
                yield self._call(side)

        for result in self.reader.read_jobs(calls()):
            yield waiting.pop(0), result

    def _sides(self) -> Iterator[Side]:
        """The pages in order. A page of a pair is known by both sides, so both have to be there first."""
        known = (lambda _file, _page: False) if self.duplex else self.spool.has
        walk = walk_sources(self.sources, self.decoder, self.wishes, stopped=self.stopped, known=known)
        if not self.duplex:
            return one_by_one(walk)
        return in_pairs(walk, {file.path.name for file in self.sources if file.pages > 1})

    def _look(self, name: str) -> "NDArray[np.uint8]":
        """The visible image of a painted page in the spool."""
        shown = self.spool.get(name).shown
        if not isinstance(shown, Painting):
            raise ValueError("nothing is painted on that page")
        return composed(shown)

    def _call(self, side: Side) -> Callable[[], _Result]:
        source = side.source

        def call() -> _Result:
            if isinstance(source, SourceFault):
                raise source.error
            name = self.spool.name(source.file_sha256, source.page, side.reverse_name)
            if isinstance(source, SourceKnown) or (self.duplex and self.spool.has_named(name)):
                page = self.spool.get(name)
                return name, page.read, isinstance(page.shown, Painting), True
            reverse = side.reverse.data if side.reverse else None
            page = finish(source, self.reader, self.profile, reverse=reverse, stopped=self.stopped)
            self.spool.put(name, page)
            return name, page.read, isinstance(page.shown, Painting), False

        return call


def _begun(pages: Iterator[FinishedPage]) -> Iterator[FinishedPage]:
    """The same pages, once the first of them is there: what writes them gets ready while others are read."""
    first = list(itertools.islice(pages, 1))
    return itertools.chain(first, pages)


def _without_data(source: Source) -> Source:
    if isinstance(source, SourceFault | SourceKnown):
        return source
    return SourceFault(OcrError(OcrFault.CANCELLED), source.origin, source.page)


def _refuse_to_go_on(error: OcrError) -> None:
    """A full disk is no fault of a page."""
    if error.fault in (OcrFault.DISK_FULL, OcrFault.NOT_WRITABLE):
        raise error


def _stamp(engine: str, profile: str, wishes: Wishes, *, duplex: bool) -> str:
    """Everything besides the source that decides what becomes of a page."""
    parts = [
        RECIPE,
        profiles.RECIPE,
        engine,
        str(profile),
        wishes.text_layer,
        wishes.flavour,
        wishes.as_it_is,
        *(["duplex"] if duplex else []),
    ]
    return json_format.dumps(parts)


def _job(listed: Sequence[Path], out: Path, stamp: str) -> str:
    """The name of the job in the folder of finished pages."""
    told = json_format.dumps([str(path.resolve()) for path in [out, *listed]])
    return hashlib.sha256(f"{stamp}\n{told}".encode()).hexdigest()[:24]


def _last_change(listed: Sequence[Path]) -> datetime:
    try:
        latest = max(path.stat().st_mtime for path in listed)
    except OSError as error:
        raise reading_fault(error) from error
    return datetime.fromtimestamp(int(latest), UTC)


def _bytes_of_pdfs(sources: Sequence[SourceFile]) -> int | None:
    """The size of the sources when all of them are PDFs, which the result must not exceed."""
    if any(source.kind is not Kind.PDF for source in sources):
        return None
    try:
        return sum(source.path.stat().st_size for source in sources)
    except OSError as error:
        raise reading_fault(error) from error


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
