"""What paper and scanner do to a printed page: tint, texture, shadow, skew, blur, noise, JPEG (hao mòn)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resources.specimens.render.paper import DPI, px

_Grey: TypeAlias = NDArray[np.float32]
_LID = (236, 237, 236)  # the scanner's lid, seen where the sheet does not reach


@dataclass(frozen=True)
class Wear:
    """How worn a scan is; the default is a good office scanner and fresh paper.

    `seed` fixes every random choice. `skew_deg` turns the sheet clockwise. `blur_px` is the standard
    deviation of the optics; `texture` and `noise` are standard deviations in grey levels, the first of slow
    changes of the paper, the second of single pixels. `shadow` is how many grey levels are lost at the left
    edge. `holes_mm` are centres of punch holes. `bleed` is the contrast, 0 to 1, of the other side showing
    through. `quality` is that of the JPEG file.
    """

    seed: int = 0
    skew_deg: float = 0.0
    blur_px: float = 0.7
    tint: tuple[int, int, int] = (252, 250, 244)
    texture: float = 0.9
    noise: float = 1.3
    shadow: float = 0.0
    holes_mm: tuple[tuple[float, float], ...] = ()
    bleed: float = 0.0
    quality: int = 88


def scan(sheet: Image.Image, wear: Wear, reverse: Image.Image | None = None, dpi: int = DPI) -> Image.Image:
    """`sheet` (RGB at `dpi`) as a scanner gives it, in the same size; `reverse` is printed behind it."""
    rng = np.random.default_rng(wear.seed)
    page: _Grey = np.asarray(sheet).astype(np.float32)
    if reverse is not None and wear.bleed:
        page *= _show_through(reverse, wear.bleed)[:, :, None]
    page *= np.array(wear.tint, np.float32) / 255.0
    page += _slow(page.shape[0], page.shape[1], rng, wear.texture)[:, :, None]
    for centre in wear.holes_mm:
        at = (px(centre[0], dpi), px(centre[1], dpi))
        cv2.circle(page, at, px(2.75, dpi), _LID, -1, cv2.LINE_AA)
        cv2.circle(page, at, px(2.75, dpi), (196, 196, 194), px(0.25, dpi), cv2.LINE_AA)
    if wear.skew_deg:
        page = _turned(page, wear.skew_deg)
    if wear.shadow:
        page -= _edge_shadow(page.shape[1], wear.shadow, dpi)[None, :, None]
    if wear.blur_px:
        page = _soft(page, wear.blur_px)
    page += _grain(page.shape[0], page.shape[1], rng, wear.noise)[:, :, None]
    return Image.fromarray(np.clip(page, 0, 255).round().astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 88, dpi: int = DPI) -> bytes:
    """`image` as a JPEG file with its resolution in the JFIF header."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling="4:2:0", dpi=(dpi, dpi), optimize=True)
    return out.getvalue()


def _show_through(reverse: Image.Image, contrast: float) -> _Grey:
    """What the light keeps after the print on the back: mirrored, soft, at most `contrast` darker than 1."""
    ink = (
        1.0 - np.asarray(reverse.convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT), np.float32) / 255.0
    )
    soft = _soft(ink, 5.0)
    return np.asarray(1.0 - np.minimum(soft, 1.0) * contrast, np.float32)


def _slow(height: int, width: int, rng: np.random.Generator, spread: float) -> _Grey:
    """Clouds in the paper a few millimetres wide, standard deviation about `spread` grey levels."""
    coarse = rng.normal(0.0, spread, (height // 60, width // 60)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _grain(height: int, width: int, rng: np.random.Generator, spread: float) -> _Grey:
    """Noise of the sensor; the same in all three colours, as after a scanner's own sharpening."""
    return rng.standard_normal((height, width), np.float32) * np.float32(spread)


def _turned(page: _Grey, degrees: float) -> _Grey:
    """`page` turned clockwise about its middle; the lid shows in the corners."""
    height, width = page.shape[:2]
    # OpenCV counts angles anticlockwise.
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    turned = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=_LID)
    return np.asarray(turned, np.float32)


def _soft(levels: _Grey, deviation: float) -> _Grey:
    return np.asarray(cv2.GaussianBlur(levels, (0, 0), deviation), np.float32)


def _edge_shadow(width: int, depth: float, dpi: int) -> _Grey:
    """Grey levels lost along the left edge where the sheet lifts off the glass; gone within a centimetre."""
    x = np.arange(width, dtype=np.float32)
    return np.asarray(depth * np.exp(-x / px(2.5, dpi)), np.float32)
