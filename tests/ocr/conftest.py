"""Pages made for the tests of the ocr room: an invented letter, rendered like a scan, ways to spoil it."""

import io
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr import CleanedPage, Reader, ReadPage, Word
from ocr.page import text_of
from resources import path as resource

Pixels = NDArray[np.uint8]

HEADER_LEFT = ("ỦY BAN NHÂN DÂN", "XÃ THƯỢNG LÂM", "Số: 147/UBND-VP")
HEADER_RIGHT = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Thượng Lâm, ngày 14 tháng 3 năm 2025",
)
BODY = (
    "QUYẾT ĐỊNH",
    "Về việc hỗ trợ kinh phí sửa chữa nhà ở cho hộ gia đình khó khăn",
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 02 năm 2025;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ",
    "về công tác văn thư; xét đơn đề nghị của ông Nguyễn Văn Bưởi, sinh ngày",
    "02 tháng 9 năm 1961, thường trú tại thôn Đồng Xoài, xã Thượng Lâm;",
    "Theo đề nghị của Trưởng phòng Kinh tế, Hạ tầng và Đô thị xã.",
    "Điều 1. Hỗ trợ hộ ông Nguyễn Văn Bưởi số tiền 40.000.000 đồng để sửa mái",
    "nhà bị tốc do cơn bão số 3. Nguồn kinh phí lấy từ quỹ phòng, chống thiên tai.",
    "Điều 2. Chánh Văn phòng, Trưởng phòng Kinh tế, Hạ tầng và Đô thị, thủ trưởng",
    "các đơn vị liên quan và ông Nguyễn Văn Bưởi chịu trách nhiệm thi hành Quyết",
    "định này kể từ ngày ký ban hành.",
)
FOOT_LEFT = ("Nơi nhận:", "- Như Điều 2;", "- Lưu: VT, KT.")
FOOT_RIGHT = ("CHỦ TỊCH", "Trần Thị Mận")
LETTER = "\n".join((*HEADER_LEFT, *HEADER_RIGHT, *BODY, *FOOT_LEFT, *FOOT_RIGHT))


@dataclass(frozen=True)
class Letter:
    """A rendered letter and the text that stands on it, in reading order."""

    pixels: Pixels
    text: str


def _font(size: int, face: str = "Regular") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(resource("fonts", f"LiberationSerif-{face}.ttf")), size)


def _render(dpi: int) -> Pixels:
    scale = dpi / 300
    page = Image.new("RGB", (round(2480 * scale), round(3508 * scale)), (246, 244, 238))
    pen = ImageDraw.Draw(page)
    size = round(54 * scale)

    def column(lines: tuple[str, ...], middle: float, top: float, step: float) -> None:
        for number, line in enumerate(lines):
            face = "Bold" if line.isupper() else "Regular"
            place = (middle * scale, (top + number * step) * scale)
            pen.text(place, line, (20, 20, 24), _font(size, face), anchor="ma")

    column(HEADER_LEFT, 640, 240, 92)
    column(HEADER_RIGHT, 1680, 240, 92)
    column(BODY[:2], 1300, 620, 90)
    for number, line in enumerate(BODY[2:]):
        pen.text((330 * scale, (860 + 88 * number) * scale), line, (20, 20, 24), _font(size))
    column(FOOT_RIGHT[:1], 1750, 1900, 90)
    column(FOOT_RIGHT[1:], 1750, 2300, 90)
    for number, line in enumerate(FOOT_LEFT):
        pen.text((330 * scale, (1900 + 70 * number) * scale), line, (20, 20, 24), _font(round(46 * scale)))
    return np.asarray(page)


def _stamped(pixels: Pixels) -> Pixels:
    """A red seal and a blue signature across the body of a 300 dpi page."""
    page = Image.fromarray(pixels)
    layer = Image.new("RGB", page.size, "white")
    pen = ImageDraw.Draw(layer)
    pen.ellipse((900, 1150, 1330, 1580), outline=(222, 40, 60), width=14)
    pen.ellipse((950, 1200, 1280, 1530), outline=(222, 40, 60), width=6)
    pen.text((1115, 1365), "★", (222, 40, 60), _font(120), anchor="mm")
    pen.text((1115, 1300), "XÃ THƯỢNG LÂM", (222, 40, 60), _font(38, "Bold"), anchor="mm")
    waves = [(1500 + 6 * step, 1400 + 90 * np.sin(step / 6) + step) for step in range(110)]
    pen.line([(float(x), float(y)) for x, y in waves], fill=(40, 60, 190), width=9)
    # Ink on ink: the darker of both in every channel.
    return np.minimum(np.asarray(page), np.asarray(layer))


