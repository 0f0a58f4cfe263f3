"""How far the job is: its step, done of total, time left (tiến độ)."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.jobs import Progress
from app.ui.figures import megabytes, time_left
from app.workflow.happenings import BytesSent


class ProgressStrip(QWidget):
    """A thin bar below a line of words; without a known end the bar runs to and fro."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = QLabel()
        self._words.setObjectName("progress-words")
        self._left = QLabel()
        self._left.setObjectName("hint")
        self._until_page = False
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Tiến độ"))
        line = QHBoxLayout()
        line.addWidget(self._words, 1)
        line.addWidget(self._left, 0, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addStretch(1)
        column.addLayout(line)
        column.addWidget(self._bar)
        column.addStretch(1)

    def start(self, words: str, *, until_page: bool = False) -> None:
        """Begins a job of which nothing is known yet; `until_page` keeps the words until a page came."""
        self._until_page = until_page
        self._words.setText(words)
        self._left.clear()
        self._bar.setRange(0, 0)

    def show_progress(self, progress: Progress) -> None:
        """Shows a step's progress."""
        if self._until_page and progress.step == "scan" and not progress.done:
            return
        words = self._step(progress.step)
        if progress.step == "scan" and progress.done:
            words = self.tr("Đang quét · đã lưu %n trang", "", progress.done)
        elif progress.total:
            words = f"{words} · {progress.done}/{progress.total}"
        self._words.setText(words)
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        seconds = progress.seconds_left
        self._left.setText(time_left(seconds) if seconds is not None and progress.total else "")
        self._bar.setAccessibleDescription(words)

    def show_bytes(self, sent: BytesSent) -> None:
        """Shows how much of the package has gone."""
        words = self.tr("Đang gửi · %1 / %2")
        self._words.setText(words.replace("%1", megabytes(sent.sent)).replace("%2", megabytes(sent.total)))
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * sent.sent / sent.total) if sent.total else 0)

    @property
    def words(self) -> str:
        """The line of words."""
        return self._words.text()

    def _step(self, step: str) -> str:
        """A step's name in words; one that is not known here is shown as work."""
        names = {
            "scan": self.tr("Đang quét"),
            "read": self.tr("Đang nhận dạng"),
            "build": self.tr("Đang lập PDF/A và cấp mã"),
            "sign": self.tr("Đang ký số"),
            "send": self.tr("Đang gửi"),
        }
        return names.get(step, self.tr("Đang làm việc"))
