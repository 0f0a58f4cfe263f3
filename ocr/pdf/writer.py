"""A searchable PDF/A written page by page (ghi tệp PDF/A).

Finished pages go to disk in small batches and are put together at the end, so that a thousand pages need no
more memory than twenty.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ocr.atomic import landing
from ocr.errors import OcrError, OcrFault, writing_fault
from ocr.jpeg import jpeg_facts
from ocr.page import CleanedPage
from ocr.pdf.conformance import check_pdfa, require_flavour
from ocr.pdf.glyphless import Characters, font_dictionary
from ocr.pdf.metadata import describe, settle
from ocr.pdf.textlayer import content_stream, page_size_pt

if TYPE_CHECKING:
    import pikepdf

_BATCH = 8
_LONGEST_SIDE_PT = 14_400


@dataclass(frozen=True)
class PdfResult:
    """A finished file: its path, sha256 in hex digits, size in bytes, number of pages."""

    path: Path
    sha256: str
    bytes: int
    pages: int


def write_pdf(
    pages: Iterable[CleanedPage],
    out: Path,
    *,
    title: str,
    flavour: str = "2b",
    language: str = "vi",
    created: datetime,
    xmp: Mapping[str, str] | None = None,
) -> PdfResult:
    """Writes `pages` as a searchable PDF/A `flavour` ("1b", "2b", "3b") to `out`, replacing what was there.

    The visible JPEG goes in as it is; the page measures width_px · 72 / dpi by height_px · 72 / dpi points.
    `created` must know its time zone; equal input gives equal bytes. `xmp` adds properties of the schemas
    PDF/A knows ("dc:subject", …). Nothing is left at `out` unless the written file conforms.

    Raises OcrError: ocr.no-pages, ocr.bad-property, ocr.pdfa-failed, ocr.disk-full, ocr.not-writable;
    ValueError for a `created` without time zone, an unknown flavour or a visible image that isn't a JPEG of
    the page's size.
    """
    require_flavour(flavour)
    if created.tzinfo is None:
        raise ValueError("created must know its time zone")
    with landing(out) as draft:
        count = _write_draft(
            pages, draft, title=title, flavour=flavour, language=language, created=created, xmp=xmp or {}
        )
        check_pdfa(draft, flavour)
        digest, size = _fingerprint(draft)
    return PdfResult(out, digest, size, count)


def _write_draft(
    pages: Iterable[CleanedPage],
    draft: Path,
    *,
    title: str,
    flavour: str,
    language: str,
    created: datetime,
    xmp: Mapping[str, str],
) -> int:
    import pikepdf
    from pikepdf import pdfa

    characters = Characters()
    with ExitStack() as open_files:
        try:
            folder = open_files.enter_context(tempfile.TemporaryDirectory(prefix=".", dir=draft.parent))
        except OSError as error:
            raise writing_fault(error) from error
        batches = list(_written_batches(pages, Path(folder), characters))
        if not batches:
            raise OcrError(OcrFault.NO_PAGES)
        whole = open_files.enter_context(pikepdf.new())
        for batch in batches:
            source = open_files.enter_context(pikepdf.open(batch, access_mode=pikepdf.AccessMode.stream))
            whole.pages.extend(source.pages)
        font = whole.make_indirect(font_dictionary(whole, characters))
        for page in whole.pages:
            page.Resources.Font = pikepdf.Dictionary(F=font)
        whole.Root.Lang = pikepdf.String(language)
        describe(whole, title=title, language=language, created=created, xmp=xmp)
        pdfa.prepare(whole, flavour)
        settle(whole, created=created, xmp=xmp)
        whole.save(draft, **pdfa.resolve_save_kwargs(flavour, deterministic_id=True))
        return len(whole.pages)


def _written_batches(pages: Iterable[CleanedPage], folder: Path, characters: Characters) -> Iterator[Path]:
    """The pages as PDFs of eight pages each in `folder`."""
    import pikepdf

    batch = pikepdf.new()
    number = 0
    for page in pages:
        _add_page(batch, page, characters)
        if len(batch.pages) == _BATCH:
            yield _saved(batch, folder / f"{number}.pdf")
            batch, number = pikepdf.new(), number + 1
    if len(batch.pages):
        yield _saved(batch, folder / f"{number}.pdf")


def _saved(batch: "pikepdf.Pdf", path: Path) -> Path:
    with batch:
        batch.save(path)
    return path


def _add_page(pdf: "pikepdf.Pdf", page: CleanedPage, characters: Characters) -> None:
    from pikepdf import Array, Dictionary, Name, Page, Stream

    facts = jpeg_facts(page.visible)
    if (
        facts is None
        or not facts.fits_pdf
        or (facts.width, facts.height) != (page.read.width_px, page.read.height_px)
    ):
        raise ValueError("the visible image must be a grey or colour JPEG of the page's size")
    width, height = page_size_pt(page.read)
    if max(width, height) > _LONGEST_SIDE_PT:
        raise ValueError("the dpi is too small for the page's size in px")
    image = Stream(pdf, page.visible)
    image.Type = Name.XObject
    image.Subtype = Name.Image
    image.Width, image.Height = facts.width, facts.height
    image.BitsPerComponent = 8
    image.ColorSpace = Name.DeviceGray if facts.components == 1 else Name.DeviceRGB
    image.Filter = Name.DCTDecode
    leaf = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(width, 5), round(height, 5)]),
        Resources=Dictionary(XObject=Dictionary(I=pdf.make_indirect(image))),
        Contents=pdf.make_stream(content_stream(page.read, characters)),
    )
    pdf.pages.append(Page(pdf.make_indirect(leaf)))


def _fingerprint(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()
