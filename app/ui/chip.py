"""The number of a component on its colour: the same in checklist, page rail and result (số thành phần)."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui.style import Look, Style

SIDE_PX = 22


class Chip(QWidget):
    """A small rounded square with the component's number."""

    def __init__(self, ordinal: int, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ordinal = ordinal
        self._style = style
        self._resize()
        style.changed.connect(self._resize)
        self.setAccessibleName(str(ordinal))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name
        """Draws the chip."""
        with QPainter(self) as painter:
            draw_chip(painter, QRectF(self.rect()), self._ordinal, self._style.look)

    def _resize(self) -> None:
        side = self._style.look.px(SIDE_PX)
        self.setFixedSize(QSize(side, side))
        self.update()


def draw_chip(painter: QPainter, room: QRectF, ordinal: int, look: Look) -> None:
    """Draws the chip of component `ordinal` into `room`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.component(ordinal))
    painter.drawRoundedRect(room, room.height() * 0.3, room.height() * 0.3)
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(max(8, round(room.height() * 0.6)))
    painter.setFont(font)
    painter.setPen(look.colour("on-series"))
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, str(ordinal))
    painter.restore()
