"""Pages to components."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.dossier import Component
from app.domain.page import Page, PageRole
from app.workflow.assign import split


def paper(number: int, **changes: object) -> Page:
    page = Page(f"P{number}", "D1", number, "0" * 64, 300, 2480, 3508, number, 1, "")
    return replace(page, **changes)  # type: ignore[arg-type]


def sheet(number: int, key: str) -> Page:
    return paper(number, role=PageRole.SEPARATOR, separator_key=key)


def kinds(*counts: int | None) -> list[Component]:
    return [
        Component(f"C{n}", "D1", n, f"k{n}", f"Giấy {n}", "TK", expected_pages=count)
        for n, count in enumerate(counts, start=1)
    ]


def owners(pages: list[Page]) -> list[str | None]:
    return [page.component_id for page in pages if page.role is PageRole.PAPER]


def test_separator_sheets_open_components_in_any_order() -> None:
    pages = [sheet(1, "k2"), paper(2), paper(3), sheet(4, "k1"), paper(5)]
    assert owners(split(pages, kinds(None, None))) == ["C2", "C2", "C1"]


def test_pages_before_any_sheet_and_after_a_strange_one_stay_loose() -> None:
    pages = [paper(1), sheet(2, "k1"), paper(3), sheet(4, "of another dossier"), paper(5)]
    assert owners(split(pages, kinds(None))) == [None, "C1", None]


def test_counts_of_the_checklist_split_where_there_are_no_sheets() -> None:
    assert owners(split([paper(n) for n in range(1, 6)], kinds(2, 1, 2))) == ["C1", "C1", "C2", "C3", "C3"]


def test_counts_that_do_not_add_up_decide_nothing() -> None:
    assert owners(split([paper(1), paper(2)], kinds(2, 1))) == [None, None]
    assert owners(split([paper(1), paper(2)], kinds(1, None))) == [None, None]


def test_a_single_component_takes_every_page() -> None:
    assert owners(split([paper(1), paper(2)], kinds(None))) == ["C1", "C1"]


def test_what_the_clerk_decided_stays() -> None:
    pages = [sheet(1, "k1"), paper(2, component_id="C2"), paper(3)]
    assert owners(split(pages, kinds(None, None))) == ["C2", "C1"]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_every_page_goes_to_one_component_in_order(counts: list[int]) -> None:
    pages = [paper(n) for n in range(1, sum(counts) + 1)]
    placed = split(pages, kinds(*counts))
    expected = [f"C{n}" for n, count in enumerate(counts, start=1) for _ in range(count)]
    assert [page.component_id for page in placed] == expected
    assert [page.id for page in placed] == [page.id for page in pages]
