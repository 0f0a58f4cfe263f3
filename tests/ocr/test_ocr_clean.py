"""Each stage of the clean-up by itself: skew, ink, paper, blank, sharpness, geometry."""

import functools
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.clean.background import whiten
from ocr.clean.blank import judge_blank
from ocr.clean.geometry import canvas_for, straightened, turned
from ocr.clean.ink import black_ink
from ocr.clean.quality import is_blurred
from ocr.clean.rules import angle_of_rules
from ocr.clean.skew import Skew, measure_skew, text_mask
from ocr.image import decode, guessed_dpi

PAPER = (246, 244, 238)


def skew_of(pixels: np.ndarray, dpi: int = 300) -> Skew:
    return measure_skew(text_mask(black_ink(whiten(pixels)), dpi))


@pytest.mark.parametrize("angle", [-7.3, -2.0, -0.4, 0.25, 1.5, 4.1])
def test_skew_is_found_to_a_tenth_of_a_degree(angle: float, letter, rotated) -> None:
    found = skew_of(rotated(letter.pixels, angle))
    assert not found.doubtful
    assert found.angle_deg == pytest.approx(-angle, abs=0.1)


def test_a_straight_page_is_left_alone(letter) -> None:
    found = skew_of(letter.pixels)
    assert (found.angle_deg, found.doubtful) == (0.0, False)
    assert found.sure > 0.5


def test_a_drawing_without_lines_is_not_straightened() -> None:
    page = np.full((1754, 1240, 3), 250, np.uint8)
    rng = np.random.default_rng(5)
    for x, y in rng.integers(100, 1100, (400, 2)):
        cv2.circle(page, (int(x), int(y)), 6, (20, 20, 20), -1)
    assert skew_of(page, 150).angle_deg == 0.0


def test_lines_that_disagree_with_the_profile_are_flagged_and_left() -> None:
    page = np.full((1754, 1240, 3), 250, np.uint8)
    # Two slips on one sheet: a few long lines rise, more short ones fall; the long ones lead the profile.
    for left, right, top, lines, slope in ((60, 700, 300, 10, -0.04), (800, 1010, 200, 40, 0.04)):
        for line in range(lines):
            for x in range(left, right, 70):
                y = round(top + 33 * line + slope * (x - left))
                cv2.rectangle(page, (x, y), (x + 58, y + 9), (0, 0, 0), -1)
    found = skew_of(page, 150)
    assert found.angle_deg == 0.0
    assert found.doubtful


def test_the_expected_angles_of_published_images(real_data: Path) -> None:
    rows = (real_data / "skew" / "ANGLES.tsv").read_text().splitlines()[1:]
    # The labels are whole degrees; these were measured on long rules and by the entropy of rows, full size.
    measured = (-1.40, -2.16, -6.19, 7.08, 3.44, -2.79, 3.41, 14.87)
    for (name, label), angle in zip((row.split("\t") for row in rows), measured, strict=True):
        assert round(angle) == int(label)
        picture = decode(real_data / "skew" / name)
        height, width = picture.pixels.shape[:2]
        dpi = picture.dpi or guessed_dpi(width, height)
        grey = black_ink(whiten(picture.pixels))
        found = measure_skew(text_mask(grey, dpi), rules=functools.partial(angle_of_rules, grey, dpi))
        assert found.angle_deg == pytest.approx(angle, abs=0.15), name


@pytest.mark.parametrize("angle", [-3.1, 2.2])
def test_rules_tell_where_there_are_hardly_any_lines_of_text(angle: float, rotated) -> None:
    page = np.full((1754, 1240, 3), 246, np.uint8)
    rng = np.random.default_rng(4)
    for top in range(200, 1500, 190):
        for line in range(5):
            cv2.line(page, (100, top + 16 * line), (1140, top + 16 * line), (20, 20, 20), 2)
        for x in range(130, 1120, 45):
            cv2.circle(page, (x, top + int(rng.integers(0, 5)) * 16), 8, (20, 20, 20), -1)
            cv2.putText(page, "a", (x, top + 100), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 2)
    turned_page = rotated(page, angle)
    grey = black_ink(whiten(turned_page))
    assert angle_of_rules(grey, 150) == pytest.approx(-angle, abs=0.1)
    assert angle_of_rules(black_ink(whiten(page)), 150) == pytest.approx(0.0, abs=0.05)


