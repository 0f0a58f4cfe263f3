"""The sheet of shortcuts (F1), made of the commands themselves (bảng phím tắt)."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont, QFontMetrics, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.ui.actions import Commands, Group

_KEYCAP_EDGES_PX = 20


class ShortcutSheet(QDialog):
    """Every command that has a key, group by group in two columns."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle(self.tr("Bảng phím tắt"))
        title = QLabel(self.tr("Bảng phím tắt"))
        title.setObjectName("dialog-title")
        columns = QGridLayout()
        columns.setHorizontalSpacing(40)
        columns.setVerticalSpacing(22)
        shown = [group for group in commands.groups() if any(_key(action) for action in group.actions)]
        bold = QFont(self.font())
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        keys_wide = _KEYCAP_EDGES_PX + max(
            metrics.horizontalAdvance(_key(action)) for action in commands.all()
        )
        for place, group in enumerate(shown):
            columns.addLayout(_block(group, keys_wide), place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 20)
        column.setSpacing(20)
        column.addWidget(title)
        column.addLayout(columns)
        column.addWidget(buttons)


def _block(group: Group, keys_wide: int) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, keys_wide)
    heading = QLabel(group.title.replace("&", ""))
    heading.setObjectName("section")
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, action in enumerate((a for a in group.actions if _key(a)), start=1):
        key = QLabel(_key(action))
        key.setObjectName("keycap")
        key.setAlignment(Qt.AlignmentFlag.AlignCenter)
        grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(QLabel(action.text()), row, 1)
    return grid


def _key(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
