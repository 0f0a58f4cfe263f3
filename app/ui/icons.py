"""The program's line icons, drawn in the colour that stands out on their ground (biểu tượng)."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

_DRAWN_COLOUR = "#1f2937"  # the stroke in the files
_SIZES = (16, 20, 24, 32, 48, 64)


@lru_cache(maxsize=256)
def _pixmap(name: str, colour: str, side: int) -> QPixmap:
    source = resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace(_DRAWN_COLOUR, colour).encode()))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap


def icon(name: str, colour: QColor, disabled: QColor | None = None) -> QIcon:
    """The icon `name` of `resources/icons` in `colour`; greyed in `disabled` when that is given."""
    drawn = QIcon()
    for side in _SIZES:
        drawn.addPixmap(_pixmap(name, colour.name(), side), QIcon.Mode.Normal)
        if disabled is not None:
            drawn.addPixmap(_pixmap(name, disabled.name(), side), QIcon.Mode.Disabled)
    return drawn


def pixmap(name: str, colour: QColor, side: int, ratio: float = 1.0) -> QPixmap:
    """The icon as a square of `side` device-independent px for a screen of `ratio` px each."""
    drawn = QPixmap(_pixmap(name, colour.name(), round(side * ratio)))
    drawn.setDevicePixelRatio(ratio)
    return drawn
