"""A searchable PDF/A written page by page (ghi tệp PDF/A).

Finished pages go to disk in small batches and are put together at the end, so that a thousand pages need no
more memory than twenty.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ocr.atomic import landing
from ocr.errors import OcrError, OcrFault, writing_fault
from ocr.image import decode
from ocr.jpeg import jpeg_facts
from ocr.page import CleanedPage
from ocr.pdf.archival import kept_jpeg
from ocr.pdf.conformance import check_pdfa, require_flavour
from ocr.pdf.finished import FinishedPage
from ocr.pdf.glyphless import Characters, font_dictionary
from ocr.pdf.metadata import describe, settle
from ocr.pdf.profiles import Profile, painted
from ocr.pdf.sheets import LONGEST_SIDE_PT, give_font, written_batches
from ocr.pdf.textlayer import page_size_pt


@dataclass(frozen=True)
class PdfResult:
    """A finished file: its path, sha256 in hex digits, size in bytes, number of pages.

    Of these `unreadable` are sheets in place of pages that couldn't be had, and `resumed` were finished by an
    earlier run.
    """

    path: Path
    sha256: str
    bytes: int
    pages: int
    unreadable: int = 0
    resumed: int = 0


def write_pdf(
    pages: Iterable[CleanedPage | FinishedPage],
    out: Path,
    *,
    title: str,
    flavour: str = "2b",
    language: str = "vi",
    created: datetime,
    xmp: Mapping[str, str] | None = None,
    profile: str = Profile.ARCHIVAL,
    most_bytes: int | None = None,
) -> PdfResult:
    """Writes `pages` as a searchable PDF/A `flavour` ("1b", "2b", "3b") to `out`, replacing what was there.

    The visible JPEG of a cleaned page goes in as it is, with the profile "compact" as a small painting; the
    page measures width_px · 72 / dpi by height_px · 72 / dpi points. `created` must know its time zone; equal
    input gives equal bytes. `xmp` adds properties of the schemas PDF/A knows ("dc:subject", …). Nothing is
    left at `out` unless the written file conforms and has no more than `most_bytes`.

    Raises OcrError: ocr.no-pages, ocr.bad-property, ocr.pdfa-failed, ocr.larger, ocr.disk-full,
    ocr.not-writable; ValueError for a `created` without time zone, an unknown flavour or profile, or a
    visible image that isn't a JPEG of the page's size.
    """
    require_flavour(flavour)
    if created.tzinfo is None:
        raise ValueError("created must know its time zone")
    finished = _finished(pages, Profile(profile))
    with landing(out) as draft:
        count = _write_draft(
            finished, draft, title=title, flavour=flavour, language=language, created=created, xmp=xmp or {}
        )
        check_pdfa(draft, flavour)
        digest, size = _fingerprint(draft)
        if most_bytes is not None and size > most_bytes:
            raise OcrError(
                OcrFault.LARGER, kilobytes=size // 1024 + 1, source_kilobytes=most_bytes // 1024 + 1
            )
    return PdfResult(out, digest, size, count)


def _finished(pages: Iterable[CleanedPage | FinishedPage], profile: Profile) -> Iterator[FinishedPage]:
    """The pages with their visible images painted as `profile` wants them."""
    for page in pages:
        if isinstance(page, FinishedPage):
            yield page
            continue
        facts = jpeg_facts(page.visible)
        size = page.read.width_px, page.read.height_px
        if facts is None or not facts.fits_pdf or (facts.width, facts.height) != size:
            raise ValueError("the visible image must be a grey or colour JPEG of the page's size")
        if max(page_size_pt(page.read)) > LONGEST_SIDE_PT:
            raise ValueError("the dpi is too small for the page's size in px")
        if profile is not Profile.COMPACT:
            painting = kept_jpeg(page.visible, facts, page.read.dpi)
        else:
            pixels = decode(page.visible).pixels
            painting = painted(pixels, page.read.dpi, profile, jpeg=page.visible)
        yield FinishedPage(page.read, painting)


def _write_draft(
    pages: Iterable[FinishedPage],
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
            batches = written_batches(pages, draft.parent, characters, open_files)
        except OSError as error:
            raise writing_fault(error) from error
        if not batches:
            raise OcrError(OcrFault.NO_PAGES)
        whole = open_files.enter_context(pikepdf.new())
        for batch in batches:
            source = open_files.enter_context(pikepdf.open(batch, access_mode=pikepdf.AccessMode.stream))
            whole.pages.extend(source.pages)
        font = whole.make_indirect(font_dictionary(whole, characters))
        for page in whole.pages:
            give_font(page, font)
        whole.Root.Lang = pikepdf.String(language)
        describe(whole, title=title, language=language, created=created, xmp=xmp)
        pdfa.prepare(whole, flavour)
        settle(whole, created=created, xmp=xmp)
        whole.save(draft, **pdfa.resolve_save_kwargs(flavour, deterministic_id=True))
        return len(whole.pages)


def _fingerprint(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()
