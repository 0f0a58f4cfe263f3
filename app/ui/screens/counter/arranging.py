"""Pages moved, left out, put back; what stands otherwise than it came confirmed (sắp xếp trang)."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from app.domain.arrangement import LeftOut, Rearranged
from app.domain.page import Page
from app.ui.actions import Commands
from app.ui.models.page_marks import is_blank, is_twice
from app.ui.page_order import place_of
from app.ui.screens.counter.page_desk import PageDesk
from app.ui.screens.counter.work import CounterWork
from app.workflow.happenings import FedAgain

if TYPE_CHECKING:
    from app.workflow.counter import Counter


class Arranging(QObject):
    """Carries out what the commands ask for; every reason is one of a list, chosen by the clerk."""

    def __init__(
        self,
        work: CounterWork,
        desk: PageDesk,
        commands: Commands,
        *,
        say_next: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._desk = desk
        self._commands = commands
        self._say_next = say_next
        self._window = parent
        self._again: tuple[int, ...] = ()
        commands.move_up.triggered.connect(lambda: self._move(-1))
        commands.move_down.triggered.connect(lambda: self._move(1))
        commands.leave_out.triggered.connect(self._leave_out)
        commands.leave_fed_again.triggered.connect(self._leave_fed_again)
        commands.put_back.triggered.connect(self._put_back)
        commands.confirm_arrangement.triggered.connect(self._confirm)
        work.fed_again.connect(self._fed_again)
        work.changed_pages.connect(self._said)
        work.dossier_changed.connect(self._forget)

    def follow(self) -> None:
        """Offers what may be done now."""
        work, page = self._work, self._desk.current
        row, count = self._desk.rail.currentIndex().row(), self._desk.model.rowCount()
        ready = work.can_scan_at(page)
        self._commands.move_up.setEnabled(ready and row > 0)
        self._commands.move_down.setEnabled(ready and row < count - 1)
        self._commands.leave_out.setEnabled(ready and count > 1)
        may_change = work.can_scan and work.dossier is not None
        self._commands.put_back.setEnabled(may_change)
        self._commands.confirm_arrangement.setEnabled(may_change)
        self._commands.leave_fed_again.setEnabled(may_change and bool(self._again))
        self._commands.leave_fed_again.setVisible(bool(self._again))

    def _move(self, steps: int) -> None:
        page = self._desk.current
        if page is not None:
            place = place_of(page) + steps
            self._work.change(lambda counter, dossier: counter.move_page(dossier, page, place))

    def _leave_out(self) -> None:
        page = self._desk.current
        if page is None:
            return
        reason = _plain_reason(page) or self._ask(self.tr("Bỏ trang khỏi hồ sơ"), self._reasons_to_leave())
        if reason is not None:
            self._leave([page.number], reason)

    def _leave_fed_again(self) -> None:
        numbers, self._again = self._again, ()
        if numbers:
            self._leave(numbers, LeftOut.FED_TWICE.value)

    def _leave(self, numbers: Sequence[int], reason: str) -> None:
        chosen = LeftOut(reason)
        self._work.change(
            lambda counter, dossier: counter.leave_out(dossier, numbers, chosen),
            self.tr("Ảnh vẫn giữ trong lịch sử. Ctrl+Z đưa trang trở lại."),
        )

    def _put_back(self) -> None:
        self._work.change(_put_back_last)

    def _confirm(self) -> None:
        reason = self._ask(self.tr("Xác nhận cách xếp"), self._reasons_to_rearrange())
        if reason is not None:
            chosen = Rearranged(reason)
            self._work.change(
                lambda counter, dossier: counter.confirm_arrangement(dossier, chosen),
                self.tr("Đã ghi lý do vào nhật ký. Bấm Ký và gửi để làm tiếp."),
            )

    def _fed_again(self, news: FedAgain) -> None:
        """After a jam: the first sheets of this feed were kept before it."""
        self._again = news.numbers
        for row in range(self._desk.model.rowCount()):
            if self._desk.model.page(row).number == news.numbers[0]:
                self._desk.select_row(row)
        words = self.tr("%1 trang đầu của lượt này đã có từ trước: so ảnh, rồi chọn Bỏ các trang nạp lại.")
        self._say_next(words.replace("%1", str(len(news.numbers))))
        self.follow()

    def _said(self, words: str) -> None:
        if words:
            self._say_next(words)

    def _forget(self) -> None:
        self._again = ()
        self.follow()

    def _ask(self, title: str, reasons: Sequence[tuple[str, str]]) -> str | None:
        """One reason of a list; None where the clerk thinks better of it."""
        words = [told for _, told in reasons]
        label = self.tr("Lý do (ghi vào nhật ký):")
        chosen, said = QInputDialog.getItem(self._window, title, label, words, 0, editable=False)
        return dict(zip(words, (code for code, _ in reasons), strict=True)).get(chosen) if said else None

    def _reasons_to_leave(self) -> list[tuple[str, str]]:
        return [
            (LeftOut.NOT_OF_DOSSIER.value, self.tr("Không thuộc hồ sơ này")),
            (LeftOut.FED_TWICE.value, self.tr("Tờ này đã nạp hai lần")),
            (LeftOut.BLANK.value, self.tr("Trang trắng")),
            (LeftOut.POOR_IMAGE.value, self.tr("Ảnh hỏng, đã có trang quét lại")),
        ]

    def _reasons_to_rearrange(self) -> list[tuple[str, str]]:
        return [
            (Rearranged.PAPERS_MIXED.value, self.tr("Giấy nạp lộn xộn, đã xếp đúng như bản giấy")),
            (Rearranged.FED_AFTER_A_JAM.value, self.tr("Nạp lại sau khi kẹt giấy")),
            (Rearranged.AS_CHECKLIST.value, self.tr("Xếp theo danh mục thành phần hồ sơ")),
            (Rearranged.COUNTED_BY_HAND.value, self.tr("Đã đếm lại giấy: đủ trang")),
        ]


def _plain_reason(page: Page) -> str | None:
    """What the page's own mark says; another page needs the clerk's word."""
    if is_blank(page):
        return LeftOut.BLANK.value
    return LeftOut.FED_TWICE.value if is_twice(page) else None


def _put_back_last(counter: "Counter", dossier_id: str) -> None:
    """Puts the page back that was left out last, as far as one can be."""
    out = counter.left_out(dossier_id)
    if out:
        counter.put_back(dossier_id, [out[-1].number])
