"""The pages of the dossier at work, in the order they are read (danh sách trang)."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from itertools import groupby

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app.domain.dossier import Component
from app.domain.page import Page, PageRole
from app.ui.figures import percent
from app.ui.models.page_marks import mark_of
from app.ui.page_order import in_order, place_of, reading_order
from app.ui.thumbnails import Thumbnails

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What a view may ask of a page beside Qt's own roles."""

    PAGE = Qt.ItemDataRole.UserRole
    ORDINAL = Qt.ItemDataRole.UserRole + 1  # of the component, 0 when not known
    COMPONENT = Qt.ItemDataRole.UserRole + 2  # its name, empty when not known
    STATUS = Qt.ItemDataRole.UserRole + 3  # read, unread, separator or blank, in words


class PageRail(QAbstractListModel):
    """Pages by place; each change touches only the rows it changes."""

    def __init__(self, thumbnails: Thumbnails | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._pages: list[Page] = []
        self._rows: dict[str, int] = {}
        self._components: dict[str, Component] = {}
        self._by_key: dict[str, Component] = {}
        self._rescanned: frozenset[str] = frozenset()
        if thumbnails is not None:
            thumbnails.ready.connect(self._thumbnail_ready)

    def show(
        self, pages: Sequence[Page], components: Sequence[Component], rescanned: Collection[str] = ()
    ) -> None:
        """Shows a dossier's pages; `rescanned` are the ids of those that took the place of another.

        The same dossier again changes rows, and a rescanned page takes the row of the one it replaced;
        another dossier resets the list.
        """
        self._components = {component.id: component for component in components}
        self._by_key = {component.key: component for component in components}
        self._rescanned = frozenset(rescanned)
        if self._pages and pages and self._pages[0].dossier_id == pages[0].dossier_id:
            self._let_go(pages)
            self.put(pages)
            self._changed(0, len(self._pages) - 1)
            return
        self.beginResetModel()
        self._pages = in_order(pages)
        self._number_rows(0)
        self.endResetModel()

    def put(self, pages: Iterable[Page]) -> None:
        """Adds pages that are new, in their places, and replaces those that are known."""
        fresh = []
        touched = []
        moved = False
        for page in {page.id: page for page in pages}.values():
            row = self._rows.get(page.id)
            if row is None:
                fresh.append(page)
            elif self._pages[row] != page:
                moved = moved or place_of(page) != place_of(self._pages[row])
                self._pages[row] = page
                touched.append(row)
        for first, last in _runs(sorted(touched)):
            self._changed(first, last)
        if moved:
            self._sort()
        self._insert(in_order(fresh))

    def page(self, row: int) -> Page:
        """The page in row `row`, counted from 0."""
        return self._pages[row]

    def pages(self) -> tuple[Page, ...]:
        """All pages by place."""
        return tuple(self._pages)

    def row_of(self, page_id: str) -> int | None:
        """The row of a page, or None when it is not in this dossier."""
        return self._rows.get(page_id)

    def component(self, page: Page) -> Component | None:
        """The component that a page belongs to, as far as separators and assignment tell yet."""
        if page.component_id:
            return self._components.get(page.component_id)
        if page.role is PageRole.SEPARATOR:
            return self._by_key.get(page.separator_key or "")
        return self._announced(page)

    def is_rescanned(self, page: Page) -> bool:
        """True when the page took the place of an image that is kept in the history."""
        return page.id in self._rescanned

    def placed_pages(self) -> list[Page]:
        """The paper pages, each with the component it belongs to as far as can be told yet."""
        placed = []
        announced: str | None = None
        for page in self._pages:
            if page.role is PageRole.SEPARATOR:
                known = self._by_key.get(page.separator_key or "")
                announced = known.id if known else None
            elif not page.is_read:
                announced = None
                placed.append(page)
            else:
                placed.append(page if page.component_id else replace(page, component_id=announced))
        return placed

    # -- what Qt asks ------------------------------------------------------------------------
    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many pages there are; rows have no rows below them."""
        return 0 if parent is not None and parent.isValid() else len(self._pages)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a view asks about the page at `index`."""
        if not index.isValid() or not 0 <= index.row() < len(self._pages):
            return None
        page = self._pages[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._title(page)
            case Qt.ItemDataRole.DecorationRole:
                return self._thumbnails.get(page) if self._thumbnails else None
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                parts = (self._title(page), self._component_name(page), self._status(page))
                return ". ".join(part for part in parts if part)
            case Role.PAGE:
                return page
            case Role.ORDINAL:
                component = self.component(page)
                return component.ordinal if component else 0
            case Role.COMPONENT:
                return self._component_name(page)
            case Role.STATUS:
                return self._status(page)
        return None

    # -- inside ------------------------------------------------------------------------------
    def _insert(self, fresh: Sequence[Page]) -> None:
        known = [reading_order(page) for page in self._pages]
        for before, run in _by_row(fresh, known):
            row = before + len(self._pages) - len(known)
            self.beginInsertRows(QModelIndex(), row, row + len(run) - 1)
            self._pages[row:row] = run
            self._number_rows(row)
            self.endInsertRows()

    def _let_go(self, pages: Iterable[Page]) -> None:
        """Takes out the rows of pages that are no more; a new page in the same place takes over the row."""
        standing = {page.id for page in pages}
        heirs = {place_of(page): page for page in pages if page.id not in self._rows}
        gone = []
        for row, page in enumerate(self._pages):
            if page.id in standing:
                continue
            heir = heirs.pop(place_of(page), None)
            if heir is None:
                gone.append(row)
            else:
                self._pages[row] = heir
        self._number_rows(0)
        for first, last in reversed(_runs(gone)):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._pages[first : last + 1]
            self._number_rows(0)
            self.endRemoveRows()

    def _sort(self) -> None:
        """Puts the rows in the order of their pages; what a view has selected goes with its page."""
        ordered = in_order(self._pages)
        if ordered == self._pages:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        ids = [self._pages[index.row()].id for index in held]
        self._pages = ordered
        self._number_rows(0)
        self.changePersistentIndexList(held, [self.index(self._rows[page_id]) for page_id in ids])
        self.layoutChanged.emit()

    def _number_rows(self, first: int) -> None:
        if first == 0:
            self._rows = {}
        for row in range(first, len(self._pages)):
            self._rows[self._pages[row].id] = row

    def _changed(self, first: int, last: int) -> None:
        if first <= last:
            self.dataChanged.emit(self.index(first), self.index(last))

    def _thumbnail_ready(self, page_id: str) -> None:
        row = self._rows.get(page_id)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole])

    def _announced(self, page: Page) -> Component | None:
        """The component that the last separator before `page` announces; known before pages are assigned."""
        row = self._rows.get(page.id)
        if row is None:
            return None
        for before in reversed(self._pages[:row]):
            if before.role is PageRole.SEPARATOR:
                return self._by_key.get(before.separator_key or "")
            if before.component_id or not before.is_read:
                return None
        return None

    def _title(self, page: Page) -> str:
        if page.role is PageRole.SEPARATOR:
            return QCoreApplication.translate("PageRail", "Tờ phân tách")
        return QCoreApplication.translate("PageRail", "Trang %1").replace("%1", str(place_of(page)))

    def _component_name(self, page: Page) -> str:
        component = self.component(page)
        return component.name if component else ""

    def _status(self, page: Page) -> str:
        if mark := mark_of(page):
            return mark
        if not page.is_read:
            return QCoreApplication.translate("PageRail", "Chờ nhận dạng")
        if not page.confidence:
            return QCoreApplication.translate("PageRail", "Không thấy chữ")
        read = QCoreApplication.translate("PageRail", "Đã đọc · %1")
        return read.replace("%1", percent(page.confidence))


def component_counts(pages: Iterable[Page]) -> Mapping[str, int]:
    """How many paper pages each component has, by the component's id."""
    counts: dict[str, int] = {}
    for page in pages:
        if page.component_id and page.role is PageRole.PAPER:
            counts[page.component_id] = counts.get(page.component_id, 0) + 1
    return counts


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Rows without gaps as (first, last)."""
    runs = []
    for _, group in groupby(enumerate(rows), key=lambda item: item[1] - item[0]):
        run = [row for _, row in group]
        runs.append((run[0], run[-1]))
    return runs


def _by_row(fresh: Sequence[Page], known: Sequence[tuple[int, int]]) -> list[tuple[int, list[Page]]]:
    """New pages, sorted, grouped by the row of the known pages they stand before."""
    placed = groupby(fresh, key=lambda page: bisect_left(known, reading_order(page)))
    return [(row, list(run)) for row, run in placed]
