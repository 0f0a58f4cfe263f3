"""A sheet scanned twice is known again; two filled-in forms, blank pages and other papers are not."""

import re
from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
import tesserocr
from PIL import Image

from ocr.engines.models import find_model
from resources.specimens import demo_stack
from scanner import CapturedPage, FindingCode, fingerprint, resume_point, same_sheet_twice
from scanner.likeness import NOTHING, SAME_SHEET, _map_of, distance

OTHER_PEOPLE = {
    "LÒ THỊ VÍ DỤ": "VÀNG THỊ DÍNH",
    "Lò Thị Ví Dụ": "Vàng Thị Dính",
    "QUÀNG THỊ MẪU": "SÙNG A THỬ",
    "QUÀNG VĂN THỬ": "SÙNG A PHỬ",
    "011301001234": "011300007781",
    "20/08/2001": "03/12/1998",
}
TWIN = {"QUÀNG THỊ MẪU": "QUÀNG THỊ MAI"}


def scanned_again(image, seed: int):
    """The same sheet scanned once more: skew, shift, size, brightness, blur, noise, JPEG at their worst."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    side = 1 if seed % 2 else -1
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 1.5 * side, 1 + 0.003 * side)
    matrix[:, 2] += (height * 0.010 * side, -height * 0.010 * side)
    again = cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(236, 237, 236)
    ).astype(np.float32)
    again = 255 * (np.clip(again, 0, 255) / 255) ** (0.85 if side > 0 else 1.2) * 0.9
    again = cv2.GaussianBlur(again, (0, 0), 0.6) + rng.normal(0, 2, image.shape)
    pixels = np.clip(again, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 45])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)


@pytest.fixture(scope="module")
def forms(paper_scan: Callable):
    """Fingerprints of forms filled in by two people each, and of the first one's, scanned again."""
    made = {}
    for name in ("declaration", "birth_certificate"):
        first = paper_scan(name, seed=1)
        made[name] = {
            "first": fingerprint(first, 150),
            "again": fingerprint(scanned_again(first, 1), 150),
            "and again": fingerprint(scanned_again(first, 2), 150),
            "upside down": fingerprint(np.ascontiguousarray(np.rot90(scanned_again(first, 3), 2)), 150),
            "other people": fingerprint(paper_scan(name, OTHER_PEOPLE, 77, seed=2, skew_deg=0.6), 150),
            "twin": fingerprint(paper_scan(name, TWIN, 99, seed=3), 150),
        }
    return made


@pytest.mark.parametrize("name", ["declaration", "birth_certificate"])
@pytest.mark.parametrize("again", ["again", "and again", "upside down"])
def test_a_sheet_scanned_twice_is_the_same(forms, name, again):
    assert distance(forms[name]["first"], forms[name][again]) <= 0.8 * SAME_SHEET


@pytest.mark.parametrize("name", ["declaration", "birth_certificate"])
@pytest.mark.parametrize("other", ["other people", "twin"])
@pytest.mark.parametrize("scan", ["first", "again", "and again"])
def test_a_form_filled_in_by_someone_else_is_another(forms, name, scan, other):
    assert distance(forms[name][scan], forms[name][other]) >= 1.25 * SAME_SHEET


def test_the_hash_alone_could_not_tell_them_apart(forms):
    """Why a fingerprint is more than 256 bits: another person's form is nearer than the same sheet again."""
    bits = {key: int(text.split(".")[1], 16) for key, text in forms["declaration"].items()}
    again = (bits["first"] ^ bits["again"]).bit_count()
    assert (bits["first"] ^ bits["twin"]).bit_count() <= max(again, 8)


def test_what_the_page_says_is_not_in_its_fingerprint(forms):
    """Neither a name nor a number can be read out of it again, blown up and given to Tesseract."""
    cells = _map_of(forms["birth_certificate"]["first"])
    picture = cv2.resize(
        255 - cells * 17, (cells.shape[1] * 8, cells.shape[0] * 16), interpolation=cv2.INTER_CUBIC
    )
    with tesserocr.PyTessBaseAPI(path=str(find_model("vie").folder), lang="vie") as reader:
        reader.SetImage(Image.fromarray(picture))
        reader.SetSourceResolution(200)
        read = reader.GetUTF8Text()
    assert not {"QUÀNG", "MẪU", "THỬ", "Quàng", "Trạm", "sinh"} & set(read.split())
    assert re.search(r"\d{6}", read) is None


