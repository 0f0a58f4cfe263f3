"""The lists behind the views: every change in order, none of it more than it must be."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.dossier import Component
from app.domain.page import Page, PageRole
from app.ui.models.page_rail import PageRail, Role, component_counts
from app.ui.models.procedures import ProcedureChoices

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
COMPONENTS = (
    Component("C1", "D1", 1, "1.001193.01", "Tờ khai", "TK"),
    Component("C2", "D1", 2, "1.001193.02", "Giấy chứng sinh", "GCS"),
)


def page(number: int, **changes: object) -> Page:
    plain = Page(f"P{number}", "D1", number, f"{number:064d}", 300, 2480, 3508, number, 1, "")
    return replace(plain, **changes)  # type: ignore[arg-type]


def numbers(model: PageRail) -> list[int]:
    return [shown.number for shown in model.pages()]


@pytest.mark.usefixtures("qapp")
@given(st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=12))
def test_pages_stand_by_number_however_they_come(rounds: list[list[int]]) -> None:
    model = PageRail()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show((), COMPONENTS)
    for wave in rounds:
        model.put([page(number) for number in wave])
    assert numbers(model) == sorted({number for wave in rounds for number in wave})
    assert all(model.page(model.row_of(f"P{n}") or 0).number == n for n in numbers(model))
    del tester


def test_a_page_that_was_read_changes_its_row_only(qtbot: QtBot) -> None:
    model = PageRail()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([page(n) for n in range(1, 6)], COMPONENTS)
    changes: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, _: changes.append((first.row(), last.row())))
    with qtbot.assertNotEmitted(model.modelReset), qtbot.assertNotEmitted(model.rowsInserted):
        model.put([page(2, reading="r", confidence=97.9), page(3, reading="r", confidence=60.0), page(5)])
    assert changes == [(1, 2)]
    assert model.index(1).data(Role.STATUS) == "Đã đọc · 97 %"
    del tester


@pytest.mark.usefixtures("qapp")
def test_the_same_dossier_is_not_reset_when_it_is_read_anew(qtbot: QtBot) -> None:
    model = PageRail()
    model.show([page(1), page(2)], COMPONENTS)
    with qtbot.assertNotEmitted(model.modelReset):
        model.show([page(1, component_id="C1"), page(2, component_id="C2"), page(3)], COMPONENTS)
    assert [model.index(row).data(Role.ORDINAL) for row in range(3)] == [1, 2, 0]
    with qtbot.waitSignal(model.modelReset):
        model.show((), ())
    assert model.rowCount() == 0


@pytest.mark.usefixtures("qapp")
def test_statuses_in_words() -> None:
    model = PageRail()
    model.show(
        [
            page(1, role=PageRole.SEPARATOR, separator_key="1.001193.02"),
            page(2, reading="r", confidence=99.99),
            page(3, reading="r", confidence=0.0, flags=("blank",)),
            page(4, reading="r", confidence=0.0),
            page(5),
        ],
        COMPONENTS,
    )
    shown = [model.index(row).data(Role.STATUS) for row in range(5)]
    assert shown == ["Ngoài hồ sơ", "Đã đọc · 99 %", "Trang trắng?", "Không thấy chữ", "Chờ nhận dạng"]
    assert model.index(0).data() == "Tờ phân tách"
    spoken = model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Trang 2. Giấy chứng sinh. Đã đọc · 99 %"
    assert model.index(9).data() is None
    assert model.data(QModelIndex()) is None


@pytest.mark.usefixtures("qapp")
def test_a_separator_announces_its_component_until_something_unread_stands_between() -> None:
    model = PageRail()
    model.show(
        [
            page(1, role=PageRole.SEPARATOR, separator_key="1.001193.01"),
            page(2, reading="r", confidence=90.0),
            page(3),
            page(4, reading="r", confidence=90.0),
            page(5, role=PageRole.SEPARATOR, separator_key="khong.co"),
            page(6, reading="r", confidence=90.0),
        ],
        COMPONENTS,
    )
    assert [model.index(row).data(Role.ORDINAL) for row in range(6)] == [1, 1, 1, 0, 0, 0]
    assert component_counts(model.placed_pages()) == {"C1": 1}


def test_two_thousand_pages_are_shown_quickly(
    qtbot: QtBot, measured: Callable[[Callable[[], None]], float]
) -> None:
    model = PageRail()
    assert measured(lambda: model.put([page(n) for n in range(1, 2001)])) < 0.5
    assert model.rowCount() == 2000


@pytest.mark.usefixtures("qapp")
def test_procedures_are_found_without_marks(counter: object) -> None:
    choices = ProcedureChoices()
    tester = QAbstractItemModelTester(choices, FATAL)
    choices.fill(counter.procedures())  # type: ignore[attr-defined]
    choices.narrow("ket hon")
    assert [choices.index(row).data() for row in range(choices.rowCount())] == ["Đăng ký kết hôn · 1.000894"]
    choices.narrow("1.001193")
    assert choices.procedure(0).name == "Đăng ký khai sinh"
    choices.narrow("dang ky")
    assert choices.rowCount() == 2
    choices.narrow("khong co")
    assert choices.rowCount() == 0
    assert choices.named("dang ky khai sinh") is not None
    assert choices.named("dang ky") is None
    del tester
