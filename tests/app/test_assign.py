"""Pages to components."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

import scanner
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


def sides(*rows: tuple[int, int, str]) -> list[Page]:
    """Pages by (sheet, side, kind): s for a separator to k1, b for blank, p for print."""
    return [
        paper(
            n,
            sheet=sheet_,
            side=side,
            role=PageRole.SEPARATOR if kind == "s" else PageRole.PAPER,
            separator_key="k1" if kind == "s" else None,
            flags=("blank",) if kind == "b" else (),
        )
        for n, (sheet_, side, kind) in enumerate(rows, start=1)
    ]


def test_the_blank_back_of_a_separator_sheet_goes_with_it() -> None:
    placed = split(sides((1, 1, "s"), (1, 2, "b"), (2, 1, "p"), (2, 2, "b")), kinds(None))
    assert [page.role for page in placed[:2]] == [PageRole.SEPARATOR] * 2
    assert owners(placed) == ["C1", "C1"]


def test_the_written_back_of_a_separator_sheet_is_no_waste() -> None:
    assert owners(split(sides((1, 1, "s"), (1, 2, "p"), (2, 1, "p"), (2, 2, "p")), kinds(None))) == ["C1"] * 3


def test_parts_by_count_go_by_the_checklist() -> None:
    every_two = scanner.Separation(scanner.SeparateBy.COUNT, count=2)
    pages = [paper(n) for n in range(1, 5)]
    assert owners(split(pages, kinds(None, None), every_two)) == ["C1", "C1", "C2", "C2"]
    assert owners(split(pages, kinds(None, None, None), every_two)) == [None] * 4


def test_blank_sheets_between_papers_belong_to_none() -> None:
    by_blank = scanner.Separation(scanner.SeparateBy.BLANK)
    pages = sides((1, 1, "p"), (1, 2, "b"), (2, 1, "b"), (2, 2, "b"), (3, 1, "p"), (3, 2, "p"))
    placed = split(pages, kinds(None, None), by_blank)
    assert [page.role is PageRole.SEPARATOR for page in placed] == [False, False, True, True, False, False]
    assert owners(placed) == ["C1", "C1", "C2", "C2"]


def test_two_images_of_one_page_stay_together_and_count_once() -> None:
    pages = [paper(1), paper(2, flags=("note",)), paper(3), paper(4)]
    assert owners(split(pages, kinds(1, 2))) == ["C1", "C2", "C2", "C2"]
    assert owners(split(pages, kinds(2, 1))) == ["C1", "C1", "C1", "C2"]
    assert owners(split(pages, kinds(2, 2))) == [None] * 4
    assert owners(split(pages, kinds(None))) == ["C1"] * 4
