"""Finding a free place on a page (tìm chỗ trống): the rendered ink, the words of the text layer, the fields.

The page is rendered as a reader sees it, strip by strip and only where a candidate lies. Nothing is ever
scaled or moved to make room.
"""

import math
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signing.appearance.frame import POINTS_PER_MM, Box, Frame
from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    import numpy as np

_DPI = 100
_PX_PER_MM = _DPI / 25.4
_STEP_MM = 2.0
_CLEAR_MM = 1.5
_INK_DEPTH = 48
_DARK_PAGE = 110
_LARGEST_SIDE_MM = 3000
_pdfium = threading.Lock()


@dataclass(frozen=True)
class Zone:
    """A part of the page where a block may stand: its edges in mm from the page's left and top."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Choice:
    """A block of a given size (mm) and the zones to try for it, best first."""

    width: float
    height: float
    zones: tuple[Zone, ...]


class PageView:
    """One page of an open document, looked at for ink. Only valid inside `viewing`."""

    def __init__(self, page: Any) -> None:
        self._page = page
        left, bottom, right, top = page.get_cropbox()
        media = page.get_mediabox()
        self.frame = Frame(
            max(left, media[0]),
            max(bottom, media[1]),
            min(right, media[2]),
            min(top, media[3]),
            int(page.get_rotation()) % 360,
        )
        self._boxes: list[Box] | None = None
        self._strips: dict[tuple[float, float], np.ndarray[Any, Any]] = {}

    def place(self, choices: Iterable[Choice]) -> tuple[int, Box]:
        """The first free place: which choice, and its box. Raises `sign.no-room`."""
        tried = []
        for number, choice in enumerate(choices):
            tried.append(choice)
            for zone in choice.zones:
                found = self._free_in(zone, choice.width, choice.height)
                if found is not None:
                    return number, found
        raise SigningError(
            SigningFault.NO_ROOM,
            width_mm=round(min(choice.width for choice in tried), 1),
            height_mm=round(min(choice.height for choice in tried), 1),
            page_width_mm=round(self.frame.width_mm, 1),
            page_height_mm=round(self.frame.height_mm, 1),
        )

    def is_free(self, box: Box) -> bool:
        """Whether nothing stands in the box and its margin of clearance."""
        zone = Zone(box.left, box.top, box.right + 0.01, box.bottom + 0.01)
        return self._free_in(zone, box.width, box.height) is not None

    def _free_in(self, zone: Zone, width: float, height: float) -> Box | None:
        right = min(zone.right, self.frame.width_mm)
        bottom = min(zone.bottom, self.frame.height_mm)
        if right - zone.left < width or bottom - zone.top < height or zone.left < 0 or zone.top < 0:
            return None
        strip_top = max(zone.top - _CLEAR_MM, 0.0)
        sums = self._sums(strip_top, min(bottom + _CLEAR_MM, self.frame.height_mm))
        for top in _steps(zone.top, bottom - height):
            for left in _steps(zone.left, right - width):
                box = Box(left, top, width, height)
                if _is_empty(sums, box.grown(_CLEAR_MM), strip_top):
                    return box
        return None

    def _sums(self, top: float, bottom: float) -> "np.ndarray[Any, Any]":
        """Summed occupancy of the strip between two heights (mm), one cell a pixel at 100 dpi."""
        import numpy as np

        key = (round(top, 2), round(bottom, 2))
        if key not in self._strips:
            taken = _ink(self._render(top, bottom))
            for box in self._standing():
                _mark(taken, box, top)
            sums = np.zeros((taken.shape[0] + 1, taken.shape[1] + 1), dtype=np.int64)
            sums[1:, 1:] = taken.cumsum(0).cumsum(1)
            self._strips[key] = sums
        return self._strips[key]

    def _render(self, top: float, bottom: float) -> "np.ndarray[Any, Any]":
        below = max((self.frame.height_mm - bottom) * POINTS_PER_MM, 0)
        bitmap = self._page.render(
            scale=_DPI / 72, crop=(0, below, 0, top * POINTS_PER_MM), no_smoothtext=True
        )
        picture: np.ndarray[Any, Any] = bitmap.to_numpy()
        return picture

    def _standing(self) -> list[Box]:
        """The boxes of words and of annotations, fields among them."""
        if self._boxes is None:
            rectangles = [*self._words(), *self._annotations()]
            self._boxes = [self.frame.box_of(*rectangle) for rectangle in rectangles]
        return self._boxes

    def _words(self) -> Iterator[tuple[float, float, float, float]]:
        text = self._page.get_textpage()
        try:
            for number in range(text.count_rects()):
                yield text.get_rect(number)
        finally:
            text.close()

    def _annotations(self) -> Iterator[tuple[float, float, float, float]]:
        from pypdfium2 import raw

        for number in range(raw.FPDFPage_GetAnnotCount(self._page)):
            annotation = raw.FPDFPage_GetAnnot(self._page, number)
            rectangle = raw.FS_RECTF()
            if raw.FPDFAnnot_GetRect(annotation, rectangle):
                edges = (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
                if edges[0] != edges[2] and edges[1] != edges[3]:
                    yield edges
            raw.FPDFPage_CloseAnnot(annotation)


@contextmanager
def viewing(pdf: Path, page: int = 0) -> Iterator[PageView]:
    """Open a page for looking at. One at a time: PDFium isn't made for threads.

    Raises `sign.pdf-missing` and `sign.pdf-broken`, also for pages wider or higher than 3 m.
    """
    import pypdfium2 as pdfium

    if not pdf.is_file():
        raise SigningError(SigningFault.PDF_MISSING)
    with _pdfium:
        try:
            document = pdfium.PdfDocument(pdf)
        except pdfium.PdfiumError as error:
            raise SigningError(SigningFault.PDF_BROKEN, reason="not rendered") from error
        try:
            seen = PageView(document[page])
            if max(seen.frame.width_mm, seen.frame.height_mm) > _LARGEST_SIDE_MM:
                raise SigningError(SigningFault.PDF_BROKEN, reason="page too large")
            yield seen
        except (pdfium.PdfiumError, IndexError) as error:
            raise SigningError(SigningFault.PDF_BROKEN, reason="page not rendered") from error
        finally:
            document.close()


def _ink(picture: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Where the page is marked: clearly darker than its paper in any colour, single specks left out."""
    import numpy as np

    shade = picture[..., :3].min(axis=2).astype(np.int16) if picture.ndim == 3 else picture
    paper = int(np.median(shade))
    threshold = (paper if paper >= _DARK_PAGE else 255) - _INK_DEPTH
    dark = np.pad((shade < threshold).astype(np.int8), 1)
    rows, columns = shade.shape
    around = sum(dark[y : y + rows, x : x + columns] for y in range(3) for x in range(3))
    return ((dark[1:-1, 1:-1] > 0) & (np.asarray(around) >= 3)).astype(np.int8)


def _mark(taken: "np.ndarray[Any, Any]", box: Box, strip_top: float) -> None:
    top, bottom = (box.top - strip_top) * _PX_PER_MM, (box.bottom - strip_top) * _PX_PER_MM
    rows = slice(max(math.floor(top), 0), max(math.ceil(bottom), 0))
    columns = slice(max(math.floor(box.left * _PX_PER_MM), 0), max(math.ceil(box.right * _PX_PER_MM), 0))
    taken[rows, columns] = 1


def _is_empty(sums: "np.ndarray[Any, Any]", box: Box, strip_top: float) -> bool:
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    top = min(max(math.floor((box.top - strip_top) * _PX_PER_MM), 0), rows)
    bottom = min(max(math.ceil((box.bottom - strip_top) * _PX_PER_MM), 0), rows)
    left = min(max(math.floor(box.left * _PX_PER_MM), 0), columns)
    right = min(max(math.ceil(box.right * _PX_PER_MM), 0), columns)
    return bool(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] == 0)


def _steps(first: float, last: float) -> Iterator[float]:
    count = math.floor((last - first) / _STEP_MM + 1e-6)
    yield from (first + number * _STEP_MM for number in range(count + 1))
