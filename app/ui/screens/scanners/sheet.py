"""Scanners and ways of scanning: inventory, test page, profiles (máy quét và cấu hình)."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.notice import Notice
from app.ui.screens.scanners.devices_panel import DevicesPanel
from app.ui.screens.scanners.profile_form import ProfileForm
from app.ui.screens.scanners.work import ScannersWork
from app.ui.style import Style

if TYPE_CHECKING:
    from app.workflow.scanner_room import ScannersView, ShownProfile

_WIDTH_PX, _HEIGHT_PX = 860, 780
_PROFILES_PX = 300


class ScannersSheet(QDialog):
    """Shows what the station knows as long as it is open; everything is done by the work behind it."""

    def __init__(self, work: ScannersWork, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setWindowTitle(self.tr("Máy quét và cấu hình"))
        self._work = work
        self._profiles: tuple[ShownProfile, ...] = ()
        self._wanted = ""
        self.save_as: Callable[[str, str], str] = self._save_as
        self.open_file: Callable[[str, str], str] = self._open_file
        self.notice = Notice(style)
        self.devices = DevicesPanel()
        self.form = ProfileForm(style)
        self.list = QListWidget()
        self.list.setObjectName("procedure-list")
        self.list.setAccessibleName(self.tr("Cấu hình quét"))
        self.list.setFixedWidth(style.look.px(_PROFILES_PX))
        self.list.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.told = QLabel()
        self.told.setObjectName("hint")
        self.told.setWordWrap(True)
        self.search = _plain(self.tr("Tìm máy quét"))
        self.test = _plain(self.tr("Quét trang kiểm tra"))
        self.stop = _plain(self.tr("Dừng"))
        self.page = _plain(self.tr("Lưu trang kiểm tra để in…"))
        self.csv = _plain(self.tr("Xuất CSV…"))
        self.copy = _plain(self.tr("Nhân bản"))
        self.take = _plain(self.tr("Nhập TOML…"))
        self.give = _plain(self.tr("Xuất TOML…"))
        self.close_ = _plain(self.tr("Đóng"))
        self._lay_out()
        self._connect()
        self._follow()
        self.resize(style.look.px(_WIDTH_PX), style.look.px(_HEIGHT_PX))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Shows what is known by now."""
        super().showEvent(event)
        self._work.look()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """What was told is past when it is opened again; a test that nobody waits for is stopped."""
        super().hideEvent(event)
        self.notice.dismiss()
        self.told.clear()
        self._work.stop()

    def show_view(self, view: "ScannersView") -> None:
        """Shows scanners and profiles; what is selected stays selected."""
        self.devices.show_devices(view.devices, view.used)
        wanted, self._wanted = self._wanted or self._current_name(), ""
        self._profiles = view.profiles
        self.list.clear()
        for profile in view.profiles:
            marks = [self.tr("thường dùng")] if profile.usual else []
            marks += [self.tr("đã khóa")] if profile.locked else []
            self.list.addItem(QListWidgetItem(" · ".join([profile.title, *marks])))
        names = [profile.name for profile in view.profiles]
        if names:
            self.list.setCurrentRow(names.index(wanted) if wanted in names else 0)
        self._follow()

    def _current(self) -> "ShownProfile | None":
        row = self.list.currentRow()
        return self._profiles[row] if 0 <= row < len(self._profiles) else None

    def _current_name(self) -> str:
        profile = self._current()
        return profile.name if profile else ""

    def _connect(self) -> None:
        work = self._work
        work.seen.connect(self.show_view)
        work.tested.connect(self.devices.show_figures)
        work.failed.connect(self.notice.show_told)
        work.done.connect(self._done)
        work.changed.connect(self._follow)
        self.devices.selected.connect(self._follow)
        self.list.currentRowChanged.connect(lambda _: self.form.show_profile(self._current()))
        self.form.saved.connect(self._save)
        self.search.clicked.connect(self._find)
        self.test.clicked.connect(self._test)
        self.stop.clicked.connect(work.stop)
        self.page.clicked.connect(
            lambda: self._write(work.write_test_page, "trang-kiem-tra.pdf", "PDF (*.pdf)")
        )
        self.csv.clicked.connect(lambda: self._write(work.export_inventory, "may-quet.csv", "CSV (*.csv)"))
        self.give.clicked.connect(
            lambda: self._write(work.export_profiles, "cau-hinh-quet.toml", "TOML (*.toml)")
        )
        self.take.clicked.connect(self._take)
        self.copy.clicked.connect(lambda: work.copy_profile(self._current_name()))
        self.close_.clicked.connect(self.reject)

    def _follow(self) -> None:
        ready = self._work.ready
        for button in (self.search, self.page, self.csv, self.copy, self.take, self.give):
            button.setEnabled(ready)
        self.test.setEnabled(ready and bool(self.devices.current))
        self.stop.setVisible(self._work.busy)

    def _find(self) -> None:
        self.notice.dismiss()
        self.told.setText(self.tr("Đang hỏi các máy quét…"))
        self._work.find()

    def _test(self) -> None:
        self.notice.dismiss()
        self.told.setText(self.tr("Đang quét trang kiểm tra…"))
        self._work.test(self.devices.current)

    def _save(self, profile: "ShownProfile") -> None:
        self.notice.dismiss()
        self._work.save_profile(profile)

    def _write(self, act: Callable[[Path], None], name: str, kinds: str, _: bool = False) -> None:
        file = self.save_as(name, kinds)
        if file:
            self.notice.dismiss()
            act(Path(file))

    def _take(self) -> None:
        file = self.open_file(self.tr("Nhập cấu hình quét"), "TOML (*.toml)")
        if file:
            self.notice.dismiss()
            self._work.import_profiles(Path(file))

    def _done(self, what: str, outcome: object) -> None:
        if what in ("saved", "copied"):
            self._wanted = str(outcome)
        words = {
            "saved": self.tr("Đã lưu cấu hình."),
            "copied": self.tr("Đã nhân bản: bản sao sửa được."),
            "test-page": self.tr("Đã lưu trang kiểm tra. In ở 100 %, đặt vào khay, bấm Quét trang kiểm tra."),
            "inventory": self.tr("Đã xuất danh sách máy quét."),
            "profiles-out": self.tr("Đã xuất các cấu hình quét."),
            "profiles-in": self.tr("Đã nhập các cấu hình quét."),
        }
        self.told.setText(words.get(what, ""))

    def _save_as(self, name: str, kinds: str) -> str:
        return QFileDialog.getSaveFileName(self, self.windowTitle(), name, kinds)[0]

    def _open_file(self, title: str, kinds: str) -> str:
        return QFileDialog.getOpenFileName(self, title, "", kinds)[0]

    def _lay_out(self) -> None:
        title = QLabel(self.windowTitle())
        title.setObjectName("dialog-title")
        rule = QFrame()
        rule.setObjectName("rule")
        rule.setFixedHeight(1)
        below = QWidget()
        below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        profiles = QHBoxLayout(below)
        profiles.setContentsMargins(0, 0, 0, 0)
        profiles.setSpacing(18)
        profiles.addWidget(self.list)
        profiles.addWidget(self.form, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 20)
        column.setSpacing(10)
        column.addWidget(self.notice)
        column.addWidget(title)
        column.addWidget(_section(self.tr("Máy quét")))
        column.addWidget(self.devices, 1)
        column.addLayout(_row(self.search, self.test, self.stop, self.page, self.csv))
        column.addWidget(rule)
        column.addWidget(_section(self.tr("Cấu hình quét")))
        column.addWidget(below)
        column.addLayout(_row(self.copy, self.take, self.give))
        foot = QHBoxLayout()
        foot.addWidget(self.told, 1)
        foot.addWidget(self.close_)
        column.addLayout(foot)


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def _section(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("section")
    return label


def _plain(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName("plain")
    button.setAutoDefault(False)
    return button