def test_different_papers_are_far_apart(forms):
    assert distance(forms["declaration"]["first"], forms["birth_certificate"]["first"]) == 1.0


def test_resolution_does_not_count(paper_scan: Callable):
    page = paper_scan("authority_first", seed=4)
    double = cv2.resize(page, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert distance(fingerprint(page, 150), fingerprint(double, 300)) < SAME_SHEET / 2
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
    assert distance(fingerprint(page, 150), fingerprint(grey, 150)) < SAME_SHEET / 2


def test_a_note_written_between_two_scans_makes_another_sheet(paper_scan: Callable):
    """A page with and without its sticky note are two images, both wanted."""
    page = paper_scan("authority_first", seed=5)
    noted = page.copy()
    noted[900:1150, 700:1100] = (250, 240, 150)
    cv2.putText(noted, "xem lai muc II", (720, 1050), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (40, 40, 120), 3)
    assert distance(fingerprint(page, 150), fingerprint(noted, 150)) > SAME_SHEET


def test_blank_pages_are_like_nothing(paper_scan: Callable, forms):
    blank = fingerprint(paper_scan("blank", behind="declaration", bleed=0.03, shadow=20.0), 150)
    assert blank == NOTHING
    assert distance(blank, blank) == distance("", "") == 1.0
    assert distance(blank, forms["declaration"]["first"]) == 1.0


@pytest.mark.parametrize(
    "image",
    [
        np.full((1, 1), 255, np.uint8),
        np.zeros((2000, 1400), np.uint8),
        np.full((7, 3000, 3), 128, np.uint8),
        np.random.default_rng(1).integers(0, 256, (900, 700, 3), dtype=np.uint8),
    ],
)
def test_odd_images_have_a_fingerprint_or_nothing(image):
    found = fingerprint(image, 100)
    assert found == NOTHING or distance(found, found) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("image", "dpi"),
    [
        (np.zeros((10, 10), np.uint16), 300),
        (np.zeros((10, 10, 4), np.uint8), 300),
        (np.zeros((0, 10), np.uint8), 300),
        (np.zeros((10, 10), np.uint8), 0),
    ],
)
def test_what_is_no_page_image_is_refused(image, dpi):
    with pytest.raises(ValueError, match=r"page image|resolution"):
        fingerprint(image, dpi)


def test_what_is_no_fingerprint_is_refused(forms):
    sound = forms["declaration"]["first"]
    head, size, packed = sound.rsplit(".", 2)
    for broken in (
        "x",
        sound[:-8],
        f"{head}.9999x9999.{packed}",
        f"{head}.1x1.{packed}",
        f"{head}.{size}.AAAA",
        f"{head}.0x0.{packed}",
    ):
        with pytest.raises(ValueError, match="no fingerprint"):
            distance(sound, broken)


@pytest.fixture(scope="module")
def prints() -> Callable[[str], str]:
    """The fingerprint of an image of the demo by the beginning of its name."""

    @cache
    def of(start: str) -> str:
        file = next(path for path in demo_stack() if path.name.startswith(start))
        with Image.open(file) as image:
            image.draft("RGB", (1240, 1754))
            return fingerprint(np.asarray(image), round(300 * image.width / 2480))

    return of


def stack(prints: Callable[[str], str], *names: str, feed: int = 1, first: int = 1, both: bool = False):
    """Captured pages of images of the demo, one side a sheet, or two."""
    sides = 2 if both else 1
    return [
        CapturedPage(
            number=first + at,
            feed=feed,
            sheet=at // sides + 1,
            side=at % sides + 1,
            likeness=prints(name) if name else NOTHING,
        )
        for at, name in enumerate(names)
    ]


