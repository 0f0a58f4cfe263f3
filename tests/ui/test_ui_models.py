"""The lists behind the views: every change in order, none of it more than it must be."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.dossier import Component
from app.domain.page import Page, PageRole
from app.ui.models.page_marks import is_doubtful, mark_of
from app.ui.models.page_rail import PageRail, Role, component_counts
from app.ui.models.procedures import ProcedureChoices
from app.ui.page_order import in_order, place_of
from app.ui.screens.counter.rail_counts import RailCounts

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


@pytest.mark.usefixtures("qapp")
def test_pages_are_ordered_and_named_by_place_else_by_number() -> None:
    model = PageRail()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([page(1, place=1), page(2, place=3), page(9, place=2)], COMPONENTS)
    assert numbers(model) == [1, 9, 2]
    assert [model.index(row).data() for row in range(3)] == ["Trang 1", "Trang 2", "Trang 3"]
    assert [place_of(shown) for shown in in_order([page(4), page(3), page(7, place=1)])] == [1, 3, 4]
    del tester


@pytest.mark.usefixtures("qapp")
def test_a_rescanned_page_takes_the_row_of_the_old_one(qtbot: QtBot) -> None:
    model = PageRail()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([page(n, place=n) for n in range(1, 5)], COMPONENTS)
    held = QPersistentModelIndex(model.index(2))
    after = [page(1, place=1), page(2, place=2), page(9, place=3), page(4, place=4)]
    with (
        qtbot.assertNotEmitted(model.modelReset),
        qtbot.assertNotEmitted(model.rowsRemoved),
        qtbot.assertNotEmitted(model.rowsInserted),
        qtbot.waitSignal(model.dataChanged),
    ):
        model.show(after, COMPONENTS, {"P9"})
    assert numbers(model) == [1, 2, 9, 4]
    assert held.row() == 2
    assert model.row_of("P3") is None
    assert model.row_of("P9") == 2
    assert [model.is_rescanned(shown) for shown in model.pages()] == [False, False, True, False]
    del tester


@pytest.mark.usefixtures("qapp")
def test_an_inserted_page_moves_the_ones_behind_it(qtbot: QtBot) -> None:
    model = PageRail()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([page(n, place=n) for n in range(1, 5)], COMPONENTS)
    held = QPersistentModelIndex(model.index(3))
    rows: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: rows.append((first, last)))
    moved = [page(1, place=1), page(2, place=2), page(3, place=4), page(4, place=5), page(9, place=3)]
    with qtbot.assertNotEmitted(model.modelReset):
        model.show(moved, COMPONENTS)
    assert rows == [(2, 2)]
    assert numbers(model) == [1, 2, 9, 3, 4]
    assert held.row() == 4
    assert model.index(4).data() == "Trang 5"
    del tester


@pytest.mark.usefixtures("qapp")
@given(st.lists(st.permutations(range(1, 8)).flatmap(lambda p: st.integers(1, 7).map(lambda n: p[:n]))))
def test_whatever_the_store_says_is_shown_and_what_is_held_follows_its_page(states: list[list[int]]) -> None:
    model = PageRail()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([page(n, place=n) for n in range(1, 8)], COMPONENTS)
    for order in states:
        before = model.pages()
        held = {shown.id: QPersistentModelIndex(model.index(row)) for row, shown in enumerate(before)}
        model.show([page(n, place=place) for place, n in enumerate(order, start=1)], COMPONENTS)
        assert numbers(model) == order
        for row, number in enumerate(order):
            assert model.row_of(f"P{number}") == row
            if f"P{number}" in held:
                assert held[f"P{number}"].row() == row
    del tester


@pytest.mark.usefixtures("qapp")
def test_pages_in_doubt_are_marked() -> None:
    blank, twice = page(1, flags=("blank", "twice")), page(2, reading="r", confidence=95.0, flags=("twice",))
    separator = page(3, role=PageRole.SEPARATOR, flags=("twice",))
    plain = page(4, reading="r", confidence=95.0, flags=("skewed",))
    assert [mark_of(shown) for shown in (blank, twice, separator, plain)] == [
        "Trang trắng?",
        "Quét hai lần?",
        "Ngoài hồ sơ",
        "",
    ]
    assert [is_doubtful(shown) for shown in (blank, twice, separator, plain)] == [True, True, False, False]
    model = PageRail()
    model.show([twice], COMPONENTS)
    assert model.index(0).data(Role.STATUS) == "Quét hai lần?"


def test_the_rail_is_counted(qtbot: QtBot) -> None:
    model = PageRail()
    line = RailCounts(model)
    qtbot.addWidget(line)

    def shown() -> str:
        return line.text().replace("\N{NO-BREAK SPACE}", " ")

    assert shown() == "0 ảnh · 0 trang"
    model.put([page(1, role=PageRole.SEPARATOR), page(2), page(3)])
    assert shown() == "3 ảnh · 2 trang · 1 tờ phân tách"
    model.put([page(2, reading="r", confidence=0.0, flags=("blank",))])
    assert shown() == "3 ảnh · 2 trang · 1 tờ phân tách · 1 trang trắng?"
    model.put([page(4, reading="r", confidence=91.0, flags=("twice",))])
    assert shown().endswith(" · 1 trang trắng? · 1 trang quét hai lần?")
    model.show([page(3)], COMPONENTS)
    assert shown() == "1 ảnh · 1 trang"
    model.show((), ())
    assert shown() == "0 ảnh · 0 trang"
