"""Sheets that are printed to be scanned: separators in front of papers, code sheets on top of dossiers.

The QR symbol stands twice, top right and bottom left, so that a bent or torn corner leaves one of them whole,
and the sheet reads whichever way up it is fed (tờ phân tách, tờ mã).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from signing.appearance.font import Face, embedded, face_for, normal
from signing.appearance.frame import POINTS_PER_MM
from signing.codes.qr import Symbol, symbol_for
from signing.durable import appearing
from signing.errors import SigningError, SigningFault
from signing.pdfa import FLAVOUR, require_pdfa

if TYPE_CHECKING:
    import pikepdf

A4_MM = (210.0, 297.0)
MOST_SHEETS = 500
_EDGE_MM = 16.0
_SYMBOL_MM = 38.0
_TEXT_LEFT_MM = 20.0
_TOP_MM = 88.0
_LOWEST_MM = 232.0
_HEADING = 54.0
_TITLE = 30.0
_TITLE_LEAST = 16.0
_NOTE = 18.0
_ADVICE = 15.0
_KEY = 11.0
_LEADING = 1.3
_BOLD_STROKE = 0.028
_SEPARATOR = (
    "TỜ PHÂN TÁCH",
    (
        "Đặt tờ này ngay trước giấy tờ có tên ở trên, cùng chiều với giấy tờ.",
        "Tờ này không thuộc hồ sơ. Sau khi quét, cất lại để dùng lần sau.",
    ),
)
_CODE = (
    "TỜ MÃ HỒ SƠ",
    (
        "Đặt tờ này trên cùng tập giấy tờ của hồ sơ, rồi quét cả tập.",
        "Máy đọc mã trên tờ này để mở đúng hồ sơ. Tờ này không thuộc hồ sơ.",
    ),
)


@dataclass(frozen=True)
class SheetItem:
    """What one sheet says: `key` is the text in its QR symbol, also printed small beneath it; `title` is what
    people read from afar, `note` a line or a few below."""

    key: str
    title: str
    note: str = ""


def separator_sheets(items: Sequence[SheetItem], out: Path) -> Path:
    """Write one A4 separator sheet (tờ phân tách) an item as PDF/A-2b, text and symbols as vectors.

    Raises `sign.code-too-long` where no symbol holds a key, `sign.glyph-missing`,
    `sign.no-room` where title and note don't fit on the sheet, and the faults of writing; ValueError for no
    item, more than 500, or one without a key or title. A file that was at `out` is replaced as a whole.
    """
    return _print(items, out, *_SEPARATOR)


def code_sheets(items: Sequence[SheetItem], out: Path) -> Path:
    """Write one A4 code sheet (tờ mã hồ sơ) an item: it goes on top of a dossier and names it to the machine.

    Raises as `separator_sheets`.
    """
    return _print(items, out, *_CODE)


@dataclass(frozen=True)
class _Line:
    """A centred line: its size in pt and whether it is drawn bold."""

    text: str
    size: float
    bold: bool = False
    gap_mm: float = 0.0


def _print(items: Sequence[SheetItem], out: Path, heading: str, advice: tuple[str, ...]) -> Path:
    import pikepdf
    from pikepdf import pdfa

    if not 0 < len(items) <= MOST_SHEETS:
        raise ValueError(f"1 to {MOST_SHEETS} sheets at a time")
    wanted = [_checked(item) for item in items]
    keys = [_printable(item.key) for item in wanted]
    face = face_for(heading, *advice, *keys, *(text for item in wanted for text in (item.title, item.note)))
    document = pikepdf.new()
    font = embedded(document, face)
    for item, key in zip(wanted, keys, strict=True):
        page = document.add_blank_page(page_size=(A4_MM[0] * POINTS_PER_MM, A4_MM[1] * POINTS_PER_MM))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(SohoaF=font))
        drawn = _drawn(face, _symbol(item.key), key, _lines(face, item, heading, advice))
        page.obj.Contents = document.make_stream(drawn)
    describe(document, heading)
    with appearing(out) as draft:
        pdfa.save(document, draft, FLAVOUR)
        require_pdfa(draft, "after")
    return out


def _checked(item: SheetItem) -> SheetItem:
    if not item.key or not normal(item.title):
        raise ValueError("a sheet has a key and a title")
    return replace(
        item,
        key=unicodedata.normalize("NFC", item.key),
        title=normal(item.title),
        note=normal(item.note),
    )


def _printable(key: str) -> str:
    """The key on one line, in the length that fits under the symbol's side of the sheet."""
    line = normal(key)
    return line if len(line) <= 60 else f"{line[:57]}..."


