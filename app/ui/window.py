"""The main window: menus, training strip, notice, the counter's screen; an orderly end (cửa sổ)."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QMessageBox, QVBoxLayout, QWidget

from app.domain.dossier import Dossier
from app.settings import Settings
from app.ui.actions import Commands
from app.ui.background import Background
from app.ui.bridge import Bridge
from app.ui.figures import day_and_time
from app.ui.notice import Notice, Told, Tone, tell_error
from app.ui.opening import Opener, Opening, open_for_work
from app.ui.pictures import Pictures
from app.ui.screens.counter.phases import Doing, Spot
from app.ui.screens.counter.screen import CounterScreen
from app.ui.screens.counter.work import CounterWork
from app.ui.screens.outbox.sheet import OutboxSheet
from app.ui.screens.outbox.work import OutboxWork
from app.ui.screens.scanners.sheet import ScannersSheet
from app.ui.screens.scanners.work import ScannersWork
from app.ui.shortcut_sheet import ShortcutSheet
from app.ui.style import Style

if TYPE_CHECKING:
    from app.workflow.counter import Counter
    from app.workflow.outbox_view import OutboxView

_SMALLEST = (1024, 640)
_FIRST_SIZE = (1280, 800)


class MainWindow(QMainWindow):
    """Owns the bridge, the threads behind it, and the counter while it is open."""

    leaving = Signal()  # the window is gone, the counter still closes
    left = Signal()  # everything is closed; the program may end

    def __init__(
        self,
        settings: Settings,
        style: Style,
        memory: QSettings | None = None,
        opener: Opener = open_for_work,
    ) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Sohoa – Quầy tiếp nhận"))
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_FIRST_SIZE)
        self._settings = settings
        self._memory = memory
        self._leaving = False
        self.question: QMessageBox | None = None
        self.bridge = Bridge(self)
        self._background = Background(self.bridge)
        self._pictures = Pictures(self.bridge)
        self.commands = Commands(self, style)
        self.work = CounterWork(self.bridge, self._background, settings.language)
        self.opening = Opening(settings, self.bridge, opener)
        self.notice = Notice(style)
        self.screen_ = CounterScreen(
            self.work,
            background=self._background,
            pictures=self._pictures,
            commands=self.commands,
            style=style,
        )
        self.outbox_work = OutboxWork(self.bridge, self._background, settings.language)
        self.outbox = OutboxSheet(self.outbox_work, style, settings.language, self)
        self.scanners_work = ScannersWork(self.bridge, self._background, settings.language)
        self.scanners = ScannersSheet(self.scanners_work, style, self)
        self.training = QLabel(self.tr("TẬP HUẤN – không gửi hồ sơ thật"))
        self.training.setObjectName("training")
        self.training.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.training.setVisible(settings.training)
        self._unfinished = QMenu(self.tr("Hồ sơ chưa xong"), self)
        self.commands.fill(self.menuBar(), self._unfinished)
        self._show_unfinished(())
        self._lay_out()
        self._connect()
        self._remember()

    def open_counter(self) -> None:
        """Opens the counter in the background; the window can be used meanwhile."""
        self.notice.dismiss()
        self.commands.retry.setVisible(False)
        self.screen_.say_opening()
        self.screen_.foot.hint.setText(
            self.tr("Đang mở phòng tập huấn…") if self._settings.training else self.tr("Đang mở quầy…")
        )
        self.opening.start()

    def call_to_front(self) -> None:
        """Comes to the front, because the program was started again."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # -- leaving -------------------------------------------------------------------------------
    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Asks while a job runs; then hides at once and closes the counter in the background."""
        event.ignore()
        if self._leaving:
            return
        if self.work.working:
            self._ask_to_leave()
            return
        self._leave()

    def _ask_to_leave(self) -> None:
        if self.question is not None:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.windowTitle())
        box.setText(self.tr("Công việc đang chạy. Dừng và đóng chương trình?"))
        box.setInformativeText(self.tr("Các trang đã lưu được giữ nguyên và làm tiếp được ở lần mở sau."))
        leave = box.addButton(self.tr("Dừng và đóng"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(self.tr("Ở lại"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        leave.clicked.connect(self._leave)
        box.finished.connect(self._question_answered)
        self.question = box
        box.open()

    def _question_answered(self) -> None:
        if self.question is not None:
            self.question.deleteLater()
            self.question = None

    def _leave(self) -> None:
        if self._leaving:
            return
        self._leaving = True
        if self._memory is not None:
            self._memory.setValue("window/geometry", self.saveGeometry())
        self.work.stop()
        self.outbox.hide()
        self.scanners.hide()
        self.hide()
        self._background.close()
        self._pictures.close()
        self.leaving.emit()
        self.opening.close()

    def _closed(self) -> None:
        self.bridge.close()
        self.left.emit()

    # -- news ----------------------------------------------------------------------------------
    def _connect(self) -> None:
        commands = self.commands
        self.opening.opened.connect(self._opened)
        self.opening.failed.connect(self._opening_failed)
        self.opening.closed.connect(self._closed)
        self.work.failed.connect(self._failed)
        self.work.unfinished_changed.connect(self._show_unfinished)
        self.work.changed.connect(self._work_changed)
        self.screen_.failed.connect(lambda error: self._failed(tell_error(error, self._settings.language)))
        commands.outbox.triggered.connect(self.outbox.open_up)
        commands.scanners.triggered.connect(self.scanners.show)
        self.screen_.foot.unsent.clicked.connect(self.outbox.open_up)
        self.outbox_work.seen.connect(self._outbox_seen)
        self.outbox_work.to_mend.connect(self.work.take_up)
        commands.retry.triggered.connect(self.open_counter)
        commands.quit.triggered.connect(self.close)
        commands.shortcuts.triggered.connect(self._show_shortcuts)

    def _opened(self, counter: "Counter") -> None:
        if not self._leaving:
            self.training.setVisible(counter.training)
            self.screen_.begin(counter)
            self.outbox_work.begin(counter)
            self.scanners_work.begin(counter)

    def _opening_failed(self, error: BaseException) -> None:
        self.commands.retry.setVisible(True)
        self.screen_.say_not_opened()
        self.notice.show_told(tell_error(error, self._settings.language), self.commands.retry)
        self.notice.button.setFocus()

    def _failed(self, told: Told) -> None:
        self.notice.show_told(told, self._way_on(told))

    def _way_on(self, told: Told) -> QAction | None:
        """The command that goes on after a fault of scanner or line; other faults need more than a key."""
        if told.tone is not Tone.BAD:
            return None
        if told.message.code in ("station.order-changed", "station.fed-not-kept"):
            return self.commands.confirm_arrangement
        scans = {
            Spot.AT_THE_END: self.commands.scan,
            Spot.IN_PLACE: self.commands.rescan,
            Spot.BEHIND: self.commands.insert_page,
        }
        commands = {"scan": scans[self.work.spot], "sync": self.commands.sign}
        return commands.get(told.message.code.partition(".")[0])

    def _work_changed(self) -> None:
        if self.work.doing in (Doing.SCANNING, Doing.SENDING):
            self.notice.dismiss()

    def _outbox_seen(self, view: "OutboxView") -> None:
        """The foot tells the same numbers as the sheet, and that something needs a look."""
        self.work.unsent = view.unsent
        self.screen_.foot.in_need = len(view.in_need)
        self.work.changed.emit()

    def _show_unfinished(self, waiting: tuple[Dossier, ...]) -> None:
        self._unfinished.clear()
        current = self.work.dossier.id if self.work.dossier else ""
        for dossier in waiting:
            received = day_and_time(dossier.received_at)
            parts = (received, dossier.procedure_name, dossier.applicant.full_name)
            action = self._unfinished.addAction(" · ".join(parts).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(dossier.id == current)
            action.triggered.connect(lambda _=False, wanted=dossier.id: self.work.take_up(wanted))
        self._unfinished.setEnabled(bool(waiting))

    def _show_shortcuts(self) -> None:
        sheet = ShortcutSheet(self.commands, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    # -- layout --------------------------------------------------------------------------------
    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.training)
        column.addWidget(self.notice)
        column.addWidget(self.screen_, 1)
        self.setCentralWidget(body)

    def _remember(self) -> None:
        geometry = self._memory.value("window/geometry") if self._memory is not None else None
        if geometry is not None:
            self.restoreGeometry(geometry)
