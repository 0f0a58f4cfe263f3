"""A large button for a command, with its key on it (nút lệnh lớn)."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui.icons import pixmap
from app.ui.style import Style

_ICON_PX = 24


class BigButton(QPushButton):
    """Follows its action; `primary` marks the one button that comes next."""

    def __init__(self, action: QAction, icon_name: str, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("big")
        self._action = action
        self._icon_name = icon_name
        self._style = style
        self._sign = QLabel()
        self._words = QLabel()
        self._words.setObjectName("big-words")
        self._key = QLabel(action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
        self._key.setObjectName("big-key")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 14, 0)
        row.setSpacing(10)
        row.addWidget(self._sign)
        row.addWidget(self._words, 1)
        row.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)
        for label in (self._sign, self._words, self._key):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_primary(False)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        style.changed.connect(self._draw)
        self._follow()

    def set_primary(self, primary: bool) -> None:
        """Marks this as the button that comes next."""
        if self.property("primary") != primary:
            self.setProperty("primary", primary)
            _repolish(self)
            self._draw()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as its words want, and never low."""
        look = self._style.look
        return QSize(self._row.sizeHint().width() + 8, look.px(52))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never smaller than its words."""
        return self.sizeHint()

    def _follow(self) -> None:
        if self.isEnabled() != self._action.isEnabled():
            self.setEnabled(self._action.isEnabled())
        self._words.setText(self._action.text())
        self.setAccessibleName(self._action.text())
        self.setToolTip(self._action.toolTip())
        self._draw()

    def _draw(self) -> None:
        look = self._style.look
        name = "disabled" if not self.isEnabled() else "on-accent" if self.property("primary") else "text"
        for label in (self._words, self._key):
            if label.property("ink") != name:
                label.setProperty("ink", name)
                _repolish(label)
        self._sign.setPixmap(
            pixmap(self._icon_name, look.colour(name), look.px(_ICON_PX), self.devicePixelRatioF())
        )
        self.updateGeometry()


def _repolish(widget: QWidget) -> None:
    """Applies the sheet anew after a property that it asks for has changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
