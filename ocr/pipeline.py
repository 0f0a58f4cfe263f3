"""One page from picture to words (một trang: làm sạch, nhận dạng): every stage in its order."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ocr.barcodes import barcodes_in
from ocr.clean.background import quietened
from ocr.clean.chain import Cleaned, clean, with_geometry
from ocr.clean.geometry import canvas_for, straightened, turned
from ocr.clean.orientation import SURE, find_orientation, legibility, lies_on_its_side
from ocr.clean.skew import Skew, measure_skew, text_mask
from ocr.engines.contract import Engine
from ocr.image import Picture, guessed_dpi
from ocr.layout import in_reading_order
from ocr.page import Baseline, Box, Flag, ReadPage, Word, mean_confidence, text_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECIPE = 2
"""Counts up whenever the same image would be cleaned, read or ordered otherwise: results of before are
stale."""

_LOW_CONFIDENCE = 70.0


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
    """What was read once the page stood upright and straight, on an image of `size` (width, height) px, and
    how it got there."""

    words: tuple[Word, ...]
    size: tuple[int, int]
    turned: int
    skew: Skew
    doubtful: bool


def read_picture(
    picture: Picture, asked_dpi: int | None, engine: Engine, stopped: Callable[[], bool]
) -> SeenPage:
    """Cleans, turns, straightens and reads `picture`; `asked_dpi` is believed over what the picture says."""
    pixels = picture.pixels
    dpi = asked_dpi or picture.dpi or guessed_dpi(pixels.shape[1], pixels.shape[0])
    cleaned = clean(pixels, dpi, picture.sha256)
    if cleaned.blank.is_blank:
        found = _Upright((), (1, 1), 0, Skew(0.0, doubtful=False), doubtful=False)
    else:
        found = _read_upright(cleaned, engine, stopped)
    visible = turned(pixels, found.turned)
    small = turned(cleaned.seen, found.turned)
    if found.skew.angle_deg:
        canvas = canvas_for(small, found.skew.angle_deg, (visible.shape[1], visible.shape[0]))
        visible = straightened(visible, found.skew.angle_deg, canvas)
    height, width = visible.shape[:2]
    words = in_reading_order(_placed(found.words, found.size, (width, height)), width, height)
    confidence = mean_confidence(words)
    flags = cleaned.flags | _marks(found, confidence, blank=cleaned.blank.is_blank)
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
        stages=with_geometry(cleaned, found.turned, found.skew, doubtful=found.doubtful),
    )
    return SeenPage(page, visible, picture.jpeg if visible is pixels else None)


def _read_upright(cleaned: Cleaned, engine: Engine, stopped: Callable[[], bool]) -> _Upright:
    """Reads the page as it lies when that is convincing, otherwise after finding which way up it stands."""
    grey, mask, dpi = cleaned.grey, cleaned.mask, cleaned.dpi

    def read(image: "NDArray[np.uint8]", its_dpi: int) -> tuple[Word, ...]:
        return engine.recognise(quietened(image), its_dpi, stopped=stopped)

    def straight(degrees: int, *, doubtful: bool) -> _Upright:
        shown = turned(grey, degrees)
        skew = measure_skew(mask if degrees == 0 else text_mask(shown, dpi))
        canvas = canvas_for(turned(cleaned.seen, degrees), skew.angle_deg) if skew.angle_deg else None
        image = straightened(shown, skew.angle_deg, canvas)
        return _Upright(read(image, dpi), (image.shape[1], image.shape[0]), degrees, skew, doubtful)

    sideways = lies_on_its_side(mask)
    if not sideways:
        first = straight(0, doubtful=False)
        if legibility(first.words) >= SURE:
            return first
    orientation = find_orientation(grey, dpi, read, sideways=sideways)
    if orientation.turned == 0 and not sideways:
        return dataclasses.replace(first, doubtful=orientation.doubtful)
    return straight(orientation.turned, doubtful=orientation.doubtful)


def _placed(words: Sequence[Word], size: tuple[int, int], shown: tuple[int, int]) -> tuple[Word, ...]:
    """Words found on an image of `size` (width, height) where they are on one of the size `shown`."""
    if size == shown:
        return tuple(words)
    across, down = shown[0] / size[0], shown[1] / size[1]

    def box(x0: int, y0: int, x1: int, y1: int) -> Box:
        right, bottom = min(shown[0], math.ceil(x1 * across)), min(shown[1], math.ceil(y1 * down))
        return math.floor(x0 * across), math.floor(y0 * down), right, bottom

    def line(x0: float, y0: float, x1: float, y1: float) -> Baseline:
        return x0 * across, y0 * down, x1 * across, y1 * down

    return tuple(
        dataclasses.replace(word, box=box(*word.box), baseline=line(*word.baseline)) for word in words
    )


def _marks(found: _Upright, confidence: float, *, blank: bool) -> set[Flag]:
    marks = set()
    if found.skew.doubtful:
        marks.add(Flag.SKEWED)
    if found.doubtful:
        marks.add(Flag.UPSIDE_DOWN_DOUBT)
    if not blank and confidence < _LOW_CONFIDENCE:
        marks.add(Flag.LOW_CONFIDENCE)
    return marks
