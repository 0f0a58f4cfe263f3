"""Reading pages (đọc trang): clean-up, recognition and order put together, on threads with warm engines."""

import dataclasses
import functools
import hashlib
import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ocr.barcodes import barcodes_in
from ocr.clean.background import whiten
from ocr.clean.blank import is_blank
from ocr.clean.geometry import canvas_for, straightened, turned
from ocr.clean.ink import black_ink, darkest_channel
from ocr.clean.orientation import SURE, find_orientation, legibility, lies_on_its_side
from ocr.clean.sharpness import is_blurred
from ocr.clean.skew import Skew, measure_skew, text_mask
from ocr.engines import open_engine
from ocr.engines.contract import Engine
from ocr.errors import OcrError, OcrFault
from ocr.image import Picture, decode, encode_jpeg, guessed_dpi
from ocr.jpeg import with_density
from ocr.layout import in_reading_order
from ocr.memory import keep_large_blocks_apart
from ocr.page import CleanedPage, Flag, ReadPage, Word, mean_confidence, text_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECIPE = 1
"""Counts up whenever the same image would be cleaned, read or ordered otherwise: results of before are
stale."""

_LOW_CONFIDENCE = 70.0
_LOW_DPI = 150
_ENOUGH_INK_PX = 2500


def never() -> bool:
    """The `stopped` of work that nobody stops."""
    return False


class Reader:
    """Reads pages with at most `jobs` engines of `kind` at a time, each loaded once; a context manager.

    `model` names the language model, `engine` is "auto", "tesserocr" or "pytesseract", `tessdata` the
    models' folder when it isn't the system's. Raises OcrError ocr.no-engine or ocr.no-model.
    """

    def __init__(
        self,
        *,
        model: str = "Vietnamese",
        jobs: int = os.cpu_count() or 1,
        engine: str = "auto",
        tessdata: Path | None = None,
    ) -> None:
        keep_large_blocks_apart()
        self._open = functools.partial(open_engine, engine, model, tessdata)
        self._jobs = max(1, jobs)
        self._free = threading.Semaphore(self._jobs)
        self._guard = threading.Lock()
        first = self._open()
        self._idle: list[Engine] = [first]
        self._closed = False
        self.engine: str = first.name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the engines back; one in use is given back when its page is done."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for engine in idle:
            engine.close()

    def read(
        self, image: Path | bytes, *, dpi: int | None = None, stopped: Callable[[], bool] = never
    ) -> CleanedPage:
        """One page cleaned and read; any thread may call it.

        `dpi` is believed over what the file says; without either the short side is taken for that of A4.
        Raises OcrError when the image can't be decoded, the engine fails or `stopped` says so.
        """
        _go_on(stopped)
        picture = decode(image)
        parameters = {"recipe": RECIPE, "engine": self.engine, "dpi": dpi}
        stamp = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
        _go_on(stopped)
        with self._engine() as engine:
            return _read_picture(picture, dpi, stamp, engine, stopped)

    def read_all(
        self, images: Iterable[Path | bytes], *, stopped: Callable[[], bool] = never
    ) -> Iterator[CleanedPage | OcrError]:
        """Many pages on `jobs` threads, results in order; a page that fails yields its OcrError and the
        rest goes on.

        `images` is consumed as pages are done, never far ahead. Raises OcrError ocr.cancelled once
        `stopped` says so.
        """
        yield from self.read_jobs(functools.partial(self.read, image, stopped=stopped) for image in images)

    def read_jobs(self, calls: Iterable[Callable[[], CleanedPage]]) -> Iterator[CleanedPage | OcrError]:
        """As `read_all`, with a call of `read` for each page, so that each may have its own dpi."""
        pool = ThreadPoolExecutor(self._jobs, thread_name_prefix="read")
        window: deque[Future[CleanedPage | OcrError]] = deque()
        try:
            for call in calls:
                window.append(pool.submit(_attempt, call))
                if len(window) > self._jobs:
                    yield _finished(window.popleft())
            while window:
                yield _finished(window.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        with self._free:
            with self._guard:
                if self._closed:
                    raise ValueError("the reader is closed")
                engine = self._idle.pop() if self._idle else None
            engine = engine or self._open()
            try:
                yield engine
            finally:
                with self._guard:
                    keep = not self._closed
                    if keep:
                        self._idle.append(engine)
                if not keep:
                    engine.close()


def _attempt(call: Callable[[], CleanedPage]) -> CleanedPage | OcrError:
    try:
        return call()
    except OcrError as error:
        return error


def _finished(future: "Future[CleanedPage | OcrError]") -> CleanedPage | OcrError:
    result = future.result()
    if isinstance(result, OcrError) and result.fault is OcrFault.CANCELLED:
        raise result
    return result


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise OcrError(OcrFault.CANCELLED)


@dataclasses.dataclass(frozen=True)
class _Upright:
    """What was read once the page stood upright and straight, and how it got there."""

    words: tuple[Word, ...]
    turned: int
    skew: Skew
    doubtful: bool


def _read_picture(
    picture: Picture, asked_dpi: int | None, stamp: str, engine: Engine, stopped: Callable[[], bool]
) -> CleanedPage:
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
        parameters_sha256=stamp,
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
    untouched = picture.jpeg is not None and visible is pixels
    return CleanedPage(
        page, with_density(picture.jpeg, dpi) if untouched and picture.jpeg else encode_jpeg(visible, dpi)
    )


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
