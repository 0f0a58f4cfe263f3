"""The order of the paper as the rows of the store tell it: the same as the spool's own."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.domain.arrangement import as_captured, home_of, moved, standing
from app.domain.page import Page
from scanner.journal import SpooledPage, in_order


def page(number: int, **fields: int | None) -> Page:
    return Page(
        id=f"P{number}",
        dossier_id="D",
        number=number,
        original="",
        dpi=300,
        width_px=1,
        height_px=1,
        sheet=number,
        side=1,
        scanned_at="",
        **fields,  # type: ignore[arg-type]
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Page]:
    """Pages scanned one after the other: at the end, again in the place of one, or behind one."""
    made: list[Page] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        kind = draw(st.sampled_from(["last", "replaces", "after"])) if made else "last"
        known = [one.number for one in made]
        match kind:
            case "replaces":
                made.append(page(number, replaces=draw(st.sampled_from(known))))
            case "after":
                made.append(page(number, after=draw(st.sampled_from([0, *known]))))
            case _:
                made.append(page(number))
    return made


def laid(history: list[Page]) -> list[Page]:
    """With the places that the spool gives."""
    spooled = [
        SpooledPage(
            number=one.number,
            path=Path(),
            sha256="",
            bytes=0,
            dpi=300,
            width_px=1,
            height_px=1,
            sheet=1,
            side=1,
            device="",
            scanned_at="",
            replaces=one.replaces,
            after=one.after,
        )
        for one in history
    ]
    places = {one.number: place for place, one in enumerate(in_order(spooled), start=1)}
    return [replace(one, place=places.get(one.number)) for one in history]


@given(histories())
def test_what_the_feeder_gave_is_in_order(history: list[Page]) -> None:
    assert moved(laid(history)) == []


@given(histories(), st.data())
def test_any_other_order_is_noticed(history: list[Page], data: st.DataObject) -> None:
    pages = standing(laid(history))
    order = data.draw(st.permutations(pages))
    now = {one.id: replace(one, place=place) for place, one in enumerate(order, start=1)}
    changed = [now.get(one.id, one) for one in laid(history)]
    assert bool(moved(changed)) is (order != pages)


@given(histories(), st.data())
def test_what_is_put_back_stands_where_it_stood(history: list[Page], data: st.DataObject) -> None:
    pages = standing(laid(history))
    out = data.draw(st.sampled_from(pages))
    rest = [one for one in pages if one is not out]
    now = {one.id: replace(one, place=place) for place, one in enumerate(rest, start=1)}
    changed = [now.get(one.id, replace(one, place=None)) for one in laid(history)]
    assert moved(changed) == []
    assert home_of(changed, out.number) == pages.index(out)


def test_a_page_put_in_comes_behind_what_replaced_its_neighbour() -> None:
    history = [page(1), page(2), page(3, replaces=1), page(4, after=1), page(5, after=0)]
    assert as_captured(history) == [5, 1, 3, 4, 2]
