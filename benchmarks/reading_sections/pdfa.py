"""Every flavour of every profile passes pikepdf's validator, and looks like the page it was made of."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pypdfium2

from ocr import OcrError, check_pdfa, read_documents
from ocr.image import decode
from reading_sections.figures import Figure, at_least, at_most
from resources.specimens.render.suite import worn_pages

PAGES = 6
LEAST_LIKENESS = 0.9


def measure(*, few: bool) -> Iterator[Figure]:
    """1b, 2b, 3b × archival, compact; the pages stand straight, so that source and result can be compared."""
    pages = 2 if few else PAGES
    failed, worst = 0, 1.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = []
        for page in worn_pages(pages, 150):
            files.append(folder / f"{page.name}.png")
            straight = page.image.rotate(page.skew_deg, fillcolor="white")
            straight.save(files[-1], dpi=(150, 150))
        for profile in ("archival", "compact"):
            for flavour in ("1b", "2b", "3b"):
                out = folder / f"{profile}-{flavour}.pdf"
                read_documents(files, out, profile=profile, flavour=flavour, jobs=2)
                try:
                    check_pdfa(out, flavour)
                except OcrError:
                    failed += 1
            worst = min(worst, *_likeness(out, files))
    yield at_most("files that do not conform", failed, 0)
    yield at_least("likeness of the least alike page", worst, LEAST_LIKENESS, note="correlation at 75 dpi")


def _likeness(path: Path, sources: list[Path]) -> list[float]:
    document = pypdfium2.PdfDocument(path)
    found = []
    for index, source in enumerate(sources):
        drawn = document[index].render(scale=150 / 72, rev_byteorder=True).to_numpy()[..., :3]
        one, other = (
            cv2.resize(np.ascontiguousarray(pixels), (620, 877), interpolation=cv2.INTER_AREA).ravel()
            for pixels in (drawn, decode(source).pixels)
        )
        found.append(float(np.corrcoef(one, other)[0, 1]))
    document.close()
    return found
