"""The ways in which pages come into the dossier: scanned, waited for, turned over, from files (nạp trang)."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from app.domain.page import Page
from app.ui.actions import Commands
from app.ui.notice import Told
from app.ui.page_order import place_of
from app.ui.screens.counter.page_desk import PageDesk
from app.ui.screens.counter.progress_strip import ProgressStrip
from app.ui.screens.counter.reception import Reception, ReceptionForm
from app.ui.screens.counter.work import CounterWork

_PAGE_FILES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf", ".heic", ".heif")
_MOST_SHEETS = 9999
_OF_THE_FEEDER = frozenset(
    {
        "scan.jammed",
        "scan.double-feed",
        "scan.cover-open",
        "scan.truncated",
        "scan.io",
        "scan.worker-died",
        "scan.not-answering",
    }
)


class Feeding(QObject):
    """Starts what the commands for pages ask for, and says meanwhile what is waited for."""

    def __init__(
        self,
        work: CounterWork,
        form: ReceptionForm,
        desk: PageDesk,
        progress: ProgressStrip,
        commands: Commands,
        *,
        show: Callable[[], None],
        say_next: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._form = form
        self._desk = desk
        self._progress = progress
        self._commands = commands
        self._show = show
        self._say_next = say_next
        self._window = parent
        self._of_a_stack = False
        work.failed.connect(self._show_last_good)
        commands.scan.triggered.connect(self._scan)
        commands.scan_when_asked.triggered.connect(self._scan_when_asked)
        commands.scan_backs.triggered.connect(self._scan_backs)
        commands.import_files.triggered.connect(self._choose_files)
        commands.count_sheets.triggered.connect(self._count_sheets)
        commands.rescan.triggered.connect(self._rescan)
        commands.insert_page.triggered.connect(self._insert_page)
        commands.without_note.triggered.connect(self._scan_without_note)

    def follow(self) -> None:
        """Offers what may be done now."""
        work, commands = self._work, self._commands
        for action in (commands.scan, commands.scan_when_asked, commands.import_files):
            action.setEnabled(work.can_scan)
        commands.scan.setText(self.tr("Quét tiếp") if work.pages else self.tr("Quét"))
        commands.scan_backs.setEnabled(work.can_scan and bool(work.pages))
        commands.count_sheets.setEnabled(work.can_scan and work.dossier is not None)

    def take_files(self, files: Sequence[Path]) -> None:
        """Takes scans that are files already, chosen or dropped."""
        if not files or not self._work.can_scan:
            return
        ready, reception = self._received()
        if ready:
            self._expect(self.tr("Đang nhập tệp…"))
            self._work.import_files(reception, files)

    def _scan(self) -> None:
        ready, reception = self._received()
        if ready:
            self._expect(self.tr("Đang gọi máy quét…"))
            self._work.scan(reception)

    def _scan_when_asked(self) -> None:
        ready, reception = self._received()
        if ready:
            self._expect(self.tr("Đang chờ giấy hoặc nút bấm trên máy quét…"))
            self._work.scan(reception, when_asked=True)

    def _scan_backs(self) -> None:
        self._expect(self.tr("Đang quét mặt sau…"))
        self._work.scan_backs()

    def _choose_files(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in _PAGE_FILES)
        files, _ = QFileDialog.getOpenFileNames(
            self._window,
            self.tr("Nhập tệp đã quét"),
            filter=self.tr("Trang đã quét (%1)").replace("%1", patterns),
        )
        self.take_files([Path(file) for file in files])

    def _count_sheets(self) -> None:
        dossier = self._work.dossier
        if dossier is None:
            return
        number, said = QInputDialog.getInt(
            self._window,
            self.tr("Đếm số tờ"),
            self.tr("Số tờ giấy của hồ sơ, không kể tờ phân tách (0 là không đếm):"),
            dossier.sheets_expected or 0,
            0,
            _MOST_SHEETS,
        )
        if said:
            sheets = number or None
            self._work.change(lambda counter, dossier_id: counter.count_sheets(dossier_id, sheets))

    def _rescan(self) -> None:
        page = self._page()
        if page is not None:
            self._say_put_in(self.tr("Đặt tờ cần quét lại vào khay, ảnh mới sẽ thay trang %1."), page)
            self._work.rescan(page)

    def _insert_page(self) -> None:
        page = self._page()
        if page is not None:
            self._say_put_in(self.tr("Đặt tờ cần chèn vào khay, trang mới sẽ đứng sau trang %1."), page)
            self._desk.follow_newest()
            self._work.insert_after(page)

    def _scan_without_note(self) -> None:
        page = self._page()
        if page is not None:
            self._say_put_in(self.tr("Bóc giấy nhớ, đặt lại tờ vào khay: ảnh mới đứng sau trang %1."), page)
            self._desk.follow_newest()
            self._work.scan_without_note(page)

    def _show_last_good(self, told: Told) -> None:
        """After a fault in a stack: the last sheet that was kept, by its picture (tờ cuối đã nhận).

        A page that is scanned again in its place stays selected: the same command goes on with it.
        """
        last = self._desk.model.rowCount() - 1
        if self._of_a_stack and told.message.code in _OF_THE_FEEDER and last >= 0:
            self._desk.select_row(last)
            self._say_next(
                self.tr("Tờ cuối đã nhận đang hiện ở trên: nạp lại từ tờ kế tiếp, rồi bấm Quét tiếp.")
            )

    def _page(self) -> Page | None:
        """The page selected, where it may be scanned again."""
        page = self._desk.current
        return page if self._work.can_scan_at(page) else None

    def _say_put_in(self, words: str, page: Page) -> None:
        """Says which sheet belongs in the feeder, until its image is there."""
        self._of_a_stack = False
        self._progress.start(words.replace("%1", str(place_of(page))), until_page=True)

    def _received(self) -> tuple[bool, Reception | None]:
        """Whether there is a dossier for pages, and what a new one is to be."""
        if self._work.dossier is not None:
            return True, None
        reception = self._form.reception()
        return reception is not None, reception

    def _expect(self, words: str) -> None:
        self._of_a_stack = True
        self._desk.follow_newest()
        self._progress.start(words)
        self._show()
        self._desk.rail.setFocus()


def dropped_files(event: QDropEvent) -> list[Path]:
    """The files of this computer that are dropped and may hold pages."""
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [file for file in files if file.suffix.lower() in _PAGE_FILES]
