"""The QR text of a citizen card (mã QR trên căn cước công dân): one person's data between upright bars.

Cards of 2021 have seven fields, those of 2024 eleven, the last four of them empty as far as is known. Readers
that act as keyboards may lose marks or write dates with slashes. What isn't such a text in full is refused:
half a person must never fill a form.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from ocr.errors import OcrError, OcrFault
from ocr.fields.spelling import clean

_LONGEST = 600
_FEWEST, _MOST = 6, 11
_ID = re.compile(r"[0-9]{12}")
_OLD_ID = re.compile(r"[0-9]{9}|[0-9]{12}")
_DATE = re.compile(r"([0-9]{2})/?([0-9]{2})/?([0-9]{4})")
_SEXES = {"nam": "Nam", "nữ": "Nữ", "nu": "Nữ", "nư": "Nữ"}
_IN_NAMES = frozenset(" '’`-.")
_IN_ADDRESSES = frozenset(" '’`-.,/()+&:;\"“”#")
_OLDEST = 1875


@dataclass(frozen=True)
class CitizenCard:
    """What a citizen card says of its holder; dates are dd/MM/yyyy, texts NFC.

    `warnings` tells what doesn't fit together without being impossible: "sex" or "birth-year" where the
    number says otherwise (adoption and change of sex leave the number as it was).
    """

    personal_id: str
    old_id: str
    full_name: str
    born: str
    sex: str
    address: str
    issued: str
    extra: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def parse_citizen_card(text: str, *, today: date | None = None) -> CitizenCard:
    """The card that a QR symbol or a card reader gave.

    `today` is the last day on which a card may have been issued, by default this day. Raises OcrError
    ocr.not-a-card with the reason: length, fields, personal-id, old-id, name, birth-date, sex, address,
    issue-date. No value is told.
    """
    fields = _fields(text)
    personal_id, old_id, name, born, sex, address, issued, *extra = fields
    if not _ID.fullmatch(personal_id):
        raise _refused("personal-id")
    if old_id and not _OLD_ID.fullmatch(old_id):
        raise _refused("old-id")
    if not _is_text(name, _IN_NAMES, digits=False) or len(name) > 100:
        raise _refused("name")
    birth = _day(born, "birth-date")
    if sex.lower() not in _SEXES:
        raise _refused("sex")
    if not _is_text(address, _IN_ADDRESSES, digits=True) or len(address) > 300:
        raise _refused("address")
    issue = _day(issued, "issue-date")
    if issue < birth or issue > (today or date.today()):  # noqa: DTZ011 - the day on the wall clock
        raise _refused("issue-date")
    told = _SEXES[sex.lower()]
    return CitizenCard(
        personal_id=personal_id,
        old_id=old_id,
        full_name=name,
        born=_written(birth),
        sex=told,
        address=address,
        issued=_written(issue),
        extra=tuple(extra),
        warnings=_warnings(personal_id, told, birth),
    )


def _fields(text: str) -> list[str]:
    """The seven fields and those after them; six when the place of the old number is left out."""
    if len(text) > _LONGEST:
        raise _refused("length")
    fields = [" ".join(clean(part).split(" ")).strip() for part in text.strip("\r\n\t ").split("|")]
    if not _FEWEST <= len(fields) <= _MOST:
        raise _refused("fields")
    if len(fields) == _FEWEST:
        fields.insert(1, "")
    return fields


def _day(text: str, reason: str) -> date:
    match = _DATE.fullmatch(text)
    if match is None:
        raise _refused(reason)
    try:
        day = date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError as error:
        raise _refused(reason) from error
    if day.year < _OLDEST:
        raise _refused(reason)
    return day


def _written(day: date) -> str:
    return f"{day:%d/%m}/{day.year:04d}"


def _is_text(text: str, signs: "frozenset[str]", *, digits: bool) -> bool:
    """Letters of the Latin script with their marks, blanks and a few signs; nothing that can't be seen."""
    letters = 0
    for letter in text:
        if letter.isalpha():
            if not _is_latin(letter):
                return False
            letters += 1
        elif unicodedata.category(letter) == "Mn":
            continue
        elif not (letter in signs or (digits and letter in "0123456789")):
            return False
    return letters > 0


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN ")


def _warnings(personal_id: str, sex: str, birth: date) -> tuple[str, ...]:
    """Digit 4 tells century and sex, digits 5 and 6 the year (NĐ 137/2015/NĐ-CP Điều 13)."""
    century, year = int(personal_id[3]), int(personal_id[4:6])
    doubts = []
    if (century % 2 == 0) != (sex == "Nam"):
        doubts.append("sex")
    if 1900 + 100 * (century // 2) + year != birth.year:
        doubts.append("birth-year")
    return tuple(doubts)


def _refused(reason: str) -> OcrError:
    return OcrError(OcrFault.NOT_A_CARD, reason=reason)
