"""A page put right by hand in the window."""

from typing import Any

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.domain.page import PageRole
from app.ui.screens.counter.phases import Stage
from app.ui.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, opened_window: Any) -> MainWindow:
    made: MainWindow = opened_window()
    made.commands.scan.trigger()
    qtbot.waitUntil(lambda: made.work.stage is Stage.SIGN and not made.work.busy, timeout=5000)
    return made


def choose(window: MainWindow, *, paper: bool) -> int:
    """Selects the first page of paper, or the first that is none; its number."""
    model = window.screen_.model
    row = next(at for at in range(model.rowCount()) if (model.page(at).role is PageRole.PAPER) is paper)
    window.screen_.desk.select_row(row)
    return int(model.page(row).number)


def test_a_page_is_turned_and_straightened(
    qtbot: QtBot, window: MainWindow, counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = choose(window, paper=True)
    assert not window.commands.not_blank.isEnabled()
    window.commands.turn_left.trigger()
    qtbot.waitUntil(lambda: f"redo {number} {{'turn': 270}}" in counter.asked and not window.work.busy)
    window.commands.turn_right.trigger()
    qtbot.waitUntil(lambda: f"redo {number} {{'turn': 90}}" in counter.asked and not window.work.busy)
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_, **__: (1.2, True))
    window.commands.straighten.trigger()
    qtbot.waitUntil(lambda: f"redo {number} {{'straighten_deg': 1.2}}" in counter.asked)
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_, **__: (1.2, False))
    qtbot.waitUntil(lambda: not window.work.busy)
    asked = len(counter.asked)
    window.commands.straighten.trigger()
    assert len(counter.asked) == asked


def test_a_separator_sheet_is_not_put_right(window: MainWindow) -> None:
    choose(window, paper=False)
    assert not any(action.isEnabled() for action in window.commands.of_its_looks())
