"""Pitfalls seen on real papers, each with a test: what stands there must not mislead the fields."""

from collections.abc import Callable

import pytest
from fontTools.ttLib import TTFont

from ocr import PaperFields, ReadPage, find_read_fields
from ocr.fields import Band, Doubt
from ocr.fields.numbering import respelled_notation
from ocr.fields.spelling import clean
from resources import path as resource

Typeset = Callable[..., ReadPage]
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


def header(
    *,
    left: tuple[str, ...] = ("ỦY BAN NHÂN DÂN", "TỈNH ĐIỆN BIÊN"),
    number: str = "Số: 1469/KH-UBND",
    date: str = "Điện Biên, ngày 20 tháng 5 năm 2021",
    confidence: float = 95.0,
) -> list[tuple[float, float, str, float]]:
    """The rows of a header: two cells side by side, one baseline each pair."""
    rows = [(30.0 + 6 * at, 32.0, text, 95.0) for at, text in enumerate(left)]
    last = 30.0 + 6 * len(left)
    return [
        *rows,
        (30.0, 96.0, NATION, 95.0),
        (36.0, 104.0, MOTTO, 95.0),
        (last, 34.0, number, confidence),
        (last, 100.0, date, 95.0),
    ]


def title(kind: str, *subject: str) -> list[tuple[float, float, str]]:
    width = 2.35 * len(kind)
    rows = [(58.0, 105 - width / 2, kind)]
    for at, text in enumerate(subject):
        rows.append((64.0 + 6 * at, 105 - (2.35 * len(text) - len(text.split()) * 1.05) / 2, text))
    return rows


BODY = [
    (84.0, 40.0, "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19/6/2015;"),
    (90.0, 40.0, "Căn cứ Quyết định số 468/QĐ-TTg ngày 27 tháng 3 năm 2021 của Thủ tướng;"),
]


def fields(typeset: Typeset, *rows: object) -> PaperFields:
    return find_read_fields([typeset([row for group in rows for row in group])])  # type: ignore[attr-defined]


def test_1_two_header_columns_on_one_line(typeset: Typeset) -> None:
    found = fields(typeset, header(), title("KẾ HOẠCH", "Số hóa hồ sơ, giấy tờ"), BODY)
    assert found.value("number") == "1469"
    assert found.value("notation") == "KH-UBND"
    assert found.value("place") == "Điện Biên"
    assert found.value("date") == "20/05/2021"
    assert found.value("agency") == "ỦY BAN NHÂN DÂN TỈNH ĐIỆN BIÊN"
    assert found.value("subject") == "Số hóa hồ sơ, giấy tờ"


@pytest.mark.parametrize(
    ("left", "below", "kind"),
    [
        (("TỔNG CỤC THUẾ", "CỤC THUẾ TỈNH ĐIỆN BIÊN"), (48.0, 30.0, "V/v chính sách thuế"), "Công văn"),
        (("ỦY BAN NHÂN DÂN", "TỈNH ĐIỆN BIÊN"), None, "Chỉ thị"),
    ],
)
def test_2_ct_is_a_directive_or_a_letter_of_a_tax_office(
    typeset: Typeset, left: tuple[str, ...], below: tuple[float, float, str] | None, kind: str
) -> None:
    rows: list[object] = [header(left=left, number="Số: 812/CT-CS")]
    if below:
        rows += [[below], [(70.0, 80.0, "Kính gửi: Công ty Thí Dụ")]]
    else:
        rows += [title("CHỈ THỊ", "Về việc phòng cháy, chữa cháy rừng")]
    assert fields(typeset, *rows, BODY).value("kind") == kind


def test_2_title_and_notation_that_disagree_are_asked_about(typeset: Typeset) -> None:
    found = fields(typeset, header(number="Số: 12/QĐ-UBND"), title("THÔNG BÁO", "Kết quả kiểm tra"), BODY)
    kind = found.get("kind")
    assert kind is not None
    assert (kind.value, kind.doubt, kind.band) == ("Thông báo", Doubt.DISAGREES, Band.CONFIRM)


