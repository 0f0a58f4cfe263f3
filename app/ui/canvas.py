"""The page in large: fitted, zoomed, scrolled and dragged, decoded no larger than shown (khung xem trang)."""

from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app.domain.page import Page
from app.ui.page_order import place_of
from app.ui.pictures import Picture, Pictures
from app.ui.style import Style

MARGIN_PX = 20
ZOOM_STEP = 1.25
SMALLEST, LARGEST = 0.05, 4.0  # screen px for each px of the image
MOST_PIXELS = 40_000_000  # an A3 page at 400 dpi; beyond that the screen enlarges
_SETTLE_MS = 60  # a window being resized is not decoded at every step


class Fit(Enum):
    """How the page is laid into the view."""

    PAGE = "page"  # vừa trang
    WIDTH = "width"  # vừa ngang
    FREE = "free"  # theo mức phóng


class Canvas(QAbstractScrollArea):
    """Shows one page; the clerk fits, zooms, scrolls, or drags it with the mouse."""

    zoomed = Signal(float)  # screen px for each px of the image

    def __init__(self, pictures: Pictures, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._style = style
        self._locate: Callable[[Page], Path] | None = None
        self._page: Page | None = None
        self._image = QImage()
        self._full = QSize()
        self._asked = QSize()
        self._fit = Fit.PAGE
        self._zoom = 1.0
        self._drag: QPoint | None = None
        self._unreadable = False
        self._marked: tuple[tuple[int, int, int, int], ...] = ()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._decode)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Ảnh trang"))
        self.viewport().setMouseTracking(False)
        self._style.changed.connect(self.viewport().update)

    def read_from(self, locate: Callable[[Page], Path]) -> None:
        """Sets where a page's file is found; `locate` is called off the window's thread."""
        self._locate = locate

    def show_page(self, page: Page | None, preview: QImage | None = None) -> None:
        """Shows `page`, first as its `preview` until it is decoded; None clears the view."""
        same_blob = self._page is not None and page is not None and _blob(self._page) == _blob(page)
        same_page = self._page is not None and page is not None and self._page.id == page.id
        self._page = page
        if same_blob:
            self.viewport().update()
            return
        self._unreadable = False
        self._asked = QSize()
        if not same_page:
            self._image = preview if preview is not None else QImage()
            self._full = QSize(page.width_px, page.height_px) if page else QSize()
            self.horizontalScrollBar().setValue(0)
            self.verticalScrollBar().setValue(0)
        self.setAccessibleDescription(self._described())
        self._lay_out()
        self._decode()

    def show_preview(self, page: Page, preview: QImage | None) -> None:
        """Takes a thumbnail that came after its page was chosen; ignored once the page itself is there."""
        if (
            self._page is not None
            and self._page.id == page.id
            and self._image.isNull()
            and preview is not None
        ):
            self._image = preview
            self.viewport().update()

    def mark(self, boxes: Sequence[tuple[int, int, int, int]]) -> None:
        """Frames places on the page: left, top, right, lower edge in px of its image; none for no place."""
        self._marked = tuple(boxes)
        self.viewport().update()

    def fit_page(self) -> None:
        """The whole page in the view."""
        self._fit = Fit.PAGE
        self._lay_out()
        self._decode()

    def fit_width(self) -> None:
        """The page as wide as the view."""
        self._fit = Fit.WIDTH
        self._lay_out()
        self._decode()

    def zoom_in(self) -> None:
        """Larger by one step."""
        self._zoom_to(self._zoom * ZOOM_STEP)

    def zoom_out(self) -> None:
        """Smaller by one step."""
        self._zoom_to(self._zoom / ZOOM_STEP)

    @property
    def zoom(self) -> float:
        """Screen px for each px of the image."""
        return self._zoom

    @property
    def shown_size(self) -> QSize:
        """The size of the decoded image in px, for looking after memory."""
        return self._image.size()

    # -- layout ------------------------------------------------------------------------------
    def _lay_out(self) -> None:
        view = self.viewport().size()
        if self._full.isEmpty():
            self._set_ranges(QSize())
            return
        room_wide = max(1, view.width() - 2 * MARGIN_PX)
        room_high = max(1, view.height() - 2 * MARGIN_PX)
        if self._fit is Fit.PAGE:
            self._zoom = min(room_wide / self._full.width(), room_high / self._full.height())
        elif self._fit is Fit.WIDTH:
            self._zoom = room_wide / self._full.width()
        self._set_ranges(self._drawn_size())
        self.zoomed.emit(self._zoom)
        self.viewport().update()

    def _drawn_size(self) -> QSize:
        return QSize(round(self._full.width() * self._zoom), round(self._full.height() * self._zoom))

    def _set_ranges(self, drawn: QSize) -> None:
        view = self.viewport().size()
        for bar, length, room in (
            (self.horizontalScrollBar(), drawn.width(), view.width()),
            (self.verticalScrollBar(), drawn.height(), view.height()),
        ):
            whole = length + 2 * MARGIN_PX if length else 0
            bar.setRange(0, max(0, whole - room))
            bar.setPageStep(room)
            bar.setSingleStep(max(20, room // 20))

    def _page_rect(self) -> QRect:
        drawn, view = self._drawn_size(), self.viewport().size()
        left = max(MARGIN_PX, (view.width() - drawn.width()) // 2) - self.horizontalScrollBar().value()
        top = max(MARGIN_PX, (view.height() - drawn.height()) // 2) - self.verticalScrollBar().value()
        return QRect(QPoint(left, top), drawn)

    def _zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        if self._full.isEmpty():
            return
        at = at or QPointF(self.viewport().rect().center())
        rect = self._page_rect()
        held = QPointF((at.x() - rect.x()) / self._zoom, (at.y() - rect.y()) / self._zoom)
        self._fit = Fit.FREE
        self._zoom = max(SMALLEST, min(zoom, LARGEST))
        self._lay_out()
        moved = self._page_rect()
        self.horizontalScrollBar().setValue(
            round(self.horizontalScrollBar().value() + moved.x() + held.x() * self._zoom - at.x())
        )
        self.verticalScrollBar().setValue(
            round(self.verticalScrollBar().value() + moved.y() + held.y() * self._zoom - at.y())
        )
        self._settle.start()

    # -- decoding ----------------------------------------------------------------------------
    def _decode(self) -> None:
        page, locate = self._page, self._locate
        if page is None or locate is None or self._full.isEmpty():
            return
        bounds = self._wanted_size()
        if bounds == self._asked or not self.isVisible():
            return
        self._asked = bounds
        blob = _blob(page)

        def wanted() -> bool:
            return self._asked == bounds and self._page is not None and _blob(self._page) == blob

        def done(picture: Picture) -> None:
            if wanted():
                self._take(picture)

        self._pictures.request(lambda: locate(page), bounds, done, wanted=wanted)

    def _wanted_size(self) -> QSize:
        ratio = self.devicePixelRatioF()
        size = self._drawn_size() * ratio
        size = size.boundedTo(self._full)
        pixels = size.width() * size.height()
        if pixels > MOST_PIXELS:
            size = size * (MOST_PIXELS / pixels) ** 0.5
        return size.expandedTo(QSize(1, 1))

    def _take(self, picture: Picture) -> None:
        self._unreadable = picture.image.isNull()
        if not self._unreadable:
            self._image = picture.image
            if picture.full_size.isValid() and picture.full_size != self._full:
                self._full = picture.full_size
                self._asked = QSize()
                self._lay_out()
                self._decode()
        self.setAccessibleDescription(self._described())
        self.viewport().update()

    # -- events ------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fits again; decodes once the size has settled."""
        super().resizeEvent(event)
        self._lay_out()
        self._settle.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Decodes what was chosen while the canvas was hidden."""
        super().showEvent(event)
        self._settle.start()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802, ARG002 - Qt's name
        """Draws again at the new place."""
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zooms at the pointer with Ctrl, else scrolls."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            steps = event.angleDelta().y() / 120
            self._zoom_to(self._zoom * ZOOM_STEP**steps, event.position())
            event.accept()
            return
        super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Takes hold of the page."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drags the page."""
        if self._drag is not None:
            at = event.position().toPoint()
            moved, self._drag = at - self._drag, at
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - moved.x())
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, ARG002 - Qt's name
        """Lets the page go."""
        self._drag = None
        self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Whole page, or the page's own pixels at the place pointed at."""
        if self._fit is Fit.PAGE:
            self._zoom_to(1.0, event.position())
        else:
            self.fit_page()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws the part of the page that is in view."""
        with QPainter(self.viewport()) as painter:
            look = self._style.look
            painter.fillRect(event.rect(), look.colour("desk"))
            if self._page is None or self._full.isEmpty():
                return
            rect = self._page_rect()
            _draw_shadow(painter, rect, look.colour("paper-edge"))
            painter.fillRect(rect, QColor("white"))
            if self._image.isNull() or self._unreadable:
                painter.setPen(QColor("#566173"))
                text = (
                    self.tr("Không mở được ảnh của trang này")
                    if self._unreadable
                    else self.tr("Đang mở trang…")
                )
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            else:
                self._draw_image(painter, rect)
                self._draw_marks(painter, rect)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("paper-edge"), 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _draw_image(self, painter: QPainter, rect: QRect) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        seen = rect.intersected(self.viewport().rect())
        if seen.isEmpty():
            return
        across, down = self._image.width() / rect.width(), self._image.height() / rect.height()
        source = QRectF(
            (seen.x() - rect.x()) * across,
            (seen.y() - rect.y()) * down,
            seen.width() * across,
            seen.height() * down,
        )
        painter.drawImage(QRectF(seen), self._image, source)

    def _draw_marks(self, painter: QPainter, rect: QRect) -> None:
        colour = self._style.look.colour("accent")
        soft = QColor(colour)
        soft.setAlpha(38)
        painter.setPen(QPen(colour, 2))
        painter.setBrush(soft)
        for left, top, right, lower in self._marked:
            corner, opposite = QPointF(left, top) * self._zoom, QPointF(right, lower) * self._zoom
            box = QRectF(corner, opposite).translated(QPointF(rect.topLeft()))
            painter.drawRoundedRect(box.adjusted(-5, -4, 5, 4), 4, 4)

    def _described(self) -> str:
        if self._page is None:
            return self.tr("Chưa chọn trang nào")
        if self._unreadable:
            return self.tr("Không mở được ảnh của trang này")
        return self.tr("Trang %1").replace("%1", str(place_of(self._page)))


def _blob(page: Page) -> str:
    return page.visible or page.original


def _draw_shadow(painter: QPainter, rect: QRect, colour: QColor) -> None:
    """A soft edge below and at the right, of plain bars: it is drawn at every step of a scroll."""
    for spread, strength in ((1, 70), (2, 40), (3, 22), (4, 10)):
        shade = QColor(colour)
        shade.setAlpha(strength)
        painter.fillRect(rect.left() + spread, rect.bottom() + spread, rect.width(), 1, shade)
        painter.fillRect(rect.right() + spread, rect.top() + spread, 1, rect.height() - 1, shade)
