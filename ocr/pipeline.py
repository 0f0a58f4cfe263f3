"""One page from picture to words (một trang: làm sạch, nhận dạng): every stage in its order."""

import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ocr.barcodes import codes_on_page
from ocr.clean.background import quietened
from ocr.clean.chain import Cleaned, clean, with_geometry
from ocr.clean.geometry import canvas_for, straightened, turned
from ocr.clean.orientation import SURE, find_orientation, legibility, lies_on_its_side
from ocr.clean.reverse import OtherSide
from ocr.clean.rules import angle_of_rules
from ocr.clean.skew import Skew, measure_skew, text_mask
from ocr.engines.contract import Engine
from ocr.image import Picture, guessed_dpi
from ocr.layout import in_reading_order
from ocr.page import Baseline, Box, Flag, ReadPage, Word, mean_confidence, text_of
from ocr.settled import NOTHING_SETTLED, Settled
from ocr.suggesting.candidates import with_suggestions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECIPE = 4
"""Counts up whenever the same image would be cleaned, read or ordered otherwise: results of before are
stale."""

_LOW_CONFIDENCE = 70.0

_FINE_DPI = 200
"""From here on a point is smaller than what is lost between four of them."""


@dataclasses.dataclass(frozen=True)
class SeenPage:
    """A page that has been read, and what it looks like upright and straight.

    `pixels` is uint8, height × width (grey) or height × width × 3 (R, G, B); `jpeg` the source's own JPEG
    when its geometry didn't change and a PDF can hold it.
    """

    read: ReadPage
    pixels: "NDArray[np.uint8]"
    jpeg: bytes | None


def parameters_stamp(
    engine: str, dpi: int | None, reverse: str | None = None, settled: Settled = NOTHING_SETTLED
) -> str:
    """The hash of everything besides the image that decides what is read; `reverse` is the other side's
    sha256."""
    parameters: dict[str, Any] = {"recipe": RECIPE, "engine": engine, "dpi": dpi}
    if reverse is not None:
        parameters["reverse"] = reverse
    if settled != NOTHING_SETTLED:
        parameters["settled"] = dataclasses.asdict(settled)
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


def cleaned_picture(picture: Picture, asked_dpi: int | None, reverse: OtherSide | None = None) -> Cleaned:
    """All stages that come before reading; `asked_dpi` is believed over what the picture says."""
    return clean(picture.pixels, _dpi_of(picture, asked_dpi), picture.sha256, reverse=reverse)


def read_picture(
    picture: Picture,
    asked_dpi: int | None,
    engine: Engine,
    stopped: Callable[[], bool],
    *,
    reverse: OtherSide | None = None,
    settled: Settled = NOTHING_SETTLED,
    cleaned: Cleaned | None = None,
) -> SeenPage:
    """Cleans, turns, straightens and reads `picture`; `asked_dpi` is believed over what the picture says.

    `cleaned` is what `cleaned_picture` made of it, where that was kept.
    """
    pixels = picture.pixels
    dpi = _dpi_of(picture, asked_dpi)
    cleaned = cleaned or cleaned_picture(picture, asked_dpi, reverse)
    blank = cleaned.blank.is_blank if settled.blank is None else settled.blank
    if blank:
        skew = Skew(settled.skew_deg or 0.0, doubtful=False)
        found = _Upright((), (1, 1), settled.turned or 0, skew, doubtful=False)
    else:
        found = _read_upright(cleaned, engine, stopped, settled)
    visible = turned(pixels, found.turned)
    small = turned(cleaned.seen, found.turned)
    if found.skew.angle_deg:
        canvas = canvas_for(small, found.skew.angle_deg, (visible.shape[1], visible.shape[0]))
        visible = straightened(visible, found.skew.angle_deg, canvas, fine=cleaned.dpi < _FINE_DPI)
    height, width = visible.shape[:2]
    ordered = in_reading_order(_placed(found.words, found.size, (width, height)), width, height)
    words = with_suggestions(ordered)
    confidence = mean_confidence(words)
    flags = (cleaned.flags - {Flag.BLANK}) | _marks(found, confidence, blank=blank)
    page = ReadPage(
        source_sha256=picture.sha256,
        parameters_sha256=parameters_stamp(
            engine.name, asked_dpi, reverse.sha256 if reverse else None, settled
        ),
        width_px=width,
        height_px=height,
        dpi=dpi,
        words=words,
        text=text_of(words),
        confidence=round(confidence, 2),
        turned=found.turned,
        skew_deg=found.skew.angle_deg,
        flags=tuple(flag for flag in Flag if flag in flags),
        barcodes=codes_on_page(visible, dpi),
        engine=engine.name,
        stages=with_geometry(cleaned, found.turned, found.skew, doubtful=found.doubtful, settled=settled),
    )
    return SeenPage(page, visible, picture.jpeg if visible is pixels else None)


def _dpi_of(picture: Picture, asked_dpi: int | None) -> int:
    return asked_dpi or picture.dpi or guessed_dpi(picture.pixels.shape[1], picture.pixels.shape[0])


def _read_upright(
    cleaned: Cleaned, engine: Engine, stopped: Callable[[], bool], settled: Settled
) -> _Upright:
    """Reads the page as it lies when that is convincing, otherwise after finding which way up it stands."""
    grey, mask, dpi = cleaned.grey, cleaned.mask, cleaned.dpi

    def read(image: "NDArray[np.uint8]", its_dpi: int) -> tuple[Word, ...]:
        return engine.recognise(quietened(image), its_dpi, stopped=stopped)

    def straight(degrees: int, *, doubtful: bool) -> _Upright:
        shown = turned(grey, degrees)
        if settled.skew_deg is None:
            shape = mask if degrees == 0 else text_mask(shown, dpi)
            skew = measure_skew(shape, rules=functools.partial(angle_of_rules, shown, dpi))
        else:
            skew = Skew(settled.skew_deg, doubtful=False)
        canvas = canvas_for(turned(cleaned.seen, degrees), skew.angle_deg) if skew.angle_deg else None
        image = straightened(shown, skew.angle_deg, canvas)
        return _Upright(read(image, dpi), (image.shape[1], image.shape[0]), degrees, skew, doubtful)

    if settled.turned is not None:
        return straight(settled.turned, doubtful=False)
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
    marks = {Flag.BLANK} if blank else set()
    if found.skew.doubtful:
        marks.add(Flag.SKEWED)
    if found.doubtful:
        marks.add(Flag.UPSIDE_DOWN_DOUBT)
    if not blank and confidence < _LOW_CONFIDENCE:
        marks.add(Flag.LOW_CONFIDENCE)
    return marks
