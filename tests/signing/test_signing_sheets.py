"""Printed sheets: they read back from a bad scan, their words are text, the file is PDF/A."""

from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import pdfa

from signing import SheetItem, SigningError, SigningFault, code_sheets, separator_sheets

KEY = "SOHOA:TACH:1:1.001193.01"
ITEM = SheetItem(KEY, "Tờ khai đăng ký khai sinh", "Thủ tục: 1.001193 Đăng ký khai sinh")
LONG = (
    "Giấy tờ chứng minh nơi cư trú trong trường hợp cơ quan đăng ký hộ tịch không thể khai thác được "
    "thông tin về nơi cư trú của công dân theo các phương thức quy định"
)


def rendered(pdf: Path, dpi: int = 200) -> list[np.ndarray]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze().copy() for page in document]
    finally:
        document.close()


def words(pdf: Path) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def scanned(sheet: np.ndarray, skew: float, seed: int) -> np.ndarray:
    """A poor scan: askew, soft, grey paper, grain."""
    height, width = sheet.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1)
    turned = cv2.warpAffine(sheet, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=236)
    soft = cv2.GaussianBlur(turned, (0, 0), 1.2).astype(np.float32) * 0.75 + 30
    noisy = soft + np.random.default_rng(seed).normal(0, 12, sheet.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def read(image: np.ndarray) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("skew", [-3.0, 0.0, 2.0, 180.0])
def test_both_codes_read_from_a_poor_scan(tmp_path: Path, skew: float) -> None:
    items = [ITEM, SheetItem("SOHOA:TACH:1:1.001193.05", LONG, "Thủ tục: Đăng ký khai sinh")]
    sheets = rendered(separator_sheets(items, tmp_path / "s.pdf"))
    assert len(sheets) == 2
    for seed, (item, sheet) in enumerate(zip(items, sheets, strict=True)):
        assert read(scanned(sheet, skew, seed)) == [item.key, item.key]


@pytest.mark.parametrize("lost", ["top", "bottom"])
def test_a_torn_sheet_keeps_one_code(tmp_path: Path, lost: str) -> None:
    (sheet,) = rendered(separator_sheets([ITEM], tmp_path / "s.pdf"))
    half = sheet.shape[0] // 2
    sheet[slice(None, half) if lost == "top" else slice(half, None)] = 128
    assert read(scanned(sheet, 1.0, 5)) == [KEY]


def test_the_words_are_text_and_the_file_is_pdfa(tmp_path: Path) -> None:
    separators = separator_sheets([ITEM], tmp_path / "s.pdf")
    codes = code_sheets([SheetItem("H18.19-260520-0001", "H18.19-260520-0001")], tmp_path / "c.pdf")
    for pdf in (separators, codes):
        assert pdfa.validate_written(pdf, "2b").passed
    (told,) = words(separators)
    for text in ("TỜ PHÂN TÁCH", ITEM.title, ITEM.note, KEY, "cùng chiều với giấy tờ"):
        assert text in told
    assert told.count(KEY) == 2
    assert "TỜ MÃ HỒ SƠ" in words(codes)[0]
    assert sorted(tmp_path.iterdir()) == [codes, separators]


@pytest.mark.parametrize("item", [ITEM, SheetItem("K" * 3000, LONG, "Ghi chú")], ids=["usual", "long"])
def test_nothing_runs_into_a_code_or_off_the_sheet(tmp_path: Path, item: SheetItem) -> None:
    (sheet,) = rendered(separator_sheets([item], tmp_path / "s.pdf"))
    mm = 200 / 25.4
    edge = round(14 * mm)
    inner = sheet[edge:-edge, edge:-edge]
    assert int((sheet < 128).sum()) == int((inner < 128).sum())
    found = zxingcpp.read_barcodes(sheet)
    assert [one.text for one in found] == [item.key] * 2
    for one in found:
        spots = [one.position.top_left, one.position.bottom_right]
        left, right = (round(pick(spot.x for spot in spots)) for pick in (min, max))
        top, bottom = (round(pick(spot.y for spot in spots)) for pick in (min, max))
        quiet = round(4 * (right - left) / 150)
        ring = sheet[top - quiet - 3 : bottom + quiet + 3, left - quiet - 3 : right + quiet + 3].copy()
        ring[3 + quiet - 3 : -(quiet), quiet:-quiet] = 255
        assert int((ring < 128).sum()) == 0


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        (SheetItem("k" * 3000, "Tên"), SigningFault.CODE_TOO_LONG),
        (SheetItem(KEY, "Tên " * 400), SigningFault.NO_ROOM),
        (SheetItem(KEY, "日本"), SigningFault.GLYPH_MISSING),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    tmp_path: Path, item: SheetItem, fault: SigningFault
) -> None:
    with pytest.raises(SigningError) as error:
        separator_sheets([ITEM, item], tmp_path / "s.pdf")
    assert error.value.fault is fault
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("items", [[], [SheetItem("", "x")], [SheetItem("x", " ")], [ITEM] * 501])
def test_no_sheets_and_empty_sheets_are_refused(tmp_path: Path, items: list[SheetItem]) -> None:
    with pytest.raises(ValueError, match="sheet"):
        separator_sheets(items, tmp_path / "s.pdf")


def test_a_folder_that_is_not_there_is_a_coded_fault(tmp_path: Path) -> None:
    with pytest.raises(SigningError) as error:
        separator_sheets([ITEM], tmp_path / "none" / "s.pdf")
    assert error.value.fault is SigningFault.WRITE_FAILED


@settings(max_examples=15, deadline=None)
@given(
    key=st.text("ABCxyz0189.:-_/Đơ ", min_size=1, max_size=120),
    title=st.text("Giấy tờ đăng kýƯỜNG ", min_size=1, max_size=200),
)
def test_any_text_is_printed_or_refused(
    tmp_path_factory: pytest.TempPathFactory, key: str, title: str
) -> None:
    out = tmp_path_factory.mktemp("sheet") / "s.pdf"
    if not title.strip():
        title = "Tên"
    separator_sheets([SheetItem(key, title)], out)
    assert read(rendered(out)[0]) == [key, key]
