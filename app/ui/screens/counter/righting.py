"""A page put right by hand: turned, straightened, not blank after all (chỉnh trang bằng tay)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from app.domain.page import Page, PageRole
from app.ui.actions import Commands
from app.ui.models.page_marks import is_blank
from app.ui.screens.counter.page_desk import PageDesk
from app.ui.screens.counter.work import CounterWork

if TYPE_CHECKING:
    from app.workflow.counter import Counter

_MOST_DEG = 15.0


class Righting(QObject):
    """The page is made anew from the image as captured and read again; it takes a second or two."""

    def __init__(self, work: CounterWork, desk: PageDesk, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent)
        self._work = work
        self._desk = desk
        self._commands = commands
        self._window = parent
        commands.turn_left.triggered.connect(lambda: self._turn(270))
        commands.turn_right.triggered.connect(lambda: self._turn(90))
        commands.straighten.triggered.connect(self._straighten)
        commands.not_blank.triggered.connect(self._not_blank)

    def follow(self) -> None:
        """Offers what may be done now."""
        page = self._desk.current
        ready = self._work.can_scan_at(page) and page is not None and page.role is PageRole.PAPER
        ready = ready and page is not None and page.is_read
        for action in self._commands.of_its_looks():
            action.setEnabled(ready)
        self._commands.not_blank.setEnabled(ready and page is not None and is_blank(page))

    def _turn(self, clockwise: int) -> None:
        self._redo(lambda counter, dossier, page: counter.redo_page(dossier, page, turn=clockwise))

    def _straighten(self) -> None:
        if self._desk.current is None:
            return
        title, label = self.tr("Chỉnh thẳng trang"), self.tr("Xoay thêm bao nhiêu độ (số âm: sang phải):")
        angle, said = QInputDialog.getDouble(
            self._window, title, label, 0.0, -_MOST_DEG, _MOST_DEG, 1, step=0.1
        )
        if said and angle:
            self._redo(lambda counter, dossier, page: counter.redo_page(dossier, page, straighten_deg=angle))

    def _not_blank(self) -> None:
        self._redo(lambda counter, dossier, page: counter.redo_page(dossier, page, blank=False))

    def _redo(self, redo: "Callable[[Counter, str, Page], None]") -> None:
        page = self._desk.current
        if page is not None and self._work.can_scan_at(page):
            self._work.change(
                lambda counter, dossier: redo(counter, dossier, page), self.tr("Đã đọc lại trang này.")
            )
