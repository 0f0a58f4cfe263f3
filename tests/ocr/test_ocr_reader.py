"""Whole pages on the real Tesseract: accuracy, colour, orientation, flags, order, faults, cancelling."""

import io
import threading
from pathlib import Path

import numpy as np
import pytest
import segno
from PIL import Image

from ocr import Flag, OcrError, OcrFault, Reader, find_barcodes
from ocr.jpeg import jpeg_facts
from resources import path as resource


def pixels_of(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)))


def test_a_clean_page_is_read_right(letter_page, letter, error_rate) -> None:
    read = letter_page.read
    assert error_rate(read.text, letter.text) <= 0.005
    assert read.confidence > 90
    assert (read.flags, read.turned, read.skew_deg, read.dpi) == ((), 0, 0.0, 300)
    assert (read.width_px, read.height_px) == (2480, 3508)


def test_a_page_that_needs_no_turning_is_its_own_file_where_that_is_wished(
    letter_page, render, as_jpeg
) -> None:
    source = as_jpeg(render(200), 200)
    with Reader(jobs=1, keep_jpeg=True) as keeping:
        assert keeping.read(source).visible == source
    assert len(letter_page.visible) < 0.7 * len(as_jpeg(render(300)))


def test_seal_signature_and_skew_cost_nothing(
    *, reader, letter, stamped, rotated, as_jpeg, error_rate
) -> None:
    spoilt = rotated(stamped(letter.pixels), 1.7)
    page = reader.read(as_jpeg(spoilt))
    assert page.read.skew_deg == pytest.approx(-1.7, abs=0.1)
    assert error_rate(page.read.text, letter.text) <= 0.01
    shown = pixels_of(page.visible).astype(int)
    wanted = stamped(letter.pixels).astype(int)
    red = (wanted[..., 0] > 200) & (wanted[..., 1] < 60)
    assert np.abs(shown[red] - wanted[red]).mean() < 25
    assert (
        np.abs(np.median(shown.reshape(-1, 3), axis=0) - np.median(wanted.reshape(-1, 3), axis=0)).max() <= 2
    )


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_head_is_put_upright(
    quarters: int, *, reader, render, as_jpeg, letter, error_rate
) -> None:
    page = reader.read(as_jpeg(np.ascontiguousarray(np.rot90(render(200), quarters)), 200))
    assert page.read.turned == 90 * quarters
    assert error_rate(page.read.text, letter.text) <= 0.01
    facts = jpeg_facts(page.visible)
    assert facts is not None
    assert (facts.width, facts.height) == (page.read.width_px, page.read.height_px) == (1653, 2339)


def test_a_blank_page_is_flagged_and_not_read(reader, as_jpeg) -> None:
    page = reader.read(as_jpeg(np.full((2339, 1653, 3), 244, np.uint8), 200))
    assert page.read.flags == (Flag.BLANK,)
    assert (page.read.words, page.read.text, page.read.confidence) == ((), "", 0.0)


def test_a_coarse_page_is_flagged(reader, render, as_jpeg) -> None:
    assert Flag.LOW_RESOLUTION in reader.read(as_jpeg(render(100), 100)).read.flags


def test_without_a_label_the_short_side_is_that_of_a4(reader, as_jpeg) -> None:
    blank = as_jpeg(np.full((2339, 1653), 250, np.uint8), None)
    assert reader.read(blank).read.dpi == 200
    assert reader.read(blank, dpi=400).read.dpi == 400
    assert Image.open(io.BytesIO(reader.read(blank, dpi=400).visible)).info["dpi"] == (400, 400)


def test_results_are_in_order_and_a_bad_page_stops_nothing(reader, render, as_jpeg) -> None:
    good = as_jpeg(render(120), 120)
    blank = as_jpeg(np.full((900, 700), 250, np.uint8))
    results = list(reader.read_all([good, b"no image", blank, good[:4000], good]))
    assert [type(result).__name__ for result in results] == [
        "CleanedPage",
        "OcrError",
        "CleanedPage",
        "OcrError",
        "CleanedPage",
    ]
    assert isinstance(results[1], OcrError)
    assert isinstance(results[3], OcrError)
    assert (results[1].fault, results[3].fault) == (OcrFault.NOT_AN_IMAGE, OcrFault.TRUNCATED)
    assert results[0] == results[4]