def test_3_marks_that_engines_mix_up(typeset: Typeset) -> None:
    found = fields(
        typeset,
        header(left=("ỦY BẠN NHÂN DÂN", "TÍNH ĐIÊN BIÊN"), date="Điên Biên, ngảy 20 thảng 5 nãm 2021"),
        title("KỂ HOẠCH", "Triến khai đối mới"),
    )
    assert found.value("agency") == "ỦY BAN NHÂN DÂN TỈNH ĐIỆN BIÊN"
    assert found.value("place") == "Điện Biên"
    assert found.value("date") == "20/05/2021"
    assert found.value("kind") == "Kế hoạch"
    agency = found.get("agency")
    assert agency is not None
    assert agency.read == "ỦY BẠN NHÂN DÂN TÍNH ĐIÊN BIÊN"  # what was read stays to be seen


def test_3_words_that_are_words_both_ways_stay_as_they_are(typeset: Typeset) -> None:
    found = fields(typeset, header(left=("UBND TỈNH QUẢNG NINH", "SỞ LAO ĐỘNG - THƯƠNG", "BINH VÀ XÃ HỘI")))
    assert found.value("parent") == "UBND TỈNH QUẢNG NINH"
    assert found.value("agency") == "SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI"


@pytest.mark.parametrize(
    ("printed", "number", "notation"),
    [
        ("Số: 08/QĐÐ-SNV", "08", "QĐ-SNV"),
        ("Số: 08/QD-UBND", "08", "QĐ-UBND"),
        ("Số: 15⁄QĐ-UBND", "15", "QĐ-UBND"),
        ("Số: 1469 /KH-UBND", "1469", "KH-UBND"),
        ("Số: 14 69/KH-UBND", "1469", "KH-UBND"),
        ("S6: 27/TB-UBND", "27", "TB-UBND"),
        ("Số: l469/KH-UBND", "1469", "KH-UBND"),
        ("Số: 09a/TB–VP", "09a", "TB-VP"),
    ],
)
def test_4_look_alikes_in_number_and_notation(
    typeset: Typeset, printed: str, number: str, notation: str
) -> None:
    found = fields(typeset, header(number=printed))
    assert (found.value("number"), found.value("notation")) == (number, notation)


def test_4_what_was_put_right_has_to_be_confirmed(typeset: Typeset) -> None:
    found = fields(typeset, header(number="Số: l469/KH-UBND", date="Điện Biên, ngày 2O tháng 5 năm 2O26"))
    for name, value in (("number", "1469"), ("date", "20/05/2026")):
        field = found.get(name)
        assert field is not None
        assert (field.value, field.doubt, field.band) == (value, Doubt.CORRECTED, Band.CONFIRM)


def test_4_signs_are_made_one() -> None:
    assert clean("QÐ⁄UBND–VX") == "QĐ/UBND-VX"
    assert respelled_notation("QD-UBND") == "QĐ-UBND"
    assert respelled_notation("TTr-SGDDT") == "TTr-SGDĐT"


FOOT = [
    (200.0, 30.0, "Nơi nhận:"),
    (205.0, 30.0, "- Như trên;"),
    (210.0, 30.0, "- Lưu: VT, TH."),
    (200.0, 120.0, "TM. ỦY BAN NHÂN DÂN"),
]


def test_5_a_seal_over_the_signer_s_title(typeset: Typeset) -> None:
    found = fields(
        typeset,
        header(),
        title("KẾ HOẠCH", "Số hóa"),
        FOOT,
        [
            (206.0, 128.0, "bHỦ TỊCH", 48.0),
            (215.0, 120.0, "Š Ñ3 TẾ ⁄4hành", 18.0),
            (236.0, 126.0, "Lò Văn Mẫu", 90.0),
        ],
    )
    position = found.get("position")
    assert position is not None
    assert (position.value, position.doubt) == ("CHỦ TỊCH", Doubt.CORRECTED)
    assert position.band in (Band.CONFIRM, Band.BLANK)
    assert found.value("authority") == "TM. ỦY BAN NHÂN DÂN"
    assert found.value("signer") == "Lò Văn Mẫu"


