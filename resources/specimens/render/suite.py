"""Scans of made-up papers in any number, each with the text that stands on it (bộ trang thử).

Made on the fly from a seed, so that nothing large is stored and any page can be had again: print on
tinted, grainy paper, seals over text, a blue signature, up to 3° of skew, at 300 dpi or less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from resources.specimens.render import ink, wear
from resources.specimens.render.administrative import Paper, administrative_paper
from resources.specimens.render.paper import DPI, Line, Page, print_page
from resources.specimens.render.wear import Wear

_TINTS = (
    (252, 250, 244),
    (250, 246, 232),
    (243, 246, 250),
    (246, 240, 226),
    (236, 242, 236),
    (255, 255, 255),
)
_ROW_MM = 2.0


@dataclass(frozen=True)
class SuitePage:
    """A page as a scanner gives it: `image` RGB at `dpi`, its JPEG `quality`, how far it was turned clockwise
    (`skew_deg`), and the `paper` that was printed."""

    name: str
    image: Image.Image
    dpi: int
    quality: int
    skew_deg: float
    paper: Paper

    @property
    def truth(self) -> str:
        """The printed text, cells that stand side by side one after the other."""
        return self.paper.side.page.truth

    @property
    def truth_across(self) -> str:
        """The printed text row by row, straight across cells."""
        return read_across(self.paper.side.page)

    def jpeg(self) -> bytes:
        """The page as a JPEG file with its dpi."""
        return wear.jpeg(self.image, self.quality, self.dpi)


def worn_page(seed: int, dpi: int = DPI) -> SuitePage:
    """Page number `seed`, stamped, signed, skewed by at most 3°, tinted, noisy."""
    return _scanned(seed, dpi, _wear(seed), sealed=True)


def clean_page(seed: int, dpi: int = DPI) -> SuitePage:
    """Page number `seed` without ink or skew, on good paper."""
    return _scanned(seed, dpi, Wear(seed=seed, noise=0.8, texture=0.5), sealed=False)


def worn_pages(count: int, dpi: int = DPI, first: int = 0) -> Iterator[SuitePage]:
    """`count` worn pages, made as they are asked for."""
    return (worn_page(seed, dpi) for seed in range(first, first + count))


def reduced(sheet: Image.Image, dpi: int) -> Image.Image:
    """A 300 dpi sheet at `dpi`: every point the mean of what it covers, as a sensor sees it."""
    if dpi == DPI:
        return sheet
    size = (round(sheet.width * dpi / DPI), round(sheet.height * dpi / DPI))
    return Image.fromarray(cv2.resize(np.asarray(sheet), size, interpolation=cv2.INTER_AREA))


def read_across(page: Page) -> str:
    """The text of `page` in rows: lines on nearly one baseline are read from left to right as one."""
    rows: list[list[Line]] = []
    for line in sorted(page.lines, key=lambda line: line.baseline_mm):
        if rows and line.baseline_mm - rows[-1][0].baseline_mm < _ROW_MM:
            rows[-1].append(line)
        else:
            rows.append([line])
    texts = (" ".join(line.text for line in sorted(row, key=lambda line: line.x_mm)) for row in rows)
    return "".join(f"{text}\n" for text in texts)


def _wear(seed: int) -> Wear:
    rng = np.random.default_rng([seed, 1])
    return Wear(
        seed=seed,
        skew_deg=round(float(rng.uniform(-3, 3)), 3),
        blur_px=float(rng.uniform(0.6, 0.9)),
        tint=_TINTS[seed % len(_TINTS)],
        texture=float(rng.uniform(0.6, 1.6)),
        noise=float(rng.uniform(1.0, 5.0)),
        shadow=float(rng.choice([0.0, 12.0, 30.0])),
        quality=int(rng.integers(78, 93)),
    )


def _scanned(seed: int, dpi: int, worn: Wear, *, sealed: bool) -> SuitePage:
    paper = administrative_paper(seed, sealed=sealed)
    sheet = print_page(paper.side.page)
    for mark in paper.side.marks:
        sheet = ink.lay(sheet, mark)
    image = wear.scan(reduced(sheet, dpi), worn, dpi=dpi)
    kind = "worn" if sealed else "clean"
    return SuitePage(f"{kind}-{seed:04}-{dpi}", image, dpi, worn.quality, worn.skew_deg, paper)
