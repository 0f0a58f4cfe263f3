"""The list of scanners as a table that a spreadsheet opens and runs nothing of."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import Capabilities, ColorMode, Connection, Device, InventoryRow, Source
from scanner.inventory import row_of, summary, to_csv

CAN = Capabilities(
    (Source.FLATBED, Source.DUPLEX), (ColorMode.COLOR, ColorMode.GREY), (200, 300, 600), 215.9, 355.6
)


def read(data: bytes, separator: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))


def test_a_row_tells_the_scanner_in_plain_words():
    device = Device("x", "sane", "Fujitsu", "fi-8170", "sheetfed", "A0001", None, Connection.USB)
    row = row_of(device, CAN, 1234)
    assert summary(CAN) == "mặt kính, hai mặt; màu, xám; 200–600 dpi; 216 × 356 mm"
    heading, line = read(to_csv([row]))
    assert heading[0] == "Hãng"
    assert line == ["Fujitsu", "fi-8170", "A0001", "USB", summary(CAN), "1234", "", "", "", ""]


def test_the_file_begins_with_its_mark_and_ends_its_lines_as_spreadsheets_want():
    tested = InventoryRow(
        "A", "B;C", last_test=datetime(2026, 5, 20, 1, 2, tzinfo=UTC), test_result="đạt", note='"x"'
    )
    data = to_csv([tested])
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    assert b'"B;C"' in data
    assert read(data)[1][6:] == ["2026-05-20 01:02+00:00", "đạt", "", '"x"']
    assert read(to_csv([tested], ","), ",") == read(data)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "|x", "＝1", " =1", "\t=1", "\u200b=1", "%x"])
def test_formulas_are_never_run(text):
    cell = read(to_csv([InventoryRow("A", text)]))[1][1]
    assert cell.startswith("'")


@given(st.lists(st.text(max_size=30), min_size=2, max_size=2), st.sampled_from(";,"))
def test_any_text_stays_in_its_cell(texts, separator):
    lines = read(to_csv([InventoryRow("A", texts[0], place=texts[1])], separator), separator)
    assert len(lines) == 2
    assert len(lines[1]) == 10
    assert not any(cell.lstrip()[:1] in tuple("=+-@|%") for cell in lines[1] if cell)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="zone"):
        InventoryRow("A", "B", last_test=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="counted"):
        InventoryRow("A", "B", pages_scanned=-1)
    with pytest.raises(ValueError, match="separated"):
        to_csv([], "\t")
