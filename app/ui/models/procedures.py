"""Procedures narrowed by what the clerk types, with or without Vietnamese marks (danh mục thủ tục)."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.procedure import Procedure
from app.domain.text import fold

Index = QModelIndex | QPersistentModelIndex


class ProcedureChoices(QAbstractListModel):
    """The catalogue, showing only the procedures that have every word typed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[tuple[str, Procedure], ...] = ()
        self._shown: tuple[Procedure, ...] = ()

    def fill(self, procedures: Sequence[Procedure]) -> None:
        """Takes the catalogue and shows all of it."""
        self._all = tuple((fold(f"{p.code} {p.name} {p.field}"), p) for p in procedures)
        self.narrow("")

    def narrow(self, typed: str) -> None:
        """Shows the procedures that fit `typed`; all for an empty text."""
        words = fold(typed).split()
        self.beginResetModel()
        self._shown = tuple(p for folded, p in self._all if all(word in folded for word in words))
        self.endResetModel()

    def procedure(self, row: int) -> Procedure:
        """The procedure in row `row` of those shown."""
        return self._shown[row]

    def named(self, text: str) -> Procedure | None:
        """The procedure that `text` names by its code or as the list shows it, or None."""
        folded = fold(text)
        for _, procedure in self._all:
            if folded in (fold(label(procedure)), fold(procedure.name), procedure.code):
                return procedure
        return None

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many procedures are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The name in full for display, editing and reading aloud; field and code as a hint."""
        if not index.isValid() or not 0 <= index.row() < len(self._shown):
            return None
        procedure = self._shown[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return label(procedure)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{procedure.field} · {procedure.code}"
        return None


def label(procedure: Procedure) -> str:
    """A procedure as one line: name and code."""
    return f"{procedure.name} · {procedure.code}"
