"""The end of the way: what was signed, and the province's receipt (kết quả và biên nhận)."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui.actions import Commands
from app.ui.chip import Chip
from app.ui.figures import day_and_time, megabytes, moment_of, percent
from app.ui.icons import pixmap
from app.ui.style import Style

if TYPE_CHECKING:
    from app.workflow.results import ComponentResult, DossierResult

_SIGN_PX = 52


@dataclass(frozen=True)
class ReceiptSlip:
    """What the counter shows of a receipt (biên nhận)."""

    number: str
    received_at: datetime | None
    server: str


def read_slip(receipt: Path) -> ReceiptSlip:
    """The receipt's number, time and server. Raises OSError or ValueError for a file that is no receipt."""
    fields = json.loads(receipt.read_text(encoding="utf-8"))
    if not isinstance(fields, dict):
        raise ValueError("not a receipt")
    return ReceiptSlip(
        number=str(fields.get("receipt_id", "")),
        received_at=moment_of(str(fields.get("received_at", ""))),
        server=str(fields.get("server", "")),
    )


class ResultView(QScrollArea):
    """The closing table, the receipt's number, and the way to the files."""

    def __init__(self, commands: Commands, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("result")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._style = style
        self._commands = commands
        self._sign = QLabel()
        self._number = _label("receipt-number")
        self._number.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._number.setAccessibleName(self.tr("Số biên nhận"))
        self._received = _label("card-text")
        self._same = _label("hint")
        self._table = QGridLayout()
        self._headline = _label("result-title")
        self._lay_out()
        style.changed.connect(self._draw)
        self._draw()

    def show_result(self, result: "DossierResult", slip: ReceiptSlip, *, training: bool) -> None:
        """Shows a delivered dossier."""
        self._headline.setText(
            self.tr("Đã gửi tới máy chủ tập huấn, đã có biên nhận")
            if training
            else self.tr("Đã gửi, đã có biên nhận của tỉnh")
        )
        self._number.setText(slip.number)
        when = day_and_time(slip.received_at) if slip.received_at else "–"
        self._received.setText(
            self.tr("%1 nhận lúc %2").replace("%1", slip.server or self.tr("Máy chủ")).replace("%2", when)
        )
        same = result.package_sha256 == result.server_sha256
        text = (
            self.tr("Máy chủ nhận đúng gói đã gửi · SHA-256 %1…")
            if same
            else self.tr("Mã băm của máy chủ khác gói đã gửi · %1…")
        )
        self._same.setText(text.replace("%1", result.server_sha256[:16]))
        self._fill(result.components)
        self.verticalScrollBar().setValue(0)

    @property
    def number(self) -> str:
        """The receipt's number as shown."""
        return self._number.text()

    def _fill(self, components: "tuple[ComponentResult, ...]") -> None:
        while (item := self._table.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        heads = (
            "",
            self.tr("Thành phần"),
            self.tr("Số trang"),
            self.tr("Mã tài liệu"),
            self.tr("Độ tin cậy"),
            self.tr("Chữ ký"),
            self.tr("Dung lượng"),
        )
        for column, text in enumerate(heads):
            head = QLabel(text)
            head.setObjectName("table-head")
            self._table.addWidget(head, 0, column)
        for place, component in enumerate(components, start=1):
            self._table.addWidget(_rule(), 2 * place - 1, 0, 1, len(heads))
            self._fill_row(2 * place, place, component)

    def _fill_row(self, row: int, ordinal: int, component: "ComponentResult") -> None:
        self._table.addWidget(Chip(ordinal, self._style), row, 0)
        name = _label("table-name")
        name.setText(component.name)
        self._table.addWidget(name, row, 1)
        cells = (
            str(component.pages),
            component.code,
            percent(component.ocr_confidence),
            _signature(component.signature),
            megabytes(component.bytes),
        )
        for column, text in enumerate(cells, start=2):
            cell = QLabel(text)
            cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._table.addWidget(cell, row, column)

    def _draw(self) -> None:
        look = self._style.look
        self._sign.setPixmap(pixmap("ok", look.colour("ok"), look.px(_SIGN_PX), self.devicePixelRatioF()))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(18)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._headline)
        words.addWidget(self._received)
        head.addLayout(words, 1)
        slip = QFrame()
        slip.setObjectName("slip")
        slip_column = QVBoxLayout(slip)
        slip_column.setContentsMargins(22, 16, 22, 16)
        slip_column.setSpacing(4)
        caption = _label("field-label")
        caption.setText(self.tr("Số biên nhận"))
        slip_column.addWidget(caption)
        slip_column.addWidget(self._number)
        slip_column.addWidget(self._same)
        card = QFrame()
        card.setObjectName("card")
        self._table.setHorizontalSpacing(22)
        self._table.setVerticalSpacing(10)
        self._table.setColumnStretch(1, 1)
        card_column = QVBoxLayout(card)
        card_column.setContentsMargins(22, 18, 22, 18)
        card_column.addLayout(self._table)
        folder = QPushButton(self._commands.open_folder.text())
        folder.setObjectName("plain")
        folder.clicked.connect(self._commands.open_folder.trigger)
        pages = QPushButton(self.tr("Xem lại các trang"))
        pages.setObjectName("plain")
        pages.clicked.connect(self._commands.result.trigger)
        self.folder_button, self.pages_button = folder, pages
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(folder)
        buttons.addWidget(pages)
        buttons.addStretch(1)
        body = QWidget()
        body.setObjectName("result-body")
        column = QVBoxLayout(body)
        column.setContentsMargins(40, 34, 40, 34)
        column.setSpacing(22)
        column.addLayout(head)
        column.addWidget(slip)
        column.addWidget(card)
        column.addLayout(buttons)
        column.addStretch(1)
        self.setWidget(body)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    return label


def _signature(level: str) -> str:
    """A baseline level of ETSI EN 319 142 with the family it belongs to: `B-T` is PAdES-B-T."""
    return f"PAdES-{level}" if level.startswith("B-") else level


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFixedHeight(1)
    return rule
