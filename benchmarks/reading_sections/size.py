"""Bytes a page of both profiles, what compact pages lose when they are read again, and colours of seals.

Colour difference is CIEDE2000 (CIE 142-2001) between the archival and the compact page as PDFium draws them,
mean over coloured ink (chroma over 35), looked at with 100 dpi: a quarter of a millimetre.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

import cv2
import numpy as np
import pypdfium2

from ocr import OcrError, Reader, read_documents
from ocr.image import coded_jpeg
from reading_sections import peer, scoring
from reading_sections.colours import colour_difference, lab
from reading_sections.figures import Figure, at_most
from resources.specimens.render.suite import worn_pages

PAGES = 12
MOST_KB, MOST_LOSS, MOST_DELTA_E = 65.0, 0.3, 4.0
_COLOURED = 35


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
        real = sorted((scoring.REAL / "scans").glob("*.jpg"))[:pages]
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
    archival, compact = (_drawn(made[profile].path, len(files)) for profile in ("archival", "compact"))
    if truths is not None:
        loss = _rate(reader, compact, truths) - _rate(reader, archival, truths)
        yield at_most(f"{what}, read again", loss, MOST_LOSS, "points of CER lost")
    apart = [found for one, other in zip(archival, compact, strict=True) if (found := _apart(one, other))]
    if apart:
        note = f"worst page {max(apart):.1f}, {len(apart)} pages with coloured ink"
        yield at_most(f"{what}, colours of seals", mean(apart), MOST_DELTA_E, "ΔE", note)


def _drawn(path: Path, pages: int) -> list[bytes]:
    """Every page at 300 dpi as a fine JPEG."""
    document = pypdfium2.PdfDocument(path)
    drawn = []
    for index in range(pages):
        pixels = document[index].render(scale=300 / 72, rev_byteorder=True).to_numpy()[..., :3]
        drawn.append(coded_jpeg(np.ascontiguousarray(pixels), 95))
    document.close()
    return drawn


def _rate(reader: Reader, pages: Sequence[bytes], truths: Sequence[tuple[str, ...]]) -> float:
    rates = []
    for result, truth in zip(reader.read_all(pages), truths, strict=True):
        if isinstance(result, OcrError):
            raise result
        rates.append(scoring.error_rate(result.read.text, *truth))
    return mean(rates)


def _apart(one: bytes, other: bytes) -> float | None:
    wanted, seen = (_looked_at(data) for data in (one, other))
    colours = lab(wanted)
    coloured = np.hypot(colours[..., 1], colours[..., 2]) > _COLOURED
    if coloured.sum() < 400:
        return None
    return float(colour_difference(colours[coloured], lab(seen)[coloured]).mean())


def _looked_at(data: bytes) -> "np.ndarray":
    pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    height, width = pixels.shape[:2]
    return cv2.resize(pixels, (width // 3, height // 3), interpolation=cv2.INTER_AREA)
