"""The searchable PDF/A: conforms, gives its text back, looks like the page, is the same every time."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from ocr import CleanedPage, Flag, OcrError, OcrFault, check_pdfa, documents, read_documents, write_pdf
from ocr.image import decode
from ocr.pdf.finished import FinishedPage
from ocr.pdf.painted import number
from ocr.pdf.writer import PdfResult


@pytest.mark.parametrize("flavour", ["1b", "2b", "3b"])
def test_it_conforms_and_gives_its_text_back(
    flavour: str, tmp_path: Path, *, letter_page, letter, when, pdftotext, error_rate
) -> None:
    out = tmp_path / "a.pdf"
    result = write_pdf([letter_page], out, title="Quyết định", flavour=flavour, created=when)
    check_pdfa(out, flavour)
    (text,) = pdftotext(out)
    assert error_rate(text, letter_page.read.text) <= 0.002
    assert error_rate(text, letter.text) <= 0.01
    assert result.pages == 1
    assert result.bytes == out.stat().st_size
    assert list(tmp_path.iterdir()) == [out]


def test_it_looks_like_the_page(
    tmp_path: Path, *, letter_page, stamped, letter, reader, as_jpeg, when
) -> None:
    pages = [letter_page, reader.read(as_jpeg(stamped(letter.pixels)))]
    write_pdf(pages, tmp_path / "a.pdf", title="a", created=when)
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    for page, drawn in zip(pages, document, strict=True):
        shown = drawn.render(scale=150 / 72, rev_byteorder=True).to_numpy()
        small = [
            cv2.resize(image, (620, 877), interpolation=cv2.INTER_AREA).astype(int)
            for image in (shown, decode(page.visible).pixels)
        ]
        # PDFium rounds the page's size up by a px and so draws everything up to half a px off.
        apart = np.abs(small[0] - small[1]).mean()
        assert apart < 2.5
        assert np.abs(small[0] - small[1][::-1]).mean() > 3 * apart
        assert np.abs(small[0] - small[1][:, ::-1]).mean() > 3 * apart
        assert np.median(small[0]) > 230
        assert drawn.get_size() == pytest.approx((2480 * 72 / 300, 3508 * 72 / 300))
    document.close()


def test_the_image_inside_is_the_visible_jpeg(tmp_path: Path, letter_page, when) -> None:
    write_pdf([letter_page], tmp_path / "a.pdf", title="a", created=when)
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        assert pdf.pages[0].Resources.XObject.I0.read_raw_bytes() == letter_page.visible


def test_words_lie_over_their_print(tmp_path: Path, letter_page, when) -> None:
    write_pdf([letter_page], tmp_path / "a.pdf", title="a", created=when)
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    text = document[0].get_textpage()
    found = text.search("NGHĨA").get_next()
    assert found is not None
    start, count = found
    boxes = [text.get_charbox(index) for index in range(start, start + count)]
    word = next(word for word in letter_page.read.words if word.text == "NGHĨA")
    points = 72 / 300
    assert min(box[0] for box in boxes) == pytest.approx(word.box[0] * points, abs=1)
    assert max(box[2] for box in boxes) == pytest.approx(word.box[2] * points, abs=1)
    text.close()
    document.close()


def test_equal_input_gives_equal_bytes(tmp_path: Path, letter_page, when) -> None:
    results = [
        write_pdf(
            [letter_page], tmp_path / f"{n}.pdf", title="a", created=when, xmp={"dc:subject": "khai sinh"}
        )
        for n in range(2)
    ]
    assert results[0].sha256 == results[1].sha256
    assert (tmp_path / "0.pdf").read_bytes() == (tmp_path / "1.pdf").read_bytes()


def test_the_file_says_what_it_is(tmp_path: Path, letter_page, when) -> None:
    out = tmp_path / "a.pdf"
    write_pdf([letter_page], out, title="Quye\u0302\u0301t định", created=when, xmp={"dc:subject": "nhà ở"})
    with pikepdf.open(out) as pdf:
        assert str(pdf.Root.Lang) == "vi"
        assert str(pdf.docinfo.Title) == "Quyết định"
        record = pdf.open_metadata()
        assert record["dc:title"] == "Quyết định"
        assert "nhà ở" in record["dc:subject"]
        assert record["pdfaid:part"] == "2"
        assert datetime.fromisoformat(record["xmp:CreateDate"]) == when


def test_a_property_that_pdfa_does_not_know_is_refused(tmp_path: Path, letter_page, when) -> None:
    with pytest.raises(OcrError) as caught:
        write_pdf([letter_page], tmp_path / "a.pdf", title="a", created=when, xmp={"xmp:Mood": "x"})
    assert caught.value.code == "ocr.bad-property"
    assert caught.value.facts == {"property": "xmp:Mood"}
    assert list(tmp_path.iterdir()) == []


def test_many_pages_share_one_font(tmp_path: Path, letter_page, when, pdftotext) -> None:
    pages = [letter_page] * 35
    result = write_pdf(iter(pages), tmp_path / "a.pdf", title="a", created=when)
    assert result.pages == 35
    texts = pdftotext(tmp_path / "a.pdf")
    assert len(set(texts)) == 1
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        assert len({page.Resources.Font.SohoaText.objgen for page in pdf.pages}) == 1


def test_a_slanting_baseline_turns_the_word(tmp_path: Path, letter_page, when) -> None:
    word = dataclasses.replace(letter_page.read.words[0], baseline=(400.0, 300.0, 500.0, 290.0))
    page = CleanedPage(dataclasses.replace(letter_page.read, words=(word,)), letter_page.visible)
    write_pdf([page], tmp_path / "a.pdf", title="a", created=when)
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        (matrix,) = [
            step.operands for step in pikepdf.parse_content_stream(pdf.pages[0]) if str(step.operator) == "Tm"
        ]
    assert float(matrix[1]) / float(matrix[0]) == pytest.approx(0.1, abs=0.001)


@pytest.mark.parametrize(
    ("value", "written"), [(1e-9, "0"), (-0.0, "0"), (2.5, "2.5"), (1e15, "1" + "0" * 15)]
)
def test_numbers_have_no_exponent(value: float, written: str) -> None:
    assert number(value) == written


def test_no_pages_make_no_file(tmp_path: Path, when) -> None:
    with pytest.raises(OcrError) as caught:
        write_pdf([], tmp_path / "a.pdf", title="a", created=when)
    assert caught.value.fault is OcrFault.NO_PAGES
    assert list(tmp_path.iterdir()) == []


def test_a_failing_source_leaves_the_old_file(tmp_path: Path, letter_page, when) -> None:
    out = tmp_path / "a.pdf"
    out.write_bytes(b"old")

    def pages() -> Iterator[CleanedPage]:
        yield letter_page
        raise OcrError(OcrFault.CANCELLED)

    with pytest.raises(OcrError) as caught:
        write_pdf(pages(), out, title="a", created=when)
    assert caught.value.fault is OcrFault.CANCELLED
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_naive_time_and_an_unknown_flavour_are_mistakes(tmp_path: Path, letter_page, when) -> None:
    with pytest.raises(ValueError, match="time zone"):
        write_pdf([letter_page], tmp_path / "a.pdf", title="a", created=when.replace(tzinfo=None))
    with pytest.raises(ValueError, match="2u"):
        write_pdf([letter_page], tmp_path / "a.pdf", title="a", flavour="2u", created=when)


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path: Path, letter_page, when) -> None:
    with pytest.raises(OcrError) as caught:
        write_pdf([letter_page], tmp_path / "gone" / "a.pdf", title="a", created=when)
    assert caught.value.fault is OcrFault.NOT_WRITABLE


FULL_DISK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
import numpy as np
from ocr import OcrError, write_pdf
from ocr import CleanedPage
from ocr.placeholder import placeholder
from ocr.image import encode_jpeg
import dataclasses, os
folder, limit = Path(sys.argv[1]), int(sys.argv[2])
noise = np.random.default_rng(1).integers(0, 255, (877, 620), np.uint8)
read = dataclasses.replace(placeholder("x", "x").read, width_px=620, height_px=877, dpi=75)
page = CleanedPage(read, encode_jpeg(noise, 75))
import ocr.pdf.glyphless, pikepdf.pdfa, fontTools.fontBuilder
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    write_pdf([page] * 20, folder / "a.pdf", title="a", created=datetime(2025, 1, 1, tzinfo=UTC))
except OcrError as error:
    print(error.code, os.listdir(folder))
"""


