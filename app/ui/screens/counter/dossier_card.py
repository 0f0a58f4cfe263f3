"""The dossier at work in short: applicant, procedure, and how far each component is (thẻ hồ sơ)."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.dossier import Component, Dossier
from app.domain.person import masked
from app.ui.chip import Chip
from app.ui.figures import day_and_time
from app.ui.style import Style


class DossierCard(QWidget):
    """Takes the place of the form once the dossier is open: nothing of it can be typed over any more."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._rows: dict[str, ComponentRow] = {}
        self._name = QLabel()
        self._name.setObjectName("card-name")
        self._name.setWordWrap(True)
        self._number = _text("hint")
        self._procedure = _text("card-text")
        self._code = _text("hint")
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._received = _text("hint")
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(_section(self.tr("Người nộp")))
        column.addWidget(self._name)
        column.addWidget(self._number)
        column.addSpacing(14)
        column.addWidget(_section(self.tr("Thủ tục")))
        column.addWidget(self._procedure)
        column.addWidget(self._received)
        column.addWidget(self._code)
        column.addSpacing(14)
        column.addWidget(_section(self.tr("Thành phần hồ sơ")))
        column.addLayout(self._list)
        column.addStretch(1)

    def show_dossier(
        self, dossier: Dossier, components: tuple[Component, ...], counts: Mapping[str, int]
    ) -> None:
        """Shows a dossier with the number of pages of each component."""
        number = dossier.applicant.personal_id
        self._name.setText(dossier.applicant.full_name)
        self._number.setText(
            self.tr("Số định danh %1").replace("%1", masked(number))
            if number
            else self.tr("Không có số định danh")
        )
        self._procedure.setText(dossier.procedure_name)
        self._received.setText(self.tr("Tiếp nhận %1").replace("%1", day_and_time(dossier.received_at)))
        self._code.setText(_breakable(dossier.code))
        self._code.setToolTip(self.tr("Mã tạm; mã hồ sơ chính thức do máy chủ của tỉnh cấp"))
        if self._rows.keys() != {component.id for component in components}:
            self._make_rows(components)
        for component in components:
            self._rows[component.id].show_component(component, counts.get(component.id, 0))

    def component_changed(self, component: Component) -> None:
        """Shows a component that got a step further."""
        row = self._rows.get(component.id)
        if row is not None:
            row.show_component(component, None)

    def _make_rows(self, components: tuple[Component, ...]) -> None:
        for old in self._rows.values():
            self._list.removeWidget(old)
            old.deleteLater()
        self._rows = {component.id: ComponentRow(component, self._style) for component in components}
        for row in self._rows.values():
            self._list.addWidget(row)


class ComponentRow(QFrame):
    """One component: its number and colour, its name, its pages, its step."""

    def __init__(self, component: Component, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("component-row")
        self._count = 0
        self._name = QLabel(component.name)
        self._name.setWordWrap(True)
        self._state = _text("hint")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._state)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 9, 10, 9)
        row.setSpacing(10)
        row.addWidget(Chip(component.ordinal, style), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_component(self, component: Component, pages: int | None) -> None:
        """Shows the component's pages (None leaves the number as it is) and its step."""
        if pages is not None:
            self._count = pages
        count = self.tr("%n trang", "", self._count) if self._count else ""
        step = self._step(component)
        self._state.setText(" · ".join(part for part in (count, step) if part))
        self.setAccessibleName(f"{component.name}. {self._state.text()}")

    def _step(self, component: Component) -> str:
        if component.signed:
            return self.tr("Đã ký")
        if component.coded:
            return self.tr("Đã cấp mã")
        if component.built:
            return self.tr("Đã lập PDF")
        return "" if self._count else self.tr("Chưa có trang")


def _text(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    return label


def _section(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("section")
    return label


def _breakable(code: str) -> str:
    """A long code that may be broken after its hyphens."""
    return code.replace("-", "-\u200b")
