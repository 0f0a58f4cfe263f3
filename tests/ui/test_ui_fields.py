"""Fields read from the papers: coloured by how sure they are, confirmed by the clerk, shown on the page."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.suggestion import FieldSpot, Suggestion, WordChoice
from app.ui.screens.counter.phases import Stage
from app.ui.window import MainWindow
from app.workflow.suggest import ShownField

Key = Qt.Key


def shown(
    name: str, value: str | None, confidence: float, doubt: str | None = None, page: str = ""
) -> ShownField:
    spots = (FieldSpot(page, (100, 200, 400, 260)),) if page else ()
    return ShownField(name.capitalize(), Suggestion("", 1, name, value, confidence, doubt=doubt, spots=spots))


@pytest.fixture
def window(qtbot: QtBot, opened_window: Any, counter: Any) -> MainWindow:
    """A dossier that is scanned and read, its first paper with four fields."""
    made: MainWindow = opened_window()
    made.resize(1500, 900)
    made.commands.scan.trigger()
    qtbot.waitUntil(lambda: made.work.stage is Stage.SIGN and not made.work.busy, timeout=5000)
    page = next(page for page in made.work.pages if page.component_id)
    counter.read_fields[page.component_id] = [
        shown("number", None, 10.0, "handwritten", page.id),
        shown("notation", "QĐ-UBND", 96.0),
        shown("signer", "Lò Văn Mẫu", 75.0),
        shown("recipients", "Như trên\nLưu: VT", 55.0),
    ]
    row = next(at for at in range(made.screen_.model.rowCount()) if made.screen_.model.page(at).id == page.id)
    made.screen_.desk.select_row(row - 1 if row else row + 1)
    made.screen_.desk.select_row(row)
    qtbot.waitUntil(lambda: len(made.screen_.desk.fields.boxes) == 4)
    return made


def band(window: MainWindow, name: str) -> str:
    boxes = {box.suggestion.name: box for box in window.screen_.desk.fields.boxes}
    return str(boxes[name].box.property("band"))


def test_colours_tell_how_sure_a_field_is(window: MainWindow) -> None:
    assert [band(window, name) for name in ("number", "notation", "signer", "recipients")] == [
        "blank",
        "accept",
        "notice",
        "confirm",
    ]
    boxes = window.screen_.desk.fields.boxes
    assert [box.box.text() for box in boxes] == ["", "QĐ-UBND", "Lò Văn Mẫu", "Như trên; Lưu: VT"]
    assert all(box.box.accessibleName() for box in boxes)
    assert window.screen_.desk.fields.isVisible()


def test_f7_goes_through_what_has_to_be_looked_at(qtbot: QtBot, window: MainWindow, counter: Any) -> None:
    desk = window.screen_.desk
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.commands.accept_field.trigger()
    number, recipients = desk.fields.boxes[0], desk.fields.boxes[3]
    assert number.box.hasFocus()
    assert desk.canvas._marked == ((100, 200, 400, 260),)
    qtbot.keyClicks(number.box, "27")
    window.commands.accept_field.trigger()
    assert recipients.box.hasFocus()
    qtbot.waitUntil(lambda: band(window, "number") == "decided")
    component = desk.fields.component_id
    window.commands.accept_field.trigger()
    qtbot.waitUntil(lambda: band(window, "recipients") == "decided")
    told = {one.suggestion.name: one.suggestion.value for one in counter.read_fields[component]}
    assert told == {"number": "27", "notation": None, "signer": None, "recipients": "Như trên\nLưu: VT"}


def test_enter_takes_a_correction(qtbot: QtBot, window: MainWindow, counter: Any) -> None:
    box = window.screen_.desk.fields.boxes[2]
    box.box.setText("Lò Văn Mận")
    box.box.setModified(True)
    qtbot.keyClick(box.box, Key.Key_Return)
    qtbot.waitUntil(lambda: band(window, "signer") == "decided")
    component = window.screen_.desk.fields.component_id
    assert counter.read_fields[component][2].suggestion.value == "Lò Văn Mận"


def test_another_spelling_is_a_click_away_and_recorded_as_the_clerks(
    qtbot: QtBot, window: MainWindow, counter: Any
) -> None:
    panel = window.screen_.desk.fields
    own = Suggestion(
        "",
        3,
        "signer",
        "Lò Văn THỬ",
        88.0,
        choices=(WordChoice("THỬ", ("THỨ", "T<b>")), WordChoice("x", ("y",))),
    )
    counter.read_fields[panel.component_id][2] = ShownField("Signer", own)
    panel.show_fields(panel.component_id, counter.read_fields[panel.component_id])
    box = panel.boxes[2]
    assert box.box.text() == "Lò Văn THỬ"
    assert box.choices.isVisible()
    assert [link in box.choices.text() for link in (">THỨ<", ">T&lt;b&gt;<", ">y<")] == [True, True, False]
    assert not panel.boxes[1].choices.isVisible()
    box.choices.linkActivated.emit("0,0")
    qtbot.waitUntil(lambda: band(window, "signer") == "decided")
    assert counter.read_fields[panel.component_id][2].suggestion.value == "Lò Văn THỨ"
    assert not box.choices.isVisible()


def test_what_is_being_typed_is_not_written_over(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.screen_.desk.fields
    box = panel.boxes[0]
    qtbot.keyClicks(box.box, "14")
    panel.show_fields(
        panel.component_id,
        [shown("number", None, 10.0), *(ShownField("x", one.suggestion) for one in panel.boxes[1:])],
    )
    assert box.box.text() == "14"


def test_a_separator_sheet_has_no_fields(window: MainWindow) -> None:
    model = window.screen_.model
    row = next(at for at in range(model.rowCount()) if model.page(at).component_id is None)
    window.screen_.desk.select_row(row)
    assert window.screen_.desk.fields.boxes == ()
    assert not window.commands.accept_field.isEnabled()
    assert QApplication.focusWidget() is None or QApplication.focusWidget().isVisible()
