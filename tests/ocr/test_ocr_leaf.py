"""Both sides of a leaf: what shines through is told by the other side, and nothing of this one is lost."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr import OcrError, OcrFault, read_documents
from ocr.clean.chain import clean
from ocr.clean.reverse import OtherSide
from ocr.image import encode_jpeg
from ocr.leaf import other_side
from ocr.sides import in_pairs
from ocr.sources import SourceFault, SourceImage
from resources.specimens.render import wear
from resources.specimens.render.administrative import administrative_paper
from resources.specimens.render.paper import print_page
from resources.specimens.render.sparse import sparse_sheet
from resources.specimens.render.suite import clean_page, reduced
from resources.specimens.render.wear import Wear

DPI = 150


def thin_leaf(seed: int, note: str = "") -> tuple[np.ndarray, np.ndarray]:
    """(front, back) of thin paper: the front's print shows through sharp, and the sides lie askew."""
    printed = reduced(print_page(administrative_paper(seed).side.page), DPI)
    through = 255 - (255 - cv2.GaussianBlur(np.asarray(printed)[:, ::-1], (0, 0), 0.8)) * 0.4
    back = through.astype(np.uint8)
    cv2.putText(back, note, (520, 780), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, (70, 70, 70), 3)
    front = wear.scan(printed, Wear(seed=seed, skew_deg=0.7), dpi=DPI)
    askew = wear.scan(Image.fromarray(back), Wear(seed=seed + 1, skew_deg=-0.5), dpi=DPI)
    return np.asarray(front), np.roll(np.asarray(askew), (9, -7), axis=(0, 1))


def test_a_back_of_thin_paper_is_blank_once_its_front_is_known() -> None:
    front, back = thin_leaf(5)
    assert not clean(back, DPI, "").blank.is_blank
    found = clean(back, DPI, "", reverse=OtherSide("f", lambda: front))
    assert found.blank.is_blank
    assert found.bleed.notable


def test_a_pencil_note_among_what_shines_through_stays() -> None:
    front, back = thin_leaf(5, "xem lai")
    found = clean(back, DPI, "", reverse=OtherSide("f", lambda: front))
    assert not found.blank.is_blank
    assert 0 < found.bleed.share < 0.2


def test_a_side_without_faint_ink_never_asks_for_the_other_one(letter) -> None:
    def never() -> None:
        pytest.fail("looked at")

    page = letter.pixels
    one, other = clean(page, 300, "a"), clean(page, 300, "a", reverse=OtherSide("b", never))
    assert (one.grey == other.grey).all()
    assert one.records[3].input_sha256 != other.records[3].input_sha256


def test_a_side_of_another_leaf_takes_nothing_off() -> None:
    _, back = thin_leaf(5)
    stranger = np.asarray(clean_page(2, DPI).image)
    found = clean(back, DPI, "", reverse=OtherSide("s", lambda: stranger))
    assert not found.blank.is_blank


@pytest.mark.parametrize("seed", [112, 132, 137])
def test_print_under_a_seal_that_came_through_is_still_read(seed: int) -> None:
    print_alone = np.asarray(clean_page(3, DPI).image)
    sealed = np.minimum(print_alone, sparse_sheet("struck seal", seed, DPI))
    ink = clean(print_alone, DPI, "").grey < 100
    assert (clean(sealed, DPI, "").grey[ink] < 170).mean() > 0.98


def test_a_note_inside_a_seal_that_came_through_is_content() -> None:
    back = sparse_sheet("struck seal", 137, DPI).copy()
    assert clean(back, DPI, "").blank.is_blank
    reddest = np.argwhere(back.max(axis=2).astype(int) - back.min(axis=2) > 60)
    y, x = (int(middle) for middle in np.median(reddest, axis=0))
    cv2.putText(back, "da nhan", (x - 60, y), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (40, 40, 44), 2)
    assert not clean(back, DPI, "").blank.is_blank


def test_an_other_side_that_cannot_be_had_is_none(tmp_path: Path) -> None:
    assert other_side(tmp_path / "gone.jpg") is None
    broken = other_side(b"no image")
    assert broken is not None
    assert broken.look() is None
    small = other_side(encode_jpeg(np.full((800, 600, 3), 240, np.uint8), 100))
    assert small is not None
    pixels = small.look()
    assert pixels is not None
    assert pixels.shape == (400, 300, 3)


def source(origin: str, page: int) -> SourceImage:
    return SourceImage(f"{origin}{page}".encode(), None, origin, page)


@given(st.lists(st.integers(1, 4), max_size=6))
@settings(max_examples=60, deadline=None)
def test_every_page_passes_once_and_pairs_are_mutual(lengths: list[int]) -> None:
    pages = [source(f"{at}.tif", page) for at, count in enumerate(lengths) for page in range(1, count + 1)]
    many = {f"{at}.tif" for at, count in enumerate(lengths) if count > 1}
    sides = list(in_pairs(iter(pages), many))
    assert [side.source for side in sides] == pages
    paired = {(id(side.source), id(side.reverse)) for side in sides if side.reverse}
    assert all((back, front) in paired for front, back in paired)
    for at, count in enumerate(lengths):
        own = [side for side in sides if side.source.origin == f"{at}.tif"]
        if count > 1:
            assert sum(side.reverse is None for side in own) == count % 2


def test_a_page_that_cannot_be_had_leaves_its_other_side_alone() -> None:
    fault = SourceFault(OcrError(OcrFault.TRUNCATED), "a.jpg", 1)
    sides = list(in_pairs([fault, source("b.jpg", 1), source("c.jpg", 1)], set()))
    assert [side.source.origin for side in sides] == ["a.jpg", "b.jpg", "c.jpg"]
    assert sides[0].reverse is sides[1].source
    assert [side.reverse for side in sides[1:]] == [None, None]


def test_one_call_reads_leaves_with_both_sides(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    for name, pixels in zip(("1.jpg", "2.jpg"), thin_leaf(5), strict=True):
        (inbox / name).write_bytes(encode_jpeg(pixels, DPI))
    told = tmp_path / "o.json"
    read_documents([inbox], tmp_path / "o.pdf", json=told, duplex=True, resume=tmp_path / "kept")
    front, back = (page["flags"] for page in json.loads(told.read_text())["pages"])
    assert back == ["blank", "bleed-through"]
    assert "blank" not in front
