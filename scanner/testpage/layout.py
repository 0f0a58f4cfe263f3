"""What stands where on the test page (bố cục trang kiểm tra). Millimetres from the top left corner of A4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

A4_MM = (210.0, 297.0)
WHITE = (255, 255, 255)
BLACK = (0, 0, 0)

MARKER_MM = 18.0
MARKER_CELLS = 6
MARKERS = ((12.0, 12.0), (180.0, 12.0), (180.0, 267.0), (12.0, 267.0))
"""Left and top of the four square marks, clockwise from the top left; the number of a mark is its place."""

FREQUENCIES = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0, 8.0)
"""Line pairs per millimetre of the bar groups."""

GREYS = tuple(round(255 * step / 10) for step in range(11))
"""Grey levels of the wedge, black to white."""

COLOURS = (
    (200, 30, 45),
    (38, 62, 168),
    (20, 130, 70),
    (0, 150, 200),
    (200, 40, 140),
    (245, 210, 20),
    (225, 180, 150),
    (120, 80, 50),
)
"""Patches for the eye: seal red, signature blue, green, cyan, magenta, yellow, skin, brown."""

_GROUP_MM = 9.0
_GROUP_PITCH_MM = 12.5
_GROUPS_LEFT_MM = 24.0
_UPRIGHT_TOP_MM = 62.0
_LABELS_TOP_MM = 74.5
_LEVEL_TOP_MM = 82.0
_WEDGE_TOP_MM = 112.0
_PATCH_MM = 14.0
_WEDGE_LEFT_MM = 28.0
_COLOUR_TOP_MM = 138.0
_RULE_MM = 0.3


@dataclass(frozen=True)
class Patch:
    """A rectangle of one colour (RGB, 0 to 255)."""

    left: float
    top: float
    width: float
    height: float
    colour: tuple[int, int, int]

    def inner(self, by: float) -> Patch:
        """The same, `by` mm smaller on every side."""
        return Patch(self.left + by, self.top + by, self.width - 2 * by, self.height - 2 * by, self.colour)


@dataclass(frozen=True)
class BarGroup:
    """Black bars of one frequency in line pairs a mm; `upright` bars measure the resolution across."""

    frequency: float
    upright: bool
    field: Patch


@dataclass(frozen=True)
class Words:
    """A line of text: size in pt, the top of its letters and its middle in mm from the top left."""

    text: str
    top: float
    size_pt: float
    bold: bool = False
    middle: float = A4_MM[0] / 2


WORDS = (
    Words("TRANG KIỂM TRA MÁY QUÉT", 18.0, 20, bold=True),
    Words("In ở tỉ lệ 100 %, không co giãn, trên giấy trắng khổ A4.", 28.5, 12),
    Words("Quét trọn tờ, màu, từ 200 dpi, không chỉnh màu, không làm nét.", 34.5, 12),
    Words("Độ phân giải: số cặp vạch trên một milimét", 52.0, 10),
    Words("Thang xám", 105.5, 10),
    Words("Màu", 131.5, 10),
    Words("Phần trắng bên dưới để tìm vệt dọc do kính hoặc con lăn bẩn.", 162.0, 10),
)


def words() -> Iterator[Words]:
    """Every line of text, the frequencies between their groups among them."""
    yield from WORDS
    for group in bar_groups():
        if group.upright:
            middle = group.field.left + group.field.width / 2
            yield Words(f"{group.frequency:g}".replace(".", ","), _LABELS_TOP_MM, 10, middle=middle)


def bar_groups() -> Iterator[BarGroup]:
    """Every group, the upright ones first, by rising frequency."""
    for upright, top in ((True, _UPRIGHT_TOP_MM), (False, _LEVEL_TOP_MM)):
        for number, frequency in enumerate(FREQUENCIES):
            left = _GROUPS_LEFT_MM + number * _GROUP_PITCH_MM
            yield BarGroup(frequency, upright, Patch(left, top, _GROUP_MM, _GROUP_MM, WHITE))


def wedge() -> tuple[Patch, ...]:
    """The grey patches, black to white."""
    return tuple(
        Patch(_WEDGE_LEFT_MM + number * _PATCH_MM, _WEDGE_TOP_MM, _PATCH_MM, _PATCH_MM, (level,) * 3)
        for number, level in enumerate(GREYS)
    )


@cache
def patches() -> tuple[Patch, ...]:
    """Everything on the page but the words, in the order of painting."""
    return (*_marks(), *_bars(), *wedge(), *_frame_of_wedge(), *_colours())


def taken() -> tuple[Patch, ...]:
    """The parts of the page that aren't bare paper, the words among them."""
    rows = (Patch(18, line.top - 2, 174, line.size_pt * 0.36 + 4, BLACK) for line in words())
    fields = (group.field for group in bar_groups())
    marks = (Patch(left, top, MARKER_MM, MARKER_MM, BLACK) for left, top in MARKERS)
    return (*marks, *fields, *wedge(), *_colours(), *_frame_of_wedge(), *rows)


def _marks() -> Iterator[Patch]:
    import cv2

    kinds = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    cell = MARKER_MM / MARKER_CELLS
    for number, (left, top) in enumerate(MARKERS):
        picture = cv2.aruco.generateImageMarker(kinds, number, MARKER_CELLS)
        yield Patch(left, top, MARKER_MM, MARKER_MM, BLACK)
        for row in range(MARKER_CELLS):
            for column in range(MARKER_CELLS):
                if picture[row, column]:
                    yield Patch(left + column * cell, top + row * cell, cell, cell, WHITE)


def _bars() -> Iterator[Patch]:
    for group in bar_groups():
        field = group.field
        width = 1 / (2 * group.frequency)
        for number in range(round(_GROUP_MM * group.frequency)):
            start = 2 * number * width
            if group.upright:
                yield Patch(field.left + start, field.top, width, field.height, BLACK)
            else:
                yield Patch(field.left, field.top + start, field.width, width, BLACK)


def _frame_of_wedge() -> tuple[Patch, ...]:
    """A fine rule around the wedge, so that its white end can be seen."""
    left, top = _WEDGE_LEFT_MM, _WEDGE_TOP_MM
    width = _PATCH_MM * len(GREYS)
    return (
        Patch(left, top - _RULE_MM, width, _RULE_MM, BLACK),
        Patch(left, top + _PATCH_MM, width, _RULE_MM, BLACK),
        Patch(left + width, top - _RULE_MM, _RULE_MM, _PATCH_MM + 2 * _RULE_MM, BLACK),
    )


def _colours() -> tuple[Patch, ...]:
    start = (A4_MM[0] - _PATCH_MM * len(COLOURS)) / 2
    return tuple(
        Patch(start + number * _PATCH_MM, _COLOUR_TOP_MM, _PATCH_MM, _PATCH_MM, colour)
        for number, colour in enumerate(COLOURS)
    )
