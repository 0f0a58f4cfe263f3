"""A check box drawn in the colours of the look (ô đánh dấu)."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from app.ui.style import Style

_SIDE_PX = 20
_TICK = (QPointF(0.25, 0.53), QPointF(0.43, 0.71), QPointF(0.76, 0.31))  # in sides


class TickBox(QCheckBox):
    """A check box without words of its own; whoever shows it gives it an accessible name."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        style.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The box and room for the ring that shows the focus."""
        side = self._style.look.px(_SIDE_PX)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as it is drawn."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802 - Qt's name
        """All of it can be pressed."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name
        """Draws box, tick and focus."""
        look = self._style.look
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            side = look.px(_SIDE_PX)
            box = QRectF(1, 1, side - 2, side - 2)
            enabled, ticked = self.isEnabled(), self.isChecked()
            ground = "disabled-ground" if not enabled else "accent" if ticked else "surface"
            edge = "line" if not enabled else "accent" if ticked or self.hasFocus() else "line-strong"
            painter.setBrush(look.colour(ground))
            painter.setPen(QPen(look.colour(edge), 2 if self.hasFocus() else 1.2))
            painter.drawRoundedRect(box, 5, 5)
            if self.hasFocus() and ticked:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(look.colour("text"), 2))
                painter.drawRoundedRect(box, 5, 5)
            if ticked:
                pen = QPen(look.colour("on-accent"), max(2.0, side / 9))
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.setPen(pen)
                painter.drawPolyline([point * side for point in _TICK])
