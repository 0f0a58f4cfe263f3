"""How the window looks: Fusion with palette roles, light, dark or high contrast, a font scale (giao diện)."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

import resources

SCALES = (0.85, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
BASE_POINTS = 10.5

# Families with all Vietnamese letters, best drawn first.
_FAMILIES = ("Segoe UI", "Inter", "Noto Sans", "Open Sans", "Roboto", "Liberation Sans", "DejaVu Sans")
_PLACEHOLDER = re.compile(r"@([a-z-]+)(?:\(([0-9.]+)\))?@")


class Theme(StrEnum):
    """Which colours the clerk wants."""

    SYSTEM = "system"  # như hệ thống
    LIGHT = "light"  # sáng
    DARK = "dark"  # tối
    CONTRAST = "contrast"  # tương phản cao


@dataclass(frozen=True)
class Look:
    """The colours and sizes in force; what paints itself takes them from here."""

    colours: Mapping[str, str]
    series: tuple[str, ...]
    scale: float

    def colour(self, name: str) -> QColor:
        """A colour by its name in `resources/styles`."""
        return QColor(self.colours[name])

    def component(self, ordinal: int) -> QColor:
        """The colour that marks component `ordinal` (from 1); repeats after the last."""
        return QColor(self.series[(ordinal - 1) % len(self.series)])

    def px(self, length: float) -> int:
        """A length in device-independent pixels at the font scale in force."""
        return round(length * self.scale)

    def confidence(self, value: float) -> QColor:
        """The colour of a reading confidence of 0 to 100: sure, to be looked at, doubtful."""
        return self.colour("ok" if value >= 90 else "warn" if value >= 75 else "bad")


class Style(QObject):
    """Keeps the look of the whole program and remembers the clerk's choice."""

    changed = Signal()

    def __init__(
        self, app: QApplication, memory: QSettings | None = None, theme: Theme | None = None
    ) -> None:
        super().__init__(app)
        self._app = app
        self._memory = memory
        self._family = _family()
        known = str(memory.value("look/theme", "")) if memory else ""
        self.theme = theme or (Theme(known) if known in set(Theme) else Theme.SYSTEM)
        self.scale = _nearest_scale(memory.value("look/scale", 1.0) if memory else 1.0)
        self.look = make_look(self.theme, self.scale)
        app.setStyle("Fusion")
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    def choose(self, theme: Theme | None = None, scale: float | None = None) -> None:
        """Changes theme or font scale, or both, at once and for the next start."""
        self.theme = theme or self.theme
        self.scale = _nearest_scale(scale or self.scale)
        if self._memory:
            self._memory.setValue("look/theme", self.theme.value)
            self._memory.setValue("look/scale", self.scale)
        self._apply()

    def step_scale(self, steps: int) -> None:
        """Makes letters larger or smaller by `steps` sizes."""
        place = SCALES.index(self.scale) + steps
        self.choose(scale=SCALES[max(0, min(place, len(SCALES) - 1))])

    def _system_changed(self) -> None:
        if self.theme is Theme.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        self.look = make_look(self.theme, self.scale)
        font = QFont(self._family)
        font.setPointSizeF(BASE_POINTS * self.scale)
        self._app.setFont(font)
        self._app.setPalette(_palette(self.look))
        self._app.setStyleSheet(_sheet(self.look))
        self.changed.emit()


def make_look(theme: Theme, scale: float) -> Look:
    """The look of a theme; SYSTEM follows what the desktop asks for."""
    table = dict(_colours(_resolved(theme).value))
    series = table.pop("series")
    return Look({name: str(colour) for name, colour in table.items()}, tuple(series), scale)


def _resolved(theme: Theme) -> Theme:
    if theme is not Theme.SYSTEM:
        return theme
    hints = QGuiApplication.styleHints()
    accessibility = getattr(hints, "accessibility", None)  # from Qt 6.10
    if accessibility and accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return Theme.CONTRAST
    return Theme.DARK if hints.colorScheme() == Qt.ColorScheme.Dark else Theme.LIGHT


@cache
def _colours(name: str) -> dict[str, list[str]]:
    text = resources.path("styles", f"{name}.toml").read_text(encoding="utf-8")
    table: dict[str, list[str]] = tomllib.loads(text)
    return table


def _family() -> str:
    known = set(QFontDatabase.families())
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    return next((family for family in _FAMILIES if family in known), system)


def _nearest_scale(wanted: object) -> float:
    try:
        number = float(str(wanted))
    except ValueError:
        number = 1.0
    return min(SCALES, key=lambda scale: abs(scale - number))


def _sheet(look: Look) -> str:
    text = resources.path("styles", "window.qss").read_text(encoding="utf-8")
    return _PLACEHOLDER.sub(lambda found: _value(look, found[1], found[2]), text)


def _value(look: Look, name: str, number: str | None) -> str:
    if number is None:
        return look.colours[name]
    if name == "pt":
        return f"{float(number) * look.scale:.2f}pt"
    if name == "px":
        return f"{look.px(float(number))}px"
    raise KeyError(name)


def _palette(look: Look) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    names = {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "surface",
        role.AlternateBase: "sunken",
        role.Text: "text",
        role.Button: "surface",
        role.ButtonText: "text",
        role.BrightText: "bad",
        role.Highlight: "accent",
        role.HighlightedText: "on-accent",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.PlaceholderText: "muted",
        role.ToolTipBase: "text",
        role.ToolTipText: "window",
        role.Accent: "accent",
        role.Light: "surface",
        role.Midlight: "sunken",
        role.Mid: "line",
        role.Dark: "line-strong",
        role.Shadow: "line-strong",
    }
    palette = QPalette()
    for known, name in names.items():
        palette.setColor(known, look.colour(name))
    for known in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(group.Disabled, known, look.colour("disabled"))
    return palette
