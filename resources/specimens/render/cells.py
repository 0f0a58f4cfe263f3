"""The cells of an administrative paper (thể thức văn bản, NĐ 30/2020/NĐ-CP, Annex I)."""

from __future__ import annotations

from collections.abc import Sequence

from resources.specimens.render.paper import Face
from resources.specimens.render.setting import CellLine, Setter

_CAPS = Face(13)
_BOLD_CAPS = Face(13, bold=True)
_MOTTO = Face(14, bold=True)
_NUMBER = Face(13)
_PLACE = Face(14, italic=True)

NATION = (
    CellLine("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", _BOLD_CAPS),
    CellLine("Độc lập - Tự do - Hạnh phúc", _MOTTO, rule=1.0),
)
"""Cell 1: the country's name and its motto (Quốc hiệu, Tiêu ngữ)."""


def header(
    sheet: Setter,
    *,
    parent: str,
    issuer: Sequence[str],
    number: str,
    place_and_date: str,
) -> None:
    """Cells 1 to 4: parent body and issuer left, nation right; number left, place and date right.

    Read as offices read it: all of the left column, then all of the right one.
    """
    left = [CellLine(parent, _CAPS)]
    left += [CellLine(line, _BOLD_CAPS) for line in issuer[:-1]]
    left.append(CellLine(issuer[-1], _BOLD_CAPS, rule=0.4))
    left.append(CellLine(number, _NUMBER, gap_mm=1.5))
    pad = 1.5 + max(0, len(issuer) - 1) * _CAPS.size_mm * sheet.leading
    right = [*NATION, CellLine(place_and_date, _PLACE, gap_mm=pad)]
    sheet.cells(left, right)


def title(sheet: Setter, kind: str, subject: str = "") -> None:
    """Cell 5a: the type of paper in bold capitals, and what it is about (tên loại, trích yếu)."""
    sheet.centred(CellLine(kind, Face(15, bold=True), gap_mm=5.0))
    if subject:
        sheet.centred(CellLine(subject, Face(14, bold=True), rule=0.35))
    sheet.gap(3.0)


def signature(
    sheet: Setter,
    left: Sequence[CellLine],
    titles: Sequence[str],
    name: str,
    *,
    note: str = "",
    room_mm: float = 30.0,
) -> float:
    """Cells 7 and 9: recipients or a second signer left, authority, title and name right.

    `room_mm` of white is left for pen and seal. Returns the height in mm of the middle of that room.
    """
    top = sheet.y_mm
    right = [CellLine(line, Face(14, bold=True)) for line in titles]
    if note:
        right.append(CellLine(note, Face(13, italic=True)))
    deep = sum(line.face.size_mm * sheet.leading for line in right)
    right.append(CellLine(name, Face(14, bold=True), gap_mm=room_mm))
    sheet.cells(left, right, split=0.48, reach_mm=0.0)
    return top + deep + room_mm / 2


def recipients(lines: Sequence[str], *, beside: Face, leading: float) -> list[CellLine]:
    """Cell 9b: who gets the paper (Nơi nhận), the last line being the archive's copy.

    The lines stand on the baselines of the titles set in `beside` at their right.
    """
    small = Face(11)
    heading = Face(12, bold=True, italic=True)
    stack = [CellLine("Nơi nhận:", heading, gap_mm=beside.size_mm - heading.size_mm, align="left")]
    for line in lines:
        above = stack[-1].face.size_mm * (leading - 1)
        gap = beside.size_mm * leading - above - small.size_mm
        stack.append(CellLine(line, small, gap_mm=gap, align="left"))
    return stack
