"""What a doubtful word of a field may be instead, a click away; nothing is changed unasked (gợi ý chữ)."""

import re
from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.suggestion import WordChoice


class WordChoices(QLabel):
    """A line for each doubtful word with the other spellings as links, for the mouse and the keyboard."""

    chosen = Signal(str, str)  # the word as it was read, the word to stand in its place

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[WordChoice, ...] = ()
        self.setObjectName("field-choices")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(self._follow)
        self.show_choices((), "")

    def show_choices(self, choices: Sequence[WordChoice], text: str) -> None:
        """Offers what there is for the words that stand in `text`."""
        self._choices = tuple(choice for choice in choices if _place(choice.word, text) is not None)
        lines = []
        for at, choice in enumerate(self._choices):
            links = [
                f'<a href="{at},{number}">{escape(word)}</a>' for number, word in enumerate(choice.instead)
            ]
            line = self.tr("%1: hay là %2?").replace("%1", escape(choice.word))
            lines.append(line.replace("%2", " · ".join(links)))
        self.setText("<br>".join(lines))
        self.setVisible(bool(lines))

    def _follow(self, link: str) -> None:
        at, _, number = link.partition(",")
        choice = self._choices[int(at)]
        self.chosen.emit(choice.word, choice.instead[int(number)])


def with_word(text: str, word: str, instead: str) -> str:
    """`text` with the first `word` of it replaced."""
    place = _place(word, text)
    return text if place is None else f"{text[: place.start()]}{instead}{text[place.end() :]}"


def _place(word: str, text: str) -> "re.Match[str] | None":
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
