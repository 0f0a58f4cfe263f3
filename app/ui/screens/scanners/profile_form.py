"""One way of scanning to look at and to change; a locked one can only be looked at (cấu hình quét)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.ui.style import Style

if TYPE_CHECKING:
    from app.workflow.scanner_room import ShownProfile

_LEAST_DPI, _MOST_DPI = 200, 2400
_FIELD_PX = 34


class ProfileForm(QWidget):
    """Shows a profile; `saved` brings it as it was changed."""

    saved = Signal(object)  # ShownProfile

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: ShownProfile | None = None
        self.title = QLineEdit()
        self.title.setMaxLength(100)
        self.source = self._choice(
            ("feeder", self.tr("Khay nạp, một mặt")),
            ("duplex", self.tr("Khay nạp, hai mặt")),
            ("flatbed", self.tr("Mặt kính")),
        )
        self.mode = self._choice(
            ("color", self.tr("Màu")), ("grey", self.tr("Xám")), ("bitonal", self.tr("Đen trắng"))
        )
        self.dpi = QSpinBox()
        self.dpi.setRange(_LEAST_DPI, _MOST_DPI)
        self.dpi.setSingleStep(100)
        self.dpi.setSuffix(" dpi")
        self.brightness = QSpinBox()
        self.brightness.setRange(-100, 100)
        self.brightness.setSuffix(" %")
        self.multifeed = self._choice(
            ("yes", self.tr("Dừng khi kéo hai tờ")),
            ("no", self.tr("Cho qua")),
            ("device", self.tr("Như máy đang đặt")),
        )
        self.blank = self._choice(
            ("mark", self.tr("Đánh dấu mọi trang trắng")),
            ("mark-backs", self.tr("Chỉ đánh dấu mặt sau trắng")),
            ("ignore", self.tr("Không xét trang trắng")),
        )
        self.lock = QLabel(self.tr("Quản trị viên đã khóa: nhân bản để có bản sửa được."))
        self.lock.setObjectName("caution")
        self.save = QPushButton(self.tr("Lưu cấu hình"))
        self.save.setObjectName("primary")
        self.save.setAutoDefault(False)
        self.save.clicked.connect(self._save)
        self.title.textChanged.connect(self._follow)
        rows = QGridLayout()
        rows.setHorizontalSpacing(14)
        rows.setVerticalSpacing(3)
        for place, (words, field) in enumerate(
            (
                (self.tr("Nguồn giấy"), self.source),
                (self.tr("Màu sắc"), self.mode),
                (self.tr("Độ phân giải"), self.dpi),
                (self.tr("Độ sáng"), self.brightness),
                (self.tr("Kéo hai tờ"), self.multifeed),
                (self.tr("Trang trắng"), self.blank),
            )
        ):
            row, side = divmod(place, 2)
            rows.addWidget(_label(words, field), 2 * row, side)
            rows.addWidget(field, 2 * row + 1, side)
        for side in (0, 1):
            rows.setColumnStretch(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.lock)
        column.addWidget(_label(self.tr("Tên gọi"), self.title))
        column.addWidget(self.title)
        column.addLayout(rows)
        column.addWidget(self.save)
        column.addStretch(1)
        for field in self._fields():
            field.setMinimumHeight(style.look.px(_FIELD_PX))
        self.show_profile(None)

    def show_profile(self, profile: "ShownProfile | None") -> None:
        """Shows a profile, or none."""
        self._shown = profile
        self.lock.setVisible(profile is not None and profile.locked)
        for field in self._fields():
            field.setEnabled(profile is not None and not profile.locked)
        if profile is not None:
            self.title.setText(profile.title)
            self.source.setCurrentIndex(self.source.findData(profile.source))
            self.mode.setCurrentIndex(self.mode.findData(profile.mode))
            self.dpi.setValue(profile.dpi)
            self.brightness.setValue(profile.brightness)
            stops = {True: "yes", False: "no", None: "device"}[profile.multifeed]
            self.multifeed.setCurrentIndex(self.multifeed.findData(stops))
            self.blank.setCurrentIndex(self.blank.findData(profile.blank_policy))
        self._follow()

    def _fields(self) -> tuple[QWidget, ...]:
        return (self.title, self.source, self.mode, self.dpi, self.brightness, self.multifeed, self.blank)

    def _follow(self) -> None:
        profile = self._shown
        self.save.setEnabled(profile is not None and not profile.locked and bool(self.title.text().strip()))

    def _save(self) -> None:
        if self._shown is not None:
            self.saved.emit(
                replace(
                    self._shown,
                    title=self.title.text().strip(),
                    source=self.source.currentData(),
                    mode=self.mode.currentData(),
                    dpi=self.dpi.value(),
                    brightness=self.brightness.value(),
                    multifeed={"yes": True, "no": False, "device": None}[self.multifeed.currentData()],
                    blank_policy=self.blank.currentData(),
                )
            )

    def _choice(self, *choices: tuple[str, str]) -> QComboBox:
        box = QComboBox()
        for value, words in choices:
            box.addItem(words, value)
        return box


def _label(words: str, field: QWidget) -> QLabel:
    label = QLabel(words)
    label.setObjectName("field-label")
    label.setBuddy(field)
    field.setAccessibleName(words)
    if isinstance(field, QSpinBox):
        field.lineEdit().setAccessibleName(words)
    return label
