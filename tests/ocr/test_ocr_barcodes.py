"""Barcodes of every kind that papers carry, also on worn scans."""

import io

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from ocr import find_barcodes

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