def test_pages_are_taken_up_only_as_they_are_needed(reader, as_jpeg) -> None:
    taken = []

    def pages():
        for number in range(20):
            taken.append(number)
            yield as_jpeg(np.full((400, 300), 250, np.uint8))

    results = reader.read_all(pages())
    next(results)
    assert len(taken) <= 4
    results.close()
    assert len(taken) <= 4


def test_cancelling_ends_the_work(reader, as_jpeg) -> None:
    stop = threading.Event()
    blank = as_jpeg(np.full((400, 300), 250, np.uint8))
    results = reader.read_all([blank] * 50, stopped=stop.is_set)
    next(results)
    stop.set()
    with pytest.raises(OcrError) as caught:
        list(results)
    assert caught.value.fault is OcrFault.CANCELLED


def test_a_closed_reader_reads_no_more(as_jpeg) -> None:
    with Reader(jobs=1) as reader:
        pass
    with pytest.raises(ValueError, match="closed"):
        reader.read(as_jpeg(np.full((400, 300), 250, np.uint8)))


def test_the_stamp_of_parameters_changes_with_them(reader, as_jpeg) -> None:
    blank = as_jpeg(np.full((400, 300), 250, np.uint8))
    one, same, other = reader.read(blank), reader.read(blank), reader.read(blank, dpi=150)
    assert one.read.parameters_sha256 == same.read.parameters_sha256 != other.read.parameters_sha256
    assert one.read.source_sha256 == other.read.source_sha256


def test_codes_on_a_page_are_found(reader, letter, as_jpeg) -> None:
    page = letter.pixels.copy()
    written = io.BytesIO()
    segno.make_qr("H01.02-250314-0007|Giấy khai sinh").save(written, kind="png", scale=8)
    code = np.asarray(Image.open(written).convert("RGB"))
    page[2700 : 2700 + code.shape[0], 400 : 400 + code.shape[1]] = code
    (found,) = find_barcodes(as_jpeg(page))
    assert (found.text, found.format) == ("H01.02-250314-0007|Giấy khai sinh", "QRCode")
    x0, y0, x1, y1 = found.box
    assert 400 < x0 < x1 < 400 + code.shape[1]
    assert 2700 < y0 < y1 < 2700 + code.shape[0]
    (seen,) = reader.read(as_jpeg(page)).read.barcodes
    assert (seen.text, seen.format) == (found.text, found.format)
    assert max(abs(one - other) for one, other in zip(seen.box, found.box, strict=True)) <= 3


def test_accuracy_on_published_decisions(real_data: Path, reader, error_rate) -> None:
    page = reader.read(real_data / "ocr-truth" / "04.jpg")
    truth = (real_data / "ocr-truth" / "04.txt").read_text(encoding="utf-8")
    body = truth[truth.index("Căn cứ") :]
    assert error_rate(page.read.text[page.read.text.index("Căn cứ") :], body) < 0.02


@pytest.mark.parametrize("name", ["11_CT_p04", "22_TTR_p02", "299_UB_p02", "574_UB_p02"])
def test_a_seal_that_came_through_from_the_front_leaves_a_back_blank(
    name: str, real_data: Path, reader
) -> None:
    page = reader.read(real_data / "scans" / f"QNgai_{name}.jpg")
    assert {Flag.BLANK, Flag.BLEED_THROUGH} <= set(page.read.flags)
    assert page.read.words == ()


@pytest.mark.parametrize("name", ["01-to-khai-truoc", "06-uy-quyen-trang-1"])
def test_the_shipped_specimens_are_read_right(name: str, reader, error_rate) -> None:
    demo = resource("specimens") / "demo"
    if not (demo / f"{name}.jpg").exists():
        pytest.skip("no specimens")
    read = reader.read(demo / f"{name}.jpg").read
    assert error_rate(read.text, (demo / f"{name}.txt").read_text(encoding="utf-8")) <= 0.01
