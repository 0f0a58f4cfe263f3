"""The code stamp: it reads back, it is in the metadata, the file stays PDF/A."""

from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import pdfa

import signing
from signing import CodeStamp, SigningError, TokenSession
from signing.codes.qr import symbol_for
from signing.codes.xmp import code_in, with_code

CODE = "H18.19_TK_000021_V1"


def read_back(pdf: Path) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=200 / 72, grayscale=True).to_numpy().copy()
    finally:
        document.close()
    return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("text", [CODE, "x" * 75, "https://vi-du.vn/?" + "a1B2" * 62])
def test_symbol_reads_back_at_200_dpi(text: str, plain: Path, tmp_path: Path) -> None:
    done = signing.stamp_code(plain, tmp_path / "c.pdf", CodeStamp(CODE, text, "Hồ sơ số hóa"))
    assert read_back(done.path) == [text]
    assert done.page == 1
    assert pdfa.validate_written(done.path, "2b").passed


@pytest.mark.parametrize(("length", "side"), [(18, 12.0), (19, 16.0), (75, 16.0)])
def test_symbol_sizes(length: int, side: float) -> None:
    assert symbol_for("a" * length).side_mm == pytest.approx(side, abs=0.01)


@pytest.mark.parametrize("length", [18, 75, 267, 900])
def test_modules_are_never_too_small(length: int) -> None:
    symbol = symbol_for("a" * length)
    assert symbol.module_mm * 200 / 25.4 >= 2.29
    assert symbol.side_mm >= 20 or length <= 75


def test_too_long_for_a_symbol(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(SigningError) as caught:
        signing.stamp_code(plain, tmp_path / "c.pdf", CodeStamp(CODE, "a" * 5000))
    assert caught.value.code == "sign.code-too-long"


def test_code_and_parts_in_the_metadata(plain: Path, tmp_path: Path) -> None:
    parts = {"Owner": "H18.19", "Type": "Tờ khai", "Version": "V1"}
    done = signing.stamp_code(plain, tmp_path / "c.pdf", CodeStamp(CODE, CODE), xmp=parts)
    again = signing.stamp_code(done.path, tmp_path / "d.pdf", CodeStamp("B2", "B2"), xmp={"Owner": "X"})
    with pikepdf.open(done.path) as pdf:
        assert code_in(pdf.Root.Metadata.read_bytes()) == (CODE, parts)
    with pikepdf.open(again.path) as pdf:
        assert code_in(pdf.Root.Metadata.read_bytes()) == ("B2", {"Owner": "X"})


def test_other_metadata_stays() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Sohoa">'
        b"<xmp:Identifier><rdf:Bag><rdf:li>urn:x</rdf:li></rdf:Bag></xmp:Identifier>"
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    done = with_code(packet, "A", {"B": "C"})
    assert b'xmp:CreatorTool="Sohoa"' in done
    assert b"urn:x" in done
    assert code_in(done) == ("A", {"B": "C"})


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1))
@settings(max_examples=50)
def test_any_value_survives_the_metadata(value: str) -> None:
    packet = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    import unicodedata

    kept = code_in(with_code(packet, "A", {"Part": value}))[1]["Part"]
    assert kept == unicodedata.normalize("NFC", value)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"nothing",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&b;</rdf:RDF>',
    ],
)
def test_hostile_metadata(packet: bytes) -> None:
    with pytest.raises(SigningError) as caught:
        with_code(packet, "A", {})
    assert caught.value.code == "sign.pdf-broken"


def test_parts_that_xml_cannot_carry(plain: Path, tmp_path: Path) -> None:
    for parts in ({"a b": "c"}, {"": "c"}, {"a": "\x00"}):
        with pytest.raises(ValueError, match=r"part|value"):
            signing.stamp_code(plain, tmp_path / "c.pdf", CodeStamp(CODE, CODE), xmp=parts)


def test_never_after_a_signature(plain: Path, tmp_path: Path, session: TokenSession) -> None:
    done = signing.sign_pdf(plain, tmp_path / "s.pdf", session, appearance=None, timestamp=None)
    with pytest.raises(SigningError) as caught:
        signing.stamp_code(done.path, tmp_path / "c.pdf", CodeStamp(CODE, CODE))
    assert caught.value.code == "sign.already-signed"


def test_embedded_widths_equal_the_font(plain: Path, tmp_path: Path) -> None:
    import io

    done = signing.stamp_code(plain, tmp_path / "c.pdf", CodeStamp(CODE, CODE, "Giấy khai sinh ự ễ ỡ"))
    with pikepdf.open(done.path) as pdf:
        (described,) = pdf.pages[0].Resources.Font.SohoaF.DescendantFonts
        stated = [int(width) for width in described.W[1]]
        font = TTFont(io.BytesIO(described.FontDescriptor.FontFile2.read_bytes()))
    scale = 1000 / font["head"].unitsPerEm
    real = [font["hmtx"][name][0] * scale for name in font.getGlyphOrder()]
    assert len(stated) == len(real)
    assert all(abs(one - other) <= 1 for one, other in zip(stated, real, strict=True))


def test_printed_text_can_be_found(plain: Path, tmp_path: Path) -> None:
    done = signing.stamp_code(plain, tmp_path / "c.pdf", CodeStamp(CODE, CODE, "Giấy khai sinh"))
    document = pypdfium2.PdfDocument(done.path)
    try:
        text: Any = document[0].get_textpage().get_text_bounded()
    finally:
        document.close()
    assert CODE in text
    assert "Giấy khai sinh" in text
