"""Sheets of labels to stick on papers, boxes and files (tờ nhãn mã): a QR symbol and its code on each."""

import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from resources import path as resource
from signing.appearance.font import Face, embedded, face_for, normal
from signing.appearance.frame import POINTS_PER_MM
from signing.codes.qr import QUIET_MODULES, symbol_for
from signing.codes.sheets import A4_MM, describe
from signing.durable import appearing
from signing.errors import SigningError, SigningFault
from signing.pdfa import FLAVOUR, require_pdfa

MOST_LABELS = 5000
_EDGE_MM = 1.5
_SIZES = (10.0, 9.0, 8.0, 7.0, 6.0, 5.0)
_LEADING = 1.2


@dataclass(frozen=True)
class LabelItem:
    """What one label says: the text of its symbol, the code as people read it, a line below."""

    text: str
    code: str
    note: str = ""


@dataclass(frozen=True)
class LabelSheet:
    """How labels lie on an A4 sheet; lengths in mm."""

    name: str
    title: str
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    gap_across: float = 0.0
    gap_down: float = 0.0

    @property
    def count(self) -> int:
        """Labels a sheet."""
        return self.columns * self.rows

    def place(self, number: int) -> tuple[float, float]:
        """Left and top of the label of this number on its sheet, from 0, row by row."""
        row, column = divmod(number, self.columns)
        return (
            self.left + column * (self.width + self.gap_across),
            self.top + row * (self.height + self.gap_down),
        )


@functools.cache
def label_sheets() -> dict[str, LabelSheet]:
    """The kinds of label sheets that are known (resources/codes/labels.toml)."""
    table = tomllib.loads(resource("codes", "labels.toml").read_text(encoding="utf-8"))
    return {name: LabelSheet(name=name, **told) for name, told in table.items()}


def print_labels(items: Sequence[LabelItem], out: Path, sheet: LabelSheet, *, skip: int = 0) -> int:
    """Write the labels as PDF/A-2b, sheet after sheet, leaving `skip` places of the first one; the sheets.

    Raises `sign.code-too-long`, `sign.glyph-missing`, `sign.no-room` where symbol or text don't fit on such a
    label, and the faults of writing; ValueError for no label or more than 5,000.
    """
    import pikepdf
    from pikepdf import pdfa

    if not 0 < len(items) <= MOST_LABELS or not 0 <= skip < sheet.count:
        raise ValueError(f"1 to {MOST_LABELS} labels, skipping less than a sheet")
    face = face_for(*(normal(text) for item in items for text in (item.code, item.note)))
    document = pikepdf.new()
    font = embedded(document, face)
    places = [*(None for _ in range(skip)), *items]
    sheets = range(0, len(places), sheet.count)
    for start in sheets:
        page = document.add_blank_page(page_size=(A4_MM[0] * POINTS_PER_MM, A4_MM[1] * POINTS_PER_MM))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(SohoaF=font))
        drawn = [
            _drawn(item, face, sheet, number)
            for number, item in enumerate(places[start : start + sheet.count])
            if item is not None
        ]
        page.obj.Contents = document.make_stream(b"\n".join(drawn))
    describe(document, "Tờ nhãn mã")
    with appearing(out) as draft:
        pdfa.save(document, draft, FLAVOUR)
        require_pdfa(draft, "after")
    return len(sheets)


def _drawn(item: LabelItem, face: Face, sheet: LabelSheet, number: int) -> bytes:
    """Symbol left, text at its right, both in the middle of the label's height."""
    symbol = symbol_for(item.text)
    left_mm, top_mm = sheet.place(number)
    room = sheet.width - symbol.outer_mm - 2 * _EDGE_MM
    lines, size = _fitting(item, face, room, sheet.height - 2 * _EDGE_MM)
    if symbol.outer_mm > sheet.height or not lines:
        raise SigningError(
            SigningFault.NO_ROOM,
            width_mm=round(symbol.outer_mm, 1),
            height_mm=round(symbol.outer_mm, 1),
            page_width_mm=sheet.width,
            page_height_mm=sheet.height,
        )
    middle = (A4_MM[1] - top_mm - sheet.height / 2) * POINTS_PER_MM
    x = (left_mm + _EDGE_MM) * POINTS_PER_MM
    quiet = QUIET_MODULES * symbol.module_mm * POINTS_PER_MM
    side = symbol.side_mm * POINTS_PER_MM
    content = [symbol.drawn(x + quiet, middle - side / 2)]
    y = middle + (len(lines) - 1) * size * _LEADING / 2 - size * 0.33
    start = x + symbol.outer_mm * POINTS_PER_MM
    for line in lines:
        text = f"BT 0 g /SohoaF {size:g} Tf 1 0 0 1 {start:.3f} {y:.3f} Tm ".encode()
        content.append(text + face.shown(line) + b" Tj ET")
        y -= size * _LEADING
    return b"\n".join(content)


def _fitting(item: LabelItem, face: Face, width_mm: float, height_mm: float) -> tuple[list[str], float]:
    """The lines and the largest size in pt at which they fit; no lines when none does."""
    for size in _SIZES:
        lines = [
            *_broken(normal(item.code), face, size, width_mm),
            *_broken(normal(item.note), face, size, width_mm),
        ]
        fits = all(face.width(line, size) <= width_mm * POINTS_PER_MM for line in lines)
        if lines and fits and len(lines) * size * _LEADING <= height_mm * POINTS_PER_MM:
            return lines, size
    return [], 0.0


def _broken(text: str, face: Face, size: float, width_mm: float) -> list[str]:
    """The text in lines, broken at blanks, dots and low lines."""
    pieces = text.replace("_", "_\0").replace(".", ".\0").replace(" ", " \0").split("\0")
    lines = [""]
    for piece in pieces:
        longer = lines[-1] + piece
        if not lines[-1] or face.width(longer.rstrip(), size) <= width_mm * POINTS_PER_MM:
            lines[-1] = longer
        else:
            lines.append(piece)
    return [line.strip() for line in lines if line.strip()]
