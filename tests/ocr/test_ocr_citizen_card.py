"""The citizen card's QR text: real cards in every known form, and everything else refused."""

import contextlib
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import OcrError, OcrFault, parse_citizen_card

TODAY = date(2026, 11, 26)
OF_2021 = "001099012345|123456789|Nguyễn Văn Mẫu|01011999|Nam|Số 1, Phường Thí Dụ, TP.HCM|01012021"
OF_2024 = "026199000001||Lê Thị Thử|30121999|Nữ|Thôn X, Xã Y, Tỉnh Z|01082024||||"


def test_a_card_of_2021() -> None:
    card = parse_citizen_card(OF_2021, today=TODAY)
    assert (card.personal_id, card.old_id, card.full_name) == ("001099012345", "123456789", "Nguyễn Văn Mẫu")
    assert (card.born, card.sex, card.issued) == ("01/01/1999", "Nam", "01/01/2021")
    assert card.address == "Số 1, Phường Thí Dụ, TP.HCM"
    assert (card.extra, card.warnings) == ((), ())


def test_a_card_of_2024() -> None:
    card = parse_citizen_card(f"{OF_2024}\r\n", today=TODAY)
    assert (card.old_id, card.sex, card.extra) == ("", "Nữ", ("", "", "", ""))


@pytest.mark.parametrize(
    "name",
    [
        "Đặng Thị Ỷ",
        "H'Hen Thử",
        "K’Brôi Mẫu",
        "Y Blơ Ƀlă",
        "Jean-Pierre Lò",
        "Lý Mỹ",
        "Nguyễn Thị Ngọc Ánh Dương Quỳnh Như Ý",
        "Siu Č'Hñang",
        "A",
    ],
)
def test_names_of_every_people(name: str) -> None:
    text = OF_2021.replace("Nguyễn Văn Mẫu", unicodedata.normalize("NFD", name))
    assert parse_citizen_card(text, today=TODAY).full_name == unicodedata.normalize("NFC", name)


def test_a_letter_from_another_code_page_is_made_vietnamese() -> None:
    assert parse_citizen_card(OF_2021.replace("Nguyễn", "Ðặng"), today=TODAY).full_name.startswith("Đặng")


def test_what_readers_that_act_as_keyboards_make_of_it() -> None:
    plain = "026199000001|Le Thi Thu|30/12/1999|Nu|Thon X, Xa Y|01/08/2024"
    card = parse_citizen_card(plain, today=TODAY)
    assert (card.old_id, card.sex, card.born) == ("", "Nữ", "30/12/1999")


@pytest.mark.parametrize(
    ("number", "warnings"),
    [
        ("001199012345", ("sex",)),
        ("001088012345", ("birth-year",)),
        ("001288012345", ("birth-year",)),
        ("001399012345", ("sex", "birth-year")),
    ],
)
def test_a_number_that_says_otherwise_is_a_warning(number: str, warnings: tuple[str, ...]) -> None:
    assert parse_citizen_card(OF_2021.replace("001099012345", number), today=TODAY).warnings == warnings


FIELDS = OF_2021.split("|")


def changed(place: int, value: str) -> str:
    return "|".join([*FIELDS[:place], value, *FIELDS[place + 1 :]])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "fields"),
        ("|" * 11, "fields"),
        ("a|b|c", "fields"),
        ("x" * 601, "length"),
        (changed(0, "00109901234"), "personal-id"),
        (changed(0, "0010990123456"), "personal-id"),
        (changed(0, "００１０９９０１２３４５"), "personal-id"),
        (changed(0, "٠٠١٠٩٩٠١٢٣٤٥"), "personal-id"),
        (changed(1, "12345678"), "old-id"),
        (changed(2, ""), "name"),
        (changed(2, "   "), "name"),
        (changed(2, "Nguyễn Văn 4"), "name"),
        (changed(2, "Nguyễn\u200bVăn"), "name"),
        (changed(2, "Nguyễn\nVăn"), "name"),
        (changed(2, "\u202eVăn Mẫu"), "name"),
        (changed(2, "Иван Иванов"), "name"),
        (changed(2, "Văn Mаu"), "name"),
        (changed(2, "阮文"), "name"),
        (changed(2, "'"), "name"),
        (changed(2, "Văn <b>Mẫu"), "name"),
        (changed(2, "M" * 101), "name"),
        (changed(3, "31022000"), "birth-date"),
        (changed(3, "29022001"), "birth-date"),
        (changed(3, "00011990"), "birth-date"),
        (changed(3, "01131990"), "birth-date"),
        (changed(3, "01010001"), "birth-date"),
        (changed(3, "1990"), "birth-date"),
        (changed(3, "０１011990"), "birth-date"),
        (changed(3, "1/1/1990"), "birth-date"),
        (changed(4, "Khác"), "sex"),
        (changed(4, ""), "sex"),
        (changed(5, ""), "address"),
        (changed(5, "Hà Nội\x00"), "address"),
        (changed(6, "31042021"), "issue-date"),
        (changed(6, "01011998"), "issue-date"),
        (changed(6, "27112026"), "issue-date"),
        ("CCCD:001099012345|CMND:123456789", "fields"),
        ('{"id":"001099012345"}', "fields"),
    ],
)
def test_everything_else_is_refused(text: str, reason: str) -> None:
    with pytest.raises(OcrError) as refused:
        parse_citizen_card(text, today=TODAY)
    assert refused.value.fault is OcrFault.NOT_A_CARD
    assert refused.value.facts == {"reason": reason}


@given(st.text(max_size=80) | st.lists(st.text(max_size=14), max_size=12).map("|".join))
def test_nothing_at_random_is_a_card(text: str) -> None:
    with pytest.raises(OcrError):
        parse_citizen_card(text, today=TODAY)


@given(st.integers(0, 6), st.characters(exclude_categories=("Cs",)))
def test_one_changed_letter_gives_a_card_or_a_reason(place: int, letter: str) -> None:
    text = changed(place, FIELDS[place][:-1] + letter)
    with contextlib.suppress(OcrError):
        card = parse_citizen_card(text, today=TODAY)
        assert card.personal_id.isascii()
        assert unicodedata.is_normalized("NFC", card.full_name + card.address)


def test_the_day_of_issue_is_today_at_the_latest() -> None:
    assert parse_citizen_card(OF_2021).issued == "01/01/2021"


def test_observed_forms_and_negatives(real_data: Path) -> None:
    formats = (real_data / "cccd" / "FORMATS.md").read_text(encoding="utf-8")
    samples = [part for part in formats.split("`") if part.count("|") >= 6 and part[:12].isdigit()]
    assert len(samples) >= 3
    for sample in samples:
        assert parse_citizen_card(sample, today=TODAY).personal_id == sample[:12]
    negatives = (real_data / "cccd" / "NEGATIVES.txt").read_text(encoding="utf-8").split("\n")
    assert len(negatives) >= 10
    for negative in negatives:
        with pytest.raises(OcrError):
            parse_citizen_card(negative, today=TODAY)
