"""One page from picture to words (một trang: làm sạch, nhận dạng): every stage in its order."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from ocr.barcodes import barcodes_in
from ocr.clean.background import whiten
from ocr.clean.blank import is_blank
from ocr.clean.geometry import canvas_for, straightened, turned
from ocr.clean.ink import black_ink, darkest_channel
from ocr.clean.orientation import SURE, find_orientation, legibility, lies_on_its_side
from ocr.clean.sharpness import is_blurred
from ocr.clean.skew import Skew, measure_skew, text_mask
from ocr.engines.contract import Engine
from ocr.image import Picture, guessed_dpi
from ocr.layout import in_reading_order
from ocr.page import Flag, ReadPage, Word, mean_confidence, text_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECIPE = 1
"""Counts up whenever the same image would be cleaned, read or ordered otherwise: results of before are
stale."""

_LOW_CONFIDENCE = 70.0
_LOW_DPI = 150
_ENOUGH_INK_PX = 2500


@dataclasses.dataclass(frozen=True)
class SeenPage:
    """A page that has been read, and what it looks like upright and straight.

    `pixels` is uint8, height × width (grey) or height × width × 3 (R, G, B); `jpeg` the source's own JPEG
    when its geometry didn't change and a PDF can hold it.
    """

    read: ReadPage
    pixels: "NDArray[np.uint8]"
    jpeg: bytes | None


def parameters_stamp(engine: str, dpi: int | None) -> str:
    """The hash of everything besides the image that decides what is read."""
    parameters = {"recipe": RECIPE, "engine": engine, "dpi": dpi}
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class _Upright:
    """What was read once the page stood upright and straight, and how it got there."""

    words: tuple[Word, ...]
    turned: int
    skew: Skew
    doubtful: bool


def read_picture(
    picture: Picture, asked_dpi: int | None, engine: Engine, stopped: Callable[[], bool]
) -> SeenPage:
    """Cleans, turns, straightens and reads `picture`; `asked_dpi` is believed over what the picture says."""
    pixels = picture.pixels
    dpi = asked_dpi or picture.dpi or guessed_dpi(pixels.shape[1], pixels.shape[0])
    whitened = whiten(pixels)
    flags = {Flag.LOW_RESOLUTION} if dpi < _LOW_DPI else set()
    if is_blank(darkest_channel(whitened), dpi):
        flags.add(Flag.BLANK)
        found = _Upright((), 0, Skew(0.0, doubtful=False), doubtful=False)
    else:
        grey = black_ink(whitened)
        del whitened
        mask = text_mask(grey, dpi)
        if int((mask > 0).sum()) > _ENOUGH_INK_PX and is_blurred(grey, dpi):
            flags.add(Flag.BLURRED)
        found = _read_upright(pixels, grey, mask, dpi, engine=engine, stopped=stopped)
    visible = straightened(turned(pixels, found.turned), found.skew.angle_deg)
    height, width = visible.shape[:2]
    words = in_reading_order(found.words, width, height)
    confidence = mean_confidence(words)
    flags |= _marks(found, confidence, blank=Flag.BLANK in flags)
    page = ReadPage(
        source_sha256=picture.sha256,
        parameters_sha256=parameters_stamp(engine.name, asked_dpi),
        width_px=width,
        height_px=height,
        dpi=dpi,
        words=words,
        text=text_of(words),
        confidence=round(confidence, 2),
        turned=found.turned,
        skew_deg=found.skew.angle_deg,
        flags=tuple(flag for flag in Flag if flag in flags),
        barcodes=barcodes_in(visible),
        engine=engine.name,
    )
    return SeenPage(page, visible, picture.jpeg if visible is pixels else None)


def _read_upright(
    pixels: "NDArray[np.uint8]",
    grey: "NDArray[np.uint8]",
    mask: "NDArray[np.uint8]",
    dpi: int,
    *,
    engine: Engine,
    stopped: Callable[[], bool],
) -> _Upright:
    """Reads the page as it lies when that is convincing, otherwise after finding which way up it stands."""

    def read(image: "NDArray[np.uint8]", its_dpi: int) -> tuple[Word, ...]:
        return engine.recognise(image, its_dpi, stopped=stopped)

    def straight(degrees: int, *, doubtful: bool) -> _Upright:
        shown = turned(grey, degrees)
        skew = measure_skew(mask if degrees == 0 else text_mask(shown, dpi))
        canvas = canvas_for(turned(pixels, degrees), skew.angle_deg) if skew.angle_deg else None
        words = read(straightened(shown, skew.angle_deg, canvas), dpi)
        return _Upright(words, degrees, skew, doubtful)

    sideways = lies_on_its_side(mask)
    if not sideways:
        first = straight(0, doubtful=False)
        if legibility(first.words) >= SURE:
            return first
    orientation = find_orientation(grey, dpi, read, sideways=sideways)
    if orientation.turned == 0 and not sideways:
        return dataclasses.replace(first, doubtful=orientation.doubtful)
    return straight(orientation.turned, doubtful=orientation.doubtful)


def _marks(found: _Upright, confidence: float, *, blank: bool) -> set[Flag]:
    marks = set()
    if found.skew.doubtful:
        marks.add(Flag.SKEWED)
    if found.doubtful:
        marks.add(Flag.UPSIDE_DOWN_DOUBT)
    if not blank and confidence < _LOW_CONFIDENCE:
        marks.add(Flag.LOW_CONFIDENCE)
    return marks