@pytest.mark.parametrize("last", ["- Lưu: VTý.", "- Lưu: VIE", "- Lưu: VI;", ""])
def test_6_the_archive_s_line_is_not_relied_on(typeset: Typeset, last: str) -> None:
    rows = [*FOOT[:2], *([(210.0, 30.0, last)] if last else []), FOOT[3], (206.0, 128.0, "CHỦ TỊCH")]
    found = fields(typeset, header(), title("KẾ HOẠCH", "Số hóa"), rows, [(236.0, 126.0, "Lò Văn Mẫu")])
    recipients = found.value("recipients")
    assert recipients is not None
    assert recipients.splitlines()[0] == "Như trên"
    assert found.value("signer") == "Lò Văn Mẫu"


@pytest.mark.parametrize(
    "number", ["Số:          /KH-UBND", "Số: ……/KH-UBND", "Số: 9{/KH-UBND", "Số: ,4Ñ /KH-UBND"]
)
def test_7_a_number_that_is_not_print_is_never_guessed(typeset: Typeset, number: str) -> None:
    found = fields(typeset, header(number=number, date="Điện Biên, ngày     tháng 5 năm 2021"))
    for name in ("number", "date"):
        field = found.get(name)
        assert field is not None
        assert field.value is None
        assert field.band is Band.BLANK
        assert field.spots[0].page == 1
    assert found.value("notation") == "KH-UBND"


@pytest.mark.parametrize(
    "date", ["31 tháng 02 năm 2021", "00 tháng 5 năm 2021", "12 tháng 13 năm 2021", "12 tháng 3 năm 0021"]
)
def test_7_dates_that_no_calendar_has(typeset: Typeset, date: str) -> None:
    field = fields(typeset, header(date=f"Điện Biên, ngày {date}")).get("date")
    assert field is not None
    assert (field.value, field.doubt) == (None, Doubt.IMPOSSIBLE)


def test_7_an_unsure_number_is_not_taken(typeset: Typeset) -> None:
    field = fields(typeset, header(confidence=60.0)).get("number")
    assert field is not None
    assert (field.value, field.doubt) == (None, Doubt.HANDWRITTEN)


@pytest.mark.parametrize(
    ("first", "second", "notation"),
    [
        ("Số: 3783/QĐ-", "UBND", "QĐ-UBND"),
        ("Số: 12/UBND-VX(M)", "", "UBND-VX(M)"),
        ("Số: 5150/TNI-QLDN1", "", "TNI-QLDN1"),
        ("Số: 88/VPCP-V.I", "", "VPCP-V.I"),
        ("Số: 27/TTr-SGD&ĐT", "", "TTr-SGD&ĐT"),
        ("Số: 05/2025/TT-BNV", "", "TT-BNV"),
        ("Số: 1147-QĐ/BTGDVTW", "", "QĐ/BTGDVTW"),
    ],
)
def test_8_notations_of_every_kind(typeset: Typeset, first: str, second: str, notation: str) -> None:
    rows = header(number=first)
    if second:
        rows.append((48.0, 45.0, second, 95.0))
    found = fields(typeset, rows)
    assert found.value("notation") == notation
    assert found.value("year") == ("2025" if "2025" in first else None)


def test_9_citations_in_the_body_are_no_header(typeset: Typeset) -> None:
    found = fields(typeset, header(), title("QUYẾT ĐỊNH", "Về việc số hóa hồ sơ"), BODY)
    assert (found.value("number"), found.value("date")) == ("1469", "20/05/2021")
    assert found.value("subject") == "Số hóa hồ sơ"
    nameless = fields(typeset, BODY)
    assert nameless.fields == ()


