"""Files as the paper in a feeder (tệp như xấp giấy): page after page, numbered, in the mode asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from scanner.backends.importing.decoder import Decoder
from scanner.backends.importing.documents import Document
from scanner.contract import Capabilities, ColorMode, PageImage, ScanRequest, Source
from scanner.errors import ScanError, ScanFault

logger = logging.getLogger(__name__)

CAPABILITIES = Capabilities(
    sources=(Source.FLATBED, Source.FEEDER, Source.DUPLEX),
    modes=(ColorMode.COLOR, ColorMode.GREY, ColorMode.BITONAL),
    resolutions=(200, 300, 400, 600),
    max_width_mm=297,
    max_height_mm=420,
)
"""What can be asked of files: they come in the size and resolution that they have, whatever was asked for."""

_LEAST_INK, _MOST_INK = 96, 192
"""Bounds of the grey level below which bitonal pages are black: a blank page has no level of its own."""


@dataclass(frozen=True)
class RefusedFile:
    """A file of which a page, counted from 1, or all (None) could not be had, and why."""

    path: Path
    page: int | None
    error: ScanError


class OneAtATime:
    """Refuses a second call while a scan is under way, as a device does."""

    def __init__(self) -> None:
        self._lock = Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Raises ScanError `scan.busy`."""
        if not self._lock.acquire(blocking=False):
            raise ScanError(ScanFault.BUSY)
        try:
            yield
        finally:
            self._lock.release()


class Stack:
    """One scan over files. `given` counts the pages handed out, `refused` holds what could not be."""

    def __init__(self, request: ScanRequest, stopped: Callable[[], bool], decoder: Decoder) -> None:
        _require_possible(request)
        self._mode = request.mode
        self._sides = 2 if request.source is Source.DUPLEX else 1
        self._limit = 1 if request.source is Source.FLATBED else request.page_limit
        self._stopped = stopped
        self._position = 0
        self._after_several = False
        self.decoder = decoder
        decoder.stopped = stopped
        self.given = 0
        self.refused: list[RefusedFile] = []

    @property
    def is_enough(self) -> bool:
        """Whether as many pages were given as were asked for."""
        return self._limit is not None and self.given >= self._limit

    def heed(self) -> None:
        """Raises ScanError `scan.cancelled` once the caller wants no more."""
        if self._stopped():
            raise ScanError(ScanFault.CANCELLED)

    def pages(self, path: Path, document: Document, first: int = 0) -> Iterator[tuple[int, PageImage]]:
        """The pages of a file from index `first` on, each with its index; what can't be had is refused.

        A refused page leaves its place in the count of sheets empty. On both sides of the paper, a file of
        several pages begins a sheet, and what follows it begins another.
        """
        several = document.count > 1
        if several or self._after_several:
            self._position += -self._position % self._sides
        self._position += first % self._sides
        self._after_several = several
        for index in range(first, document.count):
            self.heed()
            place, self._position = self._position, self._position + 1
            try:
                page = document.page(index)
            except ScanError as error:
                if error.fault is ScanFault.CANCELLED:
                    raise
                self.refuse(path, error, index + 1 if several else None)
                if document.lost:
                    return
                continue
            self.heed()
            self.given += 1
            yield index, self._numbered(_in_mode(page, self._mode), place)
            if self.is_enough:
                return

    def refuse(self, path: Path, error: ScanError, page: int | None = None) -> None:
        """Notes what could not be had; the scan goes on with the next."""
        logger.info("a file of a scan was refused: %s", error.code)
        self.refused.append(RefusedFile(path, page, error))

    def end(self, **facts: int) -> None:
        """To be called when there is nothing more.

        Raises the first ScanError that a file was refused for, with `refused`, how many there were; else
        `scan.no-documents` where no page was given.
        """
        if self.refused:
            first = self.refused[0]
            of_page = {"page": first.page} if first.page is not None else {}
            told = {**first.error.facts, **of_page, **facts, "refused": len(self.refused)}
            raise ScanError(first.error.fault, **told) from first.error
        if not self.given:
            raise ScanError(ScanFault.NO_DOCUMENTS)

    def _numbered(self, page: PageImage, place: int) -> PageImage:
        return replace(page, sheet=place // self._sides + 1, side=place % self._sides + 1)


def _require_possible(request: ScanRequest) -> None:
    if request.width_mm > CAPABILITIES.max_width_mm or request.height_mm > CAPABILITIES.max_height_mm:
        raise ScanError(
            ScanFault.REFUSED_SIZE,
            width_mm=request.width_mm,
            height_mm=request.height_mm,
            most_width_mm=CAPABILITIES.max_width_mm,
            most_height_mm=CAPABILITIES.max_height_mm,
        )


def _in_mode(page: PageImage, mode: ColorMode) -> PageImage:
    """A page in colour mode is as it is, grey where its file is; its JPEG is dropped where pixels change."""
    if mode is ColorMode.COLOR or (mode is ColorMode.GREY and page.pixels.ndim == 2):
        return page
    import cv2
    import numpy as np

    grey = page.pixels if page.pixels.ndim == 2 else cv2.cvtColor(page.pixels, cv2.COLOR_RGB2GRAY)
    if mode is ColorMode.BITONAL:
        level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        _, grey = cv2.threshold(grey, min(max(level, _LEAST_INK), _MOST_INK), 255, cv2.THRESH_BINARY)
    return replace(page, pixels=np.asarray(grey, np.uint8), encoded=None)
