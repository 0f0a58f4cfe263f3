"""Each stage of the clean-up by itself: skew, ink, paper, blank, sharpness, geometry."""

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
    errors = []
    for name, expected in (row.split("\t") for row in rows):
        picture = decode(real_data / "skew" / name)
        height, width = picture.pixels.shape[:2]
        found = skew_of(picture.pixels, picture.dpi or guessed_dpi(width, height))
        # Two of the images are scraps with too little text to be sure of: these stay as they are.
        if found.angle_deg or not found.doubtful:
            errors.append(abs(found.angle_deg - float(expected)))
    assert len(errors) >= 6
    assert max(errors) < 0.5


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