def _rotated(pixels: Pixels, counter_clockwise_deg: float) -> Pixels:
    page = Image.fromarray(pixels)
    turned = page.rotate(counter_clockwise_deg, Image.Resampling.BICUBIC, fillcolor=(246, 244, 238))
    return np.asarray(turned)


def _jpeg(pixels: Pixels, dpi: int | None = 300, **settings: int) -> bytes:
    written = io.BytesIO()
    extra = {"dpi": (dpi, dpi)} if dpi else {}
    Image.fromarray(pixels).save(written, "JPEG", quality=92, **extra, **settings)
    return written.getvalue()


def _error_rate(read: str, truth: str) -> float:
    """Levenshtein distance over the truth's length, white space aside as to its kind."""
    got, true = (re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip() for text in (read, truth))
    codes = np.array([ord(letter) for letter in true])
    places = np.arange(len(codes) + 1)
    row = places.copy()
    for number, letter in enumerate(got, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (codes != ord(letter)))
        row = np.minimum.accumulate(np.concatenate(([number], best)) - places) + places
    return float(row[-1]) / len(true)


@pytest.fixture(scope="session")
def render() -> Callable[[int], Pixels]:
    """Draws the letter at a given dpi."""
    return _render


@pytest.fixture(scope="session")
def letter() -> Letter:
    """The letter at 300 dpi, R, G, B, height × width × 3."""
    return Letter(_render(300), LETTER)


@pytest.fixture(scope="session")
def stamped() -> Callable[[Pixels], Pixels]:
    return _stamped


@pytest.fixture(scope="session")
def rotated() -> Callable[[Pixels, float], Pixels]:
    return _rotated


@pytest.fixture(scope="session")
def as_jpeg() -> Callable[..., bytes]:
    """Encodes pixels as JPEG labelled with a dpi (300 unless told, None for none)."""
    return _jpeg


@pytest.fixture(scope="session")
def error_rate() -> Callable[[str, str], float]:
    """Character error rate of a reading against the truth."""
    return _error_rate


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader(jobs=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def letter_page(reader: Reader, letter: Letter) -> CleanedPage:
    """The letter, read once for all tests."""
    return reader.read(_jpeg(letter.pixels))


@pytest.fixture(scope="session")
def when() -> datetime:
    return datetime(2025, 3, 14, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def pdftotext() -> Callable[[Path], list[str]]:
    """The text of each page as pdftotext gives it in its default mode."""

    def run(path: Path) -> list[str]:
        done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
        return done.stdout.decode().split("\f")[:-1]

    return run


Row = tuple[float, float, str] | tuple[float, float, str, float]
"""Baseline and left end in mm, the text, and its confidence (95 unless told)."""


def _typeset(rows: Sequence[Row], dpi: int = 300) -> ReadPage:
    """A page as if it had been read: every word of the rows in a box of 13 pt type."""
    scale = dpi / 25.4
    words = []
    for number, (baseline_mm, left_mm, text, *told) in enumerate(rows):
        x = left_mm
        for part in text.split(" "):
            width = 2.35 * len(part)
            x0, x1 = round(x * scale), round((x + width) * scale)
            y0, y1 = round((baseline_mm - 3.2) * scale), round(baseline_mm * scale)
            if part:
                line = (float(x0), float(y1), float(x1), float(y1))
                words.append(Word(part, (x0, y0, x1, y1), line, told[0] if told else 95.0, number, number))
            x += width + 1.3
    return ReadPage(
        source_sha256="0" * 64,
        parameters_sha256="0" * 64,
        width_px=round(210 * scale),
        height_px=round(297 * scale),
        dpi=dpi,
        words=tuple(words),
        text=text_of(words),
        confidence=95.0,
        turned=0,
        skew_deg=0.0,
        flags=(),
        barcodes=(),
        engine="none",
    )


@pytest.fixture(scope="session")
def typeset() -> Callable[..., ReadPage]:
    """Makes a page that was read from rows of text."""
    return _typeset
