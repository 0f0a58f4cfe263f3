"""Fields through the whole reading: papers printed, stamped, signed, worn, scanned, read by Tesseract."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.reading_sections.fields import Tally, measured
from ocr import CleanedPage, Reader, find_fields
from ocr.fields import Doubt, FieldGathering
from ocr.image import decode
from ocr.page import ReadPage
from resources import specimens
from resources.specimens.render.official import Official, official

HANDWRITTEN, PALE_PEN, TYPED = 0, 155, 3
"""Numbers of papers: a number by hand, one of which a part was read, and one all typed, without a seal."""


@pytest.fixture(scope="module")
def read(reader: Reader) -> dict[int, tuple[Official, list[CleanedPage]]]:
    papers = {number: official(number) for number in (HANDWRITTEN, PALE_PEN, TYPED, 2)}
    return {
        number: (paper, [reader.read(jpeg, dpi=paper.dpi) for jpeg in paper.jpegs()])
        for number, paper in papers.items()
    }


def test_typed_fields_are_right_and_no_number_is_invented(
    read: dict[int, tuple[Official, list[CleanedPage]]],
) -> None:
    tally = Tally()
    for paper, pages in read.values():
        tally.count(paper, find_fields(pages))
    assert tally.invented == []
    assert tally.by_hand >= 1
    assert tally.share >= 0.95, tally.misses


def test_what_is_written_by_hand_is_shown_and_not_guessed(
    read: dict[int, tuple[Official, list[CleanedPage]]],
) -> None:
    paper, pages = read[HANDWRITTEN]
    field = find_fields(pages).get("number")
    assert "number" in paper.by_hand
    assert field is not None
    assert field.value is None
    assert field.doubt in (Doubt.HANDWRITTEN, Doubt.BLANK)
    written = paper.written[0]
    x, y = (round(mm * paper.dpi / 25.4) for mm in (written.x_mm + 3, written.baseline_mm - 2))
    reach = round(6 * paper.dpi / 25.4)  # the page was straightened meanwhile
    assert any(
        spot.box[0] - reach <= x <= spot.box[2] + reach and spot.box[1] - reach <= y <= spot.box[3] + reach
        for spot in field.spots
    )


def test_pages_passing_by_give_what_all_pages_together_give(
    read: dict[int, tuple[Official, list[CleanedPage]]],
) -> None:
    for _, pages in read.values():
        gathering = FieldGathering()
        for page in pages:
            gathering.add(page.read, lambda page=page: decode(page.visible).pixels)
        assert gathering.found() == find_fields(pages)


def test_a_signature_far_behind_is_found_on_its_own_page(
    read: dict[int, tuple[Official, list[CleanedPage]]],
    typeset: Callable[..., ReadPage],
) -> None:
    _, pages = read[TYPED]
    blank = typeset([(100.0, 30.0, "Phần nội dung ở giữa văn bản.")])
    gathering = FieldGathering()
    only_head = tuple(word for word in pages[0].read.words if word.box[3] < 0.3 * pages[0].read.height_px)
    gathering.add(replace(pages[0].read, words=only_head), None)
    for _ in range(6):
        gathering.add(blank, None)
    gathering.add(pages[0].read, lambda: decode(pages[0].visible).pixels)
    signer = gathering.found().get("signer")
    assert signer is not None
    assert {spot.page for spot in signer.spots} == {8}


def test_the_demo_papers_fill_their_forms(reader: Reader) -> None:
    stack = [path for path in specimens.demo_stack() if "to-khai-truoc" in Path(path).name]
    found = find_fields([reader.read(path, dpi=300) for path in stack])
    assert found.form == "to-khai-dang-ky-khai-sinh"
    assert found.value("child-name") == "QUÀNG THỊ MẪU"
    assert found.value("child-born") == "09/11/2026"
    assert found.value("declarant-id") == "011301001234"
    assert found.value("mother-residence") == "Bản Thí Dụ, xã Mường Ví Dụ, tỉnh Điện Biên"


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_hundred_papers() -> None:
    tally = measured(range(200))
    assert tally.invented == []
    assert tally.share >= 0.98, tally.misses


def test_real_scans_with_numbers_by_hand(real_data: Path, reader: Reader) -> None:
    for name in ("QNgai_51_QD_UB_p01", "QNgai_660TBUB_p01"):
        found = find_fields([reader.read(real_data / "scans" / f"{name}.jpg", dpi=300)])
        number = found.get("number")
        assert number is not None
        assert (number.value, len(number.spots) > 0) == (None, True)
        assert found.value("agency") == "ỦY BAN NHÂN DÂN TỈNH QUẢNG NGÃI"
        assert found.value("date") is None
