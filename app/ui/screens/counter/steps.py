"""The dossier's way in four steps, and where it is now (các bước)."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.screens.counter.phases import Stage
from app.ui.style import Look, Style

_HIGH_PX = 32
_DOT_PX = 24
_GAP_PX = 8
_LINK_PX = 28


class Steps(QWidget):
    """Shows where the dossier is; it is no wizard and nothing can be pressed."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._stage = Stage.RECEIVE
        self._names = {
            Stage.RECEIVE: self.tr("Tiếp nhận"),
            Stage.SCAN: self.tr("Quét"),
            Stage.SIGN: self.tr("Ký và gửi"),
            Stage.RECEIPT: self.tr("Biên nhận"),
        }
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        style.changed.connect(self.updateGeometry)
        self.show_stage(Stage.RECEIVE)

    def show_stage(self, stage: Stage) -> None:
        """Shows the step the dossier is in."""
        self._stage = stage
        self.setAccessibleName(self.tr("Bước: %1").replace("%1", self._names[stage]))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for all steps with their names in bold."""
        look = self._style.look
        metrics = QFontMetrics(self._bold())
        names = sum(metrics.horizontalAdvance(name) for name in self._names.values())
        each = look.px(_DOT_PX) + look.px(_GAP_PX)
        links = (len(self._names) - 1) * (look.px(_LINK_PX) + 2 * look.px(_GAP_PX))
        return QSize(names + len(self._names) * each + links + 4, look.px(_HIGH_PX))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name
        """Draws dots, names and the lines between."""
        look = self._style.look
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            left = 1.0
            for stage, name in self._names.items():
                left = self._draw_dot(painter, look, left, stage)
                current = stage is self._stage
                painter.setFont(self._bold() if current else self.font())
                painter.setPen(look.colour("text" if current else "muted"))
                wide = painter.fontMetrics().horizontalAdvance(name) + 1
                painter.drawText(QRectF(left, 0, wide, self.height()), Qt.AlignmentFlag.AlignVCenter, name)
                left += wide + look.px(_GAP_PX)
                if stage is not Stage.RECEIPT:
                    passed = stage < self._stage
                    painter.setPen(
                        QPen(look.colour("accent" if passed else "line-strong"), 2 if passed else 1)
                    )
                    middle = self.height() / 2
                    painter.drawLine(
                        round(left), round(middle), round(left + look.px(_LINK_PX)), round(middle)
                    )
                    left += look.px(_LINK_PX) + look.px(_GAP_PX)

    def _draw_dot(self, painter: QPainter, look: Look, left: float, stage: Stage) -> float:
        side = look.px(_DOT_PX)
        room = QRectF(left, (self.height() - side) / 2, side, side)
        done = stage < self._stage or self._stage is Stage.RECEIPT
        current = stage is self._stage
        filled = "ok" if done else "accent" if current else None
        painter.setPen(Qt.PenStyle.NoPen if filled else QPen(look.colour("line-strong"), 1))
        painter.setBrush(look.colour(filled) if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(room)
        painter.setPen(look.colour("on-accent" if filled else "muted"))
        font = self._bold()
        font.setPixelSize(round(side * 0.54))
        painter.setFont(font)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "✓" if done else str(stage + 1))
        return left + side + look.px(_GAP_PX)

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font