def test_lines_in_all_directions_are_no_rules() -> None:
    page = np.full((1754, 1240), 246, np.uint8)
    for x0, y0, x1, y1 in np.random.default_rng(8).integers(100, 1200, (60, 4)):
        cv2.line(page, (int(x0), int(y0)), (int(x1), int(y1)), 20, 2)
    assert angle_of_rules(page, 150) is None
    assert angle_of_rules(np.full((900, 700), 250, np.uint8), 100) is None


def test_a_small_slip_is_straightened(letter, rotated) -> None:
    slip = cv2.resize(rotated(letter.pixels, 2.6)[800:1800, 300:1300], None, fx=0.34, fy=0.34)
    assert skew_of(slip, 300).angle_deg == pytest.approx(-2.6, abs=0.2)


def test_coloured_ink_goes_and_print_under_it_stays(letter, stamped) -> None:
    clean = black_ink(whiten(letter.pixels)).astype(int)
    spoilt = black_ink(whiten(stamped(letter.pixels))).astype(int)
    printed = clean < 90
    assert (spoilt[printed] < 150).mean() > 0.97
    assert (spoilt[~printed & (clean > 240)] > 200).mean() > 0.995


def test_a_page_written_in_blue_keeps_its_writing(letter) -> None:
    blue = letter.pixels.copy()
    blue[blue[..., 0] < 120] = (40, 60, 190)
    ink = blue[..., 0] == 40
    assert (black_ink(whiten(blue))[ink] < 120).mean() > 0.95


def test_shadows_become_paper() -> None:
    slope = np.linspace(120, 250, 2480, dtype=np.uint8)
    page = np.repeat(np.tile(slope, (1754, 1))[..., None], 3, axis=2)
    assert min(channel.min() for channel in whiten(page)) > 235


def noisy_paper() -> np.ndarray:
    grain = np.random.default_rng(3).normal(0, 4, (3508, 2480, 3))
    return np.clip(np.array(PAPER) + grain, 0, 255).astype(np.uint8)


def draw_nothing(page: np.ndarray) -> None:
    """Grain only."""


def draw_punch_holes_and_shadow(page: np.ndarray) -> None:
    cv2.circle(page, (130, 1300), 36, (40, 40, 40), -1)
    cv2.circle(page, (130, 2250), 36, (120, 120, 120), 4)
    page[:, :45] = 30


def draw_pencil(page: np.ndarray) -> None:
    cv2.putText(page, "xem lai", (900, 900), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2, (170, 170, 170), 3)


def draw_stamp(page: np.ndarray) -> None:
    cv2.circle(page, (1500, 2500), 210, (222, 40, 60), 10)


def draw_page_number(page: np.ndarray) -> None:
    cv2.putText(page, "12/45", (1200, 240), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (30, 30, 30), 4)


@pytest.mark.parametrize(
    ("draw", "blank"),
    [
        (draw_nothing, True),
        (draw_punch_holes_and_shadow, True),
        (draw_pencil, False),
        (draw_stamp, False),
        (draw_page_number, False),
    ],
)
def test_blank_means_that_nobody_left_a_mark(draw: Callable[[np.ndarray], None], blank: bool) -> None:
    page = noisy_paper()
    draw(page)
    assert judge_blank(whiten(page), 300).is_blank is blank


def test_blur_is_told_from_sharp_print(letter) -> None:
    grey = black_ink(whiten(letter.pixels))
    assert not is_blurred(grey, 300)
    assert is_blurred(cv2.GaussianBlur(grey, (0, 0), 3), 300)


def test_quarter_turns_are_clockwise() -> None:
    page = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert turned(page, 90).tolist() == [[3, 0], [4, 1], [5, 2]]
    assert turned(turned(page, 90), 270).tolist() == page.tolist()
    assert turned(turned(page, 180), 180).tolist() == page.tolist()


def test_straightening_keeps_the_size_of_a_page_with_empty_corners(letter) -> None:
    assert straightened(letter.pixels, 1.0).shape == letter.pixels.shape


def test_straightening_cuts_nothing_off() -> None:
    page = np.full((1754, 1240, 3), 250, np.uint8)
    page[10:40, 10:60] = 0
    page[-40:-10, -60:-10] = 0
    across, down = canvas_for(page, 3.0)
    assert across > 1240
    assert down > 1754
    shown = straightened(page, 3.0)
    assert shown.shape[:2] == (down, across)
    assert (shown < 120).all(axis=2).sum() == pytest.approx((page < 120).all(axis=2).sum(), rel=0.05)
