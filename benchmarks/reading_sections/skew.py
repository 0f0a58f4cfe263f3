"""Skew: mean error on published images and on the suite within ±5°; straight pages that were tilted."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ocr.clean.chain import clean
from ocr.clean.skew import Skew, measure_skew
from ocr.image import decode, guessed_dpi
from reading_sections.figures import Figure, at_most
from reading_sections.scoring import REAL
from resources.specimens.render import ink, wear
from resources.specimens.render.administrative import administrative_paper
from resources.specimens.render.paper import print_page
from resources.specimens.render.suite import reduced
from resources.specimens.render.wear import Wear

DPI = 150


def measure(*, few: bool) -> Iterator[Figure]:
    """Published images, askew pages, straight pages."""
    askew, straight = (20, 50) if few else (200, 500)
    yield from _published()
    errors, left = [], 0
    for seed in range(askew):
        angle = float(np.random.default_rng([seed, 4]).uniform(-5, 5))
        found = _skew(_page(seed, angle), DPI)
        left += found.doubtful
        errors.append(abs(found.angle_deg - angle))
    yield at_most(
        "suite, mean error",
        float(np.mean(errors)),
        0.05,
        "deg",
        f"{askew} pages, worst {max(errors):.3f}, left in doubt {left}",
    )
    tilts = [abs(_skew(_page(seed, 0.0), DPI).angle_deg) for seed in range(straight)]
    turned = sum(tilt > 0.1 for tilt in tilts)
    yield at_most(
        "straight pages turned by more than 0.1 deg",
        turned,
        0,
        "pages",
        f"of {straight}, most {max(tilts):.3f} deg",
    )


def _published() -> Iterator[Figure]:
    table = REAL / "skew" / "ANGLES.tsv"
    if not table.exists():
        print("   published images: not at hand")
        return
    errors, left = {}, []
    for row in table.read_text(encoding="utf-8").splitlines()[1:]:
        name, expected = row.split("\t")
        picture = decode(table.parent / name)
        found = _skew(picture.pixels, picture.dpi or guessed_dpi(*picture.pixels.shape[1::-1]))
        if found.doubtful or (not found.angle_deg and found.sure <= 0.5):
            left.append(name)
        else:
            errors[name] = abs(found.angle_deg - float(expected))
    told = ", ".join(f"{name} {error:.2f}" for name, error in errors.items())
    note = f"{told}; expected angles are whole degrees; left as they are: {', '.join(left) or 'none'}"
    yield at_most("published, mean error", float(np.mean(list(errors.values()))), 0.1, "deg", note)


def _page(seed: int, clockwise_deg: float) -> NDArray[np.uint8]:
    paper = administrative_paper(seed)
    sheet = print_page(paper.side.page)
    for mark in paper.side.marks:
        sheet = ink.lay(sheet, mark)
    worn = Wear(seed=seed, skew_deg=clockwise_deg, noise=2.0, shadow=12.0 * (seed % 3))
    return np.asarray(wear.scan(reduced(sheet, DPI), worn, dpi=DPI))


def _skew(pixels: NDArray[np.uint8], dpi: int) -> Skew:
    return measure_skew(clean(pixels, dpi, "").mask)
