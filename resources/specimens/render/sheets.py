"""Separator sheets: a page that says to the machine which component follows (tờ phân tách)."""

from __future__ import annotations

import segno
from PIL import Image

from resources.specimens.render.paper import A4_MM, DPI, Face, Page, print_page, px
from resources.specimens.render.setting import CellLine, Margins, Setter

PREFIX = "SOHOA:TACH:1:"
"""What the QR text begins with: the program, the purpose, the version of this text."""

QR_MM = 38.0
_EDGE_MM = 16.0
_MARGINS = Margins(top_mm=78.0, bottom_mm=62.0, left_mm=20.0, right_mm=20.0)


def qr_text(component: str) -> str:
    """The text of the QR code of the component with this key, e.g. `SOHOA:TACH:1:1.001193.01`."""
    return PREFIX + component


def separator_page(component: str, name: str, procedure: str) -> Page:
    """The words of the sheet that goes in front of the component `name` of `procedure`."""
    sheet = Setter(_MARGINS, Face(18), 1.3)
    sheet.centred(CellLine("TỜ PHÂN TÁCH", Face(54, bold=True)))
    sheet.gap(12)
    sheet.paragraph(name, face=Face(30, bold=True), align="centre", after_mm=5)
    sheet.paragraph(f"Thủ tục: {procedure}", align="centre", after_mm=3)
    sheet.paragraph(f"Mã thành phần: {component}", align="centre", after_mm=14)
    for line in (
        "Đặt tờ này ngay trước giấy tờ có tên ở trên, cùng chiều với giấy tờ.",
        "Tờ này không thuộc hồ sơ. Sau khi quét, cất lại để dùng lần sau.",
    ):
        sheet.paragraph(line, face=Face(16), align="centre", after_mm=2)
    return sheet.page()


def separator_sheet(component: str, name: str, procedure: str, dpi: int = DPI) -> Image.Image:
    """The printable sheet as an RGB A4 image at `dpi`.

    The code stands twice, top right and bottom left, so that a bent or torn corner leaves one of them whole.
    """
    sheet = print_page(separator_page(component, name, procedure), dpi)
    code = _qr(qr_text(component), dpi)
    edge = px(_EDGE_MM, dpi)
    sheet.paste(code, (px(A4_MM[0], dpi) - edge - code.width, edge))
    sheet.paste(code, (edge, px(A4_MM[1], dpi) - edge - code.height))
    return sheet


def _qr(text: str, dpi: int) -> Image.Image:
    """A QR code of error level M, at least 35 mm wide without its quiet zone, in whole pixels a module."""
    code = segno.make_qr(text, error="M", boost_error=False)
    modules = len(code.matrix)
    scale = max(1, round(px(QR_MM, dpi) / modules))
    cells = Image.new("1", (modules, modules), 1)
    cells.putdata([0 if dark else 1 for row in code.matrix for dark in row])
    return cells.resize((modules * scale, modules * scale), Image.Resampling.NEAREST).convert("RGB")
