"""Small pictures of pages, decoded once and kept while there is room (ảnh thu nhỏ)."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from app.domain.page import Page
from app.ui.pictures import Picture, Pictures

EDGE_PX = 192  # twice the height shown, for dense screens
_KEPT = 800  # about 80 MB


class Thumbnails(QObject):
    """A cache of thumbnails by the blob they show; `locate` finds a page's file and may be slow."""

    ready = Signal(str)  # the page's id

    def __init__(
        self, pictures: Pictures, locate: Callable[[Page], Path], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._locate = locate
        self._kept: OrderedDict[str, QImage] = OrderedDict()
        self._under_way: set[str] = set()
        self._last: dict[str, str] = {}

    def get(self, page: Page) -> QImage | None:
        """The thumbnail, or the one before the page was straightened, or None; a new one is then on its way.

        A null image stands for a file that cannot be shown.
        """
        blob = page.visible or page.original
        kept = self._kept.get(blob)
        if kept is not None:
            self._kept.move_to_end(blob)
            self._last[page.id] = blob
            return kept
        self._begin(page, blob)
        return self._kept.get(self._last.get(page.id, ""))

    def _begin(self, page: Page, blob: str) -> None:
        if blob in self._under_way:
            return
        self._under_way.add(blob)

        def done(picture: Picture) -> None:
            self._under_way.discard(blob)
            self._kept[blob] = picture.image
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            self.ready.emit(page.id)

        self._pictures.request(lambda: self._locate(page), QSize(EDGE_PX, EDGE_PX), done)
