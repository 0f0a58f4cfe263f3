"""The shipped paper stack is what its description says, in every image."""

import subprocess
import sys
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from resources import path, specimens
from resources.specimens.render.demo import SKEW_DEG, Scan
from resources.specimens.render.ink import Seal
from resources.specimens.render.paper import placed_words, px

Decode = Callable[[str], NDArray[np.uint8]]

IMAGES = [image.name for image in specimens.demo_stack()]
SIDES = [image for paper in specimens.demo_papers() for image in paper.images]
SEPARATORS = [image for image in IMAGES if image not in SIDES]
BLANK = "02-to-khai-sau.jpg"
SKEWED = "06-uy-quyen-trang-1.jpg"
PRINTED = [image for image in SIDES if image != BLANK]
STRAIGHT = [image for image in PRINTED if image != SKEWED]
FIRST_SIDES = [paper.images[0] for paper in specimens.demo_papers()]

DARK = 160  # grey level that no paper, lid or shadow of the stack comes near


def truth_of(image: str) -> str:
    return path("specimens", "demo", image).with_suffix(".txt").read_text(encoding="utf-8")


def test_a_separator_stands_in_front_of_each_paper() -> None:
    fed = iter(IMAGES)
    for paper in specimens.demo_papers():
        assert next(fed) in SEPARATORS
        assert tuple(next(fed) for _ in paper.images) == paper.images
    assert next(fed, None) is None
    assert (len(SEPARATORS), len(SIDES)) == (3, 5)


def test_a_folder_sorted_by_name_is_in_feeding_order() -> None:
    assert sorted(IMAGES) == IMAGES


def test_papers_are_components_of_the_procedure_in_the_catalogue() -> None:
    procedures = tomllib.loads(path("catalogues", "procedures.toml").read_text("utf-8"))["procedure"]
    demo = tomllib.loads(path("specimens", "demo.toml").read_text("utf-8"))
    known = next(p for p in procedures if p["code"] == demo["procedure"])["component"]
    names = {component["key"]: component["name"] for component in known if component["decision"] == "scan"}
    for paper in specimens.demo_papers():
        assert names[paper.component] == paper.name


def test_the_applicant_stands_on_the_declaration() -> None:
    demo = tomllib.loads(path("specimens", "demo.toml").read_text("utf-8"))
    declaration = truth_of(SIDES[0])
    assert demo["applicant"] in declaration
    assert demo["applicant_id"] in declaration


@pytest.mark.parametrize("name", IMAGES)
def test_every_image_is_a_colour_a4_at_300_dpi(name: str) -> None:
    file = path("specimens", "demo", name)
    with Image.open(file) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (2480, 3508))
        assert image.info["dpi"] == (300, 300)
        assert image.info["jfif_unit"] == 1
    assert file.stat().st_size <= 900_000


@pytest.mark.parametrize("name", SIDES)
def test_truth_is_the_text_that_was_set(name: str, scans: dict[str, Scan]) -> None:
    truth = truth_of(name)
    assert truth == scans[name].truth
    assert unicodedata.is_normalized("NFC", truth)


def test_every_truth_is_named_by_its_paper() -> None:
    files = {truth.name for paper in specimens.demo_papers() for truth in paper.truths}
    assert files == {file.name for file in path("specimens", "demo").glob("*.txt")}
    for paper in specimens.demo_papers():
        assert [truth.stem for truth in paper.truths] == [Path(image).stem for image in paper.images]


@pytest.mark.parametrize("name", PRINTED)
def test_a_printed_side_has_enough_words(name: str) -> None:
    assert len(truth_of(name).split()) >= 120


def test_the_left_header_cell_is_read_before_the_right_one() -> None:
    lines = truth_of(SKEWED).splitlines()
    assert lines[:6] == [
        "ỦY BAN NHÂN DÂN",
        "XÃ MƯỜNG VÍ DỤ",
        "Số: 27/UQ-UBND",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Mường Ví Dụ, ngày 18 tháng 11 năm 2026",
    ]


