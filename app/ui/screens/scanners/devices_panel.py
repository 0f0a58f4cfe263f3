"""The scanners of the station, one a line, and how the last test came out (danh sách máy quét)."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QSizePolicy, QVBoxLayout, QWidget

from app.domain.device import KnownDevice
from app.ui.figures import day_and_time, moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.workflow.scanner_room import MeasuredPage

_ID = Qt.ItemDataRole.UserRole
_LEAST_HEIGHT_PX = 130


class DevicesPanel(QWidget):
    """Shows the inventory; the scanner selected is the one that is tested."""

    selected = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setObjectName("procedure-list")
        self.list.setWordWrap(True)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.list.setMinimumHeight(_LEAST_HEIGHT_PX)
        self.list.setAccessibleName(self.tr("Máy quét"))
        self.list.currentRowChanged.connect(lambda _: self.selected.emit())
        self.none = QLabel(self.tr("Chưa biết máy nào. Bật máy quét rồi bấm Tìm máy quét."))
        self.none.setObjectName("hint")
        self.none.setWordWrap(True)
        self.figures = QLabel()
        self.figures.setObjectName("card-text")
        self.figures.setWordWrap(True)
        self.figures.setTextFormat(Qt.TextFormat.PlainText)
        self.figures.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.none)
        column.addWidget(self.list, 1)
        column.addWidget(self.figures)

    @property
    def current(self) -> str:
        """The id of the scanner selected; empty for none."""
        item = self.list.currentItem()
        return str(item.data(_ID)) if item is not None else ""

    def show_devices(self, devices: "Sequence[KnownDevice]", used: str) -> None:
        """Shows the scanners; the one selected stays selected, else the one in use."""
        wanted = self.current or used
        self.list.clear()
        for device in devices:
            item = QListWidgetItem(self._words(device, in_use=device.id == used))
            item.setData(_ID, device.id)
            self.list.addItem(item)
            if device.id == wanted:
                self.list.setCurrentItem(item)
        if self.list.currentRow() < 0 and self.list.count():
            self.list.setCurrentRow(0)
        self.none.setVisible(not devices)
        self.list.setVisible(bool(devices))

    def show_figures(self, told: "MeasuredPage") -> None:
        """Shows what a test page came to."""
        weak = self.tr("Kết quả đo: cần xem lại (%1)").replace("%1", ", ".join(told.weaknesses))
        verdict = self.tr("Kết quả đo: đạt") if told.good else weak
        figures = " · ".join(f"{name} {value}" for name, value in told.figures)
        self.figures.setText(f"{verdict}\n{figures}")
        self.figures.show()

    def _words(self, device: KnownDevice, *, in_use: bool) -> str:
        name = " ".join(part for part in (device.maker, device.model) if part) or device.id
        if in_use:
            name = " · ".join((name, self.tr("đang dùng")))
        serial = self.tr("số máy %1").replace("%1", device.serial) if device.serial else ""
        tested = moment_of(device.last_test_at or "")
        told = self._result(device.test_result)
        test = (
            self.tr("kiểm tra %1: %2").replace("%1", day_and_time(tested)).replace("%2", told)
            if tested
            else self.tr("chưa kiểm tra")
        )
        pages = self.tr("%n trang đã quét", "", device.pages_scanned)
        about = (self._connection(device.connection), serial, device.capabilities, pages, test)
        return f"{name}\n{' · '.join(part for part in about if part)}"

    def _connection(self, connection: str) -> str:
        return {
            "usb": "USB",
            "network": self.tr("mạng"),
            "folder": self.tr("thư mục"),
            "virtual": self.tr("máy quét ảo"),
        }.get(connection, "")

    def _result(self, words: str) -> str:
        """The note of a test in the clerk's words: what is wrong, or that it passed."""
        names = {
            "good": self.tr("đạt"),
            "test.blurred": self.tr("mờ"),
            "test.skewed": self.tr("kéo giấy lệch"),
            "test.streaked": self.tr("có vệt"),
            "test.tinted": self.tr("ám màu"),
            "test.flat": self.tr("thiếu tương phản"),
            "test.out-of-scale": self.tr("sai tỷ lệ"),
        }
        return ", ".join(names.get(word, word) for word in words.split(", "))
