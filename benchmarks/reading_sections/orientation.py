"""Orientation: pages laid in all four ways, full ones and headers alone; upright ones turned."""

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr import OcrError, Reader
from reading_sections.figures import Figure, at_least, at_most
from resources.specimens.render import ink, wear
from resources.specimens.render.administrative import administrative_paper
from resources.specimens.render.paper import Page, print_page
from resources.specimens.render.suite import reduced
from resources.specimens.render.wear import Wear

DPI = 150
HEADER_LINES = 8


def measure(*, few: bool) -> Iterator[Figure]:
    """Four ways for each paper; every second paper bears its header only."""
    papers = 8 if few else 100
    right = wrong_turns = doubtful = 0
    missed = []
    with Reader(jobs=2) as reader:
        laid = [(seed, way) for seed in range(papers) for way in (0, 90, 180, 270)]
        for (seed, way), result in zip(laid, reader.read_all(_file(*one) for one in laid), strict=True):
            if isinstance(result, OcrError):
                raise result
            good = result.read.turned == way
            right += good
            doubtful += "upside-down-doubt" in result.read.flags
            wrong_turns += way == 0 and not good
            if not good:
                missed.append(f"{seed}:{way}->{result.read.turned}")
    told = ", ".join(missed[:8]) or "none"
    note = f"{len(laid)} pages, half of them headers; in doubt {doubtful}; missed {told}"
    yield at_least("right", 100 * right / len(laid), 99.5, "%", note)
    yield at_most("upright pages turned", wrong_turns, 0, "pages", f"of {papers}")


def _file(seed: int, way: int) -> bytes:
    """The paper laid so that it must be turned clockwise by `way` degrees."""
    paper = administrative_paper(seed)
    page, marks = paper.side.page, paper.side.marks
    if seed % 2:
        page, marks = Page(page.lines[:HEADER_LINES], page.rules[:2]), ()
    sheet = print_page(page)
    for mark in marks:
        sheet = ink.lay(sheet, mark)
    scan = np.asarray(wear.scan(reduced(sheet, DPI), Wear(seed=seed, skew_deg=(seed % 5 - 2) * 0.4), dpi=DPI))
    return _jpeg(np.ascontiguousarray(np.rot90(scan, way // 90)))


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=88, dpi=(DPI, DPI))
    return out.getvalue()
