"""What went wrong, what is safe, what to press next: one banner in three parts (thông báo)."""

import html
import logging
import re
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.domain.errors import StationError, StationFault
from app.jobs import Cancelled
from app.messages import Message, explain, explain_bug
from app.ui.icons import pixmap
from app.ui.style import Style

logger = logging.getLogger(__name__)

_ICON_PX = 28
_BOLD = re.compile(r"\*\*(.+?)\*\*")


class Tone(StrEnum):
    """How serious a notice is."""

    BAD = "bad"  # lỗi
    CALM = "calm"  # việc cán bộ tự dừng


@dataclass(frozen=True)
class Told:
    """A message for the clerk and how serious it is."""

    message: Message
    tone: Tone


def tell_error(error: BaseException, language: str) -> Told:
    """The message for what a job raised; a bug of the program is logged with its traceback."""
    if isinstance(error, Cancelled):
        return Told(explain(StationError(StationFault.CANCELLED), language), Tone.CALM)
    code = getattr(error, "code", None)
    if isinstance(code, str) and hasattr(error, "facts"):
        tone = Tone.CALM if code.endswith(".cancelled") else Tone.BAD
        return Told(explain(error, language), tone)  # type: ignore[arg-type]  # it has both fields
    logger.error("bug", exc_info=error)
    return Told(explain_bug(language), Tone.BAD)


class Notice(QFrame):
    """The banner above the screen; hidden while there is nothing to say."""

    dismissed = Signal()

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName(self.tr("Thông báo"))
        self._style = style
        self._tone = Tone.BAD
        self._sign = QLabel()
        self._happened = self._line("notice-happened")
        self._rest = self._line("notice-rest")
        self._code = self._line("notice-code")
        self._button = QPushButton()
        self._button.setObjectName("notice-action")
        self._button.hide()
        self._action: QAction | None = None
        self._close = QToolButton()
        self._close.setText("×")
        self._close.setAutoRaise(True)
        self._close.setAccessibleName(self.tr("Đóng thông báo"))
        self._close.setToolTip(self.tr("Đóng thông báo"))
        self._close.clicked.connect(self.dismiss)
        self._button.clicked.connect(self._act)
        self._lay_out()
        style.changed.connect(self._draw)
        self.hide()

    def show_told(self, told: Told, action: QAction | None = None) -> None:
        """Shows a message; `action` is the command that mends it, offered as a button."""
        message = told.message
        self._tone = told.tone
        self._happened.setText(_rich(message.happened))
        self._rest.setText(_rich(f"{message.safe} {message.next}".strip()))
        self._code.setText(self.tr("Mã: %1").replace("%1", message.code))
        self._action = action
        self._button.setVisible(action is not None)
        if action is not None:
            self._button.setText(action.text())
        self.setAccessibleDescription(str(message))
        self._draw()
        self.show()

    def dismiss(self) -> None:
        """Takes the banner away."""
        if not self.isHidden():
            self.hide()
            self.dismissed.emit()

    @property
    def code(self) -> str:
        """The code shown, empty while hidden."""
        return "" if self.isHidden() else self._code.text().rsplit(" ", 1)[-1]

    @property
    def button(self) -> QPushButton:
        """The button of the command that mends it."""
        return self._button

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follows a change of the screen's density."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._draw()

    def _act(self) -> None:
        if self._action is not None:
            self._action.trigger()

    def _draw(self) -> None:
        self.setProperty("tone", self._tone.value)
        for widget in (self, self._happened, self._rest, self._code, self._button):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        look = self._style.look
        colour = look.colour("bad" if self._tone is Tone.BAD else "accent")
        name = "warning" if self._tone is Tone.BAD else "stop"
        self._sign.setPixmap(pixmap(name, colour, look.px(_ICON_PX), self.devicePixelRatioF()))

    def _line(self, name: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._happened)
        words.addWidget(self._rest)
        self._code.setWordWrap(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 12, 12, 12)
        row.setSpacing(14)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._code, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)


def _rich(text: str) -> str:
    """`text` as HTML: nothing of it is markup but **bold**."""
    return _BOLD.sub(r"<b>\1</b>", html.escape(text))
