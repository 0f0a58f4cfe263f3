"""Files of every form as pages; what is no page is refused with a code, quickly, and the others come."""

import io
import os
import signal
import struct
import threading
import time
import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner import ColorMode, ImportBackend, PageImage, ScanError, ScanFault, ScanRequest, Source, jpeg
from scanner.backends.importing import wire
from scanner.backends.importing.decoder import Decoder
from scanner.backends.importing.density import true_dpi
from scanner.backends.importing.forms import form_of
from scanner.backends.importing.wholeness import is_whole

FILES = "import:files"
A5_200 = (1165, 1654)


def scanned(*files: Path, request: ScanRequest | None = None, **options) -> list[PageImage]:
    return list(ImportBackend(files, **options).scan(FILES, request or ScanRequest()))


def refused(*files: Path, **options) -> tuple[list[PageImage], ScanError]:
    """The pages that come, and the error after them."""
    pages: list[PageImage] = []
    with pytest.raises(ScanError) as error:
        pages.extend(ImportBackend(files, **options).scan(FILES, ScanRequest()))
    return pages, error.value


def picture(mode: str = "RGB", size: tuple[int, int] = (300, 420)) -> Image.Image:
    """Dark above, light below, a red spot to the left above: no turn or mirroring goes unseen."""
    image = Image.new("RGB", size, (230, 230, 230))
    image.paste((20, 20, 20), (0, 0, size[0], size[1] // 2))
    image.paste((200, 30, 30), (0, 0, size[0] // 4, size[1] // 4))
    return image.quantize(16) if mode == "P" else image.convert(mode)


def shows_the_picture(page: PageImage, levels: float = 12) -> bool:
    height, width = page.pixels.shape[:2]
    wanted = np.asarray(picture("RGB" if page.pixels.ndim == 3 else "L", (width, height)), np.int16)
    return float(np.abs(wanted - page.pixels).mean()) < levels


def saved(path: Path, image: Image.Image, **options) -> Path:
    image.save(path, **options)
    return path


def test_a_jpeg_comes_with_its_own_bytes(sheets):
    pages = scanned(*sheets)
    assert [page.encoded for page in pages] == [sheet.read_bytes() for sheet in sheets]
    assert [(page.sheet, page.side, page.dpi) for page in pages] == [(n, 1, 300) for n in range(1, 6)]
    with Image.open(sheets[0]) as image:
        assert np.array_equal(pages[0].pixels, np.asarray(image))
    assert all(page.pixels.flags.writeable for page in pages)


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("1", {"compression": "group4"}),
        ("L", {"compression": "tiff_lzw"}),
        ("RGB", {"compression": "tiff_adobe_deflate"}),
        ("RGB", {"compression": "jpeg"}),
        ("P", {}),
        ("CMYK", {}),
        ("RGBA", {}),
        ("LA", {}),
    ],
)
def test_tiff_of_every_kind(tmp_path, mode, options):
    (page,) = scanned(saved(tmp_path / "a.tif", picture(mode), dpi=(200, 200), **options))
    assert page.pixels.ndim == (2 if mode in ("1", "L", "LA") else 3)
    assert page.dpi == 200
    assert page.encoded is None
    if mode == "1":
        assert set(np.unique(page.pixels)) == {0, 255}
    else:
        assert shows_the_picture(page)


def test_a_tiff_of_many_pages_comes_in_order(tmp_path):
    first, *others = [Image.new("L", (200, 280), 10 * n) for n in range(12)]
    path = saved(tmp_path / "a.tif", first, save_all=True, append_images=others, dpi=(200, 200))
    pages = scanned(path)
    assert [int(page.pixels.mean()) for page in pages] == [10 * n for n in range(12)]
    assert [page.sheet for page in pages] == list(range(1, 13))


def test_png_of_every_kind(tmp_path):
    clear = picture("RGBA")
    clear.putalpha(0)
    paths = [
        saved(tmp_path / "rgb.png", picture(), dpi=(300, 300)),
        saved(tmp_path / "grey.png", picture("L")),
        saved(tmp_path / "deep.png", Image.fromarray(np.asarray(picture("L")).astype(np.uint16) * 257)),
        saved(tmp_path / "clear.png", clear),
    ]
    rgb, grey, deep, empty = scanned(*paths)
    assert shows_the_picture(rgb, 1)
    assert rgb.dpi == 300
    assert grey.pixels.ndim == deep.pixels.ndim == 2
    assert shows_the_picture(grey, 1)
    assert shows_the_picture(deep, 1)
    assert empty.pixels.min() == 255


def test_heic_is_read_where_its_library_is(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "a.heic"
    heif.from_pillow(picture(size=(1240, 1754))).save(path, quality=90)
    (page,) = scanned(path)
    assert shows_the_picture(page)
    assert page.dpi == 150
    path.write_bytes(path.read_bytes()[:-100])
    _, error = refused(path)
    assert error.fault is ScanFault.TRUNCATED


def test_heic_without_its_library_is_unsupported(tmp_path, monkeypatch):
    pytest.importorskip("pillow_heif").from_pillow(picture()).save(tmp_path / "a.heic")
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    from scanner.backends.importing.forms import Form
    from scanner.backends.importing.raster import RasterDocument

    with pytest.raises(ScanError) as error:
        RasterDocument(tmp_path / "a.heic", Form.HEIC)
    assert error.value.fault is ScanFault.UNSUPPORTED


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_a_turned_camera_gives_an_upright_page(tmp_path, orientation, suffix):
    """The file holds the picture turned as its Exif tag says."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = picture() if orientation == 1 else picture().transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    (page,) = scanned(saved(tmp_path / f"a.{suffix}", stored, exif=exif, dpi=(200, 200)))
    assert page.pixels.shape[:2] == (420, 300)
    assert shows_the_picture(page)
    assert (page.encoded is not None) == (orientation == 1 and suffix == "jpg")


def test_what_the_spool_could_not_keep_is_not_passed_on(tmp_path):
    (page,) = scanned(saved(tmp_path / "a.jpg", picture("CMYK"), quality=95))
    assert page.encoded is None
    assert shows_the_picture(page)


def test_the_oblong_dots_of_a_fax_are_made_square(tmp_path):
    (page,) = scanned(saved(tmp_path / "fax.tif", picture(size=(1728, 1143)), dpi=(204, 98)))
    assert page.dpi == 204
    assert page.pixels.shape[:2] == (round(1143 * 204 / 98), 1728)
    assert shows_the_picture(page)


@pytest.mark.parametrize(
    ("stated", "size", "dpi"),
    [
        (None, (2480, 3508), 300),
        (None, (3508, 2480), 300),
        (None, (1, 1), 1),
        ((300, 300), (2480, 3508), 300),
        ((300, 300), (9933, 14043), 300),
        ((72, 72), (4032, 3024), 366),
        ((72, 72), (595, 842), 72),
        ((96, 96), (1587, 1123), 96),
        ((1, 1), (2480, 3508), 300),
        ((0, 300), (2480, 3508), 300),
        ((float("nan"), 300), (2480, 3508), 300),
        ((float("inf"), 300), (2480, 3508), 300),
        ((65535, 65535), (2480, 3508), 300),
    ],
)
def test_a_resolution_is_believed_where_it_can_be_true(stated, size, dpi):
    assert tuple(map(round, true_dpi(stated, *size))) == (dpi, dpi)


# PDF


def pdf_with(path: Path, *pages: Callable[[pikepdf.Pdf], None], **options) -> Path:
    with pikepdf.new() as pdf:
        for add in pages:
            add(pdf)
        pdf.save(path, **options)
    return path


def image_page(
    data: bytes,
    *,
    size: tuple[int, int] = A5_200,
    dpi: float = 200,
    content: str = "q {w} 0 0 {h} 0 0 cm /Im Do Q",
    image: dict | None = None,
    **page_keys,
) -> Callable[[pikepdf.Pdf], None]:
    """A page that holds one image, as scanners write them."""

    def add(pdf: pikepdf.Pdf) -> None:
        w, h = size[0] * 72 / dpi, size[1] * 72 / dpi
        stream = pikepdf.Stream(pdf, data)
        fields = {
            "Type": pikepdf.Name.XObject,
            "Subtype": pikepdf.Name.Image,
            "Width": size[0],
            "Height": size[1],
            "BitsPerComponent": 8,
            "ColorSpace": pikepdf.Name.DeviceRGB,
            "Filter": pikepdf.Name.DCTDecode,
            **(image or {}),
        }
        for name, value in fields.items():
            stream[f"/{name}"] = value
        pdf.add_blank_page(page_size=(w, h))
        page = pdf.pages[-1]
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=stream))
        page.Contents = pikepdf.Stream(pdf, content.format(w=w, h=h).encode())
        for name, value in page_keys.items():
            page[f"/{name}"] = value

    return add


@pytest.fixture(scope="session")
def scan_jpeg() -> bytes:
    out = io.BytesIO()
    picture(size=A5_200).save(out, "JPEG", quality=90)
    return out.getvalue()


INVISIBLE = " BT 3 Tr /F 10 Tf 10 10 Td (seen by nobody) Tj ET"


@pytest.mark.parametrize(
    "content", ["q {w} 0 0 {h} 0 0 cm /Im Do Q", "{w} 0 0 {h} 0 0 cm /Im Do" + INVISIBLE]
)
def test_a_page_that_is_one_jpeg_is_that_jpeg(tmp_path, scan_jpeg, content):
    (page,) = scanned(pdf_with(tmp_path / "a.pdf", image_page(scan_jpeg, content=content)))
    assert page.encoded == scan_jpeg
    assert page.dpi == 200
    assert shows_the_picture(page)


@pytest.mark.parametrize(
    "page_fields",
    [
        pytest.param({"content": "q {w} 0 0 -{h} 0 {h} cm /Im Do Q"}, id="mirrored"),
        pytest.param(
            {"content": "q {w} 0 0 {h} 0 0 cm /Im Do Q 0 0 {w} {h} re f"}, id="something drawn over it"
        ),
        pytest.param({"content": "q 200 0 0 300 50 50 cm /Im Do Q"}, id="with a margin"),
        pytest.param({"image": {"Decode": [1, 0, 1, 0, 1, 0]}}, id="inverted"),
        pytest.param({"CropBox": [50, 50, 300, 300]}, id="shown in part"),
    ],
)
def test_any_other_page_is_drawn_as_it_looks(tmp_path, scan_jpeg, page_fields):
    path = pdf_with(tmp_path / "a.pdf", image_page(scan_jpeg, **page_fields))
    (page,) = scanned(path)
    assert page.encoded is None
    assert not shows_the_picture(page)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_an_image_on_a_turned_page_keeps_its_dots_upright(tmp_path, rotate):
    """As much as the page is turned clockwise by its reader, the image is stored turned the other way."""
    out = io.BytesIO()
    stored = picture(size=A5_200).rotate(rotate, expand=True)
    stored.save(out, "JPEG", quality=90)
    (page,) = scanned(
        pdf_with(tmp_path / "a.pdf", image_page(out.getvalue(), size=stored.size, Rotate=rotate))
    )
    assert page.encoded is None
    assert page.dpi == 200
    assert page.pixels.shape[1::-1] == A5_200
    with Image.open(out) as decoded:
        turned = np.asarray(decoded.rotate(-rotate, expand=True), np.int16)
    assert np.abs(turned - page.pixels).max() <= 3


def test_a_fax_in_a_pdf_keeps_its_dots(tmp_path):
    """CCITT group 4, as multifunction devices send black and white."""
    noise = np.random.default_rng(2).integers(0, 8, (1654, 1165)) > 0
    tiff = saved(tmp_path / "a.tif", Image.fromarray(noise), compression="group4", tiffinfo={278: 1654})
    with Image.open(tiff) as image:
        (at,), (length,) = image.tag_v2[273], image.tag_v2[279]
    fields = {
        "ColorSpace": pikepdf.Name.DeviceGray,
        "BitsPerComponent": 1,
        "Filter": pikepdf.Name.CCITTFaxDecode,
        "DecodeParms": pikepdf.Dictionary(K=-1, BlackIs1=True, Columns=1165, Rows=1654),
    }
    data = tiff.read_bytes()[at : at + length]
    (page,) = scanned(pdf_with(tmp_path / "a.pdf", image_page(data, image=fields)))
    assert page.dpi == 200
    assert set(np.unique(page.pixels)) == {0, 255}
    assert np.array_equal(page.pixels > 127, noise)


def test_a_page_without_an_image_is_drawn_at_300_dpi(tmp_path):
    def add(pdf: pikepdf.Pdf) -> None:
        pdf.add_blank_page(page_size=(595.276, 841.89))
        pdf.pages[-1].Contents = pikepdf.Stream(pdf, b"1 0 0 rg 0 0 300 420 re f")

    (page,) = scanned(pdf_with(tmp_path / "a.pdf", add))
    assert page.dpi == 300
    assert page.pixels.shape == (3508, 2481, 3)
    assert page.pixels[-5, 5].tolist() == [255, 0, 0]


@pytest.mark.parametrize("dpi", [200, 300, 400])
def test_an_image_that_is_no_jpeg_keeps_its_dots(tmp_path, dpi):
    noise = np.random.default_rng(2).integers(0, 256, (1654, 1165), dtype=np.uint8)
    fields = {"ColorSpace": pikepdf.Name.DeviceGray, "Filter": pikepdf.Name.FlateDecode}
    add = image_page(zlib.compress(noise.tobytes()), dpi=dpi, image=fields)
    (page,) = scanned(pdf_with(tmp_path / "a.pdf", add))
    assert page.dpi == dpi
    assert np.array_equal(page.pixels, noise)


def test_the_jpeg_of_every_page_of_real_scans(real_data):
    """Whatever is in signed official files: as many pages as PDF tools count, each of a size of paper."""
    for path in sorted((real_data / "signed").glob("*.pdf"))[:4]:
        with pikepdf.open(path) as pdf:
            count = len(pdf.pages)
        pages = scanned(path, request=ScanRequest(page_limit=3))
        assert len(pages) == min(count, 3)
        for page in pages:
            assert 140 < min(page.pixels.shape[:2]) / page.dpi * 25.4 < 310


def test_a_broken_page_leaves_its_place_empty_and_the_others_come(tmp_path, scan_jpeg):
    broken = scan_jpeg[: len(scan_jpeg) // 3]
    path = pdf_with(tmp_path / "a.pdf", *(image_page(data) for data in (scan_jpeg, broken, scan_jpeg)))
    backend = ImportBackend([path])
    pages: list[PageImage] = []
    with pytest.raises(ScanError) as error:
        pages.extend(backend.scan(FILES, ScanRequest(source=Source.DUPLEX)))
    assert [(page.sheet, page.side) for page in pages] in ([(1, 1), (2, 1)], [(1, 1), (1, 2), (2, 1)])
    if len(pages) == 2:
        assert error.value.facts["page"] == 2
        (left_out,) = backend.refused()
        assert (left_out.path, left_out.page, left_out.error.fault) == (path, 2, error.value.fault)


# Refusals


def jpeg_file(path: Path) -> Path:
    return saved(path, picture(size=(900, 1200)), format="JPEG", quality=90, dpi=(300, 300))


def bomb_png(path: Path) -> Path:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def bomb_jpeg(path: Path) -> Path:
    data = bytearray(jpeg_file(path).read_bytes())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 60_000, 60_000)
    path.write_bytes(data)
    return path


def bomb_tiff(path: Path) -> Path:
    return saved(path, Image.new("1", (20_000, 20_000)), format="TIFF", compression="group4")


def locked_pdf(path: Path) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path, encryption=pikepdf.Encryption(user="secret", owner="owner"))
    return path


def torn(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    def torn_file(path: Path) -> Path:
        data = make(path).read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])
        return path

    return torn_file


def holding(data: bytes) -> Callable[[Path], Path]:
    def held(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return held


def endless_jpeg(path: Path) -> Path:
    """Its last scan over and over."""
    data = saved(path, picture(), format="JPEG", progressive=True).read_bytes()
    last = data[data.rindex(b"\xff\xda") : -2]
    path.write_bytes(data[:-2] + last * 500 + data[-2:])
    return path


def tiff_file(path: Path) -> Path:
    pages = [picture("L"), picture("L")]
    return saved(path, pages[0], format="TIFF", save_all=True, append_images=pages[1:])


def endless_tiff(path: Path) -> Path:
    """Its only directory says that it is followed by itself."""
    saved(path, picture("L"), format="TIFF")
    data = bytearray(path.read_bytes())
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    path.write_bytes(data)
    return path


REFUSALS = {
    "empty": (holding(b""), ScanFault.TRUNCATED),
    "room reserved": (holding(b"\0" * 5000), ScanFault.TRUNCATED),
    "text": (holding(b"no picture at all, only words\n" * 50), ScanFault.UNSUPPORTED),
    "gif": (holding(b"GIF89a" + b"\1" * 100), ScanFault.UNSUPPORTED),
    "torn jpeg": (torn(jpeg_file), ScanFault.TRUNCATED),
    "jpeg torn in its header": (holding(b"\xff\xd8\xff\xe0\x00\x10JFIF"), ScanFault.TRUNCATED),
    "garbage like jpeg": (holding(b"\xff\xd8\xff" + b"\x11" * 500 + b"\xff\xd9"), ScanFault.UNREADABLE_FILE),
    "jpeg without end": (endless_jpeg, ScanFault.UNREADABLE_FILE),
    "torn png": (torn(lambda p: saved(p, picture(), format="PNG")), ScanFault.TRUNCATED),
    "torn tiff": (torn(tiff_file), ScanFault.TRUNCATED),
    "garbage like tiff": (holding(b"II*\0\x08\0\0\0" + b"\0" * 40), ScanFault.UNREADABLE_FILE),
    "torn pdf": (torn(lambda p: pdf_with(p, lambda pdf: pdf.add_blank_page())), ScanFault.TRUNCATED),
    "garbage like pdf": (holding(b"%PDF-1.4\nnothing\n%%EOF\n"), ScanFault.UNREADABLE_FILE),
    "locked pdf": (locked_pdf, ScanFault.PASSWORD),
    "pdf without a page": (pdf_with, ScanFault.UNREADABLE_FILE),
    "pdf of a square kilometre": (
        lambda p: pdf_with(p, lambda pdf: pdf.add_blank_page(page_size=(14400, 14400))),
        ScanFault.REFUSED_SIZE,
    ),
    "bomb in png": (bomb_png, ScanFault.REFUSED_SIZE),
    "bomb in jpeg": (bomb_jpeg, ScanFault.REFUSED_SIZE),
    "bomb in tiff": (bomb_tiff, ScanFault.REFUSED_SIZE),
    "no such file": (lambda path: path, ScanFault.UNREADABLE_FILE),
    "a folder": (lambda path: path.mkdir() or path, ScanFault.UNREADABLE_FILE),
    "a pipe": (lambda path: os.mkfifo(path) or path, ScanFault.UNREADABLE_FILE),
}


@pytest.mark.parametrize(("make", "fault"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_no_page_is_refused_and_the_others_come(tmp_path, slips, make, fault):
    bad = make(tmp_path / "hồ sơ của ai đó")
    before = bad.read_bytes() if bad.is_file() else None
    backend = ImportBackend([slips[0], bad, slips[1]])
    pages: list[PageImage] = []
    with pytest.raises(ScanError) as error:
        pages.extend(backend.scan(FILES, ScanRequest()))
    assert len(pages) == 2
    assert (error.value.fault, error.value.facts["file"], error.value.facts["refused"]) == (fault, 2, 1)
    assert "hồ sơ" not in str(error.value)
    assert [left_out.path for left_out in backend.refused()] == [bad]
    assert before is None or bad.read_bytes() == before


REFUSED_WITH = {fault for _, fault in REFUSALS.values()}


def test_a_tiff_in_a_ring_has_an_end(tmp_path):
    assert len(scanned(endless_tiff(tmp_path / "a.tif"))) == 1


def test_nothing_malformed_upsets_it(real_data):
    """All in one scan, so that what a file leaves behind meets the next; never 10 s without a page."""
    paths = sorted((real_data / "robust").iterdir())
    backend = ImportBackend(paths)
    at: list[float] = [time.monotonic()]

    def look_at_all() -> None:
        for page in backend.scan(FILES, ScanRequest()):
            jpeg.require_page_image(page.pixels)
            assert page.dpi >= 1
            at.append(time.monotonic())

    with pytest.raises(ScanError) as error:
        look_at_all()
    at.append(time.monotonic())
    assert max(after - before for before, after in pairwise(at)) < 10
    assert {left_out.error.fault for left_out in backend.refused()} <= REFUSED_WITH
    assert error.value.facts["refused"] == len(backend.refused())
    assert len(at) - 2 + len(backend.refused()) >= len(paths)


@pytest.fixture(scope="session")
def specimens(tmp_path_factory: pytest.TempPathFactory, scan_jpeg: bytes) -> tuple[bytes, ...]:
    folder = tmp_path_factory.mktemp("specimens")
    small = saved(folder / "a.jpg", picture(size=(60, 80)), quality=50).read_bytes()
    png = saved(folder / "a.png", picture(size=(60, 80))).read_bytes()
    tiff = tiff_file(folder / "a.tif").read_bytes()
    big = saved(folder / "b.tif", picture("L"), big_tiff=True).read_bytes()
    pdf = pdf_with(folder / "a.pdf", image_page(scan_jpeg)).read_bytes()
    return small, png, tiff, big, pdf


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_wholeness_is_seen_without_decoding(specimens, data):
    """A file is whole; cut anywhere it is not, and whatever else is in it, looking at it raises nothing."""
    whole = data.draw(st.sampled_from(specimens))
    form = form_of(whole[:1024])
    assert form is not None
    assert is_whole(io.BytesIO(whole), form, len(whole))
    cut = whole[: data.draw(st.integers(16, len(whole) - 9))]
    assert not is_whole(io.BytesIO(cut), form, len(cut))
    spoilt = bytearray(whole)
    for at in data.draw(st.lists(st.integers(4, min(len(whole), 4000) - 1), max_size=8)):
        spoilt[at] = data.draw(st.integers(0, 255))
    is_whole(io.BytesIO(spoilt), form, len(spoilt))


def test_a_linearised_pdf_cut_at_its_first_end_is_not_whole(tmp_path, scan_jpeg):
    path = pdf_with(tmp_path / "a.pdf", *[image_page(scan_jpeg)] * 3, linearize=True)
    assert len(scanned(path)) == 3
    data = path.read_bytes()
    first_end = data.index(b"%%EOF") + 6
    assert first_end < len(data) // 2
    path.write_bytes(data[:first_end])
    _, error = refused(path)
    assert error.fault is ScanFault.TRUNCATED


# The stack


def test_modes_change_the_pixels_and_drop_the_bytes(slips):
    (colour,) = scanned(slips[2], request=ScanRequest())
    (grey,) = scanned(slips[2], request=ScanRequest(mode=ColorMode.GREY))
    (black,) = scanned(slips[2], request=ScanRequest(mode=ColorMode.BITONAL))
    assert colour.encoded is not None
    assert grey.encoded is black.encoded is None
    assert grey.pixels.shape == black.pixels.shape == colour.pixels.shape[:2]
    assert set(np.unique(black.pixels)) == {0, 255}
    bars = (grey.pixels < 60).mean()
    assert bars < (black.pixels == 0).mean() < bars + 0.05


def test_a_blank_page_stays_blank_in_black_and_white(tmp_path):
    paper = np.random.default_rng(1).integers(240, 256, (300, 200), dtype=np.uint8)
    path = saved(tmp_path / "a.png", Image.fromarray(paper))
    (page,) = scanned(path, request=ScanRequest(mode=ColorMode.BITONAL))
    assert page.pixels.min() == 255


def test_both_sides_of_the_paper(tmp_path, slips):
    """A file of several pages begins a sheet, and so does what follows it."""
    three = saved(
        tmp_path / "a.tif", picture(), save_all=True, append_images=[picture(), picture()], dpi=(200, 200)
    )
    pages = scanned(slips[0], slips[1], slips[2], three, slips[3], request=ScanRequest(source=Source.DUPLEX))
    assert [(page.sheet, page.side) for page in pages] == [
        (1, 1), (1, 2), (2, 1), (3, 1), (3, 2), (4, 1), (5, 1)
    ]  # fmt: skip


def test_a_cancel_ends_a_decoder_that_is_at_work(tmp_path, scan_jpeg):
    path = pdf_with(tmp_path / "a.pdf", *[image_page(scan_jpeg, Rotate=180)] * 30)
    pages: list[PageImage] = []
    with pytest.raises(ScanError) as error:
        pages.extend(ImportBackend([path]).scan(FILES, ScanRequest(), lambda: len(pages) >= 3))
    assert error.value.fault is ScanFault.CANCELLED
    assert len(pages) == 3


def test_another_thread_is_told_busy_during_a_scan(slips):
    backend = ImportBackend(slips)
    told: list[ScanFault] = []
    stream = backend.scan(FILES, ScanRequest())
    next(stream)

    def ask() -> None:
        try:
            backend.devices()
        except ScanError as error:
            told.append(error.fault)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    stream.close()
    assert told == [ScanFault.BUSY]
    assert len(backend.devices()) == 1


# The process of the decoder


@pytest.fixture
def decoder():
    decoder = Decoder(patience_s=20)
    yield decoder
    decoder.close()


def opened(decoder: Decoder, path: Path) -> int:
    told, _ = decoder.ask({"verb": "open", "path": str(path), "form": "tiff"})
    return int(told["count"])


def test_a_decoder_that_dies_costs_one_file(tmp_path, decoder):
    path = tiff_file(tmp_path / "a.tif")
    assert opened(decoder, path) == 2
    assert decoder._process is not None
    os.kill(decoder._process.pid, signal.SIGKILL)
    with pytest.raises(ScanError) as error:
        decoder.ask({"verb": "page", "index": 0})
    assert (error.value.fault, error.value.facts["reason"]) == (ScanFault.UNREADABLE_FILE, "died")
    assert not decoder.is_running
    assert opened(decoder, path) == 2


def test_a_decoder_that_hangs_is_ended(tmp_path, decoder):
    path = tiff_file(tmp_path / "a.tif")
    opened(decoder, path)
    process = decoder._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    decoder._patience_s = 0.1
    with pytest.raises(ScanError) as error:
        decoder.ask({"verb": "page", "index": 0})
    assert error.value.facts["reason"] == "too slow"
    assert process.returncode == -signal.SIGKILL


def test_a_decoder_ends_with_the_program_that_started_it(tmp_path, decoder):
    opened(decoder, tiff_file(tmp_path / "a.tif"))
    process = decoder._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(10) == 0


def test_a_decoder_that_runs_out_of_memory_says_so(tmp_path, decoder):
    import resource

    path = saved(tmp_path / "a.tif", Image.new("L", (12_000, 12_000)), compression="tiff_lzw")
    opened(decoder, path)
    assert decoder._process is not None
    size = 64 * 1024**2
    resource.prlimit(decoder._process.pid, resource.RLIMIT_AS, (size, size))
    with pytest.raises(ScanError) as error:
        decoder.ask({"verb": "page", "index": 0})
    assert error.value.fault in (ScanFault.OUT_OF_MEMORY, ScanFault.UNREADABLE_FILE)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        wire.HEADER.pack(10, 0),
        wire.HEADER.pack(2**31, 0),
        wire.HEADER.pack(2, 2**40) + b"{}",
        wire.HEADER.pack(2, 0) + b"[]",
        wire.HEADER.pack(2, 0) + b"\xff\xff",
        wire.HEADER.pack(2, 9) + b"{}short",
    ],
)
def test_nonsense_on_the_wire_is_seen(frame):
    with pytest.raises(wire.BrokenWireError):
        wire.read_answer(io.BytesIO(frame))


def test_no_process_is_started_for_what_needs_none(slips, monkeypatch):
    monkeypatch.setattr(Decoder, "_start", lambda _: pytest.fail("a process for a JPEG"))
    assert len(scanned(*slips)) == 5
