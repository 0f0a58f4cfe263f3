"""Print, ink and wear, each by itself."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from resources.specimens.render import cells, ink, wear
from resources.specimens.render.ink import Seal, Signature
from resources.specimens.render.paper import A4_MM, INK, Face, Line, Page, Run, placed_words, print_page, px
from resources.specimens.render.setting import CellLine, Margins, Setter, runs
from resources.specimens.render.sheets import qr_text, separator_page
from resources.specimens.render.wear import Wear

QUIET = Wear(blur_px=0, texture=0, noise=0, tint=(255, 255, 255))

syllables = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyấầẩẫậộừữỷỹỵ", min_size=1, max_size=9)


@given(
    words=st.lists(syllables, min_size=1, max_size=80),
    size=st.sampled_from([11.0, 13.0, 14.0]),
    align=st.sampled_from(["left", "centre", "right", "justify"]),
)
@settings(max_examples=60, deadline=None)
def test_a_paragraph_keeps_every_word_and_stays_between_the_margins(
    words: list[str], size: float, align: str
) -> None:
    sheet = Setter(Margins(), Face(size), 1.2)
    sheet.paragraph(" ".join(words), align=align)  # type: ignore[arg-type]
    page = sheet.page()
    assert page.truth.split() == words
    right = px(A4_MM[0] - sheet.margins.right_mm)
    for line in page.lines:
        placed = list(placed_words(line))
        assert placed[0].x_px >= px(sheet.margins.left_mm) - 1
        assert placed[-1].box[2] <= right + 6  # an f or đ may hang over its own width by a hair
    baselines = [line.baseline_mm for line in page.lines]
    assert baselines == sorted(set(baselines))


def test_justified_lines_end_at_the_right_margin_but_for_the_last() -> None:
    sheet = Setter(Margins(), Face(14), 1.2)
    sheet.paragraph("hồ sơ thủ tục hành chính " * 12)
    *full, last = (list(placed_words(line))[-1].box[2] for line in sheet.page().lines)
    right = px(A4_MM[0] - sheet.margins.right_mm)
    assert full == [pytest.approx(right, abs=8)] * len(full)
    assert last < right - 20


def test_a_full_page_refuses_more() -> None:
    sheet = Setter(Margins(), Face(14), 1.2)
    with pytest.raises(ValueError, match="full"):
        sheet.paragraph("một " * 3000)


def test_a_cell_refuses_a_line_that_is_too_wide() -> None:
    sheet = Setter(Margins(), Face(14), 1.2)
    with pytest.raises(ValueError, match="narrow"):
        sheet.cells([CellLine("ỦY BAN NHÂN DÂN " * 4, Face(13))], [])


def test_asterisks_make_bold_and_must_be_closed() -> None:
    face = Face(14)
    assert runs("Nữ: *có*, hết", face) == (
        Run("Nữ: ", face),
        Run("có", Face(14, bold=True)),
        Run(", hết", face),
    )
    with pytest.raises(ValueError, match="asterisk"):
        runs("Nữ: *có", face)


def test_a_word_in_two_faces_stays_one_word() -> None:
    sheet = Setter(Margins(), Face(14), 1.2)
    sheet.paragraph("sinh ngày *09/11/2026*, tại xã")
    assert sheet.page().truth == "sinh ngày 09/11/2026, tại xã\n"


def test_decomposed_text_is_refused() -> None:
    with pytest.raises(ValueError, match="NFC"):
        Run("e\u0302\u0301", Face(14))


@pytest.mark.parametrize("face", [Face(), Face(bold=True), Face(italic=True), Face(bold=True, italic=True)])
def test_every_vietnamese_letter_has_its_own_shape(face: Face) -> None:
    vowels = "aăâeêioôơuưy"
    marks = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = {
        composed
        for vowel in vowels + vowels.upper()
        for mark in marks
        if len(composed := unicodedata.normalize("NFC", vowel + mark)) == 1
    } | {"đ", "Đ"}
    assert len(letters) == 146
    shapes = set()
    for letter in letters:
        canvas = print_page(Page((Line((Run(letter, face),), 4, 10),)), 100)
        shapes.add(canvas.crop((0, 0, 60, 60)).tobytes())
    assert len(shapes) == len(letters)


def test_the_header_follows_the_decree() -> None:
    sheet = Setter(Margins(), Face(14), 1.2)
    cells.header(
        sheet,
        parent="ỦY BAN NHÂN DÂN",
        issuer=("XÃ MƯỜNG VÍ DỤ",),
        number="Số: 05/QĐ-UBND",
        place_and_date="Ngày",
    )
    page = sheet.page()
    number, place = (
        next(line for line in page.lines if line.text == text) for text in ("Số: 05/QĐ-UBND", "Ngày")
    )
    assert number.baseline_mm == pytest.approx(place.baseline_mm, abs=1.5)
    assert number.x_mm < A4_MM[0] / 2 < place.x_mm
    assert [line.runs[0].face.bold for line in page.lines] == [False, True, False, True, True, False]
    assert len(page.rules) == 2


def test_black_print_stays_black_under_a_seal() -> None:
    sheet = Image.new("RGB", (px(60), px(60)), "white")
    sheet.paste(INK, (0, px(28), px(60), px(32)))
    seal = Seal("XÃ MƯỜNG VÍ DỤ", "ĐIỆN BIÊN", ("MẪU",), x_mm=30, y_mm=30)
    sealed = np.asarray(ink.lay(sheet, seal)).astype(int)
    assert sealed[px(29) : px(31)].max() <= max(INK)
    above = sealed[: px(28)]
    assert ((above[..., 0] - above[..., 1]) > 60).mean() > 0.05
    assert above[..., 0].min() > 190  # red ink is all but white in the red channel


def test_a_signature_is_blue_and_each_signer_has_a_hand() -> None:
    sheet = Image.new("RGB", (px(60), px(40)), "white")
    first, second = (np.asarray(ink.lay(sheet, Signature(30, 20, seed=seed))).astype(int) for seed in (1, 2))
    drawn = first[..., 0] < 120
    assert 0.005 < drawn.mean() < 0.2
    assert (first[drawn][:, 2] - first[drawn][:, 0]).min() > 50
    assert (first != second).any()


def test_a_mark_must_lie_inside_the_sheet() -> None:
    sheet = Image.new("RGB", (px(60), px(40)), "white")
    with pytest.raises(ValueError, match="inside"):
        ink.lay(sheet, Signature(10, 20))


def test_skew_is_clockwise() -> None:
    sheet = Image.new("RGB", (600, 600), "white")
    sheet.paste((0, 0, 0), (100, 298, 500, 302))
    turned = np.asarray(wear.scan(sheet, Wear(skew_deg=2, blur_px=0, texture=0, noise=0))).max(axis=2)
    left, right = (turned[:, x].argmin() for x in (120, 480))
    assert np.degrees(np.arctan2(right - left, 360)) == pytest.approx(2, abs=0.2)


def test_an_unworn_sheet_is_unchanged() -> None:
    sheet = print_page(separator_page("1.001193.01", "Tờ khai", "1.001193"), 60)
    assert wear.scan(sheet, QUIET).tobytes() == sheet.tobytes()


def test_the_same_seed_gives_the_same_scan() -> None:
    sheet = Image.new("RGB", (300, 400), "white")
    first, again, other = (wear.scan(sheet, Wear(seed=seed)).tobytes() for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_noise_and_shadow_have_the_strength_asked_for() -> None:
    sheet = Image.new("RGB", (600, 600), (200, 200, 200))
    noisy = np.asarray(wear.scan(sheet, Wear(blur_px=0, texture=0, noise=4, tint=(255, 255, 255))))
    assert noisy.std() == pytest.approx(4, rel=0.1)
    dim = np.asarray(wear.scan(sheet, Wear(blur_px=0, texture=0, noise=0, shadow=40, tint=(255, 255, 255))))
    assert dim[:, 0].mean() == pytest.approx(160, abs=1)
    assert dim[:, px(20)].mean() == pytest.approx(200, abs=1)


def test_show_through_is_mirrored_and_no_darker_than_asked() -> None:
    white = Image.new("RGB", (400, 200), "white")
    reverse = white.copy()
    reverse.paste((0, 0, 0), (40, 40, 120, 160))
    seen = np.asarray(
        wear.scan(white, Wear(bleed=0.1, blur_px=0, texture=0, noise=0, tint=(255, 255, 255)), reverse)
    )
    assert seen[100, 320].max() == pytest.approx(255 * 0.9, abs=1)
    assert seen[100, 80].min() == 255
    assert seen.min() >= 255 * 0.9 - 1


def test_the_text_of_a_separator_code() -> None:
    assert qr_text("1.001193.05") == "SOHOA:TACH:1:1.001193.05"
