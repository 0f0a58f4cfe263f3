"""Skew: mean error on published images and on the suite within ±5°; straight pages that were tilted."""

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ocr.clean.chain import clean
from ocr.clean.rules import angle_of_rules
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
MEASURED_DEG = {
    "deskew-1.png": -1.40,
    "deskew-2.png": -2.16,
    "deskew-3.png": -6.19,
    "deskew-4.png": 7.08,
    "deskew-5.png": 3.44,
    "deskew-6.png": -2.79,
    "deskew-7.png": 3.41,
    "deskew-8.png": 14.87,
}
"""By the entropy of the row profile and by line segments on rules, both at full size, which agree to 0.1 deg;
deskew-2 is music on bent paper: the middle of its five staves (2.14 to 2.26) and the rule above (2.08)."""


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
    measured, labelled, left = {}, [], []
    for row in table.read_text(encoding="utf-8").splitlines()[1:]:
        name, label = row.split("\t")
        picture = decode(table.parent / name)
        found = _skew(picture.pixels, picture.dpi or guessed_dpi(*picture.pixels.shape[1::-1]))
        if found.doubtful or (not found.angle_deg and found.sure <= 0.5):
            left.append(name)
            continue
        measured[name] = abs(found.angle_deg - MEASURED_DEG[name])
        labelled.append(abs(found.angle_deg - float(label)))
    told = ", ".join(f"{name} {error:.2f}" for name, error in measured.items())
    note = f"against what rules and entropy measure at full size: {told}; left: {', '.join(left) or 'none'}"
    yield at_most("published, mean error", float(np.mean(list(measured.values()))), 0.1, "deg", note)
    rounding = float(np.mean([abs(angle - round(angle)) for angle in MEASURED_DEG.values()]))
    note = f"labels are whole degrees; the measured angles themselves are {rounding:.2f} away from them"
    yield Figure("published, mean difference from the labels", float(np.mean(labelled)), "deg", note=note)


def _page(seed: int, clockwise_deg: float) -> NDArray[np.uint8]:
    paper = administrative_paper(seed)
    sheet = print_page(paper.side.page)
    for mark in paper.side.marks:
        sheet = ink.lay(sheet, mark)
    worn = Wear(seed=seed, skew_deg=clockwise_deg, noise=2.0, shadow=12.0 * (seed % 3))
    return np.asarray(wear.scan(reduced(sheet, DPI), worn, dpi=DPI))


def _skew(pixels: NDArray[np.uint8], dpi: int) -> Skew:
    page = clean(pixels, dpi, "")
    return measure_skew(page.mask, rules=functools.partial(angle_of_rules, page.grey, page.dpi))
