"""Type is set from the top of the page down: paragraphs wrap, cells stand side by side (dàn trang)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from resources.specimens.render.paper import A4_MM, Face, Line, Page, Rule, Run, width_mm

Align = Literal["left", "centre", "right", "justify"]


@dataclass(frozen=True)
class Margins:
    """White edges of a sheet in mm; NĐ 30/2020 Annex I: top, bottom 20–25, left 30–35, right 15–20."""

    top_mm: float = 25.0
    bottom_mm: float = 20.0
    left_mm: float = 30.0
    right_mm: float = 18.0


@dataclass(frozen=True)
class CellLine:
    """A line in a cell of a header or signature block (ô), centred unless `align` says otherwise.

    `rule` is the share of the line's width drawn as a stroke under it (0 for none); `gap_mm` is the white
    space above it.
    """

    text: str
    face: Face
    rule: float = 0.0
    gap_mm: float = 0.0
    align: Literal["left", "centre"] = "centre"


def runs(text: str, face: Face) -> tuple[Run, ...]:
    """`text` in `face`; what stands between asterisks becomes bold."""
    parts = text.split("*")
    if len(parts) % 2 == 0:
        raise ValueError("an asterisk is left open")
    cuts = (face, replace(face, bold=True))
    return tuple(Run(part, cuts[number % 2]) for number, part in enumerate(parts) if part)


class Setter:
    """Sets one page from the top down; `y_mm` is where the next line begins."""

    def __init__(self, margins: Margins, face: Face, leading: float) -> None:
        """An empty page; `face` is that of plain text, `leading` the height of a line in ems."""
        self.margins = margins
        self.face = face
        self.leading = leading
        self.y_mm = margins.top_mm
        self._lines: list[Line] = []
        self._rules: list[Rule] = []

    @property
    def width_mm(self) -> float:
        """The width between the margins."""
        return A4_MM[0] - self.margins.left_mm - self.margins.right_mm

    def gap(self, mm: float) -> None:
        """Leave `mm` of white."""
        self.y_mm += mm

    def paragraph(
        self,
        text: str,
        *,
        face: Face | None = None,
        align: Align = "justify",
        first_mm: float = 10.0,
        left_mm: float = 0.0,
        after_mm: float = 1.2,
    ) -> None:
        """Set `text` over as many lines as it needs.

        `first_mm` indents the first line (not of centred text), `left_mm` all of them. Raises ValueError when
        the page is full.
        """
        face = face or self.face
        indent = 0.0 if align in ("centre", "right") else first_mm
        room = self.width_mm - left_mm
        wrapped = _wrap(runs(text, face), room, indent)
        for number, line in enumerate(wrapped):
            inset = indent if number == 0 else 0.0
            last = number == len(wrapped) - 1
            slack = room - inset - _length(line)
            x = self.margins.left_mm + left_mm + inset
            x += {"centre": slack / 2, "right": slack}.get(align, 0.0)
            stretch = room - inset if align == "justify" and not last else None
            self._put(line, x, face, stretch)
        self.gap(after_mm)

    def cells(
        self,
        left: Sequence[CellLine],
        right: Sequence[CellLine],
        *,
        split: float = 0.44,
        reach_mm: float = 6.0,
    ) -> None:
        """Two stacks of centred lines side by side; the left one is read first.

        `split` is the left stack's share of the width. The header may reach `reach_mm` into both side
        margins, as offices do to get the country's name into one line.
        """
        top = self.y_mm
        start = self.margins.left_mm - reach_mm
        width = self.width_mm + 2 * reach_mm
        ends = []
        for stack, x, room in (
            (left, start, width * split),
            (right, start + width * split, width * (1 - split)),
        ):
            self.y_mm = top
            for line in stack:
                self._cell_line(line, x, room)
            ends.append(self.y_mm)
        self.y_mm = max(ends)

    def centred(self, line: CellLine) -> None:
        """One centred line over the whole width."""
        self._cell_line(line, self.margins.left_mm, self.width_mm)

    def page_number(self, number: int) -> None:
        """The number in the middle of the top margin, from the second page on (NĐ 30/2020 Annex I)."""
        face = Face(13)
        x = (A4_MM[0] - width_mm(str(number), face)) / 2
        self._lines.append(Line((Run(str(number), face),), x, self.margins.top_mm - 8.0))

    def page(self) -> Page:
        """What has been set so far."""
        return Page(tuple(self._lines), tuple(self._rules))

    def _cell_line(self, line: CellLine, x_mm: float, room_mm: float) -> None:
        self.y_mm += line.gap_mm
        width = width_mm(line.text, line.face)
        if width > room_mm:
            raise ValueError(f"a cell of {room_mm:.1f} mm is too narrow for {width:.1f} mm")
        start = x_mm + (0.0 if line.align == "left" else (room_mm - width) / 2)
        self._put((Run(line.text, line.face),), start, line.face, None)
        if line.rule:
            middle, half = start + width / 2, width * line.rule / 2
            self._rules.append(Rule(middle - half, self.y_mm + 0.6, middle + half, self.y_mm + 0.6))
            self.y_mm += 1.6

    def _put(self, line: tuple[Run, ...], x_mm: float, face: Face, stretch_mm: float | None) -> None:
        height = face.size_mm * self.leading
        if self.y_mm + height > A4_MM[1] - self.margins.bottom_mm:
            raise ValueError("the page is full")
        self._lines.append(Line(line, x_mm, self.y_mm + face.size_mm, stretch_mm))
        self.y_mm += height


def _length(line: Sequence[Run]) -> float:
    return sum(width_mm(run.text, run.face) for run in line)


def _wrap(text: Sequence[Run], room_mm: float, first_mm: float) -> list[tuple[Run, ...]]:
    """`text` broken at spaces into lines of at most `room_mm`, the first one shorter by `first_mm`."""
    lines: list[tuple[Run, ...]] = []
    current: list[Run] = []
    used = 0.0
    for word in _words(text):
        room = room_mm - (0.0 if lines else first_mm)
        gap = width_mm(" ", word[0].face) if current else 0.0
        if current and used + gap + _length(word) > room:
            lines.append(tuple(current))
            current, used, gap = [], 0.0, 0.0
        if current:
            current.append(Run(" ", word[0].face))
        current.extend(word)
        used += gap + _length(word)
    if current:
        lines.append(tuple(current))
    return lines


def _words(text: Sequence[Run]) -> list[tuple[Run, ...]]:
    """The words of `text`; a word whose face changes inside keeps its pieces together."""
    words: list[list[Run]] = []
    joined = False
    for run in text:
        pieces = run.text.split(" ")
        for number, piece in enumerate(pieces):
            if number:
                joined = False
            if not piece:
                continue
            if joined:
                words[-1].append(Run(piece, run.face))
            else:
                words.append([Run(piece, run.face)])
            joined = True
    return [tuple(word) for word in words]
