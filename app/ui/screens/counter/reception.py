"""The form at reception: who hands in, for which procedure, which papers (tiếp nhận)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from app.domain.person import Person
from app.domain.procedure import Procedure
from app.ui.screens.counter.checklist import Checklist
from app.ui.screens.counter.procedure_box import ProcedureBox
from app.ui.style import Style


@dataclass(frozen=True)
class Reception:
    """What the clerk took in: enough to open a dossier."""

    procedure: Procedure
    applicant: Person
    keys: tuple[str, ...]


class ReceptionForm(QWidget):
    """Name, personal number, procedure and checklist; says below each box what is wrong with it."""

    changed = Signal()

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Họ và tên"))
        self.name.setPlaceholderText(self.tr("Như trên căn cước"))
        self.name.setMaxLength(120)
        self.number = QLineEdit()
        self.number.setAccessibleName(self.tr("Số định danh cá nhân"))
        self.number.setPlaceholderText(self.tr("12 chữ số"))
        self.number.setMaxLength(20)
        self.number.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.procedure = ProcedureBox(style)
        self.checklist = Checklist(style)
        self._name_wrong = _wrong()
        self._number_wrong = _wrong()
        self._procedure_wrong = _wrong()
        self._keys_wrong = _wrong()
        self._lay_out()
        self.name.returnPressed.connect(self.number.setFocus)
        self.number.returnPressed.connect(self.procedure.setFocus)
        self.procedure.chosen.connect(self._procedure_chosen)
        for signal, label in (
            (self.name.textEdited, self._name_wrong),
            (self.number.textEdited, self._number_wrong),
            (self.checklist.changed, self._keys_wrong),
        ):
            signal.connect(label.hide)
            signal.connect(self.changed)

    def fill(self, procedures: Sequence[Procedure]) -> None:
        """Takes the catalogue of procedures."""
        self.procedure.fill(procedures)

    def start(
        self,
        applicant: Person | None = None,
        procedure: Procedure | None = None,
        keys: Collection[str] | None = None,
    ) -> None:
        """Empties the form for the next applicant, or fills it with an example."""
        self.name.setText(applicant.full_name if applicant else "")
        self.number.setText(applicant.personal_id if applicant else "")
        self.procedure.choose(procedure)
        self.checklist.show_kinds(procedure.components if procedure else (), keys)
        for label in (self._name_wrong, self._number_wrong, self._procedure_wrong, self._keys_wrong):
            label.hide()

    @property
    def touched(self) -> bool:
        """True when there is something in the boxes."""
        return bool(self.name.text() or self.number.text() or self.procedure.text())

    def focus_name(self) -> None:
        """Puts the keyboard where work begins."""
        self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.name.selectAll()

    def reception(self) -> Reception | None:
        """What was taken in, or None with the reasons shown and the keyboard in the first wrong box."""
        applicant = self._applicant()
        procedure = self.procedure.procedure
        if procedure is None:
            _say(self._procedure_wrong, self.tr("Chọn một thủ tục trong danh sách."), self.procedure)
        keys = self.checklist.keys()
        if procedure is not None and not keys:
            _say(self._keys_wrong, self.tr("Chọn ít nhất một giấy tờ để quét."), None)
            self.checklist.focus_first()
        if applicant is None:
            wrong_name = not self._name_wrong.isHidden()
            (self.name if wrong_name else self.number).setFocus()
        if applicant is None or procedure is None or not keys:
            return None
        return Reception(procedure, applicant, keys)

    def _applicant(self) -> Person | None:
        name, number = self.name.text().strip(), self.number.text().strip()
        if not name:
            _say(self._name_wrong, self.tr("Nhập họ và tên người nộp."), None)
        try:
            person = Person(name, number)
        except ValueError:
            _say(self._number_wrong, self.tr("Số định danh có 12 chữ số (9 trên thẻ cũ)."), None)
            return None
        return person if name else None

    def _procedure_chosen(self, procedure: Procedure | None) -> None:
        self._procedure_wrong.hide()
        self._keys_wrong.hide()
        self.checklist.show_kinds(procedure.components if procedure else ())
        self.changed.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(_section(self.tr("Người nộp")))
        _field(column, self.tr("Họ và tên"), self.name, self._name_wrong)
        _field(column, self.tr("Số định danh cá nhân"), self.number, self._number_wrong)
        column.addSpacing(10)
        column.addWidget(_section(self.tr("Thủ tục")))
        column.addWidget(self.procedure)
        column.addWidget(self._procedure_wrong)
        column.addSpacing(10)
        column.addWidget(_section(self.tr("Thành phần hồ sơ")))
        column.addWidget(self._keys_wrong)
        column.addWidget(self.checklist)
        column.addStretch(1)


def _field(column: QVBoxLayout, text: str, box: QLineEdit, wrong: QLabel) -> None:
    label = QLabel(text)
    label.setObjectName("field-label")
    label.setBuddy(box)
    column.addWidget(label)
    column.addWidget(box)
    column.addWidget(wrong)
    column.addSpacing(4)


def _section(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("section")
    return label


def _wrong() -> QLabel:
    label = QLabel()
    label.setObjectName("wrong")
    label.setWordWrap(True)
    label.hide()
    return label


def _say(label: QLabel, text: str, focus: QWidget | None) -> None:
    label.setText(text)
    label.show()
    if focus is not None:
        focus.setFocus()
