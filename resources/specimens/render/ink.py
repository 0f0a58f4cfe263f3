"""Coloured ink over print: a round red seal and a blue signature (con dấu đỏ, chữ ký xanh).

Both are drawn as vectors at three times the size and laid over the page by multiplying, as ink is: black
letters stay black under a seal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from resources.specimens.render.paper import DPI, Face, font, px

RED = (205, 32, 48)
BLUE = (38, 62, 168)

_OVERSAMPLING = 3


@dataclass(frozen=True)
class Seal:
    """A round seal: `ring` runs along its upper edge, `foot` along its lower one, `centre` under the star.

    Centre and diameter in mm; `opacity` 0 to 1; `seed` decides where the ink is thin; `turn_deg` clockwise.
    """

    ring: str
    foot: str
    centre: tuple[str, ...]
    x_mm: float
    y_mm: float
    diameter_mm: float = 36.0
    opacity: float = 0.85
    turn_deg: float = -6.0
    seed: int = 1


@dataclass(frozen=True)
class Signature:
    """A scribble inside `width_mm` × `height_mm` around its centre; `seed` gives each signer a hand."""

    x_mm: float
    y_mm: float
    width_mm: float = 42.0
    height_mm: float = 17.0
    pen_mm: float = 0.55
    seed: int = 1


def lay(sheet: Image.Image, mark: Seal | Signature, dpi: int = DPI) -> Image.Image:
    """`sheet` (RGB, `dpi`) with `mark` on it, as a new image. The mark must lie inside the sheet."""
    if isinstance(mark, Seal):
        cover, colour = _seal_cover(mark, dpi), RED
    else:
        cover, colour = _signature_cover(mark, dpi), BLUE
    height, width = cover.shape
    x0, y0 = px(mark.x_mm, dpi) - width // 2, px(mark.y_mm, dpi) - height // 2
    page = np.array(sheet)
    if min(x0, y0) < 0 or x0 + width > page.shape[1] or y0 + height > page.shape[0]:
        raise ValueError("the mark does not lie inside the sheet")
    under = page[y0 : y0 + height, x0 : x0 + width].astype(np.float32)
    passed = 1.0 - cover[:, :, None] * (1.0 - np.array(colour, np.float32) / 255.0)
    page[y0 : y0 + height, x0 : x0 + width] = (under * passed).round().astype(np.uint8)
    return Image.fromarray(page)


def _seal_cover(seal: Seal, dpi: int) -> NDArray[np.float32]:
    """How much ink lies where: height × width, 0 to 1."""
    size = px(seal.diameter_mm, dpi)
    big = size * _OVERSAMPLING
    plate = Image.new("L", (big, big), 0)
    pen = ImageDraw.Draw(plate)
    middle = big / 2
    radius = middle - 4
    for share, weight in ((1.0, 0.028), (0.64, 0.012)):
        reach = radius * share
        box = (middle - reach, middle - reach, middle + reach, middle + reach)
        pen.ellipse(box, outline=255, width=round(big * weight))
    _text_on_arc(plate, seal.ring, radius * 0.73, big, upper=True)
    _text_on_arc(plate, seal.foot, radius * 0.89, big, upper=False)
    pen.polygon(_star(middle, middle - radius * 0.24, radius * 0.22), fill=255)
    for number, line in enumerate(seal.centre):
        letters = font(Face(big * 0.058 * 72 / DPI, bold=True))
        pen.text((middle, middle + big * (0.075 + 0.07 * number)), line, fill=255, font=letters, anchor="mm")
    turned = plate.rotate(-seal.turn_deg, Image.Resampling.BICUBIC).resize((size, size), Image.Resampling.BOX)
    patchy = _patches(size, size, np.random.default_rng(seal.seed), spread=0.16)
    return np.asarray(turned, np.float32) / 255.0 * seal.opacity * patchy


def _text_on_arc(plate: Image.Image, text: str, radius: float, big: int, *, upper: bool) -> None:
    """`text` letter by letter on a circle of `radius` px, centred at the plate's top or bottom."""
    letters = font(Face(big * 0.083 * 72 / DPI, bold=True))
    total = sum(letters.getlength(letter) * 1.06 for letter in text) / radius
    angle = -total / 2
    middle = big / 2
    for letter in text:
        step = letters.getlength(letter) * 1.06 / radius
        at = angle + step / 2
        angle += step
        tile = Image.new("L", (big // 6, big // 6), 0)
        foot = tile.height * 0.68
        ImageDraw.Draw(tile).text((tile.width / 2, foot), letter, fill=255, font=letters, anchor="ms")
        around = (tile.width / 2, foot)
        turn = -math.degrees(at) if upper else math.degrees(at)
        tile = tile.rotate(turn, Image.Resampling.BICUBIC, center=around)
        x = middle + radius * math.sin(at)
        y = middle - radius * math.cos(at) if upper else middle + radius * math.cos(at)
        plate.paste(255, (round(x - around[0]), round(y - around[1])), tile)


def _star(x: float, y: float, reach: float) -> list[tuple[float, float]]:
    """The ten corners of a five-pointed star."""
    corners = []
    for number in range(10):
        length = reach if number % 2 == 0 else reach * 0.382
        angle = math.pi * number / 5
        corners.append((x + length * math.sin(angle), y - length * math.cos(angle)))
    return corners


def _signature_cover(signature: Signature, dpi: int) -> NDArray[np.float32]:
    """How much ink lies where: height × width, 0 to 1."""
    width, height = px(signature.width_mm, dpi), px(signature.height_mm, dpi)
    big = (width * _OVERSAMPLING, height * _OVERSAMPLING)
    plate = Image.new("L", big, 0)
    pen = ImageDraw.Draw(plate)
    nib = px(signature.pen_mm, dpi) * _OVERSAMPLING / 2
    for x, y, press in _strokes(signature.seed):
        centre_x, centre_y = x * (big[0] - 8 * nib) + 4 * nib, y * (big[1] - 8 * nib) + 4 * nib
        reach = nib * press
        pen.ellipse((centre_x - reach, centre_y - reach, centre_x + reach, centre_y + reach), fill=255)
    small = plate.resize((width, height), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255.0 * np.float32(0.88)


def _strokes(seed: int) -> list[tuple[float, float, float]]:
    """Points of a pen in the unit square with its pressure: loops to the right, then a flourish back."""
    rng = np.random.default_rng(seed)
    loops = int(rng.integers(3, 7))
    knots: list[tuple[float, float]] = [
        (0.0, rng.uniform(0.4, 0.7)),
        (0.08, 0.05),
        (rng.uniform(0.1, 0.2), 0.95),
    ]
    for number in range(loops):
        x = 0.2 + 0.62 * (number + 0.5) / loops
        knots.append((x + rng.uniform(-0.02, 0.06), rng.uniform(0.04, 0.45)))
        knots.append((x + rng.uniform(-0.12, 0.02), rng.uniform(0.5, 0.92)))
    knots += [(0.98, rng.uniform(0.1, 0.4)), (rng.uniform(0.5, 0.8), 0.97), (rng.uniform(0.1, 0.35), 0.84)]
    knots += [(rng.uniform(0.7, 0.95), rng.uniform(0.55, 0.75)), (1.0, 0.5)]
    points: list[tuple[float, float, float]] = []
    for start in range(len(knots) - 3):
        before, here, there, after = knots[start : start + 4]
        for step in np.linspace(0.0, 1.0, 240, endpoint=False):
            x, y = (_spline(before[i], here[i], there[i], after[i], float(step)) for i in (0, 1))
            press = 0.8 + 0.35 * math.sin(2.1 * (start + float(step)))
            points.append((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0), press))
    return points


def _spline(before: float, here: float, there: float, after: float, t: float) -> float:
    """Catmull and Rom's curve from `here` (t = 0) to `there` (t = 1)."""
    return 0.5 * (
        2 * here
        + (there - before) * t
        + (2 * before - 5 * here + 4 * there - after) * t**2
        + (3 * here - before - 3 * there + after) * t**3
    )


def _patches(height: int, width: int, rng: np.random.Generator, *, spread: float) -> NDArray[np.float32]:
    """Slow changes around 1 that never exceed 1: where the ink is thin."""
    coarse = rng.normal(1.0 - spread, spread, (9, 9)).astype(np.float32)
    return np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0.45, 1.0)
