"""The test page: what is wrong with a scanner is found, and a good one passes."""

import errno
import os
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from resources.specimens.render import wear
from scanner import ScanError, ScanFault, testpage
from scanner.testpage import Limits, Quality, Weakness, measure, target, write_target

DPI = 200


@cache
def page(dpi: int = DPI) -> Image.Image:
    return Image.fromarray(target(dpi))


@cache
def good() -> np.ndarray:
    """The page as a good office scanner gives it."""
    return scanned()


def scanned(dpi: int = DPI, **worn) -> np.ndarray:
    return np.asarray(wear.scan(page(dpi), wear.Wear(seed=3, **worn), dpi=dpi))


def only(weakness: Weakness, result: testpage.TestResult) -> None:
    assert result.weaknesses == (weakness,)
    assert result.verdict is Quality.BAD


@pytest.mark.parametrize("dpi", [200, 300])
def test_a_good_scan_passes(dpi):
    result = measure(scanned(dpi, shadow=15.0), dpi)
    assert (result.verdict, result.weaknesses, result.streaks) == (Quality.GOOD, (), ())
    assert result.resolution_lp_mm > 0.75 * dpi / 25.4 / 2
    assert result.skew_deg == pytest.approx(0, abs=0.03)
    assert result.scale_percent == pytest.approx((0, 0), abs=0.1)
    assert result.grey_steps == len(result.grey_levels) == 11
    assert result.colour_cast_delta_e < 3


def test_the_page_itself_reaches_what_its_pixels_allow():
    result = measure(target(DPI), DPI)
    assert result.verdict is Quality.GOOD
    assert result.resolution_lp_mm >= 3.5
    assert result.colour_cast_delta_e == 0
    assert list(result.grey_levels) == [round(255 * step / 10) for step in range(11)]


@pytest.mark.parametrize("skew", [-2.0, -0.5, 1.3, 2.0])
def test_skew_is_measured(skew):
    result = measure(scanned(skew_deg=skew), DPI)
    assert result.skew_deg == pytest.approx(skew, abs=0.05)
    assert (Weakness.SKEWED in result.weaknesses) is (abs(skew) > 1)
    assert result.resolution_lp_mm > 2.8
    assert set(result.weaknesses) <= {Weakness.SKEWED}


@pytest.mark.parametrize("blur", [1.3, 2.0, 4.0])
def test_blur_is_found(blur):
    only(Weakness.BLURRED, measure(scanned(blur_px=blur), DPI))


