"""The bottom of the screen: the two large buttons, what is going on, line, unsent, token (chân màn hình)."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from app.ui.actions import Commands
from app.ui.icons import pixmap
from app.ui.screens.counter.big_button import BigButton
from app.ui.screens.counter.phases import Doing, Known, Spot, Stage
from app.ui.screens.counter.progress_strip import ProgressStrip
from app.ui.screens.counter.work import CounterWork
from app.ui.style import Style

_MARK_PX = 18


class Foot(QFrame):
    """Shows the next step in words and offers it as a button."""

    def __init__(self, commands: Commands, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("foot")
        self.scan = BigButton(commands.scan, "scan", style)
        self.stop = BigButton(commands.stop, "stop", style)
        self.sign = BigButton(commands.sign, "sign-send", style)
        self.new = BigButton(commands.new, "new", style)
        self.progress = ProgressStrip()
        self.hint = QLabel()
        self.hint.setObjectName("next-step")
        self.hint.setWordWrap(True)
        self.line = StatusMark("line-online", style)
        self.unsent = StatusMark("outbox", style)
        self.unsent.setCursor(Qt.CursorShape.PointingHandCursor)
        self.unsent.setToolTip(commands.outbox.toolTip())
        self.in_need = 0  # packages that need a look
        self.token = StatusMark("token", style)
        self.clerk = QLabel()
        self.clerk.setObjectName("status")
        self._middle = QStackedLayout()
        self._middle.addWidget(self.hint)
        self._middle.addWidget(self.progress)
        self._lay_out()

    def follow(self, work: CounterWork, training: bool) -> None:
        """Shows what the work allows and what it is busy with."""
        running = work.doing in (Doing.SCANNING, Doing.SENDING)
        self.stop.setVisible(running)
        self.scan.setVisible(not running and work.stage is not Stage.RECEIPT)
        self.new.setVisible(not running and work.stage is Stage.RECEIPT)
        self.sign.setVisible(work.stage is not Stage.RECEIPT)
        self.stop.set_primary(False)
        ready_to_sign = work.stage is Stage.SIGN and work.can_sign
        self.sign.set_primary(ready_to_sign)
        self.scan.set_primary(work.can_scan and not ready_to_sign)
        self.new.set_primary(True)
        self._middle.setCurrentWidget(self.progress if running else self.hint)
        self.hint.setText(self._next_step(work))
        if work.stopping:
            self.progress.start(self.tr("Đang dừng…"))
        self._show_status(work, training)

    def _next_step(self, work: CounterWork) -> str:
        if work.counter is None or work.doing in (Doing.ASKING, Doing.SETTLING):
            return ""
        if work.stage is Stage.RECEIPT:
            return self.tr("Hồ sơ đã có biên nhận. Bấm F2 để tiếp nhận người tiếp theo.")
        if work.dossier is None:
            return self.tr("Điền người nộp và thủ tục, đặt giấy vào máy quét, rồi bấm F5.")
        if work.can_sign and not work.needs_pin:
            return self.tr("Giấy tờ đã ký. Bấm F9 để gửi.")
        if work.stage is Stage.SIGN:
            return self.tr("Xem lại các trang, rồi bấm F9 để ký và gửi.")
        if work.spot is not Spot.AT_THE_END and work.can_sign:
            return self.tr("Đặt lại tờ giấy rồi quét lại hoặc chèn lại, hoặc bấm F9 để ký và gửi.")
        if work.pages:
            return self.tr("Đặt phần giấy còn lại vào máy quét, rồi bấm F5 để quét tiếp.")
        return self.tr("Đặt giấy vào máy quét, rồi bấm F5.")

    def _show_status(self, work: CounterWork, training: bool) -> None:
        if training:
            self.line.show_status(self.tr("Máy chủ tập huấn"), "line-online", "muted")
            self.token.show_status(self.tr("Thiết bị ký tập huấn"), "token", "muted")
        else:
            self.line.show_status(*self._line(work.line))
            self.token.show_status(*self._token(work.token))
        text = (
            self.tr("%n hồ sơ chờ gửi", "", work.unsent) if work.unsent else self.tr("Không có hồ sơ chờ gửi")
        )
        colour = "warn" if work.unsent else "muted"
        if self.in_need:
            text, colour = self.tr("%n hồ sơ cần xem lại", "", self.in_need), "bad"
        self.unsent.show_status(text, "outbox", colour)
        self.clerk.setText(work.counter.clerk if work.counter else "")

    def _line(self, known: Known) -> tuple[str, str, str]:
        return {
            Known.NOT_USED: (self.tr("Đường truyền: chưa dùng"), "line-online", "muted"),
            Known.GOOD: (self.tr("Đường truyền tốt"), "line-online", "ok"),
            Known.AWAY: (self.tr("Mất đường truyền"), "line-offline", "bad"),
        }[known]

    def _token(self, known: Known) -> tuple[str, str, str]:
        return {
            Known.NOT_USED: (self.tr("Thiết bị ký: chưa dùng"), "token", "muted"),
            Known.GOOD: (self.tr("Thiết bị ký sẵn sàng"), "token", "ok"),
            Known.AWAY: (self.tr("Không thấy thiết bị ký"), "token", "bad"),
        }[known]

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(20, 14, 20, 12)
        row.setSpacing(24)
        for button in (self.scan, self.stop, self.new):
            row.addWidget(button)
        row.addLayout(self._middle, 1)
        row.addWidget(self.sign)
        status = QHBoxLayout()
        status.setContentsMargins(20, 5, 20, 6)
        status.setSpacing(26)
        for mark in (self.line, self.unsent, self.token):
            status.addWidget(mark)
        status.addStretch(1)
        status.addWidget(self.clerk, 0, Qt.AlignmentFlag.AlignRight)
        bar = QFrame()
        bar.setObjectName("status-bar")
        bar.setLayout(status)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(bar)


class StatusMark(QWidget):
    """An icon with a few words; `clicked` for those that lead somewhere."""

    clicked = Signal()

    def __init__(self, icon_name: str, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._icon_name = icon_name
        self._colour = "muted"
        self._sign = QLabel()
        self._words = QLabel()
        self._words.setObjectName("status")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(7)
        row.addWidget(self._sign)
        row.addWidget(self._words)
        style.changed.connect(self._draw)

    def show_status(self, text: str, icon_name: str, colour: str) -> None:
        """Shows words and an icon in a colour of the look."""
        self._words.setText(text)
        self._icon_name, self._colour = icon_name, colour
        self._draw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click with the first button, ended within."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    @property
    def text(self) -> str:
        """The words."""
        return self._words.text()

    def _draw(self) -> None:
        look = self._style.look
        drawn = pixmap(
            self._icon_name, look.colour(self._colour), look.px(_MARK_PX), self.devicePixelRatioF()
        )
        self._sign.setPixmap(drawn)
