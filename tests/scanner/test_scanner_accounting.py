"""Sheet accounting: totals that are right for the wrong reason are noticed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import CapturedPage, CountUnit, Expected, FindingCode, Verdict, reconcile


def stack(*sheets: str, feed: int = 1, first: int = 1) -> list[CapturedPage]:
    """Sheets as words: `x` a written side, `o` a blank one, `s` one of a separator sheet."""
    pages = []
    for sheet, sides in enumerate(sheets, start=1):
        for side, what in enumerate(sides, start=1):
            pages.append(
                CapturedPage(first + len(pages), sheet, side, feed, blank=what == "o", separator=what == "s")
            )
    return pages


def codes(account) -> list[FindingCode]:
    return [found.code for found in account.findings]


def test_what_is_there_is_counted():
    account = reconcile(stack("ss", "xo", "xx", "oo"), Expected(3))
    assert (account.sheets, account.images, account.blanks, account.separators) == (3, 6, 3, 1)
    assert (account.difference, account.verdict, account.findings) == (0, Verdict.BALANCED, ())


def test_the_blank_back_of_a_separator_belongs_to_it():
    account = reconcile(stack("so", "xo"), Expected(1, CountUnit.SHEETS))
    assert (account.sheets, account.images, account.separators, account.verdict) == (
        1,
        2,
        1,
        Verdict.BALANCED,
    )


@pytest.mark.parametrize(
    ("expected", "difference", "verdict", "code"),
    [
        (Expected(3, CountUnit.SHEETS), 0, Verdict.BALANCED, None),
        (Expected(4, CountUnit.SHEETS), -1, Verdict.SHORT, FindingCode.TOO_FEW),
        (Expected(2, CountUnit.SHEETS), 1, Verdict.OVER, FindingCode.TOO_MANY),
        (Expected(4), 0, Verdict.BALANCED, None),
        (Expected(6), 0, Verdict.CHECK, FindingCode.BLANK_COUNTED),
        (Expected(5), 0, Verdict.CHECK, FindingCode.BLANKS_UNCLEAR),
        (Expected(3), 1, Verdict.OVER, FindingCode.TOO_MANY),
        (Expected(7), -1, Verdict.SHORT, FindingCode.TOO_FEW),
        (None, None, Verdict.UNCOUNTED, FindingCode.NOT_COUNTED),
    ],
)
def test_verdicts(expected, difference, verdict, code):
    account = reconcile(stack("xo", "xx", "xo"), expected)
    assert (account.difference, account.verdict) == (difference, verdict)
    assert codes(account) == ([code] if code else [])


def test_which_blank_pages_decide_is_told():
    (found,) = reconcile(stack("xo", "xx", "xo"), Expected(5)).findings
    assert found.pages == (2, 6)
    assert [found.fact(name) for name in ("expected", "written", "images")] == [5, 4, 6]


def broken(pages, *gone: int, expected: int):
    return reconcile([page for page in pages if page.number not in gone], Expected(expected))


def test_a_gap_is_noticed_though_the_total_is_right():
    pages = stack("x", "x", "x", "x")
    account = broken(pages, 2, expected=3)
    assert (account.difference, account.verdict, codes(account)) == (
        0,
        Verdict.BROKEN,
        [FindingCode.SHEET_GAP],
    )
    (found,) = account.findings
    assert (found.fact("after"), found.fact("before"), found.pages) == (1, 3, (1, 3))
    first = broken(pages, 1, expected=3)
    assert [(one.fact("after"), one.fact("before")) for one in first.findings] == [(0, 2)]


@pytest.mark.parametrize(("number", "side"), [(1, 1), (2, 2), (4, 2)])
def test_a_lost_side_is_noticed(number, side):
    account = broken(stack("xx", "xx"), number, expected=3)
    assert (account.verdict, codes(account)) == (Verdict.BROKEN, [FindingCode.SIDE_MISSING])
    assert account.findings[0].fact("side") == side


def test_one_feed_on_one_side_and_one_on_both_is_no_fault():
    pages = [*stack("x", "x"), *stack("xx", feed=2, first=3)]
    assert reconcile(pages, Expected(4)).verdict is Verdict.BALANCED


def test_the_only_back_is_missed_where_both_sides_were_asked_for():
    pages = stack("xo")[:1]
    assert reconcile(pages, Expected(1)).verdict is Verdict.BALANCED
    assert codes(reconcile(pages, Expected(1), duplex=True)) == [FindingCode.SIDE_MISSING]


def test_a_lone_back_is_half_a_sheet():
    assert codes(reconcile([CapturedPage(1, 1, 2)], Expected(1))) == [FindingCode.SIDE_MISSING]


def test_a_broken_order_is_noticed():
    pages = stack("x", "x", "x")
    account = reconcile([pages[0], pages[2], pages[1]], Expected(3))
    assert (account.verdict, codes(account)) == (Verdict.BROKEN, [FindingCode.ORDER_BROKEN])
    assert account.findings[0].pages == (3, 2)


def test_a_side_or_a_number_that_is_there_twice_is_noticed():
    pages = stack("x", "x")
    assert codes(reconcile([*pages, replace(pages[1], number=3)], Expected(3))) == [FindingCode.SIDE_TWICE]
    again = codes(reconcile([*pages, replace(pages[1], sheet=3)], Expected(3)))
    assert again == [FindingCode.NUMBER_TWICE]


def test_a_page_is_taken_out_with_a_reason_or_someone_has_to_look():
    pages = stack("x", "x", "x")
    with_reason = [*pages[:2], replace(pages[2], taken_out=True, left_out="quét thử")]
    without = [*pages[:2], replace(pages[2], taken_out=True, left_out=" ")]
    account = reconcile(with_reason, Expected(2))
    assert (account.left_out, account.images, account.verdict) == (1, 2, Verdict.BALANCED)
    account = reconcile(without, Expected(2))
    assert (account.verdict, codes(account)) == (Verdict.CHECK, [FindingCode.NO_REASON])
    assert account.findings[0].pages == (3,)


def test_the_count_of_the_device_is_compared():
    assert reconcile(stack("xx", "xx"), Expected(4), fed=2).verdict is Verdict.BALANCED
    account = reconcile(stack("xx", "xx"), Expected(4), fed=3)
    assert (account.verdict, codes(account)) == (Verdict.BROKEN, [FindingCode.FED_NOT_KEPT])


def test_nothing_expected_and_nothing_there():
    assert reconcile([], Expected(0)).verdict is Verdict.BALANCED
    assert reconcile([], Expected(2)).verdict is Verdict.SHORT
    with pytest.raises(ValueError, match="fewer"):
        Expected(-1)


sheets = st.lists(st.sampled_from(["xx", "xo", "oo", "ox"]), min_size=1, max_size=8)


@given(sheets, st.data())
def test_no_loss_of_a_page_stays_unnoticed(words, data):
    """Whatever page is lost, and whatever was expected before, the account is never balanced again."""
    pages = stack(*words)
    assert reconcile(pages, Expected(len(words), CountUnit.SHEETS)).verdict is Verdict.BALANCED
    gone = data.draw(st.sampled_from(pages))
    left = [page for page in pages if page is not gone]
    unit = data.draw(st.sampled_from(CountUnit))
    total = len(words) if unit is CountUnit.SHEETS else sum(not page.blank for page in pages)
    account = reconcile(left, Expected(total, unit), duplex=True)
    assert account.verdict not in (Verdict.BALANCED, Verdict.UNCOUNTED)


@given(sheets, st.randoms())
def test_any_other_order_is_noticed(words, random):
    pages = stack(*words)
    mixed = pages.copy()
    random.shuffle(mixed)
    found = FindingCode.ORDER_BROKEN in codes(reconcile(mixed))
    assert found is (mixed != pages)
