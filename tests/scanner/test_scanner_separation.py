"""A stack split into papers: nothing lost, nothing twice, sheets never torn apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import CapturedPage, FindingCode, ScanError, ScanFault, SeparateBy, Separation, split

PREFIX = "SOHOA:TACH:1:"
CODES = Separation(SeparateBy.CODES, PREFIX)
SHEETS = Separation(SeparateBy.SHEETS, PREFIX)
BLANK = Separation(SeparateBy.BLANK)


def stack(*sheets: str) -> list[CapturedPage]:
    """Sheets as words, a letter a side: `x` written, `o` blank, `s` separator, a digit a code sheet of it,
    `q` a paper with a foreign code."""
    pages: list[CapturedPage] = []
    for sheet, sides in enumerate(sheets, start=1):
        for side, what in enumerate(sides, start=1):
            code = {"q": ("https://vi-du.vn",), "s": ()}.get(what, (PREFIX + what,) if what.isdigit() else ())
            pages.append(
                CapturedPage(
                    len(pages) + 1, sheet, side, blank=what == "o", separator=what == "s", codes=code
                )
            )
    return pages


def parts(policy: Separation, *sheets: str) -> list[tuple[str, list[int]]]:
    return [(part.key, [page.number for page in part.pages]) for part in split(stack(*sheets), policy).parts]


def codes(policy: Separation, *sheets: str) -> list[FindingCode]:
    return [found.code for found in split(stack(*sheets), policy).findings]


def test_code_sheets_name_what_follows():
    assert parts(CODES, "1", "x", "q", "2", "x") == [("1", [2, 3]), ("2", [5])]
    assert codes(CODES, "1", "x", "q", "2", "x") == []


def test_the_back_of_a_code_sheet_goes_with_it():
    done = split(stack("1o", "xx", "o2", "xo"), CODES)
    assert [(part.key, [page.number for page in part.pages]) for part in done.parts] == [
        ("1", [3, 4]),
        ("2", [7, 8]),
    ]
    assert [[page.number for page in part.separators] for part in done.parts] == [[1, 2], [5, 6]]
    assert done.findings == ()


def test_a_written_back_of_a_separator_is_noted():
    assert codes(CODES, "1x", "xx") == [FindingCode.WRITTEN_SEPARATOR]
    assert codes(SHEETS, "sx", "xx") == [FindingCode.WRITTEN_SEPARATOR]
    assert codes(CODES, "11", "xx") == []


def test_a_code_stuck_on_the_paper_opens_a_part_and_stays_in_it():
    policy = Separation(SeparateBy.CODES, PREFIX, keeps_sheet=True)
    assert parts(policy, "1", "x", "2") == [("1", [1, 2]), ("2", [3])]
    assert codes(policy, "1", "x", "2") == []
    assert codes(policy, "x", "1") == [FindingCode.BEFORE_FIRST]


def test_without_a_prefix_any_code_opens_a_part():
    assert parts(Separation(SeparateBy.CODES, keeps_sheet=True), "q", "x", "1") == [
        ("https://vi-du.vn", [1, 2]),
        (PREFIX + "1", [3]),
    ]


def test_pages_before_the_first_separator_and_separators_without_pages_are_noted():
    assert parts(CODES, "x", "1", "2", "x") == [("", [1]), ("1", []), ("2", [4])]
    assert codes(CODES, "x", "1", "2", "x") == [FindingCode.BEFORE_FIRST, FindingCode.EMPTY_PART]
    assert codes(CODES, "1", "x", "2") == [FindingCode.EMPTY_PART]


def test_two_codes_on_one_sheet_are_noted_and_the_first_counts():
    assert parts(CODES, "12", "xx") == [("1", [3, 4])]
    assert codes(CODES, "12", "xx") == [FindingCode.TWO_CODES]


def test_separator_sheets_work_without_a_code_too():
    assert parts(SHEETS, "s", "x", "s", "s", "x") == [("", [2]), ("", [5])]
    keyed = [CapturedPage(1, 1, separator=True, codes=(PREFIX + "7",)), CapturedPage(2, 2)]
    assert split(keyed, SHEETS).parts[0].key == "7"


def test_a_blank_sheet_has_two_blank_sides():
    assert parts(BLANK, "xo", "ox", "oo", "oo", "xx") == [("", [1, 2, 3, 4]), ("", [9, 10])]
    done = split(stack("xo", "oo", "xx"), BLANK)
    assert [page.number for page in done.parts[1].separators] == [3, 4]


def test_blank_sheets_at_the_ends_make_no_paper():
    assert [pages for _, pages in parts(BLANK, "o", "x", "o") if pages] == [[2]]


@pytest.mark.parametrize(
    ("policy", "sheets", "wanted", "found"),
    [
        (Separation(SeparateBy.COUNT, count=2), "x x x x", [[1, 2], [3, 4]], 0),
        (Separation(SeparateBy.COUNT, count=2), "x x x", [[1, 2], [3]], 1),
        (Separation(SeparateBy.COUNT, count=2), "xo xo xx", [[1, 2, 3, 4], [5, 6]], 0),
        (Separation(SeparateBy.COUNT, count=3), "xx xx", [[1, 2, 3, 4]], 1),
        (Separation(SeparateBy.COUNT, count=2, in_sheets=True), "xo xx oo", [[1, 2, 3, 4], [5, 6]], 1),
        (Separation(SeparateBy.COUNT), "x x", [[1], [2]], 0),
    ],
)
def test_counts_never_tear_a_sheet(policy, sheets, wanted, found):
    assert [pages for _, pages in parts(policy, *sheets.split())] == wanted
    assert codes(policy, *sheets.split()) == [FindingCode.UNEVEN_PART] * found


def test_one_paper_when_nothing_separates():
    assert parts(Separation(), "1", "oo", "s") == [("", [1, 2, 3, 4])]


def test_a_count_of_nothing_is_refused():
    with pytest.raises(ScanError) as error:
        Separation(SeparateBy.COUNT, count=0)
    assert error.value.fault is ScanFault.BAD_REQUEST


policies = st.builds(
    Separation,
    by=st.sampled_from(SeparateBy),
    prefix=st.sampled_from(["", PREFIX]),
    keeps_sheet=st.booleans(),
    count=st.integers(1, 5),
    in_sheets=st.booleans(),
)


@given(policies, st.lists(st.text("xos12q", min_size=2, max_size=2), max_size=12))
def test_every_page_comes_back_once_in_order_and_no_sheet_is_torn(policy, sheets):
    pages = stack(*sheets)
    done = split(pages, policy)
    assert [page for part in done.parts for page in (*part.separators, *part.pages)] == pages
    for part in done.parts:
        for group in (part.pages, part.separators):
            leaves = [page.leaf for page in group]
            assert all(leaves.count(leaf) == 2 for leaf in leaves)
