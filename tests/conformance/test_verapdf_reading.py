"""veraPDF judges whole readings: every flavour × every profile, of images and of PDFs that come in; a sheet
stands in place of a page that couldn't be had."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

import ocr
from resources import path as resource

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]

Judge = Callable[..., list[dict[str, Any]]]

LINES = (
    "ỦY BAN NHÂN DÂN XÃ THƯỢNG LÂM",
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 02 năm 2025;",
    "Theo đề nghị của Trưởng phòng Kinh tế, Hạ tầng và Đô thị xã Thượng Lâm.",
    "Điều 1. Hỗ trợ hộ ông Nguyễn Văn Bưởi số tiền 40.000.000 đồng để sửa mái nhà.",
)
DPI = 150


def sealed_page() -> Image.Image:
    page = Image.new("RGB", (1240, 1754), (246, 243, 234))
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(resource("fonts", "LiberationSerif-Regular.ttf")), 27)
    for number, line in enumerate(LINES * 3):
        pen.text((120, 300 + 60 * number), line, (24, 22, 26), font)
    pen.ellipse((640, 900, 860, 1120), outline=(214, 40, 52), width=8)
    pen.line([(700 + 5 * step, 1000 + (step % 7) * 9) for step in range(60)], fill=(40, 60, 180), width=4)
    return page


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page in colour, one in grey, one in black and white, one empty, one torn."""
    folder = tmp_path_factory.mktemp("inbox")
    page = sealed_page()
    page.rotate(0.8, Image.Resampling.BICUBIC, fillcolor=(246, 243, 234)).save(
        folder / "1.jpg", quality=85, dpi=(DPI, DPI)
    )
    page.convert("L").save(folder / "2.png", dpi=(DPI, DPI))
    page.convert("1").save(folder / "3.tif", compression="group4", dpi=(DPI, DPI))
    Image.new("RGB", page.size, (250, 248, 240)).save(folder / "4.jpg", dpi=(DPI, DPI))
    (folder / "5.jpg").write_bytes((folder / "1.jpg").read_bytes()[:9000])
    return folder


@pytest.mark.parametrize("profile", ["archival", "compact"])
@pytest.mark.parametrize("flavour", ["1b", "2b", "3b"])
def test_what_is_read_conforms_and_conforms_again_when_it_comes_back(
    judge: Judge, inbox: Path, tmp_path: Path, flavour: str, profile: str
) -> None:
    fresh = ocr.read_documents([inbox], tmp_path / "fresh.pdf", flavour=flavour, profile=profile)
    assert (fresh.pages, fresh.unreadable) == (5, 1)
    made = [fresh.path]
    for text_layer in ("keep", "redo"):
        out = tmp_path / f"{text_layer}.pdf"
        wishes = {"flavour": flavour, "profile": profile, "text_layer": text_layer, "force": True}
        made.append(ocr.read_documents([fresh.path], out, **wishes).path)
    for verdict in judge(*made, flavour=flavour):
        assert verdict["failures"] == []
        assert verdict["compliant"] is True