def test_no_page_of_the_demo_is_taken_for_another(prints):
    assert same_sheet_twice(stack(prints, "01", "02", "04", "06", "07")) == ()


def test_a_sheet_fed_again_is_found_with_the_first_one(prints):
    before = stack(prints, "01", "04", "06")
    after = stack(prints, "06", "07", feed=2, first=4)
    (found,) = same_sheet_twice([*before, *after])
    assert found.code is FindingCode.SCANNED_TWICE
    assert found.pages == (3, 4)
    assert [found.fact(name) for name in ("first_feed", "first_sheet", "feed", "sheet")] == [1, 3, 2, 1]


def test_both_sides_must_agree_whichever_comes_first(prints):
    sheet = stack(prints, "06", "07", both=True)
    turned = stack(prints, "07", "06", both=True, feed=2, first=3)
    other_back = stack(prints, "06", "04", both=True, feed=3, first=5)
    no_back = stack(prints, "06", "", both=True, feed=4, first=7)
    assert [one.pages for one in same_sheet_twice([*sheet, *turned])] == [(1, 2, 3, 4)]
    assert same_sheet_twice([*sheet, *other_back]) == ()
    assert same_sheet_twice([*sheet, *no_back]) == ()


def test_separators_and_blank_sheets_never_match(prints):
    separators = [
        CapturedPage(number=number, sheet=number, likeness=prints("00"), separator=True) for number in (1, 2)
    ]
    blanks = stack(prints, "", "", "", feed=2, first=3)
    assert same_sheet_twice([*separators, *blanks]) == ()


@pytest.mark.parametrize(
    ("fed", "kept"),
    [
        (("07",), 0),
        (("06", "07"), 1),
        (("04", "06", "07"), 2),
        (("01", "04", "06"), 3),
        (("06",), 1),
        (("04", "07"), 0),
        ((), 0),
    ],
)
def test_resuming_after_a_jam_counts_the_sheets_that_are_there(prints, fed, kept):
    before = stack(prints, "01", "04", "06")
    assert resume_point(before, stack(prints, *fed, feed=2, first=4)) == kept


def test_resuming_looks_past_blank_sheets_but_never_trusts_them_alone(prints):
    assert resume_point(stack(prints, "01", "04", ""), stack(prints, "04", "", "06", feed=2)) == 2
    assert resume_point(stack(prints, "01", ""), stack(prints, "", "06", feed=2)) == 0
    assert resume_point([], stack(prints, "01")) == 0


def test_a_thousand_sheets_are_compared_in_no_time(prints):
    """Every pair is looked at, most of them by their hashes alone."""
    some = [prints(name) for name in ("01", "04", "06", "07")]
    head, tails = "1.", [text.split(".", 3)[3] for text in some]
    rng = np.random.default_rng(3)
    pages = [
        CapturedPage(
            number=number,
            sheet=number,
            likeness=f"{head}{rng.bytes(32).hex()}.{rng.bytes(32).hex()}.{tails[number % 4]}",
        )
        for number in range(1, 301)
    ]
    assert same_sheet_twice(pages) == ()


def test_real_scans_are_known_again_and_told_apart(real_data: Path):
    """Nine real pages, a stamped blank back among them, against themselves scanned again and the others."""
    pages = {}
    for file in sorted((real_data / "scans").glob("*_TTR_p*.jpg"))[:9]:
        with Image.open(file) as image:
            image.draft("L", (1240, 1754))
            pages[file.stem] = np.asarray(image.convert("L"))
    first = {name: fingerprint(page, 150) for name, page in pages.items()}
    printed = [name for name in pages if first[name] != NOTHING]
    assert set(pages) - set(printed) == {"QNgai_22_TTR_p02"}
    for number, name in enumerate(printed):
        assert distance(first[name], fingerprint(scanned_again(pages[name], number), 150)) <= SAME_SHEET, name
    assert [pair for pair in combinations(printed, 2) if distance(first[pair[0]], first[pair[1]]) < 0.5] == []
