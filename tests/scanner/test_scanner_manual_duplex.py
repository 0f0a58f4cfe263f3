"""Both sides by hand: put in order, and what goes wrong at the feeder is seen on the pages."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scanner import CapturedPage, FindingCode, Placed, ScanError, ScanFault, interleave
from scanner.inkmap import ink_map
from scanner.likeness import NOTHING
from scanner.manual_duplex import Look, check, look
from scanner.show_through import SHINES, shine_of, shines_through
from scanner.text_direction import is_upside_down

FRONTS = ("declaration", "birth_certificate", "authority_first")
BACKS = ("authority_second",) * 3


def turned(image):
    return np.ascontiguousarray(np.rot90(image, 2))


@pytest.fixture(scope="module")
def seen(paper_scan: Callable) -> Callable[..., Look]:
    """The look of a specimen: its name, what is printed behind it, whether it was fed feet first."""

    @cache
    def of(name: str, number: int, behind: str = "", down: bool = False, bleed: float = 0.02) -> Look:
        image = paper_scan(name, seed=number, behind=behind, bleed=bleed, skew_deg=0.4)
        return look(turned(image) if down else image, 150, number)

    return of


@pytest.fixture
def stacks(seen) -> Callable[..., tuple[list[Look], list[Look]]]:
    """Three leaves: fronts as fed, and their backs in the order of the leaves, printed or blank."""

    def make(backs=BACKS, bleed=0.02, backs_down=False, fronts_down=False):
        fronts = [seen(name, number, "", fronts_down, 0.0) for number, name in enumerate(FRONTS, start=1)]
        return fronts, [
            seen(name, number, FRONTS[number - 4], backs_down, bleed)
            for number, name in enumerate(backs, start=4)
        ]

    return make


def codes(findings) -> list[FindingCode]:
    return [found.code for found in findings]


def test_the_last_back_comes_first_from_a_stack_turned_over():
    assert interleave("ABC", "cba") == (
        Placed("A", 1, 1),
        Placed("a", 1, 2),
        Placed("B", 2, 1),
        Placed("b", 2, 2),
        Placed("C", 3, 1),
        Placed("c", 3, 2),
    )
    assert [one.image for one in interleave("ABC", "abc", stack="same")] == list("AaBbCc")


def test_backs_turned_over_the_short_edge_are_turned_upright():
    assert [one.turn_deg for one in interleave("AB", "ba", flip="short-edge")] == [0, 180, 0, 180]
    assert interleave("", "") == ()


@given(st.integers(0, 40), st.sampled_from(["reversed", "same"]))
def test_every_side_is_placed_once_behind_its_front(count, stack):
    fronts = [CapturedPage(number, number) for number in range(1, count + 1)]
    backs = [CapturedPage(count + number, number, 2) for number in range(1, count + 1)]
    fed = backs[::-1] if stack == "reversed" else backs
    placed = interleave(fronts, fed, stack=stack)
    assert [(one.sheet, one.side) for one in placed] == [(one.image.sheet, one.image.side) for one in placed]
    assert len(placed) == 2 * count


@pytest.mark.parametrize(("fronts", "backs"), [("AB", "a"), ("A", "ab"), ("", "a")])
def test_a_side_too_few_is_never_interleaved(fronts, backs):
    with pytest.raises(ScanError) as error:
        interleave(fronts, backs)
    assert error.value.fault is ScanFault.SIDES_UNEQUAL
    assert error.value.facts == {"fronts": len(fronts), "backs": len(backs)}


def test_all_is_well(stacks):
    fronts, backs = stacks()
    assert check(fronts, backs[::-1]) == ()
    assert check(fronts, backs, stack="same") == ()
    assert check([], []) == ()


def test_a_wrong_count_is_noticed(stacks):
    fronts, backs = stacks()
    (found,) = check(fronts, backs[:2])
    assert (found.code, found.fact("fronts"), found.fact("backs")) == (FindingCode.SIDES_UNEQUAL, 3, 2)


def test_backs_on_their_heads_are_noticed_by_their_print(stacks):
    fronts, backs = stacks(backs_down=True)
    found = {one.code: one for one in check(fronts, backs[::-1])}
    assert found[FindingCode.BACKS_UPSIDE_DOWN].fact("upside_down") == 3
    assert FindingCode.BACKS_UPSIDE_DOWN not in codes(check(fronts, backs[::-1], flip="short-edge"))


def test_upright_backs_are_wrong_where_the_short_edge_was_named(stacks):
    fronts, backs = stacks()
    assert FindingCode.BACKS_UPSIDE_DOWN in codes(check(fronts, backs[::-1], flip="short-edge"))


def test_a_stack_fed_feet_first_is_judged_by_its_fronts(stacks):
    fronts, backs = stacks(fronts_down=True, backs_down=True)
    assert FindingCode.BACKS_UPSIDE_DOWN not in codes(check(fronts, backs[::-1]))


@pytest.mark.parametrize("backs", [BACKS, ("blank", "blank", "blank")])
def test_a_reversed_stack_is_noticed_by_what_shines_through(stacks, backs):
    fronts, backs = stacks(backs)
    assert FindingCode.STACK_REVERSED not in codes(check(fronts, backs[::-1]))
    (found,) = check(fronts, backs[::-1], stack="same")
    assert (found.code, found.fact("by")) == (FindingCode.STACK_REVERSED, "show-through")
    assert codes(check(fronts, backs)) == [FindingCode.STACK_REVERSED]


def test_a_reversed_stack_is_noticed_by_its_page_numbers(stacks):
    fronts, backs = stacks(bleed=0.0)
    fronts = [Look(f.number, f.likeness, f.upside_down, f.shine, 2 * n + 1) for n, f in enumerate(fronts)]
    backs = [Look(b.number, b.likeness, b.upside_down, b.shine, 2 * n + 2) for n, b in enumerate(backs)]
    assert check(fronts, backs[::-1]) == ()
    (found,) = check(fronts, backs)
    assert (found.code, found.fact("by")) == (FindingCode.STACK_REVERSED, "numbers")


def test_opaque_paper_without_numbers_tells_no_order_and_that_is_said(stacks):
    fronts, backs = stacks(bleed=0.0)
    assert codes(check(fronts, backs[::-1])) == [FindingCode.STACK_UNTOLD]
    assert codes(check(fronts, backs)) == [FindingCode.STACK_UNTOLD]


def test_one_sheet_has_no_order(stacks):
    fronts, backs = stacks(bleed=0.0)
    assert check(fronts[:1], backs[:1]) == ()


def test_fronts_fed_once_more_are_noticed(stacks, seen):
    fronts, _ = stacks()
    again = [seen(name, number, "", False, 0.0) for number, name in enumerate(FRONTS, start=14)]
    for stack in (again, again[::-1]):
        (found,) = check(fronts, stack)
        assert (found.code, found.fact("sheets")) == (FindingCode.FRONTS_AGAIN, 3)


def test_a_drawing_on_the_back_is_judged_by_what_shines_through(stacks, paper_scan: Callable):
    """No lines of print: only the front behind it tells over which edge it was turned."""
    fronts, _ = stacks()

    def drawn(bleed: float) -> np.ndarray:
        page = paper_scan("blank", seed=31, behind="declaration", bleed=bleed)
        page = page.copy()
        for left in range(200, 1000, 40):
            page[700:1000, left : left + 12] = 60
        return page

    for down, wrong in ((False, []), (True, [FindingCode.BACKS_UPSIDE_DOWN])):
        image = turned(drawn(0.03)) if down else drawn(0.03)
        back = look(image, 150, 9)
        assert back.upside_down is None
        assert codes(check(fronts[:1], [back])) == wrong
    assert codes(check(fronts[:1], [look(drawn(0.0), 150, 9)])) == [FindingCode.FLIP_UNTOLD]


@pytest.mark.parametrize("name", ["declaration", "birth_certificate", "authority_first", "authority_second"])
@pytest.mark.parametrize("skew", [-1.5, 1.5])
def test_print_tells_its_way_up(paper_scan: Callable, name, skew):
    page = paper_scan(name, seed=8, skew_deg=skew)
    assert is_upside_down(page, 150) is False
    assert is_upside_down(turned(page), 150) is True


@pytest.mark.parametrize(
    "page",
    [
        np.full((1754, 1240), 250, np.uint8),
        np.random.default_rng(2).integers(0, 256, (1754, 1240), dtype=np.uint8),
        np.tile(np.repeat(np.array([0, 255], np.uint8), 40), (1754, 16))[:, :1240],
    ],
)
def test_what_is_no_print_tells_nothing(page):
    assert is_upside_down(page, 150) is None


@pytest.mark.parametrize("skew", [-2.0, 0.0, 2.0])
def test_the_skew_that_is_taken_out_is_the_page_s_own(paper_scan: Callable, skew):
    assert ink_map(paper_scan("authority_first", seed=8, skew_deg=skew), 150).skew_deg == pytest.approx(
        skew, abs=0.1
    )


def _real(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert("L"))


def test_real_blank_backs_find_their_fronts(real_data: Path):
    """Four real leaves: what shines through a blank back is its own front, and no other printed page."""
    folder = real_data / "scans"
    leaves = {"11_CT_p04": "11_CT_p03", "22_TTR_p02": "22_TTR_p01", "299_UB_p02": "299_UB_p01"}
    leaves["574_UB_p02"] = "574_UB_p01"
    fronts = {name: shine_of(ink_map(_real(folder / f"QNgai_{name}.jpg"), 300)) for name in leaves.values()}
    for back, own in leaves.items():
        shine = shine_of(ink_map(_real(folder / f"QNgai_{back}.jpg"), 300))
        found = {name: shines_through(front, shine) for name, front in fronts.items()}
        assert found[own].long_edge >= SHINES
        assert found[own].long_edge > 2 * found[own].short_edge
        assert max(one.best for name, one in found.items() if name != own) < SHINES


@pytest.mark.parametrize(
    ("pattern", "dpi"),
    [("scans/*_TTR_p01.jpg", 300), ("scans/*_p03.jpg", 300), ("ocr-truth/0[1-5].jpg", 200)],
)
def test_real_print_tells_its_way_up(real_data: Path, pattern, dpi):
    told = []
    for file in sorted(real_data.glob(pattern)):
        page = _real(file)
        told += [is_upside_down(page, dpi), is_upside_down(turned(page), dpi)]
    assert told == [False, True] * (len(told) // 2)
    assert told


def test_a_blank_page_has_nothing_to_compare(paper_scan: Callable):
    assert look(paper_scan("blank", seed=3), 150, 1).likeness == NOTHING
