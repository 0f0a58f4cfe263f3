"""What was read from a paper, coloured by how sure it is, for the clerk to confirm (bóc tách dữ liệu)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from app.domain.suggestion import Band, Suggestion
from app.ui.screens.counter.word_choices import WordChoices, with_word

if TYPE_CHECKING:
    from app.workflow.suggest import ShownField

_BETWEEN_LINES = "; "


class FieldBox(QWidget):
    """One field: its title, its value in a box, what there is to say about it."""

    confirmed = Signal(str, str)  # name, value
    entered = Signal(object)  # Suggestion

    def __init__(self, shown: "ShownField", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suggestion = shown.suggestion
        self._title = QLabel(shown.title)
        self._title.setObjectName("field-label")
        self.box = QLineEdit()
        self.box.setAccessibleName(shown.title)
        self._state = QLabel()
        self._state.setObjectName("field-state")
        self._state.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self.box)
        self.choices = WordChoices()
        column.addWidget(self._state)
        column.addWidget(self.choices)
        self.choices.chosen.connect(self._choose)
        self.box.returnPressed.connect(self.confirm)
        self.box.installEventFilter(self)
        self.show_field(shown)

    @property
    def suggestion(self) -> Suggestion:
        """What is shown."""
        return self._suggestion

    def show_field(self, shown: "ShownField") -> None:
        """Shows the field as it stands now; what is being typed stays."""
        before, self._suggestion = self._suggestion, shown.suggestion
        if before is shown.suggestion or not self.box.isModified() or shown.suggestion.decided:
            self.box.setText(self._suggestion.shown.replace("\n", _BETWEEN_LINES))
            self.box.setCursorPosition(0)
            self.box.setModified(False)
        self.box.setToolTip(self._suggestion.read)
        self._state.setText(self._words())
        self._state.setVisible(bool(self._state.text()))
        self.choices.show_choices(self._suggestion.choices, self.box.text())
        self.box.setProperty("band", "decided" if self._suggestion.decided else self._suggestion.band.value)
        self.box.style().unpolish(self.box)
        self.box.style().polish(self.box)

    def confirm(self) -> None:
        """Takes what stands in the box as the clerk's word."""
        text = self.box.text().strip()
        shown = self._suggestion.shown
        if text == shown.replace("\n", _BETWEEN_LINES):
            text = shown
        elif "\n" in shown:
            text = text.replace(_BETWEEN_LINES, "\n")
        self.box.setModified(False)
        self.confirmed.emit(self._suggestion.name, text)

    def _choose(self, word: str, instead: str) -> None:
        """Takes another spelling for a word, as if the clerk had typed and confirmed it."""
        self.box.setText(with_word(self.box.text(), word, instead))
        self.confirm()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Tells when the clerk comes into the box, so that its place on the page can be shown."""
        if watched is self.box and event.type() is QEvent.Type.FocusIn:
            self.entered.emit(self._suggestion)
        return super().eventFilter(watched, event)

    def _words(self) -> str:
        if self._suggestion.decided:
            return self.tr("Đã xác nhận")
        doubts = {
            "handwritten": self.tr("Viết tay: xem ảnh rồi gõ vào"),
            "blank": self.tr("Chưa thấy gì ở chỗ này: xem ảnh"),
            "impossible": self.tr("Giá trị không thể có: xem ảnh"),
            "unreadable": self.tr("Không đọc được: xem ảnh"),
            "corrected": self.tr("Máy đã sửa chữ đọc nhầm: xem lại"),
            "disagrees": self.tr("Hai chỗ trên giấy khác nhau: xem lại"),
        }
        if self._suggestion.doubt in doubts:
            return doubts[self._suggestion.doubt]
        return self.tr("Cần xác nhận") if self._suggestion.band is Band.CONFIRM else ""


class FieldsPanel(QWidget):
    """The fields of the component that the page on view belongs to."""

    confirmed = Signal(str, str, str)  # component id, name, value
    entered = Signal(object)  # Suggestion

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._component_id = ""
        self._boxes: dict[str, FieldBox] = {}
        self._section = QLabel(self.tr("Dữ liệu bóc tách"))
        self._section.setObjectName("section")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._section)
        column.addLayout(self._rows)
        column.addSpacing(18)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.show_fields("", ())

    @property
    def component_id(self) -> str:
        """Whose fields are shown; empty for none."""
        return self._component_id

    @property
    def boxes(self) -> tuple[FieldBox, ...]:
        """The fields in the order of the paper."""
        return tuple(self._boxes.values())

    def show_fields(self, component_id: str, fields: "Sequence[ShownField]") -> None:
        """Shows the fields of a component; the boxes stay while they are the same fields."""
        names = [shown.suggestion.name for shown in fields]
        if component_id != self._component_id or names != list(self._boxes):
            self._component_id = component_id
            for box in self._boxes.values():
                self._rows.removeWidget(box)
                box.deleteLater()
            self._boxes = {shown.suggestion.name: self._made(shown) for shown in fields}
        else:
            for shown in fields:
                self._boxes[shown.suggestion.name].show_field(shown)
        self.setVisible(bool(fields))

    def accept_and_go_on(self) -> None:
        """Confirms the field with the focus and goes to the next one that somebody has to look at."""
        boxes = self.boxes
        held = next((at for at, one in enumerate(boxes) if one.box.hasFocus()), None)
        if held is not None:
            boxes[held].confirm()
        start = 0 if held is None else held + 1
        ahead = [one for one in (*boxes[start:], *boxes[:start]) if one.suggestion.open]
        following = next((one for one in ahead if held is None or one is not boxes[held]), None)
        if following is not None:
            following.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
            following.box.selectAll()

    def _made(self, shown: "ShownField") -> FieldBox:
        box = FieldBox(shown)
        box.confirmed.connect(self._told)
        box.entered.connect(self.entered)
        self._rows.addWidget(box)
        return box

    def _told(self, name: str, value: str) -> None:
        self.confirmed.emit(self._component_id, name, value)
