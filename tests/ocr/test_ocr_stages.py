"""What the stages leave behind, each alone again, and what they may never do."""

import dataclasses

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import Flag, ReadPage, Word
from ocr.clean.background import quietened, whiten
from ocr.clean.bleed import find_bleed_through
from ocr.clean.borders import find_borders, without_borders
from ocr.clean.chain import CleanParameters, clean
from ocr.clean.despeckle import despeckle
from ocr.clean.geometry import straightened
from ocr.clean.orientation import SURE, legibility
from ocr.clean.quality import quality_of
from ocr.clean.resolution import reduced
from ocr.clean.reverse import OtherSide
from ocr.clean.skew import SkewParameters, text_mask
from ocr.stage import record_stage
from resources.specimens.render.sparse import BACKS, CONTENT, sparse_sheet
from resources.specimens.render.suite import worn_page

STAGES = [
    *("resolution", "borders", "background", "bleed-through", "blank", "ink", "despeckle", "quality"),
    *("orientation", "skew"),
]


def laid(text: str, confidence: float) -> list[Word]:
    places = range(0, 100 * len(text.split()), 100)
    boxes = [(left, 0, left + 80, 20) for left in places]
    words = zip(text.split(), boxes, strict=True)
    return [Word(word, box, (*box[:2], *box[2:]), confidence, 0, 0) for word, box in words]


def test_print_on_its_head_is_illegible_however_sure_the_net_is_of_it() -> None:
    upright = laid("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc Số: 183/TB-SKHCN", 99)
    on_its_head = laid("3uns 9q 10D enS 5ônĐ quyg3 queu 3ñ nụ 28u1 qUPD OVN 9NOHL tupu Bupul pBu nụq", 87)
    english = laid("Socialist Republic of Viet Nam Independence Freedom Happiness Notice of the meeting", 97)
    assert legibility(upright) > SURE
    assert legibility(on_its_head) < 48
    assert 50 < legibility(english) < SURE


@pytest.fixture(scope="module")
def worn() -> np.ndarray:
    return np.asarray(worn_page(4, 150).image)


def test_a_read_page_tells_what_every_stage_decided(letter_page) -> None:
    stages = letter_page.read.stages
    assert [stage.stage for stage in stages] == STAGES
    assert all(0 <= stage.sure <= 1 for stage in stages)
    assert len({stage.input_sha256 for stage in stages}) == len(stages)
    assert ReadPage.from_json(letter_page.read.to_json()) == letter_page.read


def test_a_changed_parameter_makes_stale_that_stage_and_what_had_its_decision() -> None:
    before = [record_stage("ink", SkewParameters(), "none", 1, source="a")]
    one = record_stage("skew", SkewParameters(), "0.0", 1, source="a", before=before)
    assert record_stage("skew", SkewParameters(), "0.0", 1, source="a", before=before) == one
    other = record_stage("skew", SkewParameters(sharp=2.0), "0.0", 1, source="a", before=before)
    assert other.parameters_sha256 != one.parameters_sha256
    assert other.input_sha256 == one.input_sha256
    changed = [dataclasses.replace(before[0], decided="dropped")]
    after = record_stage("skew", SkewParameters(), "0.0", 1, source="a", before=changed)
    assert after.input_sha256 != one.input_sha256
    assert after.parameters_sha256 == one.parameters_sha256
    assert record_stage("skew", SkewParameters(), "", 0.0, source="a").doubtful


def test_cleaning_leaves_the_page_itself_alone_and_repeats_itself(worn: np.ndarray) -> None:
    kept = worn.copy()
    worn.setflags(write=False)
    one, again = clean(worn, 150, "x"), clean(worn, 150, "x")
    assert (worn == kept).all()
    assert (one.grey == again.grey).all()
    assert one.records == again.records


def test_a_parameter_reaches_its_stage(worn: np.ndarray) -> None:
    usual = CleanParameters()
    coarse = dataclasses.replace(
        usual, resolution=dataclasses.replace(usual.resolution, usual_dpi=100, fine_dpi=100)
    )
    assert clean(worn, 150, "x", coarse).dpi == 100
    records = [clean(worn, 150, "x", parameters).records for parameters in (usual, coarse)]
    assert records[0][0].parameters_sha256 != records[1][0].parameters_sha256


@pytest.mark.parametrize("kind", CONTENT)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_sheet_with_hardly_anything_on_it_is_not_blank(kind: str, seed: int) -> None:
    assert not clean(sparse_sheet(kind, seed, 150), 150, "").blank.is_blank


@pytest.mark.parametrize("kind", BACKS)
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_back_is_blank(kind: str, seed: int) -> None:
    found = clean(sparse_sheet(kind, seed, 150), 150, "")
    assert found.blank.is_blank
    assert Flag.BLANK in found.flags


