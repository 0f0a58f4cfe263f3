"""Images from anywhere: every kind and mode, bombs, broken ones, sources of pages."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr import OcrError, OcrFault, find_barcodes, open_sources
from ocr.decoding.process import Decoder
from ocr.decoding.wishes import Wishes
from ocr.image import decode, encode_jpeg
from ocr.jpeg import jpeg_facts, with_density
from ocr.sources import survey, walk_sources


def encoded(image: Image.Image, kind: str, **settings: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **settings)
    return written.getvalue()


def fault_of(data: bytes | Path) -> OcrFault:
    with pytest.raises(OcrError) as caught:
        decode(data)
    return caught.value.fault


def outcome(source: bytes | Path) -> str:
    """ "decoded", or the code of the refusal; any other exception passes."""
    try:
        decode(source)
        find_barcodes(source)
    except OcrError as error:
        return error.code
    return "decoded"


def count_pages(paths: list[Path]) -> int:
    with Decoder(lambda: False) as decoder:
        return sum(file.pages for file in survey(paths, decoder, Wishes()))


def bomb_png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_grey_or_colour(mode: str) -> None:
    white = {"1": 1, "L": 255, "LA": (255, 255), "P": 255, "RGB": (255,) * 3, "RGBA": (255,) * 4}
    white |= {"I;16": 65535, "CMYK": (0,) * 4}
    kind = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    image = Image.new(mode if mode != "P" else "L", (40, 30), white[mode])
    picture = decode(encoded(image.convert("P") if mode == "P" else image, kind))
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.shape[:2] == (30, 40)
    assert picture.pixels.min() >= 250


def test_what_is_transparent_is_paper() -> None:
    assert decode(encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG")).pixels.min() == 255


def test_exif_stands_a_photograph_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = decode(encoded(Image.new("RGB", (60, 40), "white"), "JPEG", exif=exif))
    assert picture.pixels.shape[:2] == (60, 40)
    assert picture.jpeg is None


@pytest.mark.parametrize("claimed", [(300, 300), (299.9994, 299.9994)])
def test_dpi_is_believed_when_credible(claimed: tuple[float, float]) -> None:
    assert decode(encoded(Image.new("L", (9, 9)), "TIFF", dpi=claimed)).dpi == 300


@pytest.mark.parametrize("claimed", [(1, 1), (72, 72), (96, 96), (20000, 20000)])
def test_dpi_of_a_screen_or_of_nothing_is_not(claimed: tuple[int, int]) -> None:
    assert decode(encoded(Image.new("L", (9, 9)), "JPEG", dpi=claimed)).dpi is None


def test_a_bomb_is_refused_by_its_header() -> None:
    with pytest.raises(OcrError) as caught:
        decode(bomb_png(40_000, 40_000))
    assert caught.value.code == "ocr.bomb"
    assert caught.value.facts == {"width": 40_000, "height": 40_000}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_half_a_file_is_no_page(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8))
    data = encoded(noise, kind)
    assert fault_of(data[: len(data) // 2]) in (OcrFault.TRUNCATED, OcrFault.DAMAGED_IMAGE)


def grainy(mode: str = "RGB") -> Image.Image:
    chance = np.random.default_rng(3)
    coarse = chance.integers(0, 255, (12, 9, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((133, 201), Image.Resampling.BICUBIC).convert(mode)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("settings", [{"subsampling": 0}, {"subsampling": 1}, {"progressive": True}])
def test_a_jpeg_gives_the_px_that_pillow_gives(mode: str, settings: dict[str, object]) -> None:
    data = encoded(grainy(mode), "JPEG", quality=80, **settings)
    with Image.open(io.BytesIO(data)) as opened:
        wanted = np.asarray(opened if mode == "L" else opened.convert("RGB"))
    assert np.array_equal(decode(data).pixels, wanted)


def test_a_jpeg_with_a_gap_gives_what_pillow_gives() -> None:
    data = encoded(grainy(), "JPEG", quality=80)
    gap = data[: len(data) // 2] + data[-2:]
    with Image.open(io.BytesIO(gap)) as opened:
        assert np.array_equal(decode(gap).pixels, np.asarray(opened))


def test_a_jpeg_that_breaks_off_is_truncated() -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8))
    assert fault_of(encoded(noise, "JPEG")[:20_000]) is OcrFault.TRUNCATED


def test_what_is_no_image_is_said_to_be_none(tmp_path: Path) -> None:
    assert fault_of(b"") is OcrFault.NOT_AN_IMAGE
    assert fault_of(b"GIF89a....") is OcrFault.NOT_AN_IMAGE
    assert fault_of(tmp_path / "gone.jpg") is OcrFault.NOT_FOUND
    assert fault_of(tmp_path) is OcrFault.UNREADABLE


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_spoilt_bytes_decode_or_are_refused(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "TIFF", "WEBP", "BMP"]))
    whole = bytearray(encoded(Image.radial_gradient("L").resize((64, 64)), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert outcome(bytes(whole)) in {"decoded", *OcrFault}


def test_malformed_files_are_refused_with_a_code(real_data: Path) -> None:
    seen = 0
    for file in sorted((real_data / "robust").iterdir()):
        if file.suffix == ".pdf":
            continue
        seen += 1
        assert outcome(file) in {"decoded", *OcrFault}
    assert seen > 10


def test_malformed_pdfs_are_drawn_or_refused(real_data: Path) -> None:
    outcomes = []
    with Decoder(lambda: False) as decoder:
        for file in survey([real_data / "robust"], decoder, Wishes()):
            if file.path.suffix != ".pdf":
                continue
            for number, item in enumerate(walk_sources([file], decoder, Wishes())):
                outcomes.append(type(item).__name__)
                if number == 1:
                    break
    assert {"SourceImage", "SourceFault"} == set(outcomes)


@given(st.integers(1, 65535))
def test_density_changes_the_label_and_no_pixel(dpi: int) -> None:
    plain = encode_jpeg(np.full((8, 8, 3), 200, np.uint8), 300)
    labelled = with_density(plain, dpi)
    opened = Image.open(io.BytesIO(labelled))
    assert opened.info["jfif_density"] == (dpi, dpi)
    assert len(labelled) == len(plain)
    assert np.array_equal(np.asarray(opened), np.asarray(Image.open(io.BytesIO(plain))))


def test_density_is_added_where_there_is_no_label() -> None:
    plain = encode_jpeg(np.full((8, 8), 200, np.uint8), 300)
    bare = plain[:2] + plain[20:]
    assert Image.open(io.BytesIO(with_density(bare, 240))).info["dpi"] == (240, 240)
    assert jpeg_facts(bare) == jpeg_facts(plain)
    assert jpeg_facts(b"\xff\xd8\xff") is None


def page_jpeg(shade: int, size: tuple[int, int] = (413, 585)) -> bytes:
    image = Image.new("RGB", size, (shade,) * 3)
    image.paste((200, 30, 40), (40, 40, 200, 90))
    return encoded(image, "JPEG", quality=90, dpi=(100, 100))


def test_folders_are_in_natural_order(tmp_path: Path) -> None:
    for name in ("trang10.jpg", "trang2.jpg", "Trang1.JPG", "ghi chú.txt", ".ẩn.jpg"):
        (tmp_path / name).write_bytes(page_jpeg(220))
    assert [item.origin for item in open_sources([tmp_path])] == ["Trang1.JPG", "trang2.jpg", "trang10.jpg"]
    assert count_pages([tmp_path, tmp_path / "trang2.jpg"]) == 4


def test_nothing_to_read_is_said_at_once(tmp_path: Path) -> None:
    for paths, fault in (([tmp_path], OcrFault.EMPTY_FOLDER), ([tmp_path / "x"], OcrFault.NOT_FOUND)):
        with pytest.raises(OcrError) as caught:
            next(open_sources(paths))
        assert caught.value.fault is fault


def test_pages_of_a_tiff_come_one_by_one(tmp_path: Path) -> None:
    frames = [Image.new("L", (40, 50 + number), 255) for number in range(3)]
    file = tmp_path / "fax.tif"
    frames[0].save(file, save_all=True, append_images=frames[1:], dpi=(200, 200))
    items = list(open_sources([file]))
    assert [(item.page, item.dpi, decode(item.data).pixels.shape) for item in items] == [
        (1, 200, (50, 40)),
        (2, 200, (51, 40)),
        (3, 200, (52, 40)),
    ]
    assert count_pages([file]) == 3


def pdf_of(
    jpeg: bytes, path: Path, *, rotate: int = 0, matrix: str = "297 0 0 421 0 0", **save: object
) -> Path:
    facts = jpeg_facts(jpeg)
    assert facts is not None
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(297, 421))
        image = pikepdf.Stream(pdf, jpeg)
        image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        image.Width, image.Height, image.BitsPerComponent = facts.width, facts.height, 8
        image.ColorSpace, image.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
        page.Contents = pdf.make_stream(f"q {matrix} cm /I Do Q".encode())
        page.Rotate = rotate
        pdf.save(path, **save)
    return path


def test_a_scanned_page_gives_its_jpeg_untouched(tmp_path: Path) -> None:
    jpeg = page_jpeg(230)
    (item,) = open_sources([pdf_of(jpeg, tmp_path / "scan.pdf")])
    assert item.data == jpeg
    assert item.dpi == 100


@pytest.mark.parametrize(
    ("rotate", "matrix"),
    [(90, "297 0 0 421 0 0"), (0, "-297 0 0 421 297 0"), (0, "297 0 0 -421 0 421"), (0, "594 0 0 842 0 0")],
)
def test_a_page_that_shows_its_jpeg_otherwise_is_drawn(rotate: int, matrix: str, tmp_path: Path) -> None:
    jpeg = page_jpeg(230)
    (item,) = open_sources([pdf_of(jpeg, tmp_path / "scan.pdf", rotate=rotate, matrix=matrix)])
    assert item.data.startswith(b"BM")
    height, width = decode(item.data).pixels.shape[:2]
    assert (height < width) is (rotate == 90)


def test_a_locked_pdf_says_so(tmp_path: Path) -> None:
    locked = pikepdf.Encryption(owner="a", user="b")
    file = pdf_of(page_jpeg(230), tmp_path / "locked.pdf", encryption=locked)
    with pytest.raises(OcrError) as caught:
        list(open_sources([file]))
    assert caught.value.code == "ocr.password"


def test_half_a_pdf_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "half.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    with pytest.raises(OcrError) as caught:
        list(open_sources([tmp_path / "half.pdf"]))
    assert caught.value.code == "ocr.damaged-pdf"


def test_sources_stop_when_asked(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(page_jpeg(220))
    with pytest.raises(OcrError) as caught:
        list(open_sources([tmp_path], stopped=lambda: True))
    assert caught.value.fault is OcrFault.CANCELLED
