"""Entries of the outbox that stand alike, under one heading (nhóm gói hồ sơ)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui.screens.outbox.entry_card import EntryCard

if TYPE_CHECKING:
    from app.workflow.outbox_view import ShownEntry


class Section(QWidget):
    """Hidden while there is none. Cards are kept from one look to the next, so that the focus stays."""

    made = Signal(object)  # EntryCard

    def __init__(self, heading: str, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._language = language
        self.cards: list[EntryCard] = []
        title = QLabel(heading)
        title.setObjectName("section")
        self._more = QLabel()
        self._more.setObjectName("hint")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(title)
        column.addLayout(self._rows)
        column.addWidget(self._more)
        self.hide()

    def show_entries(self, entries: "Sequence[ShownEntry]", total: int) -> None:
        """Shows entries in order; how many more there are is told below."""
        while len(self.cards) > len(entries):
            card = self.cards.pop()
            self._rows.removeWidget(card)
            card.hide()
            card.deleteLater()
        while len(self.cards) < len(entries):
            card = EntryCard(self._language)
            self.cards.append(card)
            self._rows.addWidget(card)
            self.made.emit(card)
        for card, shown in zip(self.cards, entries, strict=True):
            card.show_entry(shown)
        more = total - len(entries)
        self._more.setText(self.tr("và %n gói nữa", "", more) if more > 0 else "")
        self._more.setVisible(more > 0)
        self.setVisible(bool(entries))
