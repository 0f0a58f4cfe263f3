"""Sheets of labels: every code reads back at its place, on every kind of sheet."""

from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from pikepdf import pdfa

import signing
from signing import LabelItem, SigningError

CODES = [f"H18.19_QĐ_{number:06d}_V1" for number in range(1, 31)]


def read(pdf: Path, page: int, dpi: int = 200) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[page].render(scale=dpi / 72, grayscale=True).to_numpy().copy()
    finally:
        document.close()
    return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("kind", ["nhan-14", "nhan-21", "nhan-24", "nhan-65"])
def test_every_label_reads_and_lies_on_the_sheet(kind: str, tmp_path: Path) -> None:
    sheet = signing.label_sheets()[kind]
    items = [LabelItem(code, code, "Hồ sơ số hóa") for code in CODES]
    sheets = signing.print_labels(items, tmp_path / "n.pdf", sheet)
    assert sheets == -(-len(CODES) // sheet.count)
    found = [text for page in range(sheets) for text in read(tmp_path / "n.pdf", page)]
    assert sorted(found) == CODES
    assert pdfa.validate_written(tmp_path / "n.pdf", "2b").passed
    left, top = sheet.place(sheet.count - 1)
    assert left + sheet.width <= 210.01
    assert top + sheet.height <= 297.01


def test_a_sheet_that_was_begun(tmp_path: Path) -> None:
    sheet = signing.label_sheets()["nhan-24"]
    items = [LabelItem(code, code) for code in CODES[:3]]
    assert signing.print_labels(items, tmp_path / "n.pdf", sheet, skip=22) == 2
    assert sorted(read(tmp_path / "n.pdf", 0)) == CODES[:2]
    assert read(tmp_path / "n.pdf", 1) == CODES[2:3]


def test_what_does_not_fit(tmp_path: Path) -> None:
    sheet = signing.label_sheets()["nhan-65"]
    with pytest.raises(SigningError) as refused:
        signing.print_labels([LabelItem("x" * 400, "X")], tmp_path / "n.pdf", sheet)
    assert refused.value.code == "sign.no-room"
    for items, skip in (([], 0), ([LabelItem("A", "A")], 65)):
        with pytest.raises(ValueError, match="labels"):
            signing.print_labels(items, tmp_path / "n.pdf", sheet, skip=skip)
    assert list(tmp_path.iterdir()) == []
