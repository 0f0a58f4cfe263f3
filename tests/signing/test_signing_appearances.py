"""What visible signatures show and where: words, widths of letters, pictures, corners, refusals."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

import signing
from signing import ClerkBlock, SigningError, Spot, TokenSession, block
from signing.appearance.drawing import stamp_page
from signing.appearance.frame import Box, Frame
from signing.appearance.kinds import kinds
from signing.pdfa import require_pdfa
from signing.placing import placed

AT = datetime(2026, 5, 20, 2, 12, 30, tzinfo=UTC)
TIME = "20/05/2026 09:12:30 +07:00"
AGENCY = "Trung tâm Phục vụ hành chính công xã Mường Ảng Ví Dụ"
MM = 72 / 25.4


def code_of(call: Any) -> str:
    with pytest.raises(SigningError) as caught:
        call()
    return caught.value.code


def text_in(pdf: Path, box: tuple[float, float, float, float], page: int = 0) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        document.init_forms()
        opened = document[page]
        high = opened.get_height()
        flat = pikepdf.open(pdf)
        flat.flatten_annotations()
        kept = io.BytesIO()
        flat.save(kept)
        with pypdfium2.PdfDocument(kept.getvalue()) as plain:
            text = plain[page].get_textpage()
            left, top, width, height = box
            found = text.get_text_bounded(
                left * MM - 1, high - (top + height) * MM - 1, (left + width) * MM + 1, high - top * MM + 1
            )
            text.close()
        return str(found).replace("\r\n", "\n").strip()
    finally:
        document.close()


@pytest.fixture
def ink(tmp_path: Path) -> Path:
    """Grey handwriting on a transparent ground."""
    picture = Image.new("RGBA", (400, 160), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line(
        [(10, 80), (120, 20), (240, 140), (390, 60)], fill=(30, 30, 30, 255), width=12
    )
    picture.save(tmp_path / "ink.png")
    return tmp_path / "ink.png"


def test_the_kinds_that_the_rules_name() -> None:
    assert {"clerk", "sao-y", "sao-luc", "trich-sao", "attachment", "conversion", "signer", "seal"} == set(
        kinds()
    )
    assert all(kind.source and (kind.lines or kind.with_picture) for kind in kinds().values())


@pytest.mark.parametrize(
    ("kind", "told", "lines"),
    [
        ("clerk", {"name": "Lò Thị Ví Dụ"}, ("Người sao chụp: Lò Thị Ví Dụ", f"Thời gian: {TIME}")),
        ("sao-y", {"agency": "UBND xã Ví Dụ"}, ("SAO Y", "UBND xã Ví Dụ", TIME)),
        ("sao-luc", {"agency": "UBND xã Ví Dụ"}, ("SAO LỤC", "UBND xã Ví Dụ", TIME)),
        ("trich-sao", {"agency": "UBND xã Ví Dụ"}, ("TRÍCH SAO", "UBND xã Ví Dụ", TIME)),
        ("attachment", {"number": "12/QĐ-UBND"}, ("Kèm theo văn bản số 12/QĐ-UBND", TIME)),
        (
            "conversion",
            {"name": "Quàng Văn Thử", "symbol": "CĐ"},
            ("CHUYỂN ĐỔI TỪ VĂN BẢN GIẤY – CĐ", f"Thời gian: {TIME}", "Người chuyển đổi: Quàng Văn Thử"),
        ),
    ],
)
def test_words_of_each_kind(
    kind: str,
    told: dict[str, str],
    lines: tuple[str, ...],
    plain: Path,
    tmp_path: Path,
    session: TokenSession,
) -> None:
    shown = block(kind, at=AT, **told)  # type: ignore[arg-type]
    assert shown.lines == lines
    done = signing.sign_pdf(plain, tmp_path / "s.pdf", session, appearance=shown, timestamp=None)
    assert done.box_mm is not None
    left, top, width, height = done.box_mm
    assert text_in(done.path, done.box_mm) == "\n".join(lines)
    assert top + height < 24
    assert left == 8 if kind in {"clerk", "conversion"} else left + width == pytest.approx(202, abs=0.01)
    for missing in told:
        assert code_of(lambda missing=missing: block(kind, at=AT, **{**told, missing: "  "})) == (
            "sign.appearance-incomplete"
        )


def test_widths_of_letters_are_those_of_the_font() -> None:
    letters = "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
    shown = block("sao-y", at=AT, agency=letters + letters.lower())
    page = pikepdf.open(io.BytesIO(stamp_page(shown, Frame(0, 0, 595, 842, 0), Box(8, 4, 60, 15))))
    font = page.pages[0].Resources.Font.F1
    below = font.DescendantFonts[0]
    table = TTFont(io.BytesIO(below.FontDescriptor.FontFile2.read_bytes()))
    scale = 1000 / table["head"].unitsPerEm
    widths = [float(width) for width in below.W[1]]
    order = table.getGlyphOrder()
    assert len(widths) == len(order) > len(letters)
    for glyph, width in zip(order, widths, strict=True):
        assert abs(table["hmtx"][glyph][0] * scale - width) <= 1, glyph


def test_a_long_agency_is_broken_and_stays_in_its_corner(
    make_pdf: Any, bar: Any, tmp_path: Path, session: TokenSession
) -> None:
    free = make_pdf(tmp_path / "free.pdf")
    shown = block("sao-y", at=AT, agency=AGENCY)
    done = signing.sign_pdf(free, tmp_path / "1.pdf", session, appearance=shown, timestamp=None)
    assert done.box_mm is not None
    assert done.box_mm[2] <= 62
    assert " ".join(text_in(done.path, done.box_mm).split()) == f"SAO Y {AGENCY} {TIME}"
    low = make_pdf(tmp_path / "low.pdf", bars=(bar(0, (297 - 26) * MM, 596, 5 * MM),))
    done = signing.sign_pdf(low, tmp_path / "2.pdf", session, appearance=shown, timestamp=None)
    assert done.box_mm is not None
    assert 62 < done.box_mm[2] <= 92
    assert done.box_mm[1] + done.box_mm[3] < 21
    taken = make_pdf(tmp_path / "taken.pdf", bars=(bar(60 * MM, (297 - 12) * MM, 150 * MM, 5 * MM),))
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(taken, tmp_path / "3.pdf", session, appearance=shown, timestamp=None)
    assert caught.value.code == "sign.no-room"


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(297, 420), (148, 210)])
def test_corners_on_every_paper(
    size: tuple[float, float], rotate: int, make_pdf: Any, tmp_path: Path
) -> None:
    source = make_pdf(tmp_path / "p.pdf", size=size, rotate=rotate, bars=())
    wide = size[1] if rotate % 180 else size[0]
    clerk = placed(source, ClerkBlock("Lò Thị Ví Dụ", AT)).box
    agency = placed(source, block("sao-y", at=AT, agency=AGENCY)).box
    assert (clerk.left, clerk.top) == (8, 4)
    assert agency.right == pytest.approx(wide - 8, abs=0.01)
    assert agency.top == 4


def test_a_full_band_is_refused_and_free_boxes_are_suggested(
    make_pdf: Any, bar: Any, tmp_path: Path, session: TokenSession
) -> None:
    source = make_pdf(
        tmp_path / "p.pdf",
        bars=(bar(0, 842 - 45 * MM, 596, 45 * MM), bar(0, 0, 596, 26 * MM)),
    )
    shown = ClerkBlock("Lò Thị Ví Dụ", AT)
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(source, tmp_path / "s.pdf", session, appearance=shown, timestamp=None)
    assert caught.value.code == "sign.no-room"
    spots = [tuple(map(float, spot.split(","))) for spot in str(caught.value.facts["suggested"]).split("; ")]
    assert len(spots) == 3
    for number, (left, top) in enumerate(spots):
        chosen = ClerkBlock("Lò Thị Ví Dụ", AT, spot=Spot(1, left, top))
        done = signing.sign_pdf(
            source, tmp_path / f"{number}.pdf", session, appearance=chosen, timestamp=None
        )
        assert done.box_mm is not None
        assert done.box_mm[:2] == (left, top)
    nan = float("nan")
    for spot in (Spot(1, 8, 4), Spot(1, 190, 100), Spot(1, -1, 100), Spot(0, 8, 100), Spot(1, nan, 100)):
        chosen = ClerkBlock("Lò Thị Ví Dụ", AT, spot=spot)
        assert code_of(lambda chosen=chosen: placed(source, chosen)) == "sign.place-taken"
    assert code_of(lambda: placed(source, ClerkBlock("A", AT, spot=Spot(2, 8, 100)))) == "sign.pdf-broken"


def test_a_qr_code_at_the_top_left_is_not_covered(
    make_pdf: Any, tmp_path: Path, session: TokenSession
) -> None:
    source = make_pdf(tmp_path / "p.pdf", bars=())
    stamp = signing.CodeStamp("H18.19_TK_000021_V1", "H18.19_TK_000021_V1")
    coded = signing.stamp_code(source, tmp_path / "c.pdf", stamp)
    done = signing.sign_pdf(
        coded.path, tmp_path / "s.pdf", session, appearance=ClerkBlock("Lò Thị Ví Dụ", AT), timestamp=None
    )
    assert done.box_mm is not None
    one, other = coded.box_mm, done.box_mm
    apart = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
    assert apart or one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1]


def test_signer_between_title_and_name_and_the_seal_over_its_left_third(
    make_pdf: Any, tmp_path: Path, session: TokenSession, ink: Path
) -> None:
    seal = Image.new("RGB", (500, 500), "white")
    ImageDraw.Draw(seal).ellipse((10, 10, 490, 490), outline=(200, 20, 30), width=20)
    seal.save(tmp_path / "seal.jpg", dpi=(353, 353), quality=95)
    source = make_pdf(
        tmp_path / "p.pdf", bars=(), words=((380, 260, "CHỦ TỊCH"), (370, 150, "Nguyễn Văn Ví Dụ"))
    )
    shown = block("signer", at=AT, name="NGUYEN VAN VI DU", picture=ink)
    one = signing.sign_pdf(source, tmp_path / "1.pdf", session, appearance=shown, timestamp=None)
    assert one.box_mm is not None
    left, top, width, height = one.box_mm
    name_top = 297 - 162 / MM
    assert top > 297 - 260 / MM
    assert top + height < name_top
    centre = left + width / 2
    assert 370 / MM < centre < 470 / MM
    two = signing.sign_pdf(
        one.path,
        tmp_path / "2.pdf",
        session,
        appearance=block("seal", at=AT, picture=tmp_path / "seal.jpg"),
        timestamp=None,
    )
    assert two.box_mm is not None
    assert two.box_mm[0] + two.box_mm[2] == pytest.approx(left + width / 3, abs=0.1)
    assert two.box_mm[2] == pytest.approx(34.5, abs=0.3)
    require_pdfa(two.path, "after")
    assert all(finding.integrity == "valid" for finding in signing.verify_pdf(two.path))
    document = pypdfium2.PdfDocument(two.path)
    document.init_forms()
    picture = document[0].render(scale=2).to_numpy()[..., ::-1].astype(int)
    document.close()
    red = (picture[..., 0] > 150) & (picture[..., 1] < 90) & (picture[..., 2] < 90)
    blue = (picture[..., 2] > 140) & (picture[..., 0] < 90)
    assert red.sum() > 500
    assert blue.sum() > 500
    assert np.abs(picture - 255).max(axis=2).mean() < 8, "the ground isn't transparent"


def test_places_that_need_something_printed(plain: Path, ink: Path, tmp_path: Path) -> None:
    nobody = block("signer", at=AT, name="Không Có Tên", picture=ink)
    assert code_of(lambda: placed(plain, nobody)) == "sign.no-room"
    assert code_of(lambda: placed(plain, block("seal", at=AT, picture=ink))) == "sign.no-room"
    assert code_of(lambda: block("seal", at=AT)) == "sign.appearance-incomplete"
    assert code_of(lambda: block("no such", at=AT)) == "sign.appearance-unknown"
    with pytest.raises(ValueError, match="time zone"):
        block("clerk", at=AT.replace(tzinfo=None), name="A")


def test_pictures_that_are_none(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "empty.png")
    Image.new("RGB", (50, 50), "white").save(tmp_path / "white.jpg")
    Image.new("RGB", (50, 50)).save(tmp_path / "other.gif")
    for content in (b"", b"no picture", (tmp_path / "empty.png").read_bytes()[:60]):
        bad.write_bytes(content)
        assert code_of(lambda: block("seal", at=AT, picture=bad)) == "sign.picture-broken"
    for name in ("empty.png", "white.jpg", "other.gif", "absent.png"):
        assert code_of(lambda name=name: block("seal", at=AT, picture=tmp_path / name)) == (
            "sign.picture-broken"
        )
