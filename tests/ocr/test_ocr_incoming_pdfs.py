"""PDFs that come in: text layers kept, replaced, skipped; pages taken over; never larger; signed ones."""

import dataclasses
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from ocr import CleanedPage, OcrError, OcrFault, check_pdfa, read_documents, write_pdf
from ocr.decoding.process import Decoder
from ocr.decoding.wishes import Wishes
from ocr.finishing import EXISTING

SOUP = ["349Q%x", ";;;A~", "44§", "lI1l", "«s", "8$Q", "wq", "9l0O", "3#k", "zxc", "qwrt", "bcd"]


@pytest.fixture
def scanned(letter_page: CleanedPage, when: datetime, tmp_path: Path) -> Path:
    """A scan with a text layer that reads well."""
    out = tmp_path / "scan.pdf"
    write_pdf([letter_page], out, title="a", created=when)
    return out


@pytest.fixture
def soup(letter_page: CleanedPage, when: datetime, tmp_path: Path) -> Path:
    """The same with a layer of rubbish."""
    words = tuple(
        dataclasses.replace(word, text=SOUP[number % len(SOUP)])
        for number, word in enumerate(letter_page.read.words)
    )
    page = CleanedPage(dataclasses.replace(letter_page.read, words=words), letter_page.visible)
    out = tmp_path / "soup.pdf"
    write_pdf([page], out, title="a", created=when)
    return out


def read(source: Path, **wishes: object) -> tuple[Path, str, dict]:
    """(result, its text, its JSON)."""
    out = source.with_name(f"{source.stem}-read.pdf")
    text, record = out.with_suffix(".txt"), out.with_suffix(".json")
    read_documents([source], out, text=text, json=record, **{"force": True, **wishes})
    return out, text.read_text(encoding="utf-8"), json.loads(record.read_text(encoding="utf-8"))


@pytest.mark.parametrize("profile", ["archival", "compact"])
@pytest.mark.parametrize("flavour", ["1b", "2b"])
def test_a_layer_that_reads_well_stays_and_is_not_read_again(
    profile: str, flavour: str, scanned: Path, *, letter_page, error_rate, pdftotext
) -> None:
    out, text, told = read(scanned, profile=profile, flavour=flavour)
    check_pdfa(out, flavour)
    assert [page["engine"] for page in told["pages"]] == [EXISTING]
    assert error_rate(text, letter_page.read.text) < 0.03
    assert error_rate(pdftotext(out)[0], letter_page.read.text) < 0.03
    x, y, *_ = told["pages"][0]["words"][0]["box"]
    assert (x, y) == pytest.approx(letter_page.read.words[0].box[:2], abs=25)
    with pikepdf.open(out) as pdf:
        images = [image.read_raw_bytes() for image in pdf.pages[0].Resources.XObject.values()]
    assert (letter_page.visible in images) is (profile == "archival")


def test_rubbish_is_replaced_and_the_image_stays_untouched(
    soup: Path, *, letter, letter_page, error_rate, pdftotext
) -> None:
    out, text, told = read(soup)
    check_pdfa(out)
    assert told["pages"][0]["engine"] != EXISTING
    assert error_rate(text, letter.text) <= 0.01
    assert error_rate(pdftotext(out)[0], letter.text) <= 0.01
    with pikepdf.open(out) as pdf:
        (image,) = pdf.pages[0].Resources.XObject.values()
        assert image.read_raw_bytes() == letter_page.visible


def test_skip_trusts_any_words(soup: Path) -> None:
    _, text, told = read(soup, text_layer="skip")
    assert told["pages"][0]["engine"] == EXISTING
    assert "349Q%x" in text


def test_redo_reads_again(scanned: Path, letter, error_rate) -> None:
    _, text, told = read(scanned, text_layer="redo")
    assert told["pages"][0]["engine"] != EXISTING
    assert error_rate(text, letter.text) <= 0.01


def test_an_unknown_wish_is_refused(scanned: Path) -> None:
    with pytest.raises(ValueError, match="keep-it"):
        read(scanned, text_layer="keep-it")
    with pytest.raises(ValueError, match="tiny"):
        read(scanned, profile="tiny")


@pytest.fixture
def little(tmp_path: Path) -> Path:
    """A PDF of a few hundred bytes: nothing made of it can be smaller."""
    file = tmp_path / "little.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(300, 400))
        pdf.save(file)
    return file


def test_a_result_is_never_larger_than_the_pdf_unless_asked(little: Path) -> None:
    out = little.with_name("out.pdf")
    with pytest.raises(OcrError) as caught:
        read_documents([little], out)
    assert caught.value.fault is OcrFault.LARGER
    assert set(caught.value.facts) == {"kilobytes", "source_kilobytes"}
    assert not out.exists()
    assert read_documents([little], out, force=True).pages == 1


def test_a_page_of_letters_and_lines_is_taken_over_as_it_is(real_data: Path, tmp_path: Path) -> None:
    source = next((real_data / "signed").glob("Quyet_dinh_signed*.pdf"))
    out, record = tmp_path / "out.pdf", tmp_path / "out.json"
    with pytest.raises(OcrError) as caught:
        read_documents([source], out)
    assert caught.value.fault is OcrFault.SIGNED
    read_documents([source], out, json=record, force=True)
    told = json.loads(record.read_text(encoding="utf-8"))
    assert {page["engine"] for page in told["pages"]} == {EXISTING}
    check_pdfa(out)


def test_a_page_number_over_a_scan_is_no_text_layer(letter, tmp_path: Path, as_jpeg, when) -> None:
    from ocr.page import Word

    with Decoder(lambda: False) as decoder:
        page = _with_words(
            letter, as_jpeg, (Word("Trang", (100, 100, 200, 130), (100, 130, 200, 130), 99, 0, 0),)
        )
        write_pdf([page], tmp_path / "a.pdf", title="a", created=when)
        decoder.open(tmp_path / "a.pdf", Wishes(), pdf=True)
        assert decoder.page(0).words is None


def _with_words(letter, as_jpeg, words: tuple) -> CleanedPage:
    from ocr.placeholder import placeholder

    height, width = letter.pixels.shape[:2]
    read_page = dataclasses.replace(
        placeholder("", "x").read, width_px=width, height_px=height, dpi=300, words=words, flags=()
    )
    return CleanedPage(read_page, as_jpeg(letter.pixels))


def test_equal_pdfs_give_equal_bytes(scanned: Path) -> None:
    first = read(scanned)[0].read_bytes()
    assert read(scanned)[0].read_bytes() == first


def test_a_bilevel_page_keeps_every_bit(tmp_path: Path) -> None:
    from PIL import Image

    ink = np.full((1754, 1240), 255, np.uint8)
    ink[400:420, 300:900] = 0
    Image.fromarray(ink).convert("1").save(tmp_path / "fax.tif", compression="group4", dpi=(150, 150))
    out = tmp_path / "out.pdf"
    read_documents([tmp_path / "fax.tif"], out)
    with pikepdf.open(out) as pdf:
        (image,) = pdf.pages[0].Resources.XObject.values()
        assert image.ImageMask
        assert list(image.Filter) == ["/FlateDecode", "/CCITTFaxDecode"]
    assert out.stat().st_size < 12_000