def test_the_other_side_is_taken_off_and_this_one_stays() -> None:
    front = np.full((1200, 850), 255, np.uint8)
    for row in range(12):
        cv2.putText(
            front, "mat truoc cua to giay", (60, 100 + 90 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 30, 4
        )
    back = np.full_like(front, 255)
    cv2.putText(back, "ghi chu", (200, 620), cv2.FONT_HERSHEY_SIMPLEX, 2, 60, 5)
    own = back < 128
    shining = np.minimum(back, 255 - (255 - cv2.GaussianBlur(front[:, ::-1], (0, 0), 2)) // 4)
    found = find_bleed_through((shining,), 100, reverse=OtherSide("front", lambda: front))
    assert found.notable
    assert (found.channels[0][own] < 128).mean() > 0.98
    away = ~cv2.dilate(own.astype(np.uint8), np.ones((15, 15), np.uint8)).astype(bool)
    assert (found.channels[0][away] > 235).mean() > 0.995


def test_a_dark_bed_is_a_border_and_print_at_the_edge_is_none() -> None:
    page = np.full((1169, 827, 3), 250, np.uint8)
    cv2.putText(page, "sat mep", (2, 30), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 3)
    assert not find_borders(page, 100).any
    page[:, -40:] = 20
    found = find_borders(page, 100)
    assert (found.left, found.top, found.bottom) == (0, 0, 0)
    assert 36 <= found.right <= 44
    assert found.notable
    grey = page[..., 0].copy()
    assert (without_borders(grey, found)[:, -36:] == 255).all()
    assert (grey[:, -36:] == 20).all()


def test_a_black_page_is_no_border() -> None:
    found = find_borders(np.full((600, 400), 10, np.uint8), 100)
    assert not found.any
    assert found.sure == 0.0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(20, 380), st.integers(20, 380)), max_size=25), st.integers(1, 3))
def test_no_dot_near_a_letter_is_ever_dust(dots: list[tuple[int, int]], size: int) -> None:
    page = np.full((400, 400), 255, np.uint8)
    cv2.putText(page, "Quyet dinh", (60, 210), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 0, 4)
    letters = page < 128
    for x, y in dots:
        page[y : y + size, x : x + size] = 0
    found = despeckle(page, 200)
    assert (found.grey[letters] == page[letters]).all()
    near = cv2.dilate(letters.astype(np.uint8), np.ones((17, 17), np.uint8)) > 0
    assert (found.grey[near] == page[near]).all()


def test_lone_dust_goes() -> None:
    page = np.full((400, 400), 255, np.uint8)
    cv2.putText(page, "a", (60, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 0, 4)
    page[300:303, 300:303] = 0
    found = despeckle(page, 200)
    assert found.removed == 1
    assert found.grey[295:310, 295:310].min() == 255
    assert page[301, 301] == 0


def test_findings_name_what_is_wrong(letter) -> None:
    def findings(pixels: np.ndarray) -> frozenset[str]:
        grey = whiten(pixels)[1]
        return quality_of(pixels, grey, text_mask(grey, 300), 300).findings

    assert findings(letter.pixels) == frozenset()
    assert "blurred" in findings(cv2.GaussianBlur(letter.pixels, (0, 0), 5))
    assert "clipped" in findings(np.ascontiguousarray(letter.pixels[:, 400:]))
    yellow = (letter.pixels * np.array([0.8, 0.75, 0.35])).astype(np.uint8)
    assert "colour-cast" in findings(yellow)


def test_small_print_is_read_finer() -> None:
    page = np.full((1754, 1240), 255, np.uint8)
    for row in range(60):
        cv2.putText(page, "dieu khoan in rat nho " * 2, (60, 60 + 26 * row), 0, 0.32, 0, 1)
    large = cv2.resize(page, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert clean(large, 300, "").dpi == 300
    assert reduced(large, 300, 200)[1] == 200
    assert reduced(large, 220, 200)[1] == 220


def test_quietened_paper_is_white_and_ink_stays() -> None:
    levels = quietened(np.arange(256, dtype=np.uint8)[None])
    assert (levels[0, 225:] == 255).all()
    assert (np.diff(levels[0].astype(int)) >= 0).all()
    assert len(np.unique(levels)) == 16
    assert levels[0, 0] == 0


def test_colours_of_seal_and_signature_are_those_of_the_original(reader) -> None:
    page = worn_page(4, 150)
    seen = reader.see(page.jpeg())
    original = np.asarray(page.image)
    wanted = straightened(original, seen.read.skew_deg)
    assert seen.pixels.shape == wanted.shape
    coloured = (wanted.max(axis=2).astype(int) - wanted.min(axis=2)) > 70
    inside = cv2.erode(coloured.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    assert inside.sum() > 1000
    lab = [cv2.cvtColor(shown.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for shown in (seen.pixels, wanted)]
    # What differs is the JPEG that came in, not the clean-up: in the mean over each patch nothing does.
    calm = [cv2.blur(shown, (9, 9)) for shown in lab]
    assert float(np.median(np.linalg.norm(calm[0] - calm[1], axis=2)[inside])) < 2.0