@pytest.mark.parametrize("name", STRAIGHT)
def test_ink_lies_where_the_truth_has_words_and_nowhere_else(
    name: str, scans: dict[str, Scan], shipped: Decode
) -> None:
    side = scans[name].side
    assert side is not None
    dark = shipped(name).max(axis=2) < 110
    words = [word for line in side.page.lines for word in placed_words(line)]
    for word in words:
        x0, y0, x1, y1 = (round(edge) for edge in word.box)
        assert dark[y0:y1, x0:x1].mean() > 0.04, word.text
    for word in words:
        x0, y0, x1, y1 = (round(edge) for edge in word.box)
        dark[y0 - 6 : y1 + 6, x0 - 6 : x1 + 6] = False
    for rule in side.page.rules:
        y = px(rule.y0_mm)
        dark[y - 8 : y + 8, px(rule.x0_mm) - 8 : px(rule.x1_mm) + 8] = False
    for mark in side.marks:
        # Blue over red is as dark as print.
        wide = mark.diameter_mm if isinstance(mark, Seal) else mark.width_mm
        high = mark.diameter_mm if isinstance(mark, Seal) else mark.height_mm
        left, top = px(mark.x_mm - wide / 2), px(mark.y_mm - high / 2)
        dark[top : top + px(high), left : left + px(wide)] = False
    assert dark.sum() == 0


@pytest.mark.parametrize("name", FIRST_SIDES)
def test_room_for_stamps_is_free_above(name: str, shipped: Decode) -> None:
    assert shipped(name)[: px(20)].min() > DARK


@pytest.mark.parametrize("name", SIDES)
def test_room_is_free_below(name: str, shipped: Decode) -> None:
    assert shipped(name)[-px(15) :].min() > DARK


def test_the_blank_side_is_almost_white(shipped: Decode) -> None:
    grey = shipped(BLANK).mean(axis=2)
    paper = np.median(grey)
    assert paper > 240
    assert np.clip(paper - grey, 0, None).mean() / 255 < 0.01
    assert grey.min() > DARK


def test_the_front_shows_through_the_blank_side_faintly(shipped: Decode) -> None:
    inner = (slice(px(20), -px(20)), slice(px(20), -px(20)))
    blank = cv2.blur(shipped(BLANK)[inner].mean(axis=2), (9, 9))
    behind = shipped(SIDES[0])[:, ::-1][inner].mean(axis=2)
    contrast = (np.median(blank) - blank.min()) / np.median(blank)
    assert 0.01 < contrast < 0.04  # 3 % of ink and what the paper's own clouds add
    together = np.corrcoef(blank.ravel(), cv2.GaussianBlur(behind, (0, 0), 5).ravel())[0, 1]
    assert together > 0.3


