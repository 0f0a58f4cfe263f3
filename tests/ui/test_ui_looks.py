"""Looks: readable in every theme and size, named for those who hear the window, safe to type in."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from app.ui.icons import icon
from app.ui.shortcut_sheet import ShortcutSheet
from app.ui.style import SCALES, Look, Style, Theme, make_look

TEXTS = [
    ("text", "window"),
    ("text", "surface"),
    ("text", "sunken"),
    ("text", "accent-soft"),
    ("text", "bad-soft"),
    ("muted", "window"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("muted", "accent-soft"),
    ("muted", "ok-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-accent", "accent-press"),
    ("on-accent", "ok"),
    ("warn", "warn-soft"),
    ("bad", "surface"),
    ("training", "training-soft"),
]


def luminance(colour: QColor) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio after WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def look_of(theme: Theme) -> Look:
    return make_look(theme, 1.0)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(("theme", "least"), [(Theme.LIGHT, 4.5), (Theme.DARK, 4.5), (Theme.CONTRAST, 7.0)])
def test_every_text_stands_out(theme: Theme, least: float) -> None:
    look = look_of(theme)
    weak = {
        (text, ground): round(contrast(look.colour(text), look.colour(ground)), 2)
        for text, ground in TEXTS
        if contrast(look.colour(text), look.colour(ground)) < least
    }
    assert weak == {}
    weak_chips = [
        colour for colour in look.series if contrast(QColor(colour), look.colour("on-series")) < least
    ]
    assert weak_chips == []


@pytest.mark.usefixtures("qapp")
def test_all_themes_name_the_same_colours() -> None:
    names = {frozenset(look_of(theme).colours) for theme in (Theme.LIGHT, Theme.DARK, Theme.CONTRAST)}
    assert len(names) == 1


def test_the_sheet_is_filled_and_the_scale_counts(style: Style, qapp: QApplication) -> None:
    assert not re.search(r"@[a-z]", qapp.styleSheet())
    before = qapp.font().pointSizeF()
    style.step_scale(2)
    assert qapp.font().pointSizeF() == pytest.approx(before * 1.3)
    style.step_scale(99)
    assert style.scale == SCALES[-1]
    style.step_scale(-99)
    assert style.scale == SCALES[0]


def test_the_choice_is_remembered(qapp: QApplication, tmp_path: Path) -> None:
    file = str(tmp_path / "window.ini")
    first = Style(qapp, QSettings(file, QSettings.Format.IniFormat))
    first.choose(theme=Theme.CONTRAST, scale=1.5)
    again = Style(qapp, QSettings(file, QSettings.Format.IniFormat))
    assert (again.theme, again.scale) == (Theme.CONTRAST, 1.5)
    QSettings(file, QSettings.Format.IniFormat).setValue("look/scale", "no number")
    assert Style(qapp, QSettings(file, QSettings.Format.IniFormat)).scale == 1.0


def test_the_desktop_s_wish_for_dark_is_followed(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hints:
        def colorScheme(self) -> Qt.ColorScheme:
            return Qt.ColorScheme.Dark

    monkeypatch.setattr("app.ui.style.QGuiApplication.styleHints", Hints)
    assert make_look(Theme.SYSTEM, 1.0).colours == look_of(Theme.DARK).colours


def test_every_button_has_words_or_a_name(opened_window: Any) -> None:
    window = opened_window()
    nameless = [
        button
        for button in window.findChildren(QAbstractButton)
        if len(button.text()) < 2
        and not button.accessibleName()
        and button.isVisibleTo(window)
        and not isinstance(button.parent(), QLineEdit)
    ]
    assert [(type(b).__name__, b.objectName(), b.parent()) for b in nameless] == []


def test_boxes_are_named(opened_window: Any) -> None:
    window = opened_window()
    assert all(box.accessibleName() for box in window.findChildren(QLineEdit))
    assert window.screen_.desk.rail.accessibleName()
    assert all(box.accessibleName() for box in window.screen_.form.checklist.boxes)


def test_keys_are_safe_with_vietnamese_input_and_used_once(opened_window: Any) -> None:
    window = opened_window()
    chords = [
        chord.toString(QKeySequence.SequenceFormat.PortableText)
        for action in window.commands.all()
        for chord in action.shortcuts()
    ]
    assert len(chords) == len(set(chords))
    assert {"F1", "F2", "F5", "F9", "Esc"} <= set(chords)
    for chord in chords:
        assert not {"Ctrl", "Shift"} <= set(chord.split("+"))
        assert re.fullmatch(r"F\d{1,2}|Esc|Del|(Ctrl|Alt)\+.+", chord), chord


def test_every_command_is_in_the_menus_and_on_the_sheet(opened_window: Any) -> None:
    window = opened_window()
    in_menus = {
        action
        for menu in window.menuBar().findChildren(QMenu)
        for action in menu.actions()
        if not action.isSeparator()
    }
    assert set(window.commands.all()) <= in_menus
    sheet = ShortcutSheet(window.commands, window)
    from PySide6.QtWidgets import QLabel

    shown = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"F1", "F2", "F5", "F9", "Esc", "Hồ sơ mới"} <= shown
    sheet.deleteLater()


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK, Theme.CONTRAST])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_window_can_be_drawn_in_every_look(
    qtbot: QtBot, opened_window: Any, style: Style, tmp_path: Path, theme: Theme, scale: float
) -> None:
    window = opened_window()
    style.choose(theme=theme, scale=scale)
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: window.screen_.model.rowCount() == 8 and not window.work.busy, timeout=5000)
    picture = window.grab()
    assert picture.save(str(tmp_path / f"{theme.value}-{scale}.png"))
    ground = window.screen_.foot.grab().toImage().pixelColor(6, 6)
    assert ground == style.look.colour("surface")
    assert window.width() <= 1280


def test_icons_take_the_colour_they_are_given(qapp: QApplication, measured: Callable[..., float]) -> None:
    drawn = icon("scan", QColor("#ff0000")).pixmap(32).toImage()
    inks = {
        drawn.pixelColor(x, y).name()
        for x in range(32)
        for y in range(32)
        if drawn.pixelColor(x, y).alpha() > 250
    }
    assert inks == {"#ff0000"}
