"""Bytes a page of both profiles, what compact pages lose when they are read again, and colours of seals.

Colour difference is CIEDE2000 (CIE 142-2001) between the page before it was coded and after, mean over
coloured ink (chroma over 35): point by point at 300 dpi as the layers lie over each other (PDFium draws an
image up to a px off), and as PDFium draws it, looked at with 100 dpi, a quarter of a millimetre. Coloured
fringes of black print, which no eye sees at 100 dpi, are no coloured ink.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

import cv2
import numpy as np
import pypdfium2

from ocr import OcrError, Reader, read_documents
from ocr.colours import colour_difference, lab
from ocr.image import coded_jpeg
from ocr.pdf.composed import composed
from ocr.pdf.profiles import Profile, painted
from ocr.pipeline import SeenPage
from reading_sections import peer, scoring
from reading_sections.figures import Figure, at_most
from resources.specimens.render.suite import worn_pages

PAGES = 12
MOST_KB, MOST_LOSS = 65.0, 0.3
MOST_DELTA_E = {"compact": 4.0, "archival": 2.0}
LOOKED_AT = (300, 100)
_COLOURED, _FEWEST = 35, 400


def measure(*, few: bool) -> Iterator[Figure]:
    """The suite at 300 dpi, then real scans where they are at hand."""
    pages = 3 if few else PAGES
    with tempfile.TemporaryDirectory() as name, Reader(jobs=2) as reader:
        folder = Path(name)
        truths, files = [], []
        for page in worn_pages(pages, 300):
            files.append(folder / f"{page.name}.jpg")
            files[-1].write_bytes(page.jpeg())
            truths.append((page.truth, page.truth_across))
        yield from _measured(reader, files, truths, folder, "suite 300 dpi")
        real = sorted((scoring.REAL / "scans").glob("*.jpg"))[: pages if few else None]
        if real:
            yield from _measured(reader, real, None, folder, "real scans 300 dpi")


def _measured(
    reader: Reader, files: Sequence[Path], truths: Sequence[tuple[str, ...]] | None, folder: Path, what: str
) -> Iterator[Figure]:
    made = {
        profile: read_documents(files, folder / f"{profile}.pdf", profile=profile, jobs=2)
        for profile in ("archival", "compact")
    }
    kb = {profile: result.bytes / 1024 / len(files) for profile, result in made.items()}
    sources = mean(file.stat().st_size for file in files) / 1024
    yield at_most(f"{what}, compact", kb["compact"], MOST_KB, "KB a page", f"sources {sources:.0f} KB a page")
    if lacking := peer.missing():
        print(f"   {what}, OCRmyPDF: not run, missing {lacking}")
    else:
        theirs = peer.read(files, folder).pdf.stat().st_size / 1024 / len(files)
        yield Figure(f"{what}, OCRmyPDF", theirs, "KB a page")
        yield at_most(f"{what}, archival", kb["archival"], theirs / 2, "KB a page")
    if truths is not None:
        archival, compact = (_drawn(made[profile].path, len(files)) for profile in ("archival", "compact"))
        loss = _rate(reader, compact, truths) - _rate(reader, archival, truths)
        yield at_most(f"{what}, read again", loss, MOST_LOSS, "points of CER lost")
    for profile, most in MOST_DELTA_E.items():
        apart = [page for file in files if (page := _apart(reader.see(file), profile)) is not None]
        for place, dpi in enumerate(LOOKED_AT) if apart else ():
            some = [page[place] for page in apart]
            note = f"worst page {max(some):.2f}, {len(some)} pages with coloured ink"
            yield at_most(f"{what}, {profile}, colours of seals at {dpi} dpi", mean(some), most, "ΔE", note)


def _drawn(path: Path, pages: int) -> list[bytes]:
    """Every page at 300 dpi as a fine JPEG."""
    document = pypdfium2.PdfDocument(path)
    drawn = [coded_jpeg(_pixels(document[index]), 95) for index in range(pages)]
    document.close()
    return drawn


def _pixels(page: pypdfium2.PdfPage) -> "np.ndarray":
    return np.ascontiguousarray(page.render(scale=300 / 72, rev_byteorder=True).to_numpy()[..., :3])


def _rate(reader: Reader, pages: Sequence[bytes], truths: Sequence[tuple[str, ...]]) -> float:
    rates = []
    for result, truth in zip(reader.read_all(pages), truths, strict=True):
        if isinstance(result, OcrError):
            raise result
        rates.append(scoring.error_rate(result.read.text, *truth))
    return mean(rates)


def _apart(seen: SeenPage, profile: str) -> list[float] | None:
    """ΔE of the page's coloured ink at each of LOOKED_AT; None without any."""
    captured = seen.pixels
    if captured.ndim == 2:
        return None
    height, width = captured.shape[:2]
    wide = _looked_at(captured)
    coloured = _coloured(lab(wide))
    if coloured.sum() < _FEWEST:
        return None
    near = cv2.dilate(coloured.astype(np.uint8), np.ones((3, 3), np.uint8))
    near = cv2.resize(near, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    laid = composed(painted(captured, seen.read.dpi, Profile(profile), jpeg=seen.jpeg))
    apart = []
    for wanted, shown, counted in (
        (captured, laid, near),
        (wide, _looked_at(laid), np.ones(wide.shape[:2], bool)),
    ):
        colours = lab(wanted)
        ink = _coloured(colours) & counted
        apart.append(float(colour_difference(colours[ink], lab(shown)[ink]).mean()))
    return apart


def _coloured(colours: "np.ndarray") -> "np.ndarray":
    return np.hypot(colours[..., 1], colours[..., 2]) > _COLOURED


def _looked_at(pixels: "np.ndarray") -> "np.ndarray":
    height, width = pixels.shape[:2]
    return cv2.resize(pixels, (width // 3, height // 3), interpolation=cv2.INTER_AREA)
