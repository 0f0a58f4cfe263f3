"""The counter's screen: one window, no wizard; everything between the applicant and the receipt (quầy)."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.page import Page
from app.jobs import Progress
from app.ui.actions import Commands
from app.ui.background import Background
from app.ui.models.page_rail import PageRail, component_counts
from app.ui.pictures import Pictures
from app.ui.pin_dialog import PinDialog
from app.ui.screens.counter import training_example
from app.ui.screens.counter.arranging import Arranging
from app.ui.screens.counter.dossier_card import DossierCard
from app.ui.screens.counter.feeding import Feeding, dropped_files
from app.ui.screens.counter.fields_work import FieldsWork
from app.ui.screens.counter.foot import Foot
from app.ui.screens.counter.page_desk import PageDesk
from app.ui.screens.counter.phases import Doing
from app.ui.screens.counter.reception import ReceptionForm
from app.ui.screens.counter.result_view import ReceiptSlip, ResultView, read_slip
from app.ui.screens.counter.righting import Righting
from app.ui.screens.counter.seen import Seen
from app.ui.screens.counter.steps import Steps
from app.ui.screens.counter.work import CounterWork
from app.ui.style import Style
from app.ui.thumbnails import Thumbnails
from app.workflow.happenings import BytesSent

if TYPE_CHECKING:
    from app.domain.procedure import Procedure
    from app.workflow.counter import Counter
    from app.workflow.results import DossierResult
    from app.workflow.suggest import ShownField

LEFT_PX = 300


class CounterScreen(QWidget):
    """Puts the widgets together and carries news between them and the work."""

    failed = Signal(object)  # the error of something that is no job

    def __init__(
        self,
        work: CounterWork,
        *,
        background: Background,
        pictures: Pictures,
        commands: Commands,
        style: Style,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("screen")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.work = work
        self.fields_work = FieldsWork(work, background)
        self._background = background
        self._commands = commands
        self._style = style
        self._procedures: tuple[Procedure, ...] = ()
        self._begun = False
        thumbnails = Thumbnails(pictures, self._picture, self)
        self.model = PageRail(thumbnails, self)
        self.steps = Steps(style)
        self._title = QLabel()
        self._title.setObjectName("screen-title")
        self.form = ReceptionForm(style)
        self.card = DossierCard(style)
        self.desk = PageDesk(
            self.model, pictures=pictures, thumbnails=thumbnails, commands=commands, style=style
        )
        self.desk.canvas.read_from(self._picture)
        self.result = ResultView(commands, style)
        self.foot = Foot(commands, style)
        self.pin_dialog: PinDialog | None = None
        self._middle = QStackedWidget()
        self.feeding = Feeding(
            self.work,
            self.form,
            self.desk,
            self.foot.progress,
            commands,
            show=self._show_desk,
            say_next=self.foot.hint.setText,
            parent=self,
        )
        self.arranging = Arranging(
            self.work, self.desk, commands, say_next=self.foot.hint.setText, parent=self
        )
        self.righting = Righting(self.work, self.desk, commands, self)
        self._lay_out()
        self._connect()
        style.changed.connect(self._restyle)
        self._restyle()
        self.form.start()
        self._follow()

    def begin(self, counter: "Counter") -> None:
        """Takes the opened counter."""

        def answered(procedures: "tuple[Procedure, ...]") -> None:
            self._procedures = procedures
            self.form.fill(procedures)
            self.work.begin(counter)

        self._background.ask(lambda: tuple(counter.procedures()), answered, self.failed.emit)

    def say_not_opened(self) -> None:
        """Says in the middle that there is no counter; why is said above."""
        self.desk.say_empty(
            self.tr("Chưa mở được quầy"), self.tr("Làm theo thông báo ở trên, rồi bấm Thử lại.")
        )
        self.foot.hint.clear()

    def say_opening(self) -> None:
        """Says that the counter is being opened; the form can be filled in meanwhile."""
        self._say_empty()

    # -- commands ------------------------------------------------------------------------------
    def _connect(self) -> None:
        commands, work = self._commands, self.work
        commands.new.triggered.connect(self._new)
        commands.procedure.triggered.connect(self.form.procedure.open_list)
        commands.checklist.triggered.connect(self.form.checklist.focus_first)
        commands.stop.triggered.connect(work.stop)
        commands.sign.triggered.connect(self._sign)
        commands.result.triggered.connect(self._turn_result)
        commands.open_folder.triggered.connect(self._open_folder)
        self.desk.page_selected.connect(self._follow_page)
        work.changed.connect(self._follow)
        work.dossier_changed.connect(self._dossier_changed)
        work.pages_changed.connect(self._pages_changed)
        work.viewed.connect(self._viewed)
        work.component_changed.connect(self.card.component_changed)
        self.fields_work.known.connect(self._fields_known)
        self.fields_work.failed.connect(self.failed)
        self.desk.fields.confirmed.connect(self.fields_work.confirm)
        self.desk.fields.entered.connect(self.desk.look_at)
        commands.accept_field.triggered.connect(self.desk.fields.accept_and_go_on)
        work.progressed.connect(self._progressed)
        work.bytes_sent.connect(self._bytes_sent)
        work.delivered.connect(self._delivered)

    def _new(self) -> None:
        self.work.new()
        self.form.focus_name()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Scans that are files may be dropped while papers may be scanned."""
        if self.work.can_scan and dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Takes what was dropped."""
        event.acceptProposedAction()
        self.feeding.take_files(dropped_files(event))

    def _sign(self) -> None:
        work = self.work
        if work.counter is None or not work.can_sign or self.pin_dialog is not None:
            return
        if not work.needs_pin:
            self._send("")
            return
        dialog = PinDialog(
            work.components,
            component_counts(self.model.placed_pages()),
            self._style,
            work.counter.suggested_pin,
            self.window(),
            pin_state=work.counter.pin_state,
        )
        dialog.signed_off.connect(self._send)
        dialog.finished.connect(self._dialog_closed)
        self.pin_dialog = dialog
        dialog.open()

    def _dialog_closed(self) -> None:
        if self.pin_dialog is not None:
            self.pin_dialog.deleteLater()
            self.pin_dialog = None

    def _send(self, pin: str) -> None:
        self.foot.progress.start(self.tr("Đang chuẩn bị ký và gửi…"))
        self.work.sign_and_send(pin)

    def _show_desk(self) -> None:
        self._middle.setCurrentWidget(self.desk)

    def _turn_result(self) -> None:
        shown = self._middle.currentWidget() is self.result
        self._middle.setCurrentWidget(self.desk if shown else self.result)

    def _open_folder(self) -> None:
        if self.work.result is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.work.result.folder)))

    # -- news ----------------------------------------------------------------------------------
    def _follow(self) -> None:
        work, commands = self.work, self._commands
        receiving = work.dossier is None and work.doing in (Doing.NOTHING, Doing.ASKING)
        commands.new.setEnabled(work.can_receive)
        commands.procedure.setEnabled(receiving)
        commands.checklist.setEnabled(receiving)
        self.feeding.follow()
        commands.stop.setEnabled(work.working and not work.stopping)
        commands.sign.setEnabled(work.can_sign)
        commands.sign.setText(self.tr("Ký và gửi") if work.needs_pin else self.tr("Gửi"))
        commands.result.setEnabled(work.result is not None)
        commands.open_folder.setEnabled(work.result is not None)
        self._follow_page(self.desk.current)
        self.form.setEnabled(receiving)
        self.steps.show_stage(work.stage)
        self.foot.follow(work, bool(work.counter and work.counter.training))
        self._title.setText(work.dossier.procedure_name if work.dossier else self.tr("Hồ sơ mới"))
        self._say_empty()

    def _fields_known(self, component_id: str, fields: "tuple[ShownField, ...]") -> None:
        """The fields of a component came; they are shown while one of its pages is."""
        page = self.desk.current
        if page is not None and page.component_id == component_id:
            self.desk.fields.show_fields(component_id, fields)
            self._commands.accept_field.setEnabled(bool(fields) and self.work.needs_pin)

    def _ask_fields(self, page: Page | None) -> None:
        """Asks for the fields of the paper on view."""
        if page is not None and page.component_id is not None:
            self.fields_work.ask(page.component_id)
        else:
            self.desk.fields.show_fields("", ())
            self._commands.accept_field.setEnabled(False)

    def _follow_page(self, page: Page | None) -> None:
        self._ask_fields(page)
        for action in self._commands.of_a_page():
            action.setEnabled(self.work.can_scan_at(page))
        self.arranging.follow()
        self.righting.follow()

    def _say_empty(self) -> None:
        work = self.work
        if work.counter is None:
            self.desk.say_empty(self.tr("Đang mở quầy tiếp nhận"), self.tr("Việc này mất vài giây."))
        elif work.doing is Doing.SCANNING:
            self.desk.say_empty(self.tr("Đang chờ trang đầu tiên"), self.tr("Trang hiện ra ngay khi đã lưu."))
        else:
            self.desk.say_empty(
                self.tr("Đặt giấy vào máy quét"),
                self.tr("Đặt tờ phân tách trước mỗi giấy tờ, rồi bấm F5."),
            )

    def _dossier_changed(self) -> None:
        if self.work.dossier is None:
            self.model.show((), ())
            self._fill_form()
        self.form.setVisible(self.work.dossier is None)
        self.card.setVisible(self.work.dossier is not None)
        self._middle.setCurrentWidget(self.desk)

    def _fill_form(self) -> None:
        counter = self.work.counter
        typed_while_opening, self._begun = not self._begun and self.form.touched, True
        if typed_while_opening:
            return
        if counter is None or not counter.training:
            self.form.start()
            return
        code = training_example.procedure_code()
        procedure = next((p for p in self._procedures if p.code == code), None)
        self.form.start(training_example.APPLICANT, procedure, training_example.component_keys())
        self.form.focus_name()

    def _viewed(self, seen: Seen) -> None:
        self.model.show(seen.view.pages, seen.view.components, seen.rescanned)
        self._show_card()

    def _pages_changed(self, pages: tuple[Page, ...]) -> None:
        self.model.put(pages)
        self._show_card()

    def _show_card(self) -> None:
        work = self.work
        if work.dossier is not None:
            counts = component_counts(self.model.placed_pages())
            self.card.show_dossier(work.dossier, work.components, counts)

    def _progressed(self, progress: Progress) -> None:
        if not self.work.stopping:
            self.foot.progress.show_progress(progress)

    def _bytes_sent(self, sent: BytesSent) -> None:
        if not self.work.stopping:
            self.foot.progress.show_bytes(sent)

    def _delivered(self, result: "DossierResult") -> None:
        def answered(slip: ReceiptSlip) -> None:
            if self.work.result is result:
                training = bool(self.work.counter and self.work.counter.training)
                self.result.show_result(result, slip, training=training)
                self._middle.setCurrentWidget(self.result)
                self.foot.new.setFocus()

        self._background.ask(lambda: read_slip(result.receipt), answered, self.failed.emit)

    def _picture(self, page: Page) -> Path:
        counter = self.work.counter
        if counter is None:
            raise FileNotFoundError(page.id)
        return counter.picture(page)

    def _restyle(self) -> None:
        self._left_panel.setFixedWidth(self._style.look.px(LEFT_PX))

    def _lay_out(self) -> None:
        header = QFrame()
        header.setObjectName("header")
        top = QHBoxLayout(header)
        top.setContentsMargins(20, 12, 20, 12)
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self.steps)
        self.card.hide()
        self._left_panel = _scrolling_panel(self.form, self.card)
        self._middle.addWidget(self.desk)
        self._middle.addWidget(self.result)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._left_panel)
        row.addWidget(self._middle, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addLayout(row, 1)
        column.addWidget(self.foot)


def _scrolling_panel(*inside: QWidget) -> QFrame:
    panel = QFrame()
    panel.setObjectName("panel-left")
    scroll = QScrollArea()
    scroll.setObjectName("panel-scroll")
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    holder = QWidget()
    holding = QVBoxLayout(holder)
    holding.setContentsMargins(20, 16, 20, 16)
    for widget in inside:
        holding.addWidget(widget)
    scroll.setWidget(holder)
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(scroll)
    return panel
