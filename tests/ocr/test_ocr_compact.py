"""Compact pages: small, sharp, right way round, seals in their colours; layers survive packing."""

import io
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from ocr import CleanedPage, check_pdfa, write_pdf
from ocr.colours import colour_difference, lab
from ocr.image import coded_jpeg, decode
from ocr.jpeg import jpeg_facts
from ocr.pdf.archival import archival
from ocr.pdf.compact.painting import compact
from ocr.pdf.composed import composed, decode_g4
from ocr.pdf.finished import FinishedPage
from ocr.pdf.g4 import encode_g4
from ocr.pdf.layers import Coding, Ink, Painting, Picture
from ocr.pdf.painted import image_objects
from ocr.pdf.profiles import Profile, painted

Pixels = np.ndarray


def drawn(path: Path, page: int = 0, dpi: int = 150) -> Pixels:
    """The page as PDFium draws it, R, G, B."""
    document = pypdfium2.PdfDocument(path)
    pixels = document[page].render(scale=dpi / 72, rev_byteorder=True).to_numpy()[..., :3].copy()
    document.close()
    return pixels


def small(pixels: Pixels, size: tuple[int, int] = (620, 877)) -> Pixels:
    colour = pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    return cv2.resize(colour, size, interpolation=cv2.INTER_AREA).astype(int)


