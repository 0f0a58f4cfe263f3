"""The box in which a procedure is found by typing a few letters, marks or not (ô chọn thủ tục)."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from app.domain.procedure import Procedure
from app.ui.icons import icon
from app.ui.models.procedures import ProcedureChoices, label
from app.ui.style import Style


class ProcedureBox(QLineEdit):
    """A line with a list below it; nothing is ever completed inside the line, where Telex is at work."""

    chosen = Signal(object)  # Procedure or None

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._procedure: Procedure | None = None
        self._choices = ProcedureChoices(self)
        self.setPlaceholderText(self.tr("Gõ tên hoặc mã, không cần dấu"))
        self.setAccessibleName(self.tr("Thủ tục"))
        self.setClearButtonEnabled(False)
        self._arrow = QAction(self)
        self._arrow.setText(self.tr("Mở danh sách thủ tục"))
        self._arrow.triggered.connect(self.open_list)
        self.addAction(self._arrow, QLineEdit.ActionPosition.TrailingPosition)
        popup = QListView()
        popup.setObjectName("procedure-list")
        popup.setUniformItemSizes(True)
        self._completer = QCompleter(self._choices, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setMaxVisibleItems(9)
        self._completer.setPopup(popup)
        self._completer.setWidget(self)
        self._completer.activated[QModelIndex].connect(self._take_row)  # type: ignore[index]
        self.textEdited.connect(self._typed)
        style.changed.connect(self._draw)
        self._draw()

    def fill(self, procedures: Sequence[Procedure]) -> None:
        """Takes the catalogue."""
        self._choices.fill(procedures)

    @property
    def procedure(self) -> Procedure | None:
        """The procedure chosen, or None."""
        return self._procedure

    def choose(self, procedure: Procedure | None) -> None:
        """Sets the procedure; None empties the box."""
        self.setText(label(procedure) if procedure else "")
        self.setCursorPosition(0)
        if procedure != self._procedure:
            self._procedure = procedure
            self.chosen.emit(procedure)

    def open_list(self) -> None:
        """Opens the whole list and selects the text, so that typing starts anew."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        self._choices.narrow("")
        self._completer.complete()

    @property
    def popup(self) -> QListView:
        """The list below the line."""
        popup = self._completer.popup()
        assert isinstance(popup, QListView)  # noqa: S101 - it was set above
        return popup

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Opens the list with Down; takes the best procedure with Enter."""
        if event.key() == Qt.Key.Key_Down:
            self._choices.narrow("" if self._procedure else self.text())
            self._completer.complete()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._settle()
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Takes what was typed when it can only mean one procedure."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._settle()

    def _typed(self, text: str) -> None:
        self._choices.narrow(text)
        exact = self._choices.named(text)
        if exact != self._procedure:
            self._procedure = exact
            self.chosen.emit(exact)
        if self._choices.rowCount():
            self._completer.complete()
        else:
            self.popup.hide()

    def _take_row(self, index: QModelIndex) -> None:
        source = self._completer.completionModel()
        self.choose(self._choices.named(str(source.data(index))))

    def _settle(self) -> None:
        if self._procedure is None and self.text().strip():
            self._choices.narrow(self.text())
            if self._choices.rowCount() == 1:
                self.choose(self._choices.procedure(0))

    def _draw(self) -> None:
        self._arrow.setIcon(icon("search", self._style.look.colour("muted")))
