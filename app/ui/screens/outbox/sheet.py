"""The outbox as a sheet beside the counter: what needs somebody comes first, with its reason (hộp gửi)."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.messages import explain
from app.ui.figures import day_and_time, megabytes, time_left
from app.ui.notice import Notice
from app.ui.screens.outbox.entry_card import EntryCard
from app.ui.screens.outbox.section import Section
from app.ui.screens.outbox.work import OutboxWork
from app.ui.style import Style

if TYPE_CHECKING:
    from app.workflow.outbox_view import OutboxView

_WIDTH_PX, _HEIGHT_PX = 760, 640


class OutboxSheet(QDialog):
    """Shows the outbox as long as it is open; everything is done by the work behind it."""

    def __init__(self, work: OutboxWork, style: Style, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle(self.tr("Hộp gửi"))
        self._work = work
        self._language = language
        self.choose_folder: Callable[[str], str] = self._choose_folder
        self.notice = Notice(style)
        self.counts = _label("card-text")
        self.sending = _label("progress-words")
        self.line = _label("caution")
        self.carried = _label("hint")
        self.pause = _plain("")
        self.export = _plain(self.tr("Xuất ra USB…"))
        self.receipts = _plain(self.tr("Nhận biên nhận từ USB…"))
        self.close_ = _plain(self.tr("Đóng"))
        self._paused = False
        self.in_need = Section(self.tr("Cần xem lại"), language)
        self.waiting = Section(self.tr("Đang chờ gửi"), language)
        self.delivered = Section(self.tr("Vừa có biên nhận"), language)
        self._empty = _label("empty-text")
        self._empty.setText(self.tr("Hộp gửi trống: chưa có gói hồ sơ nào được niêm phong."))
        for label in (self.sending, self.line, self.carried, self._empty):
            label.hide()
        self._lay_out()
        self._connect()
        self.resize(style.look.px(_WIDTH_PX), style.look.px(_HEIGHT_PX))

    @property
    def cards(self) -> "list[EntryCard]":
        """The cards shown, from the top."""
        return [*self.in_need.cards, *self.waiting.cards, *self.delivered.cards]

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """From now on somebody sees what changes."""
        super().showEvent(event)
        self._work.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Nobody sees it any more."""
        super().hideEvent(event)
        self.notice.dismiss()
        self.carried.hide()
        self._work.watch(False)

    def open_up(self) -> None:
        """Shows the sheet, in front when it was open already."""
        self.show()
        self.raise_()
        self.activateWindow()

    def show_view(self, view: "OutboxView") -> None:
        """Shows the outbox as it stands."""
        now = view.status
        sent_back = len(view.in_need) - now.stuck
        counts = [
            self.tr("%n gói chờ", "", now.waiting) + f" ({megabytes(now.waiting_bytes)})",
            self.tr("%n gói cần xem lại", "", now.stuck) if now.stuck else "",
            self.tr("%n gói bị trả lại", "", sent_back) if sent_back > 0 else "",
            self.tr("%n gói đã có biên nhận", "", now.delivered),
        ]
        self.counts.setText(" · ".join(part for part in counts if part))
        self.sending.setText(self._progress(view))
        self.sending.setVisible(bool(self.sending.text()))
        told = "\n".join(self._of_the_line(view))
        self.line.setText(told)
        self.line.setVisible(bool(told))
        self._paused = now.paused
        self.pause.setText(self.tr("Gửi tiếp") if now.paused else self.tr("Tạm dừng gửi"))
        self.export.setEnabled(view.unsent > 0 and not self._work.carrying)
        self.receipts.setEnabled(not self._work.carrying)
        self.in_need.show_entries(view.in_need, len(view.in_need))
        self.waiting.show_entries(view.waiting, now.waiting)
        self.delivered.show_entries(view.delivered, len(view.delivered))
        self._empty.setVisible(not self.cards)

    def _progress(self, view: "OutboxView") -> str:
        now = view.progress
        if now is None:
            return ""
        parts = [
            self.tr("Đang gửi: còn %n gói", "", now.entries_left),
            megabytes(now.bytes_left),
            self.tr("%1 KB/giây").replace("%1", str(round(now.bytes_per_s / 1000))),
        ]
        if now.seconds_left is not None:
            parts.append(time_left(now.seconds_left))
        return " · ".join(parts)

    def _of_the_line(self, view: "OutboxView") -> list[str]:
        now = view.status
        told = []
        if now.paused:
            told.append(self.tr("Đang tạm dừng gửi: không gói nào được gửi cho tới khi bấm Gửi tiếp."))
        if view.line is not None:
            message = explain(view.line, self._language)
            told.append(f"{message.happened} {message.safe}".replace("**", ""))
            if now.line_next is not None:
                again = self.tr("Chương trình tự thử lại lúc %1.").replace("%1", day_and_time(now.line_next))
                told[-1] += f" {again}"
        if now.clock_skew_s is not None:
            skew = str(abs(now.clock_skew_s))
            told.append(
                self.tr("Đồng hồ máy này lệch %1 giây so với máy chủ; hãy đặt lại ngày giờ.").replace(
                    "%1", skew
                )
            )
        return told

    def _connect(self) -> None:
        work = self._work
        work.seen.connect(self.show_view)
        work.failed.connect(self.notice.show_told)
        work.exported.connect(self._exported)
        work.receipts_taken.connect(self._receipts_taken)
        work.to_mend.connect(self.accept)
        self.pause.clicked.connect(self._pause_or_go_on)
        self.export.clicked.connect(self._export)
        self.receipts.clicked.connect(self._take_receipts)
        self.close_.clicked.connect(self.reject)
        for section in (self.in_need, self.waiting, self.delivered):
            section.made.connect(self._connect_card)

    def _connect_card(self, card: EntryCard) -> None:
        card.send_again.connect(self._work.send_again)
        card.send_first.connect(self._work.send_first)
        card.mend.connect(self._work.mend)

    def _pause_or_go_on(self) -> None:
        if self._paused:
            self._work.go_on()
        else:
            self._work.pause()

    def _export(self) -> None:
        self._with_drive(self._work.export_to, self.tr("Chọn ổ USB để chép gói"))

    def _take_receipts(self) -> None:
        self._with_drive(self._work.take_receipts, self.tr("Chọn ổ USB mang biên nhận về"))

    def _with_drive(self, act: Callable[[Path], None], title: str) -> None:
        folder = self.choose_folder(title)
        if folder:
            self.carried.hide()
            self.export.setEnabled(False)
            self.receipts.setEnabled(False)
            act(Path(folder))

    def _choose_folder(self, title: str) -> str:
        return QFileDialog.getExistingDirectory(self, title)

    def _exported(self, count: int) -> None:
        self.carried.setText(self.tr("Đã chép %n gói ra USB; các gói vẫn nằm trong hộp gửi.", "", count))
        self.carried.show()

    def _receipts_taken(self, count: int) -> None:
        self.carried.setText(self.tr("Đã nhận %n biên nhận.", "", count))
        self.carried.show()

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Hộp gửi"))
        title.setObjectName("dialog-title")
        body = QWidget()
        body.setObjectName("outbox-body")
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.setSpacing(18)
        rows.addWidget(self._empty)
        for section in (self.in_need, self.waiting, self.delivered):
            rows.addWidget(section)
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("outbox-scroll")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        for button in (self.pause, self.export, self.receipts):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 20)
        column.setSpacing(12)
        column.addWidget(self.notice)
        column.addWidget(title)
        column.addWidget(self.counts)
        column.addWidget(self.sending)
        column.addWidget(self.line)
        column.addWidget(scroll, 1)
        column.addWidget(self.carried)
        column.addLayout(buttons)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _plain(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName("plain")
    button.setAutoDefault(False)
    return button
