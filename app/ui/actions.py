"""Every command of the window, once: menus, buttons and the sheet of shortcuts are made of these (lệnh)."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.ui.icons import icon
from app.ui.style import Style, Theme


@dataclass(frozen=True)
class Group:
    """Commands that belong together, in the order of a menu."""

    title: str
    actions: tuple[QAction, ...]


class Commands(QObject):
    """The QActions of the window. Keys are safe with Telex and VNI: no bare letters, no Ctrl+Shift."""

    def __init__(self, window: QWidget, style: Style) -> None:
        super().__init__(window)
        self._style = style
        self._icons: dict[QAction, str] = {}
        self.new = self._make(self.tr("Hồ sơ mới"), "F2", "new")
        self.procedure = self._make(self.tr("Chọn thủ tục"), "F4")
        self.checklist = self._make(self.tr("Tới danh mục thành phần"), "F8")
        self.accept_field = self._make(self.tr("Nhận trường này, sang trường cần xem"), "F7")
        self.scan = self._make(self.tr("Quét"), "F5", "scan")
        self.scan_when_asked = self._make(self.tr("Quét khi có giấy hoặc nút máy được bấm"), "Ctrl+F5")
        self.scan_backs = self._make(self.tr("Quét mặt sau (đã lật tập giấy)"), "F6")
        self.import_files = self._make(self.tr("Nhập tệp đã quét…"), "Ctrl+L")
        self.count_sheets = self._make(self.tr("Đếm số tờ…"), "Ctrl+T")
        self.stop = self._make(self.tr("Dừng"), "Esc", "stop")
        self.sign = self._make(self.tr("Ký và gửi"), "F9", "sign-send")
        self.result = self._make(self.tr("Xem kết quả"), "Ctrl+K", "ok")
        self.open_folder = self._make(self.tr("Mở thư mục kết quả"), "Ctrl+O", "outbox")
        self.outbox = self._make(self.tr("Hộp gửi…"), "Ctrl+H", "outbox")
        self.scanners = self._make(self.tr("Máy quét và cấu hình…"), "Ctrl+M", "scan")
        self.retry = self._make(self.tr("Thử lại"), "")
        self.quit = self._make(self.tr("Thoát"), "Ctrl+Q")
        self.previous_page = self._make(self.tr("Trang trước"), "Ctrl+PgUp")
        self.next_page = self._make(self.tr("Trang sau"), "Ctrl+PgDown")
        self.rescan = self._make(self.tr("Quét lại trang này"), "Ctrl+R")
        self.insert_page = self._make(self.tr("Chèn trang sau trang này"), "Ctrl+I")
        self.without_note = self._make(self.tr("Chụp lại trang này sau khi bóc giấy nhớ"), "Ctrl+G")
        self.turn_left, self.turn_right, self.straighten, self.not_blank = self._make_looks()
        self.move_up = self._make(self.tr("Chuyển trang lên"), "Alt+Up")
        self.move_down = self._make(self.tr("Chuyển trang xuống"), "Alt+Down")
        self.leave_out = self._make(self.tr("Bỏ trang khỏi hồ sơ"), "Del")
        self.put_back = self._make(self.tr("Đưa trang đã bỏ trở lại"), "Ctrl+Z")
        self.leave_fed_again = self._make(self.tr("Bỏ các trang nạp lại"), "")
        self.confirm_arrangement = self._make(self.tr("Xác nhận cách xếp"), "")
        self.zoom_in = self._make(self.tr("Phóng to trang"), "Ctrl+=", also="Ctrl++")
        self.zoom_out = self._make(self.tr("Thu nhỏ trang"), "Ctrl+-")
        self.fit_page = self._make(self.tr("Vừa trang"), "Ctrl+0")
        self.fit_width = self._make(self.tr("Vừa chiều ngang"), "Ctrl+9")
        self.larger = self._make(self.tr("Chữ to hơn"), "Alt+=")
        self.smaller = self._make(self.tr("Chữ nhỏ hơn"), "Alt+-")
        self.shortcuts = self._make(self.tr("Bảng phím tắt"), "F1")
        self.themes = self._make_themes()
        self.larger.triggered.connect(lambda: style.step_scale(1))
        self.smaller.triggered.connect(lambda: style.step_scale(-1))
        for action in (
            *(self.stop, self.accept_field, self.scan_backs, self.count_sheets),
            *(*self.of_a_page(), *self.of_its_looks(), *self.of_the_order()),
        ):
            action.setEnabled(False)
        self.leave_fed_again.setVisible(False)
        self.retry.setVisible(False)
        window.addActions(list(self.all()))
        style.changed.connect(self._draw_icons)
        self._draw_icons()

    def groups(self) -> tuple[Group, ...]:
        """The commands as menus and the sheet of shortcuts show them."""
        return (
            Group(self.tr("&Hồ sơ"), (self.new, self.procedure, self.checklist, self.quit)),
            Group(
                self.tr("&Xử lý"),
                (
                    self.scan,
                    self.scan_when_asked,
                    self.scan_backs,
                    self.import_files,
                    self.count_sheets,
                    self.stop,
                    self.accept_field,
                    self.sign,
                    self.result,
                    self.open_folder,
                    self.outbox,
                    self.scanners,
                    self.retry,
                ),
            ),
            Group(
                self.tr("&Trang"),
                (
                    self.previous_page,
                    self.next_page,
                    *self.of_a_page(),
                    *self.of_its_looks(),
                    *self.of_the_order(),
                    self.fit_page,
                    self.fit_width,
                    self.zoom_in,
                    self.zoom_out,
                ),
            ),
            Group(self.tr("&Giao diện"), (self.larger, self.smaller, *self.themes.values())),
            Group(self.tr("Trợ &giúp"), (self.shortcuts,)),
        )

    def of_a_page(self) -> tuple[QAction, ...]:
        """The commands that change the page selected: the rail's own menu."""
        return (self.rescan, self.insert_page, self.without_note)

    def of_its_looks(self) -> tuple[QAction, ...]:
        """The commands that read the page selected anew, as the clerk says it lies."""
        return (self.turn_left, self.turn_right, self.straighten, self.not_blank)

    def of_the_order(self) -> tuple[QAction, ...]:
        """The commands that say which pages stand where."""
        return (
            *(self.move_up, self.move_down, self.leave_out),
            *(self.leave_fed_again, self.put_back, self.confirm_arrangement),
        )

    def all(self) -> Iterator[QAction]:
        """Every command."""
        for group in self.groups():
            yield from group.actions

    def fill(self, bar: QMenuBar, unfinished: QMenu) -> None:
        """Puts the commands into the menu bar, with the menu of unfinished dossiers in the first one."""
        apart = (
            self.quit,
            self.rescan,
            self.turn_left,
            self.move_up,
            self.fit_page,
            self.themes[Theme.SYSTEM],
        )
        for group in self.groups():
            menu = bar.addMenu(group.title)
            for action in group.actions:
                if action in apart:
                    menu.addSeparator()
                menu.addAction(action)
                if action is self.checklist:
                    menu.addMenu(unfinished)

    def _make(self, text: str, keys: str, icon_name: str = "", also: str = "") -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(chord) for chord in (keys, also) if chord])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        if icon_name:
            self._icons[action] = icon_name
        if keys:
            shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{text} ({shown})")
        return action

    def _make_looks(self) -> tuple[QAction, QAction, QAction, QAction]:
        return (
            self._make(self.tr("Xoay trang sang trái"), "Ctrl+Left", "rotate-left"),
            self._make(self.tr("Xoay trang sang phải"), "Ctrl+Right", "rotate-right"),
            self._make(self.tr("Chỉnh thẳng trang…"), "Ctrl+J"),
            self._make(self.tr("Trang này không trắng"), "Ctrl+B"),
        )

    def _make_themes(self) -> dict[Theme, QAction]:
        names = {
            Theme.SYSTEM: self.tr("Màu như hệ thống"),
            Theme.LIGHT: self.tr("Nền sáng"),
            Theme.DARK: self.tr("Nền tối"),
            Theme.CONTRAST: self.tr("Tương phản cao"),
        }
        group = QActionGroup(self)
        actions = {}
        for theme, name in names.items():
            action = group.addAction(QAction(name, self))
            action.setCheckable(True)
            action.setChecked(theme is self._style.theme)
            action.triggered.connect(lambda _=False, chosen=theme: self._style.choose(theme=chosen))
            actions[theme] = action
        return actions

    def _draw_icons(self) -> None:
        look = self._style.look
        for action, name in self._icons.items():
            action.setIcon(icon(name, look.colour("text"), look.colour("disabled")))