def test_more_blur_is_less_resolution():
    found = [measure(scanned(blur_px=blur), DPI).resolution_lp_mm for blur in (0.5, 1.0, 1.5, 3.0)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4


def test_a_resolution_that_is_only_calculated_is_found():
    half = cv2.resize(good(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    only(Weakness.BLURRED, measure(cv2.resize(half, good().shape[1::-1], interpolation=cv2.INTER_CUBIC), DPI))


@pytest.mark.parametrize(("left", "wide", "share"), [(466, 2, 0.93), (826, 1, 0.85), (1540, 5, 1.08)])
@pytest.mark.parametrize("skew", [0.0, 0.9])
def test_a_streak_down_the_image_is_found_where_it_is(left, wide, share, skew):
    image = scanned(skew_deg=skew, tint=(235, 233, 228)) if skew else scanned(tint=(235, 233, 228))
    image = image.copy()
    image[:, left : left + wide] = np.clip(image[:, left : left + wide] * share, 0, 255).astype(np.uint8)
    result = measure(image, DPI)
    only(Weakness.STREAKED, result)
    (streak,) = result.streaks
    assert streak.x_mm == pytest.approx((left + wide / 2) * 25.4 / DPI, abs=0.2)
    assert streak.width_mm == pytest.approx(wide * 25.4 / DPI, abs=0.1)
    assert (streak.depth > 0) is (share < 1)


def test_a_streak_in_one_colour_is_found():
    image = good().copy()
    image[:, 1000:1002, 2] = (image[:, 1000:1002, 2] * 0.8).astype(np.uint8)
    only(Weakness.STREAKED, measure(image, DPI))


def test_a_hair_on_the_paper_is_no_streak():
    image = good().copy()
    image[1470:1800, 1000:1002] = 90
    assert measure(image, DPI).verdict is Quality.GOOD


def test_a_tint_is_found():
    only(Weakness.TINTED, measure(scanned(tint=(250, 232, 205)), DPI))


def test_greys_that_run_together_are_found():
    dark = np.clip(good().astype(np.float32) * 1.6 - 90, 0, 255).astype(np.uint8)
    result = measure(dark, DPI)
    only(Weakness.FLAT, result)
    assert result.grey_steps < 10


def test_a_copy_of_another_size_is_found():
    height, width = good().shape[:2]
    long = cv2.resize(good(), (width, round(height * 1.02)), interpolation=cv2.INTER_AREA)
    result = measure(long, DPI)
    assert Weakness.OUT_OF_SCALE in result.weaknesses
    assert result.scale_percent == pytest.approx((0, 2), abs=0.1)


def test_a_page_fed_feet_first_is_measured_as_well():
    result = measure(np.ascontiguousarray(np.rot90(scanned(skew_deg=0.6), 2)), DPI)
    assert (result.verdict, result.skew_deg) == (Quality.GOOD, pytest.approx(0.6, abs=0.05))


def test_a_grey_scan_has_no_colour_to_judge():
    result = measure(np.asarray(cv2.cvtColor(good(), cv2.COLOR_RGB2GRAY), np.uint8), DPI)
    assert (result.verdict, result.colour_cast_delta_e) == (Quality.GOOD, None)


def test_limits_are_the_office_s_own():
    assert Limits().least_lp_mm(200) == pytest.approx(2.36, abs=0.01)
    assert Limits().least_lp_mm(600) == 4.0
    assert measure(scanned(skew_deg=2), DPI, Limits(skew_deg=3)).verdict is Quality.GOOD


@pytest.mark.parametrize(
    "image",
    [
        np.full((3508, 2480), 255, np.uint8),
        np.zeros((10, 10, 3), np.uint8),
        target(200)[:2000],
        np.ascontiguousarray(target(200)[:, ::-1]),
        np.concatenate([target(200), target(200)], axis=1),
    ],
    ids=["blank", "tiny", "cut off", "mirrored", "two"],
)
def test_what_is_not_the_whole_page_is_refused(image):
    with pytest.raises(ScanError) as error:
        measure(image, 200)
    assert error.value.fault is ScanFault.TEST_PAGE_ABSENT


def test_what_can_not_be_measured_is_refused():
    with pytest.raises(ScanError) as error:
        measure(target(200), 150)
    assert error.value.fault is ScanFault.RESOLUTION_TOO_LOW
    for wrong in (np.zeros((5, 5), np.float32), np.zeros((0, 5), np.uint8), np.zeros(5, np.uint8)):
        with pytest.raises(ValueError, match="page image"):
            measure(wrong, 300)
    for dpi in (100, 5000):
        with pytest.raises(ValueError, match="dpi"):
            target(dpi)


def test_the_printed_page_measures_as_drawn(tmp_path: Path):
    """Rendered back from its PDF, as a printer sees it."""
    out = write_target(tmp_path / "trang kiểm tra.pdf")
    with pikepdf.open(out) as document:
        box = [float(edge) for edge in document.pages[0].MediaBox]
        assert box == pytest.approx([0, 0, 595.28, 841.89], abs=0.01)
    document = pypdfium2.PdfDocument(out)
    try:
        image = document[0].render(scale=DPI / 72).to_numpy()[..., ::-1].copy()
    finally:
        document.close()
    result = measure(image, DPI)
    assert result.verdict is Quality.GOOD
    assert result.resolution_lp_mm >= 3
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("number", "fault"), [(errno.ENOSPC, ScanFault.DISK_FULL), (errno.EIO, ScanFault.DISK_FAILED)]
)
def test_a_disk_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch, number, fault):
    def fail(handle: int) -> None:
        raise OSError(number, "no")

    out = tmp_path / "t.pdf"
    out.write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ScanError) as error:
        write_target(out)
    assert error.value.fault is fault
    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]
