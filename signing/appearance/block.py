"""The clerk's block on page 1 (khối chữ ký của người sao chụp): full name and time.

Thông tư 01/2023 Điều 8 khoản 1 asks for it at the top left.
Ten point Times-like upright black letters, as Nghị định 30/2020 Phụ lục I Phần III asks for signatures on
copies.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from signing.appearance.font import embedded, face_for, normal
from signing.appearance.frame import POINTS_PER_MM, Box, Frame

VIETNAM_TIME = timezone(timedelta(hours=7))
_SIZE = 10.0
_LINE = 12.0
_PAD = 2.0


@dataclass(frozen=True)
class ClerkBlock:
    """Who scanned the paper and when. `at` is timezone-aware and shown in Vietnam's time."""

    full_name: str
    at: datetime

    def __post_init__(self) -> None:
        """Refuse a time without its zone."""
        if self.at.tzinfo is None:
            raise ValueError("the time of scanning needs its time zone")

    @property
    def lines(self) -> tuple[str, ...]:
        """The two lines of the block."""
        at = self.at.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y %H:%M:%S +07:00")
        return f"Người sao chụp: {normal(self.full_name)}", f"Thời gian: {at}"


def size_of(lines: tuple[str, ...]) -> tuple[float, float]:
    """Width and height in mm."""
    face = face_for(*lines)
    width = max(face.width(line, _SIZE) for line in lines) + 2 * _PAD
    return width / POINTS_PER_MM, (len(lines) * _LINE + 2 * _PAD) / POINTS_PER_MM


def stamp_page(lines: tuple[str, ...], frame: Frame, box: Box) -> bytes:
    """A one-page PDF that, laid over the user space rectangle of `box`, reads upright on the page as seen."""
    import pikepdf

    face = face_for(*lines)
    left, bottom, right, top = frame.rectangle_of(box)
    a, b, c, d, x, y = frame.matrix_of(box)
    drawn = [f"q {a:g} {b:g} {c:g} {d:g} {x - left:.3f} {y - bottom:.3f} cm BT 0 g /F1 {_SIZE:g} Tf".encode()]
    height = box.height * POINTS_PER_MM
    for number, line in enumerate(lines):
        base = height - _PAD - _LINE * number - _SIZE * 0.89
        drawn.append(f"1 0 0 1 {_PAD:g} {base:.3f} Tm ".encode() + face.shown(line) + b" Tj")
    drawn.append(b"ET Q")
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(right - left, top - bottom))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=embedded(pdf, face)))
        page.obj.Contents = pdf.make_stream(b"\n".join(drawn))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def stamp_style(page: bytes) -> Any:
    """The pyHanko style that shows `page` and nothing else: no border, opaque, not scaled."""
    from pyhanko.pdf_utils.content import PdfContent
    from pyhanko.pdf_utils.layout import (
        AxisAlignment,
        BoxConstraints,
        InnerScaling,
        Margins,
        SimpleBoxLayoutRule,
    )
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.stamp import StaticStampStyle

    class OnePage(PdfContent):  # type: ignore[misc,unused-ignore]
        """The first page of a PDF in memory as a form object."""

        def render(self) -> bytes:
            form = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(page)))
            self.resources.xobject["/Block"] = form
            left, bottom, right, top = (float(edge) for edge in form.get_object()["/BBox"])
            self.box = BoxConstraints(width=right - left, height=top - bottom)
            return b"/Block Do"

    return StaticStampStyle(
        border_width=0,
        background=OnePage(),
        background_opacity=1.0,
        background_layout=SimpleBoxLayoutRule(
            x_align=AxisAlignment.ALIGN_MIN,
            y_align=AxisAlignment.ALIGN_MIN,
            margins=Margins(0, 0, 0, 0),
            inner_content_scaling=InnerScaling.SHRINK_TO_FIT,
        ),
    )


def blank_style() -> Any:
    """The pyHanko style that shows nothing: its own default would bring a font that isn't embedded."""
    from pyhanko.stamp import StaticStampStyle

    return StaticStampStyle(border_width=0, background=None)