def likeness(one: Pixels, other: Pixels) -> float:
    """Correlation; whiter paper doesn't count."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60)), elements=st.integers(0, 1)))
def test_a_mask_comes_back_bit_by_bit(mask: Pixels) -> None:
    ink = Ink(encode_g4(mask), mask.shape[1], mask.shape[0], (0, 0, 0), (0, 0, 1, 1))
    assert np.array_equal(decode_g4(ink) > 0, mask > 0)


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 90), st.integers(1, 90)),
            st.tuples(st.integers(1, 90), st.integers(1, 90), st.just(3)),
        ),
    ),
    st.sampled_from([72, 150, 200, 300, 600]),
)
def test_any_image_can_be_painted_packed_and_looked_at(pixels: Pixels, dpi: int) -> None:
    for profile in Profile:
        painting = painted(pixels, dpi, profile)
        assert (painting.width_px, painting.height_px) == pixels.shape[1::-1]
        assert Painting.unpack(painting.pack()) == painting
        assert composed(painting).shape == (*pixels.shape[:2], 3)


@pytest.mark.parametrize("colour", [(250, 250, 250), (230, 20, 20), (20, 20, 20)])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2), (5, 7), (9, 13), (30, 3)])
def test_an_image_of_a_few_px_is_painted(size: tuple[int, int], colour: tuple[int, int, int]) -> None:
    pixels = np.full((*size, 3), 250, np.uint8)
    pixels[: size[0] // 2 + 1, : size[1] // 2 + 1] = colour
    for profile in Profile:
        for dpi in (72, 300, 600):
            assert composed(painted(pixels, dpi, profile)).shape == pixels.shape


@given(st.binary(max_size=60))
def test_what_was_not_packed_is_not_unpacked(data: bytes) -> None:
    for kind in (Painting, FinishedPage):
        with pytest.raises(ValueError, match=r"."):
            kind.unpack(data)


@pytest.fixture(scope="module")
def sealed(stamped, letter) -> Pixels:
    return stamped(letter.pixels)


@pytest.fixture(scope="module")
def sealed_painting(sealed: Pixels) -> Painting:
    return compact(sealed, 300)


def test_a_sealed_page_is_small_and_keeps_its_colours(sealed: Pixels, sealed_painting: Painting) -> None:
    assert sealed_painting.size < 65 * 1024
    pictures = [layer for layer in sealed_painting.layers if isinstance(layer, Picture)]
    inks = [layer for layer in sealed_painting.layers if isinstance(layer, Ink)]
    assert pictures
    assert inks
    assert all(sum(ink.colour) < 250 for ink in inks)
    seen, wanted = lab(composed(sealed_painting)), lab(sealed)
    coloured = np.hypot(wanted[..., 1], wanted[..., 2]) > 35
    assert coloured.sum() > 20_000
    # The picture itself stays below 4; edges of letters that lie over it come on top.
    assert colour_difference(wanted[coloured], seen[coloured]).mean() < 4.3


def test_the_drawn_page_looks_like_the_paper(
    sealed: Pixels, letter_page: CleanedPage, tmp_path: Path, when: datetime
) -> None:
    page = CleanedPage(letter_page.read, coded_jpeg(sealed, 90))
    out = tmp_path / "a.pdf"
    for flavour in ("1b", "2b", "3b"):
        write_pdf([page], out, title="a", flavour=flavour, created=when, profile="compact")
        check_pdfa(out, flavour)
    seen, wanted = small(drawn(out)), small(sealed)
    assert np.median(seen) == 255
    assert likeness(seen, wanted) > 0.9
    assert likeness(seen, wanted[::-1]) < 0.5
    assert likeness(seen, wanted[:, ::-1]) < 0.5
    composed_small = small(composed(compact(decode(page.visible).pixels, 300)))
    assert np.abs(seen - composed_small).mean() < 3  # PDFium draws up to half a px off
    with pikepdf.open(out) as pdf:
        masks = [image for image in pdf.pages[0].Resources.XObject.values() if image.get("/ImageMask")]
        assert masks
        # The codes of T.6, deflated; never the symbols of JBIG2.
        assert all(list(image.Filter) == ["/FlateDecode", "/CCITTFaxDecode"] for image in masks)
        assert not any("/SMask" in image for image in pdf.pages[0].Resources.XObject.values())


def test_print_reads_as_well_as_before(sealed_painting: Painting, reader, letter, error_rate) -> None:
    again = coded_jpeg(composed(sealed_painting), 95)
    assert error_rate(reader.read(again, dpi=300).read.text, letter.text) <= 0.01


def test_codes_that_would_not_shrink_are_not_deflated() -> None:
    dot = np.zeros((40, 40), np.uint8)
    dot[10:14, 20:24] = 1
    layer = Ink(encode_g4(dot), 40, 40, (0, 0, 0), (0, 0, 40, 40))
    with pikepdf.new() as pdf:
        image = image_objects(pdf, Painting(40, 40, 300, (layer,)))["/I0"]
        assert image.Filter == pikepdf.Name.CCITTFaxDecode
        assert image.read_raw_bytes() == layer.data


def test_black_and_white_stays_so_bit_by_bit(letter) -> None:
    pixels = np.where(cv2.cvtColor(letter.pixels, cv2.COLOR_RGB2GRAY) < 128, 0, 255).astype(np.uint8)
    for painting in (compact(pixels, 300), archival(pixels, 300, None)):
        (layer,) = painting.layers
        assert isinstance(layer, Ink)
        assert np.array_equal(composed(painting)[..., 0], pixels)


def test_an_empty_page_takes_next_to_nothing() -> None:
    assert compact(np.full((3508, 2480, 3), (244, 240, 226), np.uint8), 300).size < 3000


def test_a_photograph_is_a_picture_and_not_print() -> None:
    page = np.full((3508, 2480, 3), 246, np.uint8)
    noise = np.random.default_rng(3).normal(0, 9, (520, 400, 3))
    slope = np.linspace(90, 190, 400)[None, :, None]
    page[600:1120, 500:900] = np.clip(slope + noise, 0, 255).astype(np.uint8)
    painting = compact(page, 300)
    seen = composed(painting)[620:1100, 520:880].astype(int)
    wanted = page[620:1100, 520:880].astype(int)
    assert np.abs(seen.mean(axis=(0, 1)) - wanted.mean(axis=(0, 1))).max() < 8
    assert (
        np.abs(
            cv2.blur(seen.astype(np.float32), (25, 25)) - cv2.blur(wanted.astype(np.float32), (25, 25))
        ).mean()
        < 8
    )


def test_pencil_too_faint_for_print_is_not_lost() -> None:
    page = np.full((1754, 1240), 245, np.uint8)
    cv2.line(page, (200, 800), (900, 860), 215, 3)
    seen = composed(compact(page, 150))[..., 0]
    line = np.zeros_like(page)
    cv2.line(line, (200, 800), (900, 860), 255, 1)
    assert seen[line > 0].mean() < 240
    assert np.median(seen) == 255


def test_dots_beside_letters_stay_with_them_and_dust_does_not_become_print() -> None:
    page = np.full((600, 800), 250, np.uint8)
    cv2.rectangle(page, (100, 100), (130, 140), 20, -1)
    page[88:92, 114:118] = 20
    page[400:403, 600:603] = 20
    (ink,) = [layer for layer in compact(page, 300).layers if isinstance(layer, Ink)]
    assert ink.box[1] < 95
    assert ink.box[3] < 200


def test_a_page_written_in_blue_is_print_in_blue() -> None:
    page = Image.new("RGB", (1240, 1754), "white")
    pixels = np.asarray(page).copy()
    for row in range(20):
        cv2.putText(pixels, "giay khai sinh so hoa", (100, 120 + 70 * row), 0, 1.6, (30, 40, 170), 3)
    inks = [layer for layer in compact(pixels, 150).layers if isinstance(layer, Ink)]
    assert inks
    red, _, blue = max(inks, key=lambda ink: len(ink.data)).colour
    assert blue > red + 60


def test_the_archival_jpeg_is_the_small_source_and_never_outgrows_it(letter) -> None:
    source = coded_jpeg(letter.pixels, 20)
    facts = jpeg_facts(source)
    assert facts is not None
    for profile, jpeg in ((Profile.ARCHIVAL, source), (Profile.ORIGINAL, coded_jpeg(letter.pixels, 95))):
        (kept,) = painted(decode(jpeg).pixels, 300, profile, jpeg=jpeg).layers
        assert kept.data == jpeg
    (again,) = archival(decode(source).pixels, 300, None, most=len(source)).layers
    assert isinstance(again, Picture)
    assert again.coding is Coding.JPEG
    assert len(again.data) <= len(source)
    assert Image.open(io.BytesIO(again.data)).size == (2480, 3508)


def test_a_lone_seal_is_a_picture_however_worn_and_full() -> None:
    page = np.full((1754, 1240, 3), 250, np.uint8)
    centre = (620, 900)
    cv2.circle(page, centre, 105, (214, 40, 52), 9)
    cv2.circle(page, centre, 80, (220, 70, 80), -1)
    cv2.putText(page, "UBND", (556, 918), 0, 1.6, (250, 250, 250), 4)
    layers = compact(page, 150).layers
    (picture,) = layers
    assert isinstance(picture, Picture)
    assert picture.components == 3
    left, top, right, bottom = picture.box
    assert (left < 520, top < 800, right > 720, bottom > 1000) == (True,) * 4
    seen, wanted = lab(composed(compact(page, 150))), lab(page)
    coloured = np.hypot(wanted[..., 1], wanted[..., 2]) > 35
    assert colour_difference(wanted[coloured], seen[coloured]).mean() < 4


def test_what_is_faint_is_kept_in_patches_and_white_paper_takes_nothing() -> None:
    page = np.full((1754, 1240), 250, np.uint8)
    cv2.circle(page, (300, 400), 60, 226, -1)
    cv2.circle(page, (900, 1300), 60, 226, -1)
    painting = compact(page, 150)
    assert len(painting.layers) == 2
    assert sum(layer.width * layer.height for layer in painting.layers) < 620 * 877 / 10
    seen = composed(painting)[..., 0].astype(int)
    assert seen[400, 300] < 245
    assert seen[1300, 900] < 245
    assert np.median(seen) == 255


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        # Pairs 1, 7, 13, 17 and 25 of the published test data (Sharma, Wu, Dalal 2005).
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, -0.0010, 2.4900), (50.0, 0.0011, -2.4900), 4.7461),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_colour_differences_are_those_published(one: tuple, other: tuple, apart: float) -> None:
    assert colour_difference(np.array(one), np.array(other)) == pytest.approx(apart, abs=1e-4)
