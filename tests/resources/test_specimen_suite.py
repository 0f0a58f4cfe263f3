"""The suite of made-up papers: any seed, the same again, its truth and its fields on the page."""

import numpy as np
import pytest

from resources.specimens.render.administrative import administrative_paper
from resources.specimens.render.suite import clean_page, read_across, worn_page, worn_pages


@pytest.mark.parametrize("seed", range(64))
def test_every_seed_fills_a_page_with_what_its_fields_say(seed: int) -> None:
    paper = administrative_paper(seed)
    printed = " ".join(paper.side.page.truth.split())
    typed = paper.typed
    assert f"Số: {typed.number}/{typed.notation} " in printed
    for part in (typed.parent, typed.issuer, typed.kind, typed.subject, typed.authority, typed.signer):
        assert part in printed
    assert f"{typed.place}, ngày {typed.issued.day:02} tháng" in printed
    assert all(line in printed for line in typed.recipients)
    assert len(paper.side.page.lines) > 20
    assert len(paper.side.marks) == 3


def test_rows_are_the_same_words_in_another_order() -> None:
    page = administrative_paper(3).side.page
    assert sorted(read_across(page).split()) == sorted(page.truth.split())
    assert read_across(page) != page.truth


def test_a_page_comes_again_as_it_was_and_smaller_when_asked() -> None:
    one, again = worn_page(5, 100), next(worn_pages(1, 100, first=5))
    assert one.jpeg() == again.jpeg()
    assert one.image.size == (827, 1169)
    assert abs(one.skew_deg) <= 3
    assert np.asarray(worn_page(6, 100).image).tobytes() != np.asarray(one.image).tobytes()


def test_a_clean_page_bears_no_ink() -> None:
    page = clean_page(5, 100)
    pixels = np.asarray(page.image).astype(int)
    assert (pixels.max(axis=2) - pixels.min(axis=2)).max() < 40
    assert page.skew_deg == 0
    assert page.truth == worn_page(5, 100).truth
