"""The line above the rail: how many images, and what they are (dòng đếm trang)."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.page import PageRole
from app.ui.models.page_marks import is_blank, is_twice
from app.ui.models.page_rail import PageRail

_NO_BREAK = "\N{NO-BREAK SPACE}"


class RailCounts(QLabel):
    """Counts the pages of the rail; what there is none of is left out."""

    def __init__(self, model: PageRail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail-counts")
        self.setWordWrap(True)
        self._model = model
        model.modelReset.connect(self._count)
        model.rowsInserted.connect(self._count)
        model.rowsRemoved.connect(self._count)
        model.dataChanged.connect(self._data_changed)
        self._count()

    def _data_changed(self, first: object, last: object, roles: list[int]) -> None:
        del first, last
        if list(roles) != [Qt.ItemDataRole.DecorationRole]:
            self._count()

    def _count(self) -> None:
        pages = self._model.pages()
        separators = sum(page.role is PageRole.SEPARATOR for page in pages)
        blanks = sum(is_blank(page) for page in pages)
        twice = sum(is_twice(page) for page in pages)
        parts = [
            self.tr("%n ảnh", "", len(pages)),
            self.tr("%n trang", "", len(pages) - separators),
            self.tr("%n tờ phân tách", "", separators) if separators else "",
            self.tr("%n trang trắng?", "", blanks) if blanks else "",
            self.tr("%n trang quét hai lần?", "", twice) if twice else "",
        ]
        # A line that is too long for the rail is broken between its parts, never within one.
        self.setText(f"{_NO_BREAK}· ".join(part.replace(" ", _NO_BREAK) for part in parts if part))
