"""veraPDF, which others built, judges what the program writes: as written, coded, signed, signed by many."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

import ocr
import signing
import signing.training
from resources import path as resource

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]

Judge = Callable[..., list[dict[str, Any]]]

SCANNED_AT = datetime(2026, 5, 20, 1, 41, 7, tzinfo=UTC)
CODE = "H18.19_TK_000147_V1"
CODE_PARTS = {"DocumentCode": CODE, "ProcedureCode": "1.001193"}
CLERKS = ("Lò Thị Ví Dụ", "Nguyễn Hữu Ước", "Giàng A Thử")
DPI = 150
LINES = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "TỜ KHAI ĐĂNG KÝ KHAI SINH",
    "Kính gửi: Ủy ban nhân dân xã Thượng Lâm",
    "Họ, chữ đệm, tên người yêu cầu: Nguyễn Thị Bưởi",
    "Nơi cư trú: thôn Đồng Xoài, xã Thượng Lâm",
)


def painted(mode: str, lines: tuple[str, ...]) -> bytes:
    """A scanned A4 page as PNG, in Pillow's `mode`: "RGB", "L" or "1"."""
    page = Image.new("L", (1240, 1754), 247)
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(resource("fonts", "LiberationSerif-Regular.ttf")), 30)
    for number, line in enumerate(lines):
        pen.text((170, 330 + 62 * number), line, 24, font)
    scan = io.BytesIO()
    page.convert(mode).save(scan, "PNG", dpi=(DPI, DPI))
    return scan.getvalue()


@pytest.fixture(scope="module")
def pages() -> list[ocr.CleanedPage]:
    """A page in colour, one in grey, one in black and white, one without a word, each read by the engine."""
    scans = (painted("RGB", LINES), painted("L", LINES[2:]), painted("1", LINES[3:]), painted("RGB", ()))
    with ocr.Reader() as reader:
        read = [reader.read(scan, dpi=DPI) for scan in scans]
    assert "Thượng Lâm" in read[0].read.text, "the judge must see a file with a text layer"
    return read


@pytest.fixture(scope="module")
def written(pages: list[ocr.CleanedPage], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("written") / "written.pdf"
    return ocr.write_pdf(pages, out, title="Tờ khai đăng ký khai sinh", created=SCANNED_AT).path


@pytest.fixture(scope="module")
def coded(written: Path) -> Path:
    stamp = signing.CodeStamp(code=CODE, qr_text=CODE, label="Số hóa từ bản giấy")
    return signing.stamp_code(written, written.with_name("coded.pdf"), stamp, xmp=CODE_PARTS).path


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> signing.training.TrainingPki:
    return signing.training.TrainingPki.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def stamps(pki: signing.training.TrainingPki) -> Iterator[signing.TimestampService]:
    with signing.training.TimestampServer(pki) as server:
        yield signing.TimestampService(server.url)


@pytest.fixture(scope="module")
def session(
    pki: signing.training.TrainingPki, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[signing.TokenSession]:
    pin = signing.training.TRAINING_PIN
    folder = tmp_path_factory.mktemp("token")
    token = signing.training.TrainingToken.prepare(folder, pki, holder=CLERKS[0], pin=pin)
    with token.open(pin) as opened:
        yield opened


@pytest.fixture(scope="module")
def signed(coded: Path, session: signing.TokenSession, stamps: signing.TimestampService) -> list[Path]:
    """The coded file after one, two and three visible, time-stamped signatures."""
    made: list[Path] = []
    for number, clerk in enumerate(CLERKS):
        block = signing.ClerkBlock(clerk, SCANNED_AT + timedelta(minutes=number))
        before, out = (made or [coded])[-1], coded.with_name(f"signed-{number + 1}.pdf")
        result = signing.sign_pdf(before, out, session, appearance=block, timestamp=stamps)
        assert (result.level, result.box_mm is not None) == ("B-T", True)
        made.append(result.path)
    return made


def failures(verdict: dict[str, Any]) -> list[str]:
    """What veraPDF holds against a file, a line each: this is what a failed test shows."""
    return [f"{f['clause']} test {f['test']} ×{f['count']}: {f['description']}" for f in verdict["failures"]]


def assert_compliant(verdict: dict[str, Any], flavour: str = "2b") -> None:
    assert failures(verdict) == []
    assert verdict["compliant"] is True
    assert verdict["flavour"] == flavour


def without_output_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def without_metadata(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


def with_javascript(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1"))


def with_foreign_font(pdf: pikepdf.Pdf) -> None:
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page = pdf.pages[0]
    page.add_resource(font, pikepdf.Name.Font, pikepdf.Name.Foreign)
    # Written before the hidden words: letters nobody sees (3 Tr) need no embedded font.
    page.contents_add(b"q BT 0 Tr /Foreign 12 Tf 40 40 Td (a) Tj ET Q", prepend=True)


@pytest.mark.parametrize(
    ("spoil", "clause"),
    [
        (without_output_intent, "6.2.4.3"),
        (without_metadata, "6.6.2.1"),
        (with_javascript, "6.5.1"),
        (with_foreign_font, "6.2.11.4.1"),
    ],
)
def test_the_judge_finds_the_clause_that_was_broken(
    judge: Judge, written: Path, tmp_path: Path, spoil: Callable[[pikepdf.Pdf], None], clause: str
) -> None:
    broken = tmp_path / "broken.pdf"
    with pikepdf.open(written) as pdf:
        spoil(pdf)
        pdf.save(broken)
    whole, verdict = judge(written, broken)
    assert whole["compliant"] is True
    assert verdict["compliant"] is False
    assert clause in {failure["clause"] for failure in verdict["failures"]}


def test_the_judge_sees_a_signature_that_fits_no_longer(
    judge: Judge, signed: list[Path], tmp_path: Path
) -> None:
    anew = tmp_path / "anew.pdf"
    with pikepdf.open(signed[0]) as pdf:
        pdf.save(anew)  # every byte moves, the signed byte range stays
    (verdict,) = judge(anew)
    assert verdict["compliant"] is False
    assert "6.4.3" in {failure["clause"] for failure in verdict["failures"]}


def test_the_judge_refuses_half_a_file(judge: Judge, written: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.pdf"
    half.write_bytes(written.read_bytes()[: written.stat().st_size // 2])
    (verdict,) = judge(half)
    assert verdict["compliant"] is False
    assert verdict["failures"]


def test_a_written_file_conforms(judge: Judge, written: Path) -> None:
    (verdict,) = judge(written)
    assert_compliant(verdict)


def test_a_coded_file_conforms(judge: Judge, coded: Path) -> None:
    (verdict,) = judge(coded)
    assert_compliant(verdict)


def test_every_visible_timestamped_signature_leaves_the_file_conforming(
    judge: Judge, signed: list[Path], pki: signing.training.TrainingPki
) -> None:
    assert len(signing.verify_pdf(signed[-1], trust=[pki.trust])) == len(CLERKS)
    for verdict in judge(*signed):
        assert_compliant(verdict)


def test_an_invisible_signature_leaves_the_file_conforming(
    judge: Judge, written: Path, session: signing.TokenSession, tmp_path: Path
) -> None:
    out = tmp_path / "invisible.pdf"
    signing.sign_pdf(written, out, session, appearance=None, timestamp=None)
    (verdict,) = judge(out)
    assert_compliant(verdict)
