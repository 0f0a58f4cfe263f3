"""The words of a page without ink, to lie over its image (lớp chữ chìm).

Text rendering mode 3 shows nothing (ISO 32000-1, 9.3.6). Every word stands on its own baseline and is
stretched to its own width, so that what a reader marks with the mouse lies over what they see.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from statistics import median

from ocr.page import Box, ReadPage, Word
from ocr.pdf.glyphless import ADVANCE, Characters
from ocr.pdf.painted import POINTS_PER_INCH, number

FONT = "/SohoaText"
"""A name that no page taken over uses for a font of its own."""
_WIDTH = ADVANCE / 1000
_SMALLEST_PT, _LARGEST_PT = 3.0, 72.0
_NEAR = 0.6
_PARAGRAPH_EM = 1.46
_GUTTER_EM = 1.05
_SMALLEST_SHARE, _LARGEST_SHARE = 0.5, 1.9
_UNENCODABLE = "\ufeff\ufffe\u0000"


def page_size_pt(page: ReadPage) -> tuple[float, float]:
    """(width, height) of the paper in points: px at dpi, 1:1."""
    return page.width_px * POINTS_PER_INCH / page.dpi, page.height_px * POINTS_PER_INCH / page.dpi


def word_operators(page: ReadPage, characters: Characters) -> list[str]:
    """The operators that show the words of `page` without ink in the font `FONT`; none without words."""
    if not page.words:
        return []
    return ["BT 3 Tr", *_shown_words(page, characters), "ET"]


def _shown_words(page: ReadPage, characters: Characters) -> Iterator[str]:
    lines = [list(line) for _, line in itertools.groupby(page.words, key=lambda word: word.line)]
    set_size = ""
    for words, size in zip(lines, _font_sizes(lines, page.dpi), strict=True):
        if number(size, 2) != set_size:
            set_size = number(size, 2)
            yield f"{FONT} {set_size} Tf"
        for word, following in itertools.zip_longest(words, words[1:]):
            # The space is a character, too: without it readers guess where words end.
            yield _shown(word, " " if following else "", size, page, characters)


def _shown(word: Word, space: str, size: float, page: ReadPage, characters: Characters) -> str:
    x0, y0, x1, y1 = word.baseline
    angle = math.atan2(y0 - y1, x1 - x0) if x1 > x0 else 0.0
    points = POINTS_PER_INCH / page.dpi
    text = "".join(letter for letter in word.text if letter not in _UNENCODABLE)
    across = max(word.box[2] - word.box[0], 1) * points / math.cos(angle)
    stretch = 100 * across / max(len(text) * _WIDTH * size, 0.01)
    # The baseline may start left of the word when it is the line's.
    left = word.box[0] * points
    up = (page.height_px - (y0 + (word.box[0] - x0) * (y1 - y0) / (x1 - x0 or 1))) * points
    cos, sin = math.cos(angle), math.sin(angle)
    # Along a word a thousandth of slope is a tenth of a point at most, and so is what stretch and place lose.
    matrix = " ".join(number(value, 3) for value in (cos, sin, -sin, cos))
    matrix += f" {number(left, 1)} {number(up, 1)}"
    return f"{number(stretch, 1)} Tz {matrix} Tm <{characters.encode(text + space).hex()}> Tj"


def _font_sizes(lines: Sequence[Sequence[Word]], dpi: int) -> list[float]:
    """A size in points for every line. Lines near the usual size get just that: programs that gather text
    into paragraphs (poppler: within 5 %) take a change of size for a new one."""
    own = [_font_size(words, dpi) for words in lines]
    letters = [sum(len(word.text) for word in words) for words in lines]
    usual = median(
        itertools.chain.from_iterable([size] * count for size, count in zip(own, letters, strict=True))
    )
    sizes = [usual if _NEAR < size / usual < 1 / _NEAR else size for size in own]
    cells = _sizes_of_cells(lines, dpi)
    return [
        _fitted(size, *cells[words[0].block]) if words[0].block in cells else size
        for words, size in zip(lines, sizes, strict=True)
    ]


def _fitted(size: float, wanted: float, limit: float) -> float:
    """A size that holds a cell together without reaching over its gutter, and not absurd for its letters."""
    return max(_SMALLEST_SHARE * size, min(max(size, wanted), limit, _LARGEST_SHARE * size))


def _sizes_of_cells(lines: Sequence[Sequence[Word]], dpi: int) -> dict[int, tuple[float, float]]:
    """For blocks that stand side by side, as the cells of a header do, two sizes in points.

    Programs gather lines up to 1.5 em apart into one paragraph, and blocks up to 1 em apart into one
    (poppler's pdftotext). The first size holds the widest line spacing of the cell together; above the second
    its lines would be read on across the gutter.
    """
    blocks = [list(block) for _, block in itertools.groupby(lines, key=lambda words: words[0].block)]
    extents = [_extent(block) for block in blocks]
    points = POINTS_PER_INCH / dpi
    sizes: dict[int, tuple[float, float]] = {}
    for block, extent in zip(blocks, extents, strict=True):
        gaps = [
            max(other[0] - extent[2], extent[0] - other[2]) for other in extents if _beside(extent, other)
        ]
        if gaps:
            bases = sorted(median([word.baseline[1] for word in words]) for words in block)
            widest = max((below - above for above, below in itertools.pairwise(bases)), default=0.0)
            sizes[block[0][0].block] = widest / _PARAGRAPH_EM * points, min(gaps) / _GUTTER_EM * points
    return sizes


def _extent(block: Sequence[Sequence[Word]]) -> Box:
    boxes = [word.box for words in block for word in words]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _beside(one: Box, other: Box) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0]
    return apart and min(one[3], other[3]) > max(one[1], other[1])


def _font_size(words: Sequence[Word], dpi: int) -> float:
    """A size in points that fits the line's letters: marks and ascenders reach 0.8 em above the baseline."""
    rises = [max(word.baseline[1], word.baseline[3]) - word.box[1] for word in words]
    tallest = median(sorted(rises)[len(rises) // 2 :])
    size = tallest / 0.8 * POINTS_PER_INCH / dpi
    return max(_SMALLEST_PT, min(_LARGEST_PT, size))
