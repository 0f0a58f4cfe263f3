"""Blank pages: none of the pages with content flagged, nearly all backs flagged.

Content: printed pages on tinted paper, and sheets that bear only a pencil note, a seal struck there, a
page number, a signature, on white and on coloured paper. Backs: empty, with print shining through, with a
seal from the front come through in specks, with punch holes and dust. Thin leaves, read with their fronts.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.clean.chain import clean
from ocr.clean.reverse import OtherSide
from ocr.image import decode
from reading_sections.figures import Figure, at_least, at_most
from reading_sections.scoring import REAL
from resources.specimens.render.sparse import BACKS, CONTENT, sparse_sheet, thin_leaf
from resources.specimens.render.suite import worn_page

REAL_BACKS = ("11_CT_p04", "22_TTR_p02", "299_UB_p02", "574_UB_p02")
DPI = 150


def measure(*, few: bool) -> Iterator[Figure]:
    """Synthetic pages in turn, then the real ones at hand."""
    sparse, printed, backs = (90, 10, 50) if few else (900, 100, 500)
    flagged = []
    for seed, kind in zip(range(sparse), itertools.cycle(CONTENT), strict=False):
        if _is_blank(sparse_sheet(kind, seed, DPI), DPI):
            flagged.append(f"{kind} {seed}")
    for seed in range(printed):
        page = worn_page(seed, DPI)
        if _is_blank(np.asarray(page.image), DPI):
            flagged.append(page.name)
    note = f"of {sparse + printed}: {', '.join(flagged[:8]) or 'none'}"
    yield at_most("content pages flagged", len(flagged), 0, "pages", note)
    found = dict.fromkeys(BACKS, 0)
    for seed, kind in zip(range(backs), itertools.cycle(BACKS), strict=False):
        found[kind] += _is_blank(sparse_sheet(kind, seed, DPI), DPI)
    share = 100 * sum(found.values()) / backs
    told = ", ".join(f"{kind} {count}" for kind, count in found.items())
    yield at_least("backs flagged", share, 98, "%", told)
    yield from _with_fronts(6 if few else 60)
    yield from _real()


def _with_fronts(leaves: int) -> Iterator[Figure]:
    """Thin paper: the print of the front is sharp on the back, which lies askew in its own way."""
    alone = together = lost = notes = 0
    for seed in range(leaves):
        for kind in ("", *CONTENT):
            front, back = thin_leaf(seed, DPI, kind)
            blank = clean(back, DPI, "", reverse=_other(front)).blank.is_blank
            if kind:
                notes += 1
                lost += blank
            else:
                together += blank
                alone += _is_blank(back, DPI)
    yield Figure("thin backs flagged without their fronts", 100 * alone / leaves, "%")
    yield at_least("thin backs flagged with their fronts", 100 * together / leaves, 98, "%", f"of {leaves}")
    yield at_most("thin backs with content flagged", lost, 0, "pages", f"of {notes}")


def _other(front: NDArray[np.uint8]) -> OtherSide:
    return OtherSide("front", lambda: front)


def _real() -> Iterator[Figure]:
    files = sorted((REAL / "scans").glob("*.jpg"))
    if not files:
        print("   real scans: not at hand")
        return
    blank = [file for file in files if _is_blank(*_loaded(file))]
    backs = [file for file in files if file.stem.removeprefix("QNgai_") in REAL_BACKS]
    yield at_least("real backs flagged", sum(file in blank for file in backs), len(backs), "pages")
    wrong = [file.stem for file in blank if file not in backs]
    yield at_most("real pages flagged", len(wrong), 0, "pages", f"of {len(files) - len(backs)}")


def _loaded(file: Path) -> tuple[NDArray[np.uint8], int]:
    return decode(file).pixels, 300


def _is_blank(pixels: NDArray[np.uint8], dpi: int) -> bool:
    return clean(pixels, dpi, "").blank.is_blank