def test_one_side_lies_askew(shipped: Decode) -> None:
    def measured(name: str) -> float:
        small = cv2.resize(shipped(name).max(axis=2), None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
        ink = (small < 128).astype(np.float32)
        height, width = ink.shape

        def sharpness(degrees: float) -> float:
            matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
            profile = cv2.warpAffine(ink, matrix, (width, height)).sum(axis=1)
            return float(np.square(np.diff(profile)).sum())

        return float(max(np.arange(-3, 3.01, 0.1), key=lambda degrees: sharpness(float(degrees))))

    assert measured(SKEWED) == pytest.approx(SKEW_DEG, abs=0.15)
    assert measured(SIDES[-1]) == pytest.approx(0.0, abs=0.15)


@pytest.mark.parametrize("name", ["04-giay-chung-sinh.jpg", "07-uy-quyen-trang-2.jpg"])
def test_seal_and_signature_are_in_colour_and_the_seal_covers_print(
    name: str, shipped: Decode, scans: dict[str, Scan]
) -> None:
    page = shipped(name).astype(int)
    red = (page[..., 0] - page[..., 1:].max(axis=2)) > 60
    blue = (page[..., 2] - page[..., 0]) > 60
    assert red.sum() > 20_000
    assert blue.sum() > 5_000
    side = scans[name].side
    assert side is not None
    covered = []
    for word in (word for line in side.page.lines for word in placed_words(line)):
        x0, y0, x1, y1 = (round(edge) for edge in word.box)
        if red[y0:y1, x0:x1].mean() > 0.05:
            covered.append(word.text)
    assert covered


@pytest.mark.parametrize("name", PRINTED)
def test_a_plain_reader_gets_the_words_once_colour_and_skew_are_gone(name: str, shipped: Decode) -> None:
    """So that errors of the product's own reading are never the specimens' fault."""
    tesserocr = pytest.importorskip("tesserocr")
    model = next(Path("/usr/share/tesseract-ocr").glob("*/tessdata/Vietnamese.traineddata"), None)
    if model is None:
        pytest.skip("no model for Vietnamese")
    black = shipped(name).max(axis=2)
    if name == SKEWED:
        middle = (black.shape[1] / 2, black.shape[0] / 2)
        back = cv2.getRotationMatrix2D(middle, SKEW_DEG, 1.0)
        black = cv2.warpAffine(black, back, black.shape[::-1], flags=cv2.INTER_CUBIC, borderValue=245)
    with tesserocr.PyTessBaseAPI(path=str(model.parent), lang="Vietnamese", psm=tesserocr.PSM.AUTO) as reader:
        reader.SetImage(Image.fromarray(black))
        read = Counter(unicodedata.normalize("NFC", reader.GetUTF8Text()).split())
    printed = Counter(truth_of(name).split())
    missed = printed - read
    assert missed.total() / printed.total() <= 0.03, missed


@pytest.mark.parametrize("number", range(3))
def test_both_codes_of_a_separator_are_read_from_its_scan(number: int, shipped: Decode) -> None:
    component = specimens.demo_papers()[number].component
    found = zxingcpp.read_barcodes(shipped(SEPARATORS[number]))
    assert [code.text for code in found] == [f"SOHOA:TACH:1:{component}"] * 2
    assert {code.ec_level for code in found} == {"M"}
    first, second = sorted((code.position for code in found), key=lambda place: place.top_left.y)
    assert first.top_left.x > px(105)
    assert first.bottom_right.y < px(99)
    assert second.top_right.x < px(105)
    assert second.top_left.y > px(198)
    for place in (first, second):
        assert place.top_right.x - place.top_left.x >= px(35)


def test_a_separator_with_a_torn_corner_or_upside_down_is_still_read(shipped: Decode) -> None:
    sheet = shipped(SEPARATORS[0]).copy()
    sheet[: px(60), -px(60) :] = 90
    assert [code.text for code in zxingcpp.read_barcodes(sheet)] == ["SOHOA:TACH:1:1.001193.01"]
    turned = np.ascontiguousarray(np.rot90(shipped(SEPARATORS[0]), 2))
    assert len(zxingcpp.read_barcodes(turned)) == 2


@pytest.mark.parametrize("name", SIDES)
def test_no_side_carries_a_code_by_accident(name: str, shipped: Decode) -> None:
    assert zxingcpp.read_barcodes(shipped(name)) == []


def test_the_command_line_writes_the_same_files(rendered_again: Path) -> None:
    shipped_names = {file.name for file in path("specimens", "demo").iterdir()}
    assert {file.name for file in rendered_again.iterdir()} == shipped_names


@pytest.mark.parametrize("name", IMAGES)
def test_rendering_again_gives_the_shipped_image(name: str, rendered_again: Path, shipped: Decode) -> None:
    with Image.open(rendered_again / name) as image:
        again = np.asarray(image.convert("RGB"))
    apart = cv2.absdiff(again, shipped(name))
    assert apart.mean() < 1.5
    # Other versions of the font library move edges of letters, never letters.
    assert (cv2.blur(apart, (25, 25)).max(axis=2) > 60).sum() == 0


def test_the_command_line_wants_one_folder() -> None:
    command = [sys.executable, "-m", "resources.specimens.render"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "FOLDER" in done.stderr


def test_the_front_door_opens_without_heavy_libraries() -> None:
    code = (
        "import sys; from resources import specimens; specimens.demo_papers(); "
        "print({'numpy', 'cv2', 'PIL', 'segno'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
