"""Reading order: cells of header and foot apart, tables untouched, rules left out."""

from ocr.layout import folded, in_reading_order, says
from ocr.page import Word, text_of

WIDTH, HEIGHT = 2480, 3508


def row(y: int, line: int, *pieces: tuple[int, str], confidence: float = 95.0) -> list[Word]:
    """A line read straight across: each piece of text starts at its x, 26 px a letter, 40 px high."""
    words: list[Word] = []
    for start, text in pieces:
        x = start
        for part in text.split():
            right = x + 26 * len(part)
            words.append(Word(part, (x, y, right, y + 40), (x, y + 40, right, y + 40), confidence, line, 0))
            x = right + 14
    return words


def ordered(*rows: list[Word]) -> str:
    return text_of(in_reading_order([word for line in rows for word in line], WIDTH, HEIGHT))


HEADER = (
    row(300, 0, (300, "ỦY BAN NHÂN DÂN"), (1200, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")),
    row(370, 1, (330, "XÃ AN BÌNH"), (1400, "Độc lập - Tự do - Hạnh phúc")),
    row(480, 2, (330, "Số: 12/UBND"), (1300, "An Bình, ngày 02 tháng 3 năm 2025")),
)
LEFT_CELL = "ỦY BAN NHÂN DÂN\nXÃ AN BÌNH\nSố: 12/UBND"
RIGHT_CELL = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nAn Bình, ngày 02 tháng 3 năm 2025"
)
BODY = row(700, 3, (300, "Căn cứ Luật Tổ chức chính quyền địa phương và các văn bản liên quan;"))


def test_header_cells_are_read_one_after_the_other() -> None:
    text = ordered(*HEADER, BODY)
    assert text.startswith(f"{LEFT_CELL}\n\n{RIGHT_CELL}\n\nCăn cứ")


def test_a_misread_title_is_still_recognised() -> None:
    bad = row(300, 0, (300, "ỦY BAN NHÂN DÂN"), (1200, "CỌNG HOÀ XÃ HÔI CHÚ NGHlA VIẸT NAM"))
    text = ordered(bad, *HEADER[1:], BODY)
    assert text.startswith(LEFT_CELL)


def test_a_title_right_of_the_gutter_is_not_part_of_the_header() -> None:
    text = ordered(*HEADER, row(600, 9, (1150, "TỜ TRÌNH")), BODY)
    assert f"{RIGHT_CELL}\n\nTỜ TRÌNH\n" in text


def test_a_table_at_the_top_keeps_its_rows() -> None:
    rows = [row(300 + 70 * n, n, (300, f"Hồ sơ {n}"), (1500, f"ngày {n} tháng 3")) for n in range(6)]
    assert ordered(*rows) == "\n".join(f"Hồ sơ {n} ngày {n} tháng 3" for n in range(6))


def test_recipients_come_before_the_signature() -> None:
    text = ordered(
        *HEADER,
        BODY,
        row(2500, 4, (300, "Nơi nhận:"), (1500, "CHỦ TỊCH")),
        row(2560, 5, (300, "- Như trên;")),
        row(2620, 6, (300, "- Lưu: VT."), (1480, "Lê Thị Na")),
    )
    assert text.endswith("Nơi nhận:\n- Như trên;\n- Lưu: VT.\n\nCHỦ TỊCH\nLê Thị Na")


def test_two_signatures_are_read_one_after_the_other() -> None:
    text = ordered(
        BODY,
        row(2400, 4, (400, "NGƯỜI MUA"), (1500, "NGƯỜI BÁN")),
        row(2460, 5, (380, "(Ký, ghi rõ họ tên)"), (1480, "(Ký, ghi rõ họ tên)")),
        row(2800, 6, (400, "Lê Thị Na"), (1500, "Vũ Văn Ổi")),
    )
    assert text.endswith(
        "NGƯỜI MUA\n(Ký, ghi rõ họ tên)\nLê Thị Na\n\nNGƯỜI BÁN\n(Ký, ghi rõ họ tên)\nVũ Văn Ổi"
    )


def test_rules_under_headings_are_no_words() -> None:
    rule = [Word("———", (1300, 430, 1900, 436), (1300, 436, 1900, 436), 40.0, 9, 3)]
    assert "—" not in ordered(*HEADER, rule, BODY)


def test_order_loses_and_invents_nothing() -> None:
    words = [word for line in (*HEADER, BODY) for word in line]
    result = in_reading_order(words, WIDTH, HEIGHT)
    assert sorted(word.box for word in result) == sorted(word.box for word in words)
    assert [word.line for word in result] == sorted(word.line for word in result)
    assert in_reading_order([], WIDTH, HEIGHT) == ()


def test_folding_and_likeness() -> None:
    assert folded("Đặng Thị Ư") == "DANG THI U"
    assert says("Noi nhân:", ["NOI NHAN:"])
    assert not says("Nội dung", ["NOI NHAN:"])
