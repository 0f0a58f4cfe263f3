"""What will be signed, and the PIN that signs it; the PIN is handed on and wiped (nhập mã PIN)."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.dossier import Component
from app.ui.chip import Chip
from app.ui.style import Style

_LONGEST_PIN = 64


class PinDialog(QDialog):
    """Lists the components with their pages. `signed_off` brings the PIN once; nothing keeps it."""

    signed_off = Signal(str)

    def __init__(
        self,
        components: tuple[Component, ...],
        counts: Mapping[str, int],
        style: Style,
        suggested_pin: str = "",
        parent: QWidget | None = None,
        *,
        pin_state: str = "",
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle(self.tr("Ký và gửi hồ sơ"))
        self.setModal(True)
        self._style = style
        self.pin = QLineEdit()
        self.pin.setEchoMode(QLineEdit.EchoMode.Password)
        self.pin.setMaxLength(_LONGEST_PIN)
        self.pin.setAccessibleName(self.tr("Mã PIN"))
        self.pin.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.pin.setText(suggested_pin)
        self.pin.selectAll()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.sign = QPushButton(self.tr("Ký và gửi"))
        self.sign.setObjectName("primary")
        self.sign.setDefault(True)
        self.buttons.addButton(self.sign, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.pin.textChanged.connect(self._check)
        self.caution = QLabel(self._caution(pin_state))
        self.caution.setObjectName("caution")
        self.caution.setWordWrap(True)
        self.caution.setVisible(bool(self.caution.text()))
        self._lay_out(components, counts, suggested_pin)
        self._check()
        self.pin.setFocus()

    def accept(self) -> None:
        """Hands the PIN on and wipes the box."""
        pin = self.pin.text()
        if not pin:
            return
        self._wipe()
        super().accept()
        self.signed_off.emit(pin)

    def reject(self) -> None:
        """Wipes the box and signs nothing."""
        self._wipe()
        super().reject()

    def _wipe(self) -> None:
        self.pin.setText("")  # also forgets what could be undone

    def _check(self) -> None:
        self.sign.setEnabled(bool(self.pin.text()))

    def _lay_out(
        self, components: tuple[Component, ...], counts: Mapping[str, int], suggested_pin: str
    ) -> None:
        title = QLabel(self.tr("Ký và gửi %n giấy tờ", "", len(components)))
        title.setObjectName("dialog-title")
        under = QLabel(self.tr("Mỗi giấy tờ được lập thành một tệp PDF/A, cấp mã và ký số."))
        under.setObjectName("hint")
        under.setWordWrap(True)
        card = QFrame()
        card.setObjectName("card")
        rows = QVBoxLayout(card)
        rows.setContentsMargins(16, 12, 16, 12)
        rows.setSpacing(10)
        for component in components:
            rows.addLayout(self._row(component, counts.get(component.id, 0)))
        label = QLabel(self.tr("Mã PIN của thiết bị ký"))
        label.setObjectName("field-label")
        label.setBuddy(self.pin)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 20)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(under)
        column.addSpacing(8)
        column.addWidget(card)
        column.addSpacing(10)
        column.addWidget(self.caution)
        column.addWidget(label)
        column.addWidget(self.pin)
        if suggested_pin:
            column.addWidget(self._training_note(suggested_pin))
        column.addSpacing(12)
        column.addWidget(self.buttons)
        self.setMinimumWidth(self._style.look.px(460))

    def _row(self, component: Component, pages: int) -> QHBoxLayout:
        name = QLabel(component.name)
        name.setWordWrap(True)
        count = QLabel(self.tr("%n trang", "", pages) if pages else self.tr("chưa tách trang"))
        count.setObjectName("hint")
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Chip(component.ordinal, self._style))
        row.addWidget(name, 1)
        row.addWidget(count)
        return row

    def _caution(self, pin_state: str) -> str:
        """What has to be known before anyone types; empty when all is well."""
        return {
            "low": self.tr("Vừa có lần nhập sai mã PIN. Nhập sai thêm nhiều lần, thiết bị sẽ bị khóa."),
            "final-try": self.tr("Chỉ còn một lần nhập mã PIN: nếu sai, thiết bị sẽ bị khóa."),
            "locked": self.tr("Thiết bị đã bị khóa. Liên hệ đơn vị cấp chứng thư số để mở khóa."),
            "expired": self.tr("Mã PIN đã hết hạn. Đổi mã PIN bằng phần mềm của thiết bị trước khi ký."),
        }.get(pin_state, "")

    def _training_note(self, pin: str) -> QLabel:
        note = QLabel(self.tr("Mã PIN tập huấn là %1, đã điền sẵn. Mã này không bí mật.").replace("%1", pin))
        note.setObjectName("training-note")
        note.setWordWrap(True)
        return note
