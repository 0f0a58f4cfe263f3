"""Drawing a block as a small page of its own, and as the appearance of a signature (vẽ khối chữ ký)."""

import io
from typing import Any

from signing.appearance.block import Block, Shown
from signing.appearance.font import embedded, face_for
from signing.appearance.frame import POINTS_PER_MM, Box, Frame
from signing.appearance.picture import drawn_picture, embedded_picture

_SIZE = 10.0
_LINE = 12.0
_PAD = 2.0


def broken(shown: Shown, width_mm: float) -> Shown:
    """The block with its lines broken between words where they are wider than `width_mm`."""
    if not shown.lines:
        return shown
    most = width_mm * POINTS_PER_MM - 2 * _PAD
    face = face_for(*shown.lines)
    lines: list[str] = []
    for line in shown.lines:
        current = ""
        for word in line.split(" "):
            longer = f"{current} {word}" if current else word
            if current and face.width(longer, _SIZE) > most:
                lines.append(current)
                longer = word
            current = longer
        lines.append(current)
    return Block(shown.kind, tuple(lines), shown.picture, shown.signer, shown.spot)


def size_of(shown: Shown) -> tuple[float, float]:
    """Width and height in mm."""
    if shown.picture is not None:
        return shown.picture.width_mm, shown.picture.height_mm
    face = face_for(*shown.lines)
    width = max(face.width(line, _SIZE) for line in shown.lines) + 2 * _PAD
    return width / POINTS_PER_MM, (len(shown.lines) * _LINE + 2 * _PAD) / POINTS_PER_MM


def stamp_page(shown: Shown, frame: Frame, box: Box) -> bytes:
    """A one-page PDF that, laid over the user space rectangle of `box`, reads upright on the page as seen."""
    import pikepdf

    left, bottom, right, top = frame.rectangle_of(box)
    a, b, c, d, x, y = frame.matrix_of(box)
    turned = f"q {a:g} {b:g} {c:g} {d:g} {x - left:.3f} {y - bottom:.3f} cm".encode()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(right - left, top - bottom))
        resources = pikepdf.Dictionary()
        if shown.picture is not None:
            resources.XObject = pikepdf.Dictionary(Pic=embedded_picture(pdf, shown.picture))
            drawn = drawn_picture(shown.picture, 0, 0)
        else:
            resources.Font = pikepdf.Dictionary(F1=embedded(pdf, face_for(*shown.lines)))
            drawn = _written(shown.lines, box.height * POINTS_PER_MM)
        page.obj.Resources = resources
        page.obj.Contents = pdf.make_stream(b"\n".join((turned, drawn, b"Q")))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def _written(lines: tuple[str, ...], height: float) -> bytes:
    face = face_for(*lines)
    drawn = [f"BT 0 g /F1 {_SIZE:g} Tf".encode()]
    for number, line in enumerate(lines):
        base = height - _PAD - _LINE * number - _SIZE * 0.89
        drawn.append(f"1 0 0 1 {_PAD:g} {base:.3f} Tm ".encode() + face.shown(line) + b" Tj")
    return b"\n".join([*drawn, b"ET"])


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
