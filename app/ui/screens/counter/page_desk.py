"""Rail, canvas and facts side by side: where pages are looked at (bàn xem trang)."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.page import Page
from app.domain.suggestion import Suggestion
from app.ui.actions import Commands
from app.ui.canvas import Canvas
from app.ui.icons import pixmap
from app.ui.models.page_marks import mark_of
from app.ui.models.page_rail import PageRail
from app.ui.pictures import Pictures
from app.ui.screens.counter.fields_panel import FieldsPanel
from app.ui.screens.counter.page_facts import PageFacts
from app.ui.screens.counter.rail_counts import RailCounts
from app.ui.screens.counter.rail_view import RailView
from app.ui.style import Style
from app.ui.thumbnails import Thumbnails

RAIL_PX = 244
FACTS_PX = 236
CANVAS_PX = 400  # below that, the facts give way
_EMPTY_ICON_PX = 72


class PageDesk(QWidget):
    """Shows the page selected in the rail; while pages come in, the newest, until the clerk picks one."""

    page_selected = Signal(object)  # Page or None

    def __init__(
        self,
        model: PageRail,
        *,
        pictures: Pictures,
        thumbnails: Thumbnails,
        commands: Commands,
        style: Style,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self._thumbnails = thumbnails
        self._commands = commands
        self._style = style
        self._follows_newest = True
        self._shown = ""
        self.rail = RailView(style)
        self.rail.setModel(model)
        self.rail.addActions([*commands.of_a_page(), *commands.of_its_looks(), *commands.of_the_order()])
        self.rail.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.counts = RailCounts(model)
        self.canvas = Canvas(pictures, style)
        self.facts = PageFacts(style)
        self.fields = FieldsPanel()
        self._zoom = QLabel()
        self._zoom.setObjectName("zoom")
        self._mark = QLabel()
        self._mark.setObjectName("page-mark")
        self._empty_icon = QLabel()
        self._empty_title = _centred("empty-title")
        self._empty_text = _centred("empty-text")
        self._middle = QStackedWidget()
        self._lay_out()
        self.rail.selectionModel().currentChanged.connect(self._current_changed)
        self.rail.pressed.connect(self._picked)
        model.dataChanged.connect(self._data_changed)
        model.rowsInserted.connect(self._rows_inserted)
        model.rowsRemoved.connect(self._show_counts)
        model.layoutChanged.connect(self._show_counts)
        model.modelReset.connect(self._reset)
        self.canvas.zoomed.connect(self._show_zoom)
        commands.fit_page.triggered.connect(self.canvas.fit_page)
        commands.fit_width.triggered.connect(self.canvas.fit_width)
        commands.zoom_in.triggered.connect(self.canvas.zoom_in)
        commands.zoom_out.triggered.connect(self.canvas.zoom_out)
        commands.next_page.triggered.connect(lambda: self._move(1))
        commands.previous_page.triggered.connect(lambda: self._move(-1))
        style.changed.connect(self._restyle)
        self._restyle()
        self.select_row(-1)

    @property
    def current(self) -> Page | None:
        """The page selected, or None."""
        index = self.rail.currentIndex()
        return self.model.page(index.row()) if index.isValid() else None

    def follow_newest(self) -> None:
        """From now on shows each page as it comes, until the clerk picks one."""
        self._follows_newest = True

    def select_row(self, row: int) -> None:
        """Selects a row; -1 for none."""
        self.rail.setCurrentIndex(self.model.index(row) if row >= 0 else QModelIndex())
        if row < 0:
            self._show(None)

    def look_at(self, suggestion: Suggestion) -> None:
        """Frames the place that a field was read from, on its page."""
        for row in range(self.model.rowCount()):
            page = self.model.page(row)
            boxes = [spot.box for spot in suggestion.spots if spot.page_id == page.id]
            if boxes:
                if self.current is None or self.current.id != page.id:
                    self.select_row(row)
                self.canvas.mark(boxes)
                return
        self.canvas.mark(())

    def say_empty(self, title: str, text: str) -> None:
        """What stands in the middle while there are no pages."""
        self._empty_title.setText(title)
        self._empty_text.setText(text)

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        del previous
        self._show(self.model.page(current.row()) if current.isValid() else None)

    def _picked(self) -> None:
        self._follows_newest = self.rail.currentIndex().row() == self.model.rowCount() - 1

    def _rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        del parent, first
        if self._follows_newest or not self.rail.currentIndex().isValid():
            self.select_row(last)
            self.rail.scrollTo(self.model.index(last))
        self._show_counts()

    def _reset(self) -> None:
        self._follows_newest = True
        self.select_row(0 if self.model.rowCount() else -1)
        self._show_counts()

    def _data_changed(self, first: QModelIndex, last: QModelIndex, roles: list[int]) -> None:
        current = self.rail.currentIndex().row()
        if first.row() <= current <= last.row():
            page = self.model.page(current)
            if list(roles) == [Qt.ItemDataRole.DecorationRole]:
                self.canvas.show_preview(page, self._thumbnails.get(page))
            else:
                self._show(page)

    def _show(self, page: Page | None) -> None:
        self._middle.setCurrentIndex(0 if page is None else 1)
        self._share_width()
        mark = mark_of(page) if page else ""
        self._mark.setText(mark)
        self._mark.setVisible(bool(mark))
        if page is None or page.id != self._shown:
            self.canvas.mark(())
        self._shown = page.id if page else ""
        self.canvas.show_page(page, self._thumbnails.get(page) if page else None)
        self.facts.show_page(
            page,
            self.model.component(page) if page else None,
            rescanned=page is not None and self.model.is_rescanned(page),
        )
        self._show_counts()
        self.page_selected.emit(page)

    def _show_counts(self) -> None:
        row, count = self.rail.currentIndex().row(), self.model.rowCount()
        self._commands.previous_page.setEnabled(row > 0)
        self._commands.next_page.setEnabled(0 <= row < count - 1)
        for action in (
            self._commands.fit_page,
            self._commands.fit_width,
            self._commands.zoom_in,
            self._commands.zoom_out,
        ):
            action.setEnabled(count > 0)

    def _show_zoom(self, zoom: float) -> None:
        self._zoom.setText(f"{round(zoom * 100)} %")

    def _move(self, steps: int) -> None:
        row = self.rail.currentIndex().row() + steps
        if 0 <= row < self.model.rowCount():
            self.select_row(row)
            self._picked()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shares the width anew."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """The canvas comes first: in a narrow window the facts give way, then the rail grows narrower."""
        look, room = self._style.look, self.width()
        shown = self.rail.currentIndex().isValid()
        rail, facts = min(look.px(RAIL_PX), room * 2 // 5), look.px(FACTS_PX)
        self._rail_panel.setFixedWidth(rail)
        self._facts_panel.setFixedWidth(facts)
        self._rail_panel.setVisible(shown)
        self._facts_panel.setVisible(shown and room - rail - facts >= CANVAS_PX)

    def _restyle(self) -> None:
        self._share_width()
        look = self._style.look
        side = look.px(_EMPTY_ICON_PX)
        self._empty_icon.setPixmap(pixmap("scan", look.colour("muted"), side, self.devicePixelRatioF()))

    def _lay_out(self) -> None:
        bar = QFrame()
        bar.setObjectName("canvas-bar")
        tools = QHBoxLayout(bar)
        tools.setContentsMargins(12, 5, 12, 5)
        tools.setSpacing(4)
        commands = self._commands
        for action, text in (
            (commands.fit_page, self.tr("Vừa trang")),
            (commands.fit_width, self.tr("Vừa ngang")),
        ):
            tools.addWidget(_tool(action, text))
        tools.addStretch(1)
        tools.addWidget(self._mark)
        tools.addStretch(1)
        tools.addWidget(_tool(commands.zoom_out, "−"))
        tools.addWidget(self._zoom)
        tools.addWidget(_tool(commands.zoom_in, "+"))
        pages = QWidget()
        column = QVBoxLayout(pages)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.canvas, 1)
        self.canvas.setFrameShape(QFrame.Shape.NoFrame)
        self._middle.addWidget(self._empty())
        self._middle.addWidget(pages)
        self._facts_panel = QFrame()
        self._facts_panel.setObjectName("panel-right")
        inside = QVBoxLayout(self._facts_panel)
        inside.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setObjectName("panel-scroll")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        holding = QVBoxLayout(holder)
        holding.setContentsMargins(18, 16, 18, 16)
        holding.addWidget(self.fields)
        holding.addWidget(self.facts)
        scroll.setWidget(holder)
        inside.addWidget(scroll)
        self._rail_panel = QFrame()
        self._rail_panel.setObjectName("panel-rail")
        pile = QVBoxLayout(self._rail_panel)
        pile.setContentsMargins(0, 0, 0, 0)
        pile.setSpacing(0)
        pile.addWidget(self.counts)
        pile.addWidget(self.rail, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail_panel)
        row.addWidget(self._middle, 1)
        row.addWidget(self._facts_panel)

    def _empty(self) -> QWidget:
        empty = QWidget()
        empty.setObjectName("empty")
        empty.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(empty)
        column.setContentsMargins(40, 40, 40, 40)
        column.setSpacing(10)
        column.addStretch(1)
        column.addWidget(self._empty_icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(6)
        column.addWidget(self._empty_title)
        column.addWidget(self._empty_text)
        column.addStretch(1)
        return empty


def _tool(action: QAction, text: str) -> QToolButton:
    """A small button for `action` with a shorter text; its name in full is read aloud."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(action.toolTip())
    button.setAccessibleName(action.text())
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button


def _centred(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label