@pytest.mark.parametrize("above", [True, False])
def test_10_a_copy_s_own_number_takes_no_one_s_place(typeset: Typeset, above: bool) -> None:
    copy = (
        [(24.0, 34.0, "Số: 12/SY-UBND")]
        if above
        else [(262.0, 34.0, "Số: 12/SY-UBND"), (270.0, 95.0, "SAO Y")]
    )
    end = [(206.0, 128.0, "CHỦ TỊCH"), (236.0, 126.0, "Lò Văn Mẫu")]
    second = [] if above else [(278.0, 128.0, "CHÁNH VĂN PHÒNG"), (290.0, 126.0, "Vàng Thị Thử")]
    found = fields(typeset, copy, header(), title("KẾ HOẠCH", "Số hóa"), FOOT, end, second)
    assert (found.value("number"), found.value("notation")) == ("1469", "KH-UBND")
    assert found.value("copy-number") == "12/SY-UBND"
    assert found.value("copy-form") == "Sao y"
    assert found.value("signer") == "Lò Văn Mẫu"


def test_11_civil_status_papers_have_templates_of_their_own(typeset: Typeset) -> None:
    found = fields(
        typeset,
        [
            (30.0, 70.0, NATION),
            (36.0, 78.0, MOTTO),
            (52.0, 85.0, "GIẤY KHAI SINH"),
            (46.0, 30.0, "Số: 12/2020"),
        ],
        [
            (62.0, 30.0, "Họ, chữ đệm, tên: QUÀNG THỊ MẪU"),
            (69.0, 30.0, "Ngày, tháng, năm sinh: 09/11/2019"),
            (76.0, 30.0, "Giới tính: Nữ Dân tộc: Thái Quốc tịch: Việt Nam"),
            (83.0, 30.0, "Họ, chữ đệm, tên người mẹ: LÒ THỊ VÍ DỤ"),
            (90.0, 30.0, "Năm sinh: 1990 Dân tộc: Thái Quốc tịch: Việt Nam"),
            (97.0, 30.0, "Họ, chữ đệm, tên người cha: QUÀNG VĂN THỬ"),
            (104.0, 30.0, "Nơi cư trú: Bản Thí Dụ"),
            (111.0, 30.0, "Ngày, tháng, năm đăng ký: 31/02/2020"),
        ],
    )
    assert found.form == "giay-khai-sinh"
    told = {field.name: field.value for field in found.fields}
    assert told["child-name"] == "QUÀNG THỊ MẪU"
    assert told["child-born"] == "09/11/2019"
    assert (told["child-sex"], told["child-ethnicity"]) == ("Nữ", "Thái")
    assert (told["mother-name"], told["mother-born"]) == ("LÒ THỊ VÍ DỤ", "1990")
    assert told["father-residence"] == "Bản Thí Dụ"
    assert "mother-residence" not in told
    assert told["registered-on"] is None
    assert told["kind"] == "Giấy khai sinh"
    assert (told["number"], told["year"]) == ("12", "2020")


def test_11_papers_of_before_2020(typeset: Typeset) -> None:
    rows = header(number="Số: 12/2010/QĐ-UBND")
    rows[-1] = (rows[-1][0] + 7, *rows[-1][1:])  # the date stood a line lower then
    found = fields(typeset, rows, title("QUYẾT ĐỊNH", "V/v ban hành quy chế"), BODY)
    assert (found.value("number"), found.value("year"), found.value("notation")) == ("12", "2010", "QĐ-UBND")
    assert (found.value("date"), found.value("subject")) == ("20/05/2021", "Ban hành quy chế")


def test_12_the_shipped_letters_have_every_vietnamese_sign() -> None:
    letters = "aăâeêioôơuưyđ"
    marks = "\u0300\u0301\u0303\u0309\u0323"
    import unicodedata

    wanted = {
        unicodedata.normalize("NFC", letter + mark) for letter in letters for mark in marks if letter != "đ"
    }
    wanted |= {letter.upper() for letter in wanted} | set("đĐ")
    for cut in ("Regular", "Bold", "Italic"):
        font = TTFont(str(resource("fonts", f"LiberationSerif-{cut}.ttf")))
        assert not [letter for letter in wanted if ord(letter) not in font.getBestCmap()]
