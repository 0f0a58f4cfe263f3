"""One package of the outbox: whose it is, how it stands, why, and what may be done (thẻ gói hồ sơ)."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.domain.outbox import Priority
from app.domain.states import Synchronisation
from app.messages import explain
from app.ui.figures import day_and_time, megabytes

if TYPE_CHECKING:
    from app.workflow.outbox_view import ShownEntry


class EntryCard(QFrame):
    """Shows an entry; its buttons tell what the clerk wants with it."""

    send_again = Signal(str)  # submission id
    send_first = Signal(str)  # submission id
    mend = Signal(str)  # dossier id

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("entry")
        self._language = language
        self._submission = self._dossier = self._for_support = ""
        self._code = _label("entry-code")
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.state = QLabel()
        self.state.setObjectName("entry-state")
        self._who = _label("card-text")
        self._facts = _label("hint")
        self.reason = _label("entry-reason")
        self.again = _button(self.tr("Gửi lại"))
        self.first = _button(self.tr("Gửi trước"))
        self.correct = _button(self.tr("Sửa hồ sơ"))
        self.copy = _button(self.tr("Chép thông tin"))
        self.again.clicked.connect(lambda: self.send_again.emit(self._submission))
        self.first.clicked.connect(lambda: self.send_first.emit(self._submission))
        self.correct.clicked.connect(lambda: self.mend.emit(self._dossier))
        self.copy.clicked.connect(self._copy)
        self._lay_out()

    def show_entry(self, shown: "ShownEntry") -> None:
        """Shows an entry, this one or another."""
        entry = shown.entry
        self._submission, self._dossier = entry.submission_id, entry.dossier_id
        # Code, ids and hash; nothing of the applicant.
        parts = (entry.dossier_code, entry.submission_id, entry.package, entry.last_error or "")
        self._for_support = "\n".join(part for part in parts if part)
        self._code.setText(entry.dossier_code.replace("-", "-\u200b"))
        text, tone = self._state_of(shown)
        self.state.setText(text)
        for widget in (self, self.state):
            widget.setProperty("tone", tone)
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self._who.setText(f"{shown.procedure_name} · {shown.applicant_name}")
        self._facts.setText(self._facts_of(shown))
        told = self._told(shown)
        self.reason.setText(told)
        self.reason.setVisible(bool(told))
        waits = entry.state in (Synchronisation.QUEUED, Synchronisation.STUCK)
        self.again.setVisible(waits)
        self.first.setVisible(entry.state is Synchronisation.QUEUED and entry.priority < Priority.URGENT)
        self.correct.setVisible(entry.state is Synchronisation.REJECTED)
        self.copy.setVisible(bool(told))
        self.setAccessibleName(f"{entry.dossier_code}. {text}")
        for button in (self.again, self.first, self.correct, self.copy):
            button.setAccessibleName(f"{button.text()}: {entry.dossier_code}")

    def _state_of(self, shown: "ShownEntry") -> tuple[str, str]:
        return {
            Synchronisation.NONE: ("", "calm"),
            Synchronisation.QUEUED: (self.tr("Chờ gửi"), "calm"),
            Synchronisation.SENDING: (self.tr("Đang gửi"), "calm"),
            Synchronisation.DELIVERED: (self.tr("Đã có biên nhận"), "ok"),
            Synchronisation.STUCK: (self.tr("Cần xem lại"), "bad"),
            Synchronisation.REJECTED: (self.tr("Bị trả lại"), "warn"),
        }[shown.entry.state]

    def _facts_of(self, shown: "ShownEntry") -> str:
        entry = shown.entry
        parts = [
            megabytes(entry.package_bytes),
            self.tr("niêm phong %1").replace("%1", day_and_time(entry.queued_at)),
        ]
        if entry.priority >= Priority.URGENT:
            parts.append(self.tr("gửi trước"))
        if entry.attempts:
            parts.append(self.tr("đã thử %n lần", "", entry.attempts))
        if entry.next_try_at is not None:
            parts.append(self.tr("thử lại lúc %1").replace("%1", day_and_time(entry.next_try_at)))
        if entry.delivered_at is not None:
            parts.append(self.tr("biên nhận %1").replace("%1", day_and_time(entry.delivered_at)))
        return " · ".join(parts)

    def _told(self, shown: "ShownEntry") -> str:
        """Why it is where it is: the fault in three parts, or what the province says of each component."""
        if shown.objections:
            whole = self.tr("Hồ sơ nói chung")
            return "\n".join(f"{one.component or whole}: {one.text}" for one in shown.objections)
        if shown.reason is None:
            return ""
        message = explain(shown.reason, self._language)
        code = self.tr("Mã: %1").replace("%1", message.code)
        return f"{message.happened} {message.safe} {message.next} ({code})".replace("**", "")

    def _copy(self) -> None:
        """What support asks for."""
        QGuiApplication.clipboard().setText(self._for_support)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._code, 1)
        head.addWidget(self.state, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.again, self.first, self.correct, self.copy):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(5)
        column.addLayout(head)
        column.addWidget(self._who)
        column.addWidget(self._facts)
        column.addWidget(self.reason)
        column.addLayout(buttons)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)  # what a server said is never markup
    return label


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName("plain")
    button.setAutoDefault(False)
    return button
