"""What is known of the selected page: confidence, component, paper, marks (thông tin trang)."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.domain.dossier import Component
from app.domain.page import Page, PageRole
from app.ui.figures import day_and_time, moment_of, paper_size, percent
from app.ui.page_order import place_of
from app.ui.style import Style

_BAR_PX = 8


class PageFacts(QWidget):
    """The panel at the right of the page."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = _label("card-name")
        self._component = _label("hint")
        self._confidence = _label("confidence")
        self._confidence_label = _label("field-label")
        self._confidence_label.setText(self.tr("Độ tin cậy nhận dạng"))
        self._bar = ConfidenceBar(style)
        self._no_confidence = _label("card-text")
        self._marks = _label("marks")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        _, self._paper = self._row(self.tr("Khổ giấy"))
        _, self._dpi = self._row(self.tr("Độ phân giải"))
        _, self._side = self._row(self.tr("Tờ và mặt"))
        self._scanned_label, self._scanned = self._row(self.tr("Quét lúc"))
        self._empty = _label("hint")
        self._empty.setText(self.tr("Chọn một trang để xem thông tin của trang."))
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addWidget(self._title)
        body.addWidget(self._component)
        body.addSpacing(14)
        body.addWidget(self._confidence_label)
        body.addWidget(self._confidence)
        body.addWidget(self._bar)
        body.addWidget(self._no_confidence)
        body.addSpacing(6)
        body.addWidget(self._marks)
        body.addSpacing(14)
        body.addLayout(self._rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        section = _label("section")
        section.setText(self.tr("Thông tin trang"))
        column.addWidget(section)
        column.addWidget(self._empty)
        column.addWidget(self._body)
        column.addStretch(1)
        self.show_page(None, None)

    def show_page(self, page: Page | None, component: Component | None, *, rescanned: bool = False) -> None:
        """Shows the facts of `page` and the component it belongs to; None empties the panel.

        A `rescanned` page took the place of another, whose image is kept.
        """
        self._empty.setVisible(page is None)
        self._body.setVisible(page is not None)
        if page is None:
            return
        separator = page.role is PageRole.SEPARATOR
        self._title.setText(
            self.tr("Tờ phân tách") if separator else self.tr("Trang %1").replace("%1", str(place_of(page)))
        )
        self._component.setText(component.name if component else self.tr("Chưa rõ thuộc giấy tờ nào"))
        self._show_confidence(page)
        marks = [self._mark(flag) for flag in page.flags]
        self._marks.setText("\n".join(f"• {mark}" for mark in marks))
        self._marks.setVisible(bool(marks))
        self._paper.setText(paper_size(page))
        self._dpi.setText(f"{page.dpi} dpi")
        side = self.tr("Tờ %1, mặt %2").replace("%1", str(page.sheet)).replace("%2", str(page.side))
        self._side.setText(side)
        self._show_moment(page, rescanned=rescanned)

    def _show_moment(self, page: Page, *, rescanned: bool) -> None:
        moment = moment_of(page.scanned_at)
        written = day_and_time(moment) if moment else "–"
        kept = self.tr("Quét lại lúc %1, ảnh cũ giữ trong lịch sử").replace("%1", written)
        self._scanned.setText(kept if rescanned else written)
        self._scanned_label.setVisible(not rescanned)

    def _show_confidence(self, page: Page) -> None:
        paper, value = page.role is PageRole.PAPER, page.confidence or 0.0
        self._confidence_label.setVisible(paper)
        self._confidence.setVisible(paper and value > 0)
        self._bar.setVisible(paper and value > 0)
        self._no_confidence.setVisible(paper and value == 0)
        self._confidence.setText(percent(value))
        self._bar.set_value(value)
        waiting = page.confidence is None
        self._no_confidence.setText(self.tr("Chờ nhận dạng") if waiting else self.tr("Không thấy chữ"))

    def _mark(self, flag: str) -> str:
        """A mark on the page in words; one that is not known here is shown as it is."""
        words = {
            "blank": self.tr("Có vẻ là trang trắng"),
            "twice": self.tr("Có vẻ đã quét hai lần"),
            "skewed": self.tr("Có thể bị lệch"),
            "upside-down-doubt": self.tr("Có thể bị ngược chiều"),
            "low-confidence": self.tr("Khó đọc, cần xem lại"),
            "clipped": self.tr("Có thể bị cắt mép"),
            "black-border": self.tr("Có viền đen"),
            "colour-cast": self.tr("Ảnh bị ám màu"),
            "bleed-through": self.tr("Hằn mực từ mặt sau"),
            "low-resolution": self.tr("Độ phân giải thấp"),
            "blurred": self.tr("Ảnh mờ"),
            "unreadable": self.tr("Không đọc được ảnh"),
        }
        return words.get(flag, flag)

    def _row(self, text: str) -> tuple[QLabel, QLabel]:
        name, value = _label("field-label"), _label("card-text")
        name.setText(text)
        self._rows.addWidget(name)
        self._rows.addWidget(value)
        self._rows.addSpacing(10)
        return name, value


class ConfidenceBar(QWidget):
    """A confidence of 0 to 100 as a bar in its colour."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._value = 0.0
        self.setFixedHeight(_BAR_PX)
        style.changed.connect(self.update)

    def set_value(self, value: float) -> None:
        """Sets the confidence."""
        self._value = value
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name
        """Draws the bar."""
        look = self._style.look
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("line"))
            radius = self.height() / 2
            painter.drawRoundedRect(self.rect(), radius, radius)
            if self._value:
                painter.setBrush(look.confidence(self._value))
                room = QRectF(self.rect())
                room.setWidth(max(room.height(), room.width() * min(self._value, 100.0) / 100))
                painter.drawRoundedRect(room, radius, radius)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    return label