@pytest.mark.parametrize("limit", [200_000, 6_500_000])
def test_a_full_disk_has_its_code_and_leaves_nothing(limit: int, tmp_path: Path) -> None:
    """The limit strikes while pages are kept aside, or while they are put together."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "ocr.disk-full []"


def test_what_does_not_conform_is_named_by_its_rule(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "plain.pdf")
    (tmp_path / "none.pdf").write_bytes(b"nothing")
    for name in ("plain.pdf", "none.pdf"):
        with pytest.raises(OcrError) as caught:
            check_pdfa(tmp_path / name)
        assert caught.value.code == "ocr.pdfa-failed"
        assert caught.value.facts["rule"]
    with pytest.raises(OcrError) as caught:
        check_pdfa(tmp_path / "gone.pdf")
    assert caught.value.fault is OcrFault.NOT_FOUND


def test_documents_from_paper_to_file(
    tmp_path: Path, *, render, as_jpeg, letter, when, pdftotext, error_rate
) -> None:
    inbox = tmp_path / "hồ sơ"
    inbox.mkdir()
    (inbox / "1.jpg").write_bytes(as_jpeg(render(200), 200))
    (inbox / "2.jpg").write_bytes(as_jpeg(render(200), 200)[:30_000])
    Image.new("L", (1654, 2339), 250).save(inbox / "10.png", dpi=(200, 200))
    out, text, record = (tmp_path / f"a.{kind}" for kind in ("pdf", "txt", "json"))
    seen: list[tuple[int, int]] = []
    result = read_documents(
        [inbox],
        out,
        text=text,
        json=record,
        jobs=2,
        report=lambda done, total: seen.append((done, total)),
        created=when,
    )
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    told = json.loads(record.read_text(encoding="utf-8"))
    assert (told["pdf"], told["sha256"]) == ("a.pdf", result.sha256)
    assert [(page["origin"], page["error"], page["flags"]) for page in told["pages"]] == [
        ("1.jpg", None, []),
        ("2.jpg", "ocr.truncated", [Flag.UNREADABLE]),
        ("10.png", None, [Flag.BLANK]),
    ]
    assert told["pages"][0]["words"][0]["text"] == "ỦY"
    assert set(told["pages"][0]["words"][0]) == {"text", "box", "confidence"}
    assert told["form"] == "administrative"
    paper = {field["name"]: field for field in told["fields"]}
    assert (paper["number"]["value"], paper["notation"]["value"]) == ("147", "UBND-VP")
    assert (paper["agency"]["value"], paper["agency"]["band"]) == ("ỦY BAN NHÂN DÂN XÃ THƯỢNG LÂM", "accept")
    assert paper["number"]["spots"][0]["page"] == 1
    assert error_rate(text.read_text(encoding="utf-8").split("\f")[0], letter.text) <= 0.01
    assert error_rate(pdftotext(out)[0], letter.text) <= 0.01
    check_pdfa(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.pdf", "a.txt", "hồ sơ"]


def test_pages_are_written_while_others_are_read(
    tmp_path: Path, as_jpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = np.full((700, 500), 250, np.uint8)
    (tmp_path / "page.jpg").write_bytes(as_jpeg(page, 100))
    read: list[int] = []
    read_when_written: list[int] = []

    def watched(pages: Iterator[FinishedPage], *rest: Any, **wishes: Any) -> PdfResult:
        def passed_on() -> Iterator[FinishedPage]:
            for one in pages:
                read_when_written.append(read[-1])
                yield one

        return write_pdf(passed_on(), *rest, **wishes)

    monkeypatch.setattr(documents, "write_pdf", watched)
    made = read_documents(
        [tmp_path / "page.jpg"] * 9, tmp_path / "a.pdf", report=lambda done, _: read.append(done)
    )
    assert made.pages == 9
    assert read_when_written == list(range(1, 10))


def test_a_job_of_bad_pages_only_raises_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(OcrError) as caught:
        read_documents([tmp_path / "in"], tmp_path / "a.pdf", text=tmp_path / "a.txt", json=None, jobs=1)
    assert caught.value.fault in (OcrFault.TRUNCATED, OcrFault.DAMAGED_IMAGE)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_cancelled_job_leaves_nothing(tmp_path: Path, as_jpeg) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    for name in range(6):
        (inbox / f"{name}.jpg").write_bytes(as_jpeg(np.full((400, 300), 250, np.uint8)))
    done: list[int] = []
    with pytest.raises(OcrError) as caught:
        read_documents(
            [inbox],
            tmp_path / "a.pdf",
            text=tmp_path / "a.txt",
            json=tmp_path / "a.json",
            jobs=1,
            report=lambda count, _: done.append(count),
            stopped=lambda: len(done) > 2,
        )
    assert caught.value.fault is OcrFault.CANCELLED
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


MEMORY = """
import re, sys
from pathlib import Path
from ocr import read_documents
page, out = Path(sys.argv[1]), Path(sys.argv[2])
read_documents([page] * 5, out, text=None, json=None, jobs=2)
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def test_two_threads_stay_small(tmp_path: Path, letter, stamped, rotated, as_jpeg) -> None:
    (tmp_path / "p.jpg").write_bytes(as_jpeg(rotated(stamped(letter.pixels), 1.0)))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path / "p.jpg"), str(tmp_path / "a.pdf")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 540 * 1024
