"""Digits written by hand into a printed form (chữ số viết tay)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from resources.specimens.render.paper import DPI, px

BLACK = (22, 22, 26)
BLUE = (30, 52, 150)

_OVERSAMPLING = 4
# Strokes of each digit in the unit square, x to the right and y down; a pen follows them.
_STROKES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "0": (
        (
            (0.6, 0.03),
            (0.2, 0.15),
            (0.08, 0.55),
            (0.25, 0.95),
            (0.65, 0.93),
            (0.88, 0.5),
            (0.75, 0.1),
            (0.55, 0.02),
        ),
    ),
    "1": (((0.2, 0.35), (0.55, 0.02), (0.5, 0.98)),),
    "2": (
        (
            (0.1, 0.25),
            (0.35, 0.02),
            (0.75, 0.1),
            (0.8, 0.35),
            (0.45, 0.7),
            (0.08, 0.97),
            (0.5, 0.9),
            (0.95, 0.96),
        ),
    ),
    "3": (
        (
            (0.15, 0.1),
            (0.6, 0.02),
            (0.8, 0.2),
            (0.4, 0.45),
            (0.85, 0.65),
            (0.7, 0.93),
            (0.3, 0.98),
            (0.08, 0.85),
        ),
    ),
    "4": (((0.45, 0.02), (0.08, 0.6), (0.9, 0.62)), ((0.7, 0.35), (0.62, 1.0))),
    "5": (((0.85, 0.04), (0.25, 0.05), (0.18, 0.45), (0.6, 0.4), (0.85, 0.65), (0.65, 0.95), (0.15, 0.92)),),
    "6": (
        (
            (0.75, 0.05),
            (0.3, 0.3),
            (0.1, 0.7),
            (0.35, 0.98),
            (0.8, 0.85),
            (0.75, 0.55),
            (0.4, 0.5),
            (0.12, 0.75),
        ),
    ),
    "7": (((0.08, 0.06), (0.9, 0.04), (0.55, 0.5), (0.35, 1.0)), ((0.25, 0.52), (0.8, 0.48))),
    "8": (
        (
            (0.75, 0.12),
            (0.35, 0.02),
            (0.15, 0.25),
            (0.75, 0.65),
            (0.6, 0.97),
            (0.2, 0.9),
            (0.25, 0.6),
            (0.8, 0.25),
        ),
    ),
    "9": (
        (
            (0.8, 0.3),
            (0.45, 0.02),
            (0.15, 0.25),
            (0.35, 0.5),
            (0.78, 0.35),
            (0.8, 0.2),
            (0.7, 0.65),
            (0.55, 1.0),
        ),
    ),
}


@dataclass(frozen=True)
class Written:
    """Digits in a hand: `x_mm`, `baseline_mm` is where they begin; `seed` gives each writer a hand."""

    digits: str
    x_mm: float
    baseline_mm: float
    height_mm: float = 4.6
    pen_mm: float = 0.45
    colour: tuple[int, int, int] = BLACK
    seed: int = 1


def write(sheet: Image.Image, written: Written, dpi: int = DPI) -> Image.Image:
    """`sheet` (RGB, `dpi`) with the digits on it, as a new image."""
    rng = np.random.default_rng(written.seed)
    slant = float(rng.uniform(-0.1, 0.35))
    big = dpi * _OVERSAMPLING
    step = written.height_mm * 0.72
    width_mm = step * len(written.digits) + 2 * written.height_mm
    plate = Image.new("L", (px(width_mm, big), px(2.4 * written.height_mm, big)), 0)
    draw = ImageDraw.Draw(plate)
    x_mm = written.height_mm / 2
    for digit in written.digits:
        tall = written.height_mm * float(rng.uniform(0.85, 1.18))
        foot = 1.7 * written.height_mm + float(rng.normal(0, 0.07)) * written.height_mm
        for stroke in _STROKES[digit]:
            points = []
            for x, y in _smooth(stroke):
                up = (1 - y) * tall
                across = x * tall * 0.6 + slant * up * 0.5 + float(rng.normal(0, 0.006))
                points.append((px(x_mm + across, big), px(foot - up, big)))
            draw.line(points, fill=255, width=max(1, px(written.pen_mm, big)), joint="curve")
        x_mm += step * float(rng.uniform(0.85, 1.15))
    size = (plate.width // _OVERSAMPLING, plate.height // _OVERSAMPLING)
    cover = np.asarray(plate.resize(size, Image.Resampling.BOX), np.float32) / 255.0 * 0.92
    page = np.array(sheet)
    x0 = px(written.x_mm - written.height_mm / 2, dpi)
    y0 = px(written.baseline_mm - 1.7 * written.height_mm, dpi)
    under = page[y0 : y0 + size[1], x0 : x0 + size[0]].astype(np.float32)
    passed = 1.0 - cover[: under.shape[0], : under.shape[1], None] * (
        1.0 - np.array(written.colour, np.float32) / 255.0
    )
    page[y0 : y0 + size[1], x0 : x0 + size[0]] = (under * passed).round().astype(np.uint8)
    return Image.fromarray(page)


def _smooth(stroke: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """The stroke with its corners rounded off twice (Chaikin)."""
    points = list(stroke)
    for _ in range(2):
        rounded = [points[0]]
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            rounded += [
                (0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by),
                (0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by),
            ]
        points = [*rounded, points[-1]]
    return points