def _symbol(key: str) -> Symbol:
    """At least 38 mm wide; the largest QR version comes to 52 mm."""
    symbol = symbol_for(key)
    return replace(symbol, side_mm=max(symbol.side_mm, _SYMBOL_MM))


def _lines(face: Face, item: SheetItem, heading: str, advice: tuple[str, ...]) -> list[_Line]:
    lines = [_Line(heading, _HEADING, bold=True)]
    size = _TITLE
    while len(title := _wrapped(face, item.title, size)) > 4 and size > _TITLE_LEAST:
        size -= 2
    lines += [_Line(text, size, True, 14 if first == 0 else 0) for first, text in enumerate(title)]
    if item.note:
        note = _wrapped(face, item.note, _NOTE)
        lines += [_Line(text, _NOTE, False, 6 if first == 0 else 0) for first, text in enumerate(note)]
    for number, sentence in enumerate(advice):
        texts = _wrapped(face, sentence, _ADVICE)
        lines += [
            _Line(text, _ADVICE, False, 12 if number == first == 0 else 0) for first, text in enumerate(texts)
        ]
    return lines


def _wrapped(face: Face, text: str, size: float) -> list[str]:
    """The text broken at spaces, and inside a word that is wider than the sheet's room for it."""
    room = (A4_MM[0] - 2 * _TEXT_LEFT_MM) * POINTS_PER_MM
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.width(longer, size) <= room:
            lines[-1] = longer
            continue
        rest = word
        if lines[-1]:
            lines.append("")
        while face.width(rest, size) > room:
            fits = next(end for end in range(len(rest), 0, -1) if face.width(rest[:end], size) <= room)
            lines[-1], rest = rest[:fits], rest[fits:]
            lines.append("")
        lines[-1] = rest
    return lines


def _drawn(face: Face, symbol: Symbol, key: str, lines: Sequence[_Line]) -> bytes:
    """The content of one sheet: symbols, their text, the lines from 88 mm down."""
    width, height = (side * POINTS_PER_MM for side in A4_MM)
    side, edge = symbol.side_mm * POINTS_PER_MM, _EDGE_MM * POINTS_PER_MM
    content = [
        b"q 0 G",
        symbol.drawn(width - edge - side, height - edge - side),
        symbol.drawn(edge, edge),
        _shown(face, key, _KEY, width - edge - face.width(key, _KEY), height - edge - side - 22),
        _shown(face, key, _KEY, edge, edge + side + 14),
    ]
    down = max(_TOP_MM, _EDGE_MM + symbol.side_mm + 24) * POINTS_PER_MM
    for line in lines:
        down += line.gap_mm * POINTS_PER_MM + line.size
        if down > min(_LOWEST_MM, A4_MM[1] - _EDGE_MM - symbol.side_mm - 9) * POINTS_PER_MM:
            raise SigningError(
                SigningFault.NO_ROOM,
                width_mm=round(A4_MM[0] - 2 * _TEXT_LEFT_MM, 1),
                height_mm=round(_LOWEST_MM - _TOP_MM, 1),
                page_width_mm=A4_MM[0],
                page_height_mm=A4_MM[1],
            )
        left = (width - face.width(line.text, line.size)) / 2
        content.append(_shown(face, line.text, line.size, left, height - down, bold=line.bold))
        down += line.size * (_LEADING - 1)
    content.append(b"Q")
    return b"\n".join(content)


def _shown(face: Face, text: str, size: float, x: float, y: float, *, bold: bool = False) -> bytes:
    """Text at (x, y) pt. The shipped face has one weight here; a stroke of its own colour makes it bold."""
    weight = f"2 Tr {size * _BOLD_STROKE:.3f} w" if bold else "0 Tr"
    head = f"BT 0 g {weight} /SohoaF {size:g} Tf 1 0 0 1 {x:.3f} {y:.3f} Tm "
    return head.encode() + face.shown(text) + b" Tj ET"


def describe(document: "pikepdf.Pdf", heading: str) -> None:
    """Note in the metadata what the sheets are and when they were made."""
    moment = datetime.now().astimezone().isoformat(timespec="seconds")
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as record:
        record["dc:title"] = heading.capitalize()
        record["dc:language"] = {"vi"}
        record["xmp:CreatorTool"] = "Sohoa"
        record["xmp:CreateDate"] = moment
