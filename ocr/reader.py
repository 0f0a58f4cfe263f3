"""Reading pages (đọc trang): clean-up, recognition and order put together, on threads with warm engines."""

import functools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from ocr.clean.chain import Cleaned
from ocr.engines import open_engine
from ocr.engines.contract import Engine
from ocr.errors import OcrError, OcrFault
from ocr.image import decode
from ocr.jpeg import with_density
from ocr.leaf import other_side
from ocr.memory import keep_large_blocks_apart
from ocr.page import CleanedPage
from ocr.pipeline import SeenPage, cleaned_picture, read_picture
from ocr.settled import Settled
from ocr.visible import visible_jpeg

Result = TypeVar("Result")
_KEPT_PAGES = 2


def never() -> bool:
    """The `stopped` of work that nobody stops."""
    return False


class Reader:
    """Reads pages with at most `jobs` engines of `kind` at a time, each loaded once; a context manager.

    `model` names the language model ("auto": every page has the one that suits it), `engine` is "auto",
    "tesserocr" or "pytesseract", `tessdata` the models' folder when it isn't the system's. With
    `keep_jpeg` the visible image of a page that needs no turning is its own file, however large.
    Raises OcrError ocr.no-engine or ocr.no-model.
    """

    def __init__(
        self,
        *,
        model: str = "auto",
        jobs: int = os.cpu_count() or 1,
        engine: str = "auto",
        tessdata: Path | None = None,
        keep_jpeg: bool = False,
    ) -> None:
        keep_large_blocks_apart()
        self._open = functools.partial(open_engine, engine, model, tessdata)
        self._jobs = max(1, jobs)
        self._keep_jpeg = keep_jpeg
        self._free = threading.Semaphore(self._jobs)
        self._guard = threading.Lock()
        first = self._open()
        self._idle: list[Engine] = [first]
        self._closed = False
        self._kept: dict[tuple[str, int | None, str], Cleaned] = {}
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
            self._kept.clear()
        for engine in idle:
            engine.close()

    def read(
        self,
        image: Path | bytes,
        *,
        dpi: int | None = None,
        reverse: Path | bytes | None = None,
        stopped: Callable[[], bool] = never,
    ) -> CleanedPage:
        """One page cleaned and read; any thread may call it.

        `dpi` is believed over what the file says; without either the short side is taken for that of A4.
        `reverse` is the other side of the leaf, looked at when ink seems to shine through.
        Raises OcrError when the image can't be decoded, the engine fails or `stopped` says so.
        """
        return self._encoded(self.see(image, dpi=dpi, reverse=reverse, stopped=stopped))

    def see(
        self,
        image: Path | bytes,
        *,
        dpi: int | None = None,
        reverse: Path | bytes | None = None,
        stopped: Callable[[], bool] = never,
    ) -> SeenPage:
        """As `read`, with the visible image as pixels for those who encode it their own way."""
        _go_on(stopped)
        picture = decode(image)
        other = None if reverse is None else other_side(reverse)
        _go_on(stopped)
        with self._engine() as engine:
            return read_picture(picture, dpi, engine, stopped, reverse=other)

    def redo(
        self,
        image: Path | bytes,
        settled: Settled,
        *,
        dpi: int | None = None,
        reverse: Path | bytes | None = None,
        stopped: Callable[[], bool] = never,
    ) -> CleanedPage:
        """As `read`, with what a person has settled.

        The stages before are kept for the last two pages, so that the next try starts behind them.
        """
        _go_on(stopped)
        picture = decode(image)
        other = None if reverse is None else other_side(reverse)
        key = (picture.sha256, dpi, other.sha256 if other else "")
        with self._guard:
            kept = self._kept.get(key)
        cleaned = kept or cleaned_picture(picture, dpi, other)
        with self._guard:
            self._kept.pop(key, None)
            self._kept[key] = cleaned
            while len(self._kept) > _KEPT_PAGES:
                del self._kept[next(iter(self._kept))]
        _go_on(stopped)
        with self._engine() as engine:
            return self._encoded(
                read_picture(picture, dpi, engine, stopped, reverse=other, settled=settled, cleaned=cleaned)
            )

    def read_all(
        self, images: Iterable[Path | bytes], *, stopped: Callable[[], bool] = never
    ) -> Iterator[CleanedPage | OcrError]:
        """Many pages on `jobs` threads, results in order; a page that fails yields its OcrError and the
        rest goes on.

        `images` is consumed as pages are done, never far ahead. Raises OcrError ocr.cancelled once
        `stopped` says so.
        """
        yield from self.read_jobs(functools.partial(self.read, image, stopped=stopped) for image in images)

    def read_jobs(self, calls: Iterable[Callable[[], Result]]) -> Iterator[Result | OcrError]:
        """As `read_all`, with a call for each page, so that each may be read and used in its own way."""
        pool = ThreadPoolExecutor(self._jobs, thread_name_prefix="read")
        window: deque[Future[Result | OcrError]] = deque()
        try:
            for call in calls:
                window.append(pool.submit(_attempt, call))
                if len(window) > self._jobs:
                    yield _finished(window.popleft())
            while window:
                yield _finished(window.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _encoded(self, seen: SeenPage) -> CleanedPage:
        dpi = seen.read.dpi
        kept = seen.jpeg if self._keep_jpeg else None
        return CleanedPage(seen.read, with_density(kept or visible_jpeg(seen.pixels, dpi, seen.jpeg), dpi))

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


def _attempt(call: Callable[[], Result]) -> Result | OcrError:
    try:
        return call()
    except OcrError as error:
        return error


def _finished(future: "Future[Result | OcrError]") -> Result | OcrError:
    result = future.result()
    if isinstance(result, OcrError) and result.fault is OcrFault.CANCELLED:
        raise result
    return result


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise OcrError(OcrFault.CANCELLED)
