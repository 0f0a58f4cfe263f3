"""Where the lines of a page are (tìm dòng): Tesseract's layout analysis, without its recognition."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ocr.page import Baseline, Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NO_TEXT = range(9, 15)
"""Tesseract's block types of images, rules and noise."""

_PADDING_PX = 4
_WIDEST_GAP = 2.0
_ENDLESS = 300
_THIN, _LEAST_PX = 0.35, 5
"""A strip thinner than this share of the usual height is a rule or dust."""


@dataclass(frozen=True)
class Strip:
    """A piece of a line that is read at once (một đoạn dòng), in px of the page.

    `ink` is the box around its strokes; `top` and `foot` are how far the letters of its line reach, `height`
    their height; `baseline` is that of the whole line. Pieces of one line have the same `line`.
    """

    ink: Box
    top: float
    foot: float
    height: float
    baseline: Baseline
    line: int
    block: int

    @property
    def ink_height(self) -> int:
        """px."""
        return self.ink[3] - self.ink[1]

    @property
    def is_endless(self) -> bool:
        """Whether it is longer than any line of print: a rule, or a row of dots."""
        x0, _, x1, _ = self.ink
        return x1 - x0 > _ENDLESS * max(self.ink_height, self.height)

    def window(self, above: float, below: float, size: tuple[int, int]) -> Box:
        """What the net is shown: the letters' full height with margins of these shares of it, within a page
        of `size` (width, height) px."""
        x0, y0, x1, y1 = self.ink
        top, foot = min(y0, self.top), max(y1, self.foot)
        tall = foot - top
        return (
            max(0, x0 - _PADDING_PX),
            max(0, int(top - above * tall) - _PADDING_PX),
            min(size[0], x1 + _PADDING_PX),
            min(size[1], int(foot + below * tall + 0.5) + _PADDING_PX),
        )


def find_strips(api: Any, module: Any, grey: "NDArray[np.uint8]", dpi: int) -> list[Strip]:
    """The strips of a grey page (uint8, height × width), in Tesseract's reading order.

    `api` is an instance of tesserocr's `PyTessBaseAPI` made ready for layout analysis, `module` tesserocr.
    """
    import cv2
    import numpy as np

    height, width = grey.shape
    # The same threshold as Tesseract's own, in a fifth of the time; to it 1 is paper.
    _, paper = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    bits = np.packbits(np.asarray(paper, np.uint8), axis=1)
    api.SetImageBytes(bits.tobytes(), width, height, 0, bits.shape[1])
    api.SetSourceResolution(dpi)
    try:
        # Words come joined to what Tesseract itself would read at once; only the iterator over results knows
        # the heights of a row.
        found = api.AnalyseLayout(True)
        pieces = list(_pieces(api.GetIterator(), module)) if found is not None else []
    finally:
        api.Clear()
    typical = sorted(piece.ink_height for piece in pieces)[len(pieces) // 2] if pieces else 0
    least = max(_LEAST_PX, _THIN * typical)
    return [strip for strip in _joined(pieces) if strip.ink_height >= least and not strip.is_endless]


def _pieces(iterator: Any, module: Any) -> Iterator[Strip]:
    level, by_line, by_block = module.RIL.WORD, module.RIL.TEXTLINE, module.RIL.BLOCK
    line = block = -1
    while iterator is not None:
        if iterator.IsAtBeginningOf(by_block):
            block += 1
        if iterator.IsAtBeginningOf(by_line):
            line += 1
        box = iterator.BoundingBox(level)
        if box is not None and int(iterator.BlockType()) not in _NO_TEXT:
            yield _piece(box, iterator, module, line, block)
        if not iterator.Next(level):
            return


def _piece(box: Box, iterator: Any, module: Any, line: int, block: int) -> Strip:
    (x0, y0), (x1, y1) = iterator.Baseline(module.RIL.TEXTLINE) or ((box[0], box[3]), (box[2], box[3]))
    row = iterator.RowAttributes()
    under = y0 + (y1 - y0) * ((box[0] + box[2]) / 2 - x0) / max(1, x1 - x0)
    foot = under - row["descenders"]
    tall = float(row["row_height"])
    baseline = (float(x0), float(y0), float(x1), float(y1))
    return Strip((box[0], box[1], box[2], box[3]), foot - tall, foot, tall, baseline, line, block)


def _joined(pieces: list[Strip]) -> Iterator[Strip]:
    """Neighbours on one line put together, unless a gutter is between them."""
    waiting: Strip | None = None
    for piece in pieces:
        if waiting is not None:
            gap = piece.ink[0] - waiting.ink[2]
            if piece.line == waiting.line and -piece.height < gap <= _WIDEST_GAP * max(piece.height, 1):
                waiting = _union(waiting, piece)
                continue
            yield waiting
        waiting = piece
    if waiting is not None:
        yield waiting


def _union(left: Strip, right: Strip) -> Strip:
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = left.ink, right.ink
    ink = (min(ax0, bx0), min(ay0, by0), max(ax1, bx1), max(ay1, by1))
    return replace(left, ink=ink, top=min(left.top, right.top), foot=max(left.foot, right.foot))
