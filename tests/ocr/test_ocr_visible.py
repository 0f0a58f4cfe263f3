"""The visible JPEG: half the bytes, level paper, every stroke, stain and colour as it was captured."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from ocr.grain import without_grain
from ocr.image import coded_jpeg
from ocr.jpeg import jpeg_facts
from ocr.visible import visible_jpeg

Pixels = np.ndarray
PAPER = (246, 240, 226)


def shown(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def grainy(pixels: Pixels, spread: float, seed: int = 5) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, spread, pixels.shape[:2])
    return np.clip(pixels + noise[..., None], 0, 255).round().astype(np.uint8)


def paper(height: int = 900, width: int = 700) -> Pixels:
    return np.full((height, width, 3), PAPER, np.uint8)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 70), st.integers(1, 70)),
            st.tuples(st.integers(1, 70), st.integers(1, 70), st.just(3)),
        ),
    ),
    st.sampled_from([72, 300, 600]),
)
def test_any_image_becomes_a_jpeg_of_its_size_that_a_pdf_can_hold(pixels: Pixels, dpi: int) -> None:
    data = visible_jpeg(pixels, dpi)
    facts = jpeg_facts(data)
    assert facts is not None
    assert facts.fits_pdf
    assert (facts.height, facts.width) == pixels.shape[:2]
    assert facts.components == (1 if pixels.ndim == 2 else 3)
    assert shown(data).shape[:2] == pixels.shape[:2]
    assert visible_jpeg(pixels, dpi) == data


@pytest.mark.parametrize("spread", [0.0, 2.0, 5.0])
def test_paper_keeps_its_colour_and_loses_its_grain(spread: float) -> None:
    page = grainy(paper(), spread)
    seen = shown(visible_jpeg(page, 300)).astype(float)
    assert np.abs(seen.mean(axis=(0, 1)) - page.mean(axis=(0, 1))).max() < 2.1
    assert seen.std(axis=(0, 1)).max() < 1.2
    assert len(visible_jpeg(page, 300)) < 6000


def test_shadows_and_stains_stay() -> None:
    page = paper().astype(float)
    page -= np.linspace(0, 60, 700)[None, :, None]
    cv2.circle(page, (350, 600), 90, (190.0, 170.0, 130.0), -1)
    page = cv2.GaussianBlur(page, (0, 0), 6)
    seen = shown(visible_jpeg(grainy(page, 3), 300)).astype(float)
    assert np.abs(cv2.blur(seen, (9, 9)) - cv2.blur(page, (9, 9))).max() < 6


@pytest.mark.parametrize(("depth", "spread"), [(7, 3.0), (5, 1.5), (10, 5.0)])
def test_the_faintest_pencil_is_no_grain(depth: int, spread: float) -> None:
    page = paper().astype(float)
    line = np.zeros(page.shape[:2], np.uint8)
    cv2.line(line, (60, 200), (640, 420), 255, 3)
    page[line > 0] -= depth
    calm = without_grain(grainy(page, spread)).planes[..., 0].astype(float)
    there, around = line > 0, cv2.dilate(line, np.ones((41, 41))) == 0
    assert calm[around].mean() - calm[there].mean() > 0.6 * depth


def test_print_and_seal_look_as_captured_in_half_the_bytes(letter, stamped) -> None:
    page = grainy(cv2.GaussianBlur(stamped(letter.pixels), (0, 0), 0.8), 4)
    data = visible_jpeg(page, 300)
    usual = coded_jpeg(page, 75)
    assert len(data) < 0.5 * len(usual)
    ink = cv2.erode(page.min(axis=2), np.ones((5, 5))) < 140
    ours, theirs = (np.abs(shown(one)[ink].astype(int) - page[ink]).mean() for one in (data, usual))
    assert ours < 1.6 * theirs
    wanted, seen = (
        cv2.cvtColor(some.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for some in (page, shown(data))
    )
    coloured = np.hypot(wanted[..., 1], wanted[..., 2]) > 35
    assert coloured.sum() > 10_000
    # CIE76; CIEDE2000 is about half of it on saturated ink.
    assert np.linalg.norm(seen - wanted, axis=-1)[coloured].mean() < 4.5


def test_crumbs_of_a_seal_keep_their_colour() -> None:
    page = paper()
    cv2.putText(page, "phoi hop", (80, 300), 0, 2.4, (30, 30, 34), 6)
    page[330:337, 200:206] = page[180:185, 400:408] = (226, 30, 48)
    seen = shown(visible_jpeg(grainy(page, 2), 300)).astype(int)
    for place in (seen[331:336, 201:205], seen[181:184, 402:406]):
        red, green, _ = place.mean(axis=(0, 1))
        assert red - green > 90


@pytest.mark.parametrize("shape", [(1200, 900), (1200, 900, 3)])
def test_noise_that_leaves_the_coder_no_room_is_coded_all_the_same(shape: tuple[int, ...]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    facts = jpeg_facts(visible_jpeg(noise, 300))
    assert facts is not None
    assert (facts.height, facts.width) == shape[:2]


def test_a_small_source_is_taken_as_it_is_and_a_large_one_is_not(letter) -> None:
    small, large = coded_jpeg(letter.pixels, 20), coded_jpeg(letter.pixels, 92)
    assert visible_jpeg(shown(small), 300, small) is small
    again = visible_jpeg(shown(large), 300, large)
    assert len(again) < 0.8 * len(large)
    limit = len(again) * 4 // 5
    assert len(visible_jpeg(shown(large), 300, most=limit)) <= limit
