"""The checklist at reception: what is handed in on paper, what is looked up (danh mục thành phần)."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.procedure import ComponentKind, Decision
from app.ui.style import Style
from app.ui.tick_box import TickBox


class Checklist(QWidget):
    """A row for each component; only those that are scanned can be ticked."""

    changed = Signal()

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._rows: list[ChecklistRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._empty = QLabel(self.tr("Chọn thủ tục để thấy các giấy tờ cần nộp."))
        self._empty.setObjectName("hint")
        self._empty.setWordWrap(True)
        self._column.addWidget(self._empty)

    def show_kinds(self, kinds: Sequence[ComponentKind], ticked: Collection[str] | None = None) -> None:
        """Shows a checklist, ticking the keys in `ticked`; without it, all that are needed in any case."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self._rows = [ChecklistRow(kind, self._style) for kind in kinds]
        self._empty.setVisible(not kinds)
        for row in self._rows:
            kind = row.kind
            row.box.setChecked(
                kind.decision is Decision.SCAN
                and (kind.key in ticked if ticked is not None else not kind.condition)
            )
            row.box.toggled.connect(self.changed)
            self._column.addWidget(row)

    def keys(self) -> tuple[str, ...]:
        """The keys of the components that are handed in on paper."""
        return tuple(row.kind.key for row in self._rows if row.box.isChecked())

    def focus_first(self) -> None:
        """Puts the keyboard on the first component that can be ticked."""
        for row in self._rows:
            if row.box.isEnabled():
                row.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    @property
    def boxes(self) -> tuple[QCheckBox, ...]:
        """The boxes in the order of the checklist."""
        return tuple(row.box for row in self._rows)


class ChecklistRow(QFrame):
    """One component: box, name, when it is needed, or why it is not scanned."""

    def __init__(self, kind: ComponentKind, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("check-row")
        self.kind = kind
        self.box = TickBox(style)
        self.box.setAccessibleName(kind.name)
        scanned = kind.decision is Decision.SCAN
        self.box.setEnabled(scanned)
        name = QLabel(kind.name)
        name.setWordWrap(True)
        name.setEnabled(scanned)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(name)
        note = self._note(kind)
        if note:
            line = QLabel(note)
            line.setObjectName("hint" if scanned else "reason")
            line.setWordWrap(True)
            words.addWidget(line)
            self.box.setAccessibleDescription(note)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The whole row is the box."""
        if self.box.isEnabled() and self.rect().contains(event.position().toPoint()):
            self.box.toggle()

    def _note(self, kind: ComponentKind) -> str:
        if kind.decision is Decision.LOOKUP:
            return self.tr("Tra cứu CSDL")
        if kind.decision is Decision.SHOW_ONLY:
            return self.tr("Chỉ xuất trình")
        return self.tr("Khi: %1").replace("%1", kind.condition) if kind.condition else ""
