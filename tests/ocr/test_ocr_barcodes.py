"""Barcodes of every kind that papers carry, also on worn scans."""

import io

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from ocr import find_barcodes
from ocr.barcodes import barcodes_in, codes_on_page
from ocr.densest import dense_areas
from resources.specimens.render.suite import clean_page, worn_page

KINDS = {
    "QRCode": "H18.19_QĐ_000021_V1",
    "DataMatrix": "DM 0123456789",
    "Code128": "H18.19-260520-0001",
    "PDF417": "Họ tên|01/01/1990|Bản Thí Dụ",
    "Aztec": "Giấy phép 12/2026",
}


def symbol(kind: str, text: str, scale: int = 6) -> np.ndarray:
    code = zxingcpp.create_barcode(text, zxingcpp.barcode_formats_from_str(kind)[0])
    return np.asarray(code.to_image(scale=scale, add_quiet_zones=True))


def page_with(kind: str, text: str) -> np.ndarray:
    page = np.full((1200, 1400), 250, np.uint8)
    drawn = symbol(kind, text, 3 if kind == "PDF417" else 5)
    height = drawn.shape[0] if drawn.shape[0] > 40 else 60
    drawn = cv2.resize(drawn, (drawn.shape[1], height), interpolation=cv2.INTER_NEAREST)
    page[300 : 300 + drawn.shape[0], 200 : 200 + drawn.shape[1]] = np.minimum(drawn, 250)
    return page


def worn(page: np.ndarray, degrees: float, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    matrix = cv2.getRotationMatrix2D((700, 600), degrees, 1)
    turned = cv2.warpAffine(page, matrix, (1400, 1200), flags=cv2.INTER_CUBIC, borderValue=250)
    soft = cv2.GaussianBlur(turned, (0, 0), 0.9).astype(np.float32) + rng.normal(0, 6, turned.shape)
    out = io.BytesIO()
    Image.fromarray(np.clip(soft, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=70)
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("degrees", [0.0, 4.0, -4.0, 180.0])
def test_every_kind_reads_on_a_worn_scan(kind: str, degrees: float) -> None:
    (found,) = find_barcodes(worn(page_with(kind, KINDS[kind]), degrees, seed=7))
    assert (found.text, found.format) == (KINDS[kind], kind)
    x0, y0, x1, y1 = found.box
    assert 0 <= x0 < x1 <= 1400
    assert 0 <= y0 < y1 <= 1200


def test_a_dense_symbol_on_a_soft_scan_takes_a_second_look() -> None:
    text = "SH1:" + "A1B2C3D4E5 $%*+-./:" * 13
    code = zxingcpp.create_barcode(text, zxingcpp.barcode_formats_from_str("QRCode")[0])
    drawn = np.asarray(code.to_image(scale=1, add_quiet_zones=True))
    side = round(drawn.shape[0] * 2.5)
    page = np.full((1200, 1400), 250, np.uint8)
    page[300 : 300 + side, 200 : 200 + side] = np.minimum(
        cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA), 250
    )
    scan = worn(page, 3.1, seed=2)
    (found,) = find_barcodes(scan, only=("QRCode",), thorough=True)
    assert found.text == text
    assert abs(found.box[0] - 230) < 60
    assert found.box[2] < 700


def test_two_kinds_on_one_page_come_from_top_to_bottom() -> None:
    page = page_with("QRCode", KINDS["QRCode"])
    drawn = symbol("DataMatrix", KINDS["DataMatrix"], 5)
    page[800 : 800 + drawn.shape[0], 900 : 900 + drawn.shape[1]] = np.minimum(drawn, 250)
    scan = worn(page, 1.0, seed=3)
    assert [code.format for code in find_barcodes(scan)] == ["QRCode", "DataMatrix"]
    assert [code.format for code in find_barcodes(scan, only=("QRCode",))] == ["QRCode"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("module_mm", [0.5, 1.4])
def test_a_page_of_print_gives_its_code_in_the_place_where_it_lies(
    kind: str, dpi: int, module_mm: float
) -> None:
    page = np.asarray(clean_page(5, dpi).image).copy()
    module_mm = min(module_mm, 0.6) if kind in ("Code128", "PDF417") else module_mm  # wider than the page
    drawn = symbol(kind, KINDS[kind], 8)
    high = drawn.shape[0] if kind != "Code128" else round(8 * 8 / module_mm)
    share = module_mm * dpi / 25.4 / 8
    code = cv2.resize(
        drawn, (round(drawn.shape[1] * share), round(high * share)), interpolation=cv2.INTER_AREA
    )
    left, top = (page.shape[1] - code.shape[1]) // 2, page.shape[0] // 2
    page[top : top + code.shape[0], left : left + code.shape[1]] = code[..., None]
    (found,) = codes_on_page(page, dpi)
    assert (found.text, found.format) == (KINDS[kind], kind)
    x0, y0, x1, y1 = found.box
    slack = 12 * share * 8
    assert left - slack <= x0 < x1 <= left + code.shape[1] + slack
    assert top - slack <= y0 < y1 <= top + code.shape[0] + slack


def test_print_alone_is_hardly_anywhere_as_dense_as_a_code() -> None:
    for seed in range(3):
        grey = np.asarray(worn_page(seed, 200).image.convert("L"))
        areas = dense_areas(grey, 200)
        assert sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in areas) < 0.25 * grey.size


def test_a_coarse_page_is_looked_at_as_it_is() -> None:
    page = page_with("QRCode", KINDS["QRCode"])
    assert codes_on_page(page, 150) == barcodes_in(page)
    assert codes_on_page(np.full((3, 2), 250, np.uint8), 300) == ()
