"""The rail of pages as the clerk sees it: picture, number, component, status (dải trang)."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain.page import Page, PageRole
from app.ui.chip import SIDE_PX, draw_chip
from app.ui.models.page_marks import is_doubtful
from app.ui.models.page_rail import Role
from app.ui.style import Look, Style

_ROW_PX = 112
_THUMB_PX = QSize(66, 94)
_FAINT = 0.4  # how much is left of a page that does not count


class RailView(QListView):
    """A list of pages, two thousand as quickly as two."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAccessibleName(self.tr("Các trang"))
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(100)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setItemDelegate(PageDelegate(style, self))
        style.changed.connect(self.scheduleDelayedItemsLayout)


class PageDelegate(QStyledItemDelegate):
    """Paints one page of the rail."""

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The same for all pages."""
        del option, index
        return QSize(self._style.look.px(200), self._style.look.px(_ROW_PX))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draws ground, picture and words."""
        page = index.data(Role.PAGE)
        if not isinstance(page, Page):
            return
        look = self._style.look
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        card = QRectF(rect).adjusted(6, 3, -6, -3)
        _draw_ground(painter, card, state, look)
        ordinal = index.data(Role.ORDINAL)
        if ordinal:
            _draw_strip(painter, card, look.component(ordinal))
        thumb = QRectF(card.left() + look.px(14), card.top(), look.px(_THUMB_PX.width()), card.height())
        _draw_thumbnail(painter, thumb, index.data(Qt.ItemDataRole.DecorationRole), page, look)
        words = QRectF(card)
        words.setLeft(thumb.right() + look.px(12))
        words.adjust(0, look.px(10), -look.px(8), -look.px(8))
        self._draw_words(painter, words, index, page, ordinal)
        painter.restore()

    def _draw_words(
        self,
        painter: QPainter,
        room: QRectF,
        index: QModelIndex | QPersistentModelIndex,
        page: Page,
        ordinal: int,
    ) -> None:
        look = self._style.look
        plain = QFont(painter.font())
        bold = QFont(plain)
        bold.setBold(True)
        small = QFont(plain)
        small.setPointSizeF(plain.pointSizeF() * 0.88)
        title_high = max(QFontMetrics(bold).height(), look.px(SIDE_PX) if ordinal else 0)
        title = QRectF(room.left(), room.top(), room.width(), title_high)
        if ordinal:
            side = look.px(SIDE_PX)
            draw_chip(painter, QRectF(title.right() - side, title.top(), side, side), ordinal, look)
            title.setRight(title.right() - side - 4)
        painter.setFont(bold)
        painter.setPen(look.colour("text"))
        _draw_elided(painter, title, index.data(Qt.ItemDataRole.DisplayRole))
        painter.setFont(small)
        painter.setPen(look.colour("muted"))
        line = QFontMetrics(small).height()
        name = QRectF(room.left(), title.bottom() + 3, room.width(), 2 * line)
        _draw_two_lines(painter, name, index.data(Role.COMPONENT))
        status = QRectF(room.left(), room.bottom() - line, room.width(), line)
        colour = _status_colour(page, look)
        dot = look.px(8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(status.left(), status.center().y() - dot / 2, dot, dot))
        status.setLeft(status.left() + dot + 6)
        painter.setPen(look.colour("text") if page.is_read else look.colour("muted"))
        _draw_elided(painter, status, index.data(Role.STATUS))


def _status_colour(page: Page, look: Look) -> QColor:
    if page.role is PageRole.SEPARATOR:
        return look.colour("line-strong")
    if is_doubtful(page):
        return look.colour("warn")
    if not page.is_read:
        return look.colour("accent")
    return look.confidence(page.confidence) if page.confidence else look.colour("warn")


def _draw_ground(painter: QPainter, card: QRectF, state: QStyle.StateFlag, look: Look) -> None:
    selected = bool(state & QStyle.StateFlag.State_Selected)
    focused = bool(state & QStyle.StateFlag.State_HasFocus)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    painter.setPen(QPen(look.colour("accent"), 2 if focused else 1) if selected else Qt.PenStyle.NoPen)
    ground = "accent-soft" if selected else "sunken" if hovered else "surface"
    painter.setBrush(look.colour(ground))
    painter.drawRoundedRect(card, 8, 8)


def _draw_strip(painter: QPainter, card: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(card.left() + 3, card.top() + 8, 4, card.height() - 16), 2, 2)


def _draw_thumbnail(painter: QPainter, room: QRectF, image: object, page: Page, look: Look) -> None:
    size = QSize(max(1, page.width_px), max(1, page.height_px))
    drawn = isinstance(image, QImage) and not image.isNull()
    if isinstance(image, QImage) and drawn:
        size = image.size()
    box = QSize(round(room.width()), round(room.height() - look.px(12)))
    fitted = size.scaled(box, Qt.AspectRatioMode.KeepAspectRatio)
    paper = QRectF(0, 0, fitted.width(), fitted.height())
    paper.moveCenter(room.center())
    painter.setPen(QPen(look.colour("paper-edge"), 1))
    painter.setBrush(QColor("white"))
    painter.drawRect(paper)
    if isinstance(image, QImage) and drawn:
        counts = page.role is PageRole.PAPER and not is_doubtful(page)
        painter.setOpacity(1.0 if counts else _FAINT)
        painter.drawImage(paper, image)
        painter.setOpacity(1.0)


def _draw_elided(painter: QPainter, room: QRectF, text: str) -> None:
    elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)


def _draw_two_lines(painter: QPainter, room: QRectF, text: str) -> None:
    """At most two lines; the second is cut with an ellipsis."""
    metrics = painter.fontMetrics()
    words = text.split()
    first: list[str] = []
    while words and metrics.horizontalAdvance(" ".join([*first, words[0]])) <= room.width():
        first.append(words.pop(0))
    line = metrics.height()
    _draw_elided(painter, QRectF(room.left(), room.top(), room.width(), line), " ".join(first or words[:1]))
    rest = " ".join(words if first else words[1:])
    if rest:
        _draw_elided(painter, QRectF(room.left(), room.top() + line, room.width(), line), rest)
