"""Sheets with hardly anything on them, and backs with nothing (trang gần trống, mặt sau trống)."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from resources.specimens.render import ink, wear
from resources.specimens.render.administrative import administrative_paper
from resources.specimens.render.ink import Seal, Signature
from resources.specimens.render.paper import A4_MM, Face, font, print_page, px
from resources.specimens.render.suite import reduced
from resources.specimens.render.wear import Wear

CONTENT = ("pencil note", "seal", "page number", "signature", "line of print", "pen note")
BACKS = ("empty", "shine-through", "struck seal", "punched and dusty", "shadow")

_PAPERS = (
    (255, 255, 255),
    (252, 250, 244),
    (255, 238, 190),
    (214, 236, 214),
    (208, 226, 246),
    (250, 214, 220),
)
_NOTES = ("xem lại", "đã nộp", "lưu", "thiếu ảnh", "2 bản", "chờ ký")


def sparse_sheet(kind: str, seed: int, dpi: int) -> NDArray[np.uint8]:
    """Sheet number `seed` of a `kind` in CONTENT or BACKS as it is scanned: R, G, B at `dpi`."""
    rng = np.random.default_rng([seed, 2])
    sheet = Image.new("RGB", (px(A4_MM[0], dpi), px(A4_MM[1], dpi)), "white")
    worn = Wear(
        seed=seed,
        tint=_PAPERS[int(rng.integers(len(_PAPERS)))],
        noise=float(rng.uniform(0.8, 3.0)),
        shadow=float(rng.choice([0.0, 15.0])),
        skew_deg=float(rng.uniform(-1, 1)),
    )
    if kind in CONTENT:
        sheet = _written(sheet, kind, rng, dpi)
        return np.asarray(wear.scan(sheet, worn, dpi=dpi))
    reverse = None
    if kind == "shine-through":
        reverse = _printed(seed % 8, dpi)
        worn = Wear(**{**worn.__dict__, "bleed": float(rng.uniform(0.03, 0.16))})
    elif kind == "struck seal":
        sheet = _struck(sheet, rng, dpi)
    elif kind == "punched and dusty":
        worn = Wear(**{**worn.__dict__, "holes_mm": ((9.5, 108.5), (9.5, 188.5))})
        sheet = _dusty(sheet, rng, dpi)
    elif kind == "shadow":
        worn = Wear(**{**worn.__dict__, "shadow": 60.0})
    return np.asarray(wear.scan(sheet, worn, reverse, dpi=dpi))


def thin_leaf(seed: int, dpi: int, kind: str = "") -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(front, back) of a leaf of thin paper as they are scanned: the front's print shows through on the back,
    sharp and half as dark; a `kind` of CONTENT is written there. Both lie askew in their own ways."""
    rng = np.random.default_rng([seed, 3])
    printed = _printed(seed % 8, dpi)
    ink_there = 255 - cv2.GaussianBlur(np.asarray(printed)[:, ::-1], (0, 0), float(rng.uniform(0.6, 1.6)))
    back = Image.fromarray((255 - ink_there * float(rng.uniform(0.15, 0.5))).astype(np.uint8))
    if kind:
        back = _written(back, kind, rng, dpi)
    tint = _PAPERS[seed % len(_PAPERS)]
    sides = (
        Wear(seed=seed, tint=tint, skew_deg=float(rng.uniform(-1, 1))),
        Wear(seed=seed + 1, tint=tint, skew_deg=float(rng.uniform(-1, 1))),
    )
    front, back = (wear.scan(side, worn, dpi=dpi) for side, worn in zip((printed, back), sides, strict=True))
    shift = np.array([[1, 0, rng.uniform(-12, 12)], [0, 1, rng.uniform(-12, 12)]], np.float32)
    moved = cv2.warpAffine(np.asarray(back), shift, back.size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(front), np.asarray(moved, np.uint8)


def _written(sheet: Image.Image, kind: str, rng: np.random.Generator, dpi: int) -> Image.Image:
    x, y = float(rng.uniform(40, 140)), float(rng.uniform(50, 240))
    if kind == "seal":
        faded = float(rng.uniform(0.45, 0.9))
        seal = Seal("ỦY BAN NHÂN DÂN XÃ MẪU", "TỈNH MẪU", ("MẪU",), x, y, opacity=faded, seed=int(x))
        return ink.lay(sheet, seal, dpi)
    if kind == "signature":
        return ink.lay(sheet, Signature(x, y, seed=int(y)), dpi)
    pen = ImageDraw.Draw(sheet)
    words = _NOTES[int(rng.integers(len(_NOTES)))]
    grey = int(rng.integers(110, 175))
    text, size, colour = {
        "pencil note": (words, 20.0, (grey, grey, grey)),
        "pen note": (words, 18.0, (50, 70, 170)),
        "page number": (str(rng.integers(2, 40)), 13.0, (30, 30, 34)),
        "line of print": ("Trang này cố ý để trống.", 12.0, (30, 30, 34)),
    }[kind]
    place = (px(105, dpi), px(16, dpi)) if kind == "page number" else (px(x, dpi), px(y, dpi))
    pen.text(place, text, colour, font(Face(size, italic="note" in kind), dpi), anchor="mm")
    return sheet


@lru_cache(maxsize=8)
def _printed(seed: int, dpi: int) -> Image.Image:
    return reduced(print_page(administrative_paper(seed).side.page), dpi)


def _struck(sheet: Image.Image, rng: np.random.Generator, dpi: int) -> Image.Image:
    """A seal from the other side: mirrored, and only where the pad was wettest did ink come through."""
    seal = Seal(
        "ỦY BAN NHÂN DÂN XÃ MẪU", "TỈNH MẪU", ("MẪU",), 105, 150, opacity=0.95, seed=int(rng.integers(99))
    )
    inked = 255 - np.asarray(ink.lay(sheet, seal, dpi), np.float32)
    fine = rng.random((inked.shape[0] // 2 + 1, inked.shape[1] // 2 + 1)).astype(np.float32)
    grain = cv2.resize(fine, inked.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    wet = cv2.resize(rng.random((9, 7)).astype(np.float32), inked.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    passed = np.clip((grain * 0.6 + wet * 0.5 - 0.62) * 6, 0, 1)[..., None]
    back = 255 - inked * passed * float(rng.uniform(0.4, 1.0))
    shift = int(rng.integers(-px(40, dpi), px(40, dpi)))
    mirrored = np.roll(back[:, ::-1], (int(rng.integers(-px(60, dpi), px(60, dpi))), shift), axis=(0, 1))
    return Image.fromarray(mirrored.clip(0, 255).astype(np.uint8))


def _dusty(sheet: Image.Image, rng: np.random.Generator, dpi: int) -> Image.Image:
    pen = ImageDraw.Draw(sheet)
    for x, y in rng.uniform((15, 15), (195, 280), (int(rng.integers(2, 12)), 2)):
        reach = float(rng.uniform(0.1, 0.45)) * dpi / 25.4
        at = (px(float(x), dpi), px(float(y), dpi))
        pen.ellipse((at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach), fill=(60, 60, 60))
    return sheet
