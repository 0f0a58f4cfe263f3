"""A field found on a paper (trường thông tin): its value, how sure it is, and where to look."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ocr.page import Box, Word, mean_confidence


class FieldName(StrEnum):
    """Fields of an administrative paper (NĐ 30/2020/NĐ-CP, phụ lục I); forms have names of their own."""

    NUMBER = "number"
    """Digits after "Số:" as printed, such as 09 (số)."""
    YEAR = "year"
    """The year inside the number of a legal document, 2025 in 05/2025/TT-BNV (năm ban hành)."""
    NOTATION = "notation"
    """What follows the number, such as QĐ-UBND (ký hiệu)."""
    PLACE = "place"
    """Where it was issued (địa danh)."""
    DATE = "date"
    """When it was issued, dd/MM/yyyy (thời gian ban hành)."""
    PARENT = "parent"
    """The body above the issuer, when one is printed (cơ quan chủ quản)."""
    AGENCY = "agency"
    """The body that issued it (cơ quan ban hành)."""
    KIND = "kind"
    """What kind of paper it is: Quyết định, Công văn, … (tên loại)."""
    SUBJECT = "subject"
    """What it is about (trích yếu nội dung)."""
    ADDRESSEES = "addressees"
    """Whom it is sent to, one a line (kính gửi)."""
    AUTHORITY = "authority"
    """In whose stead it is signed: TM., KT., TL., TUQ., Q. (quyền hạn)."""
    POSITION = "position"
    """The signer's own title (chức vụ)."""
    SIGNER = "signer"
    """The signer's name (họ tên người ký)."""
    RECIPIENTS = "recipients"
    """Who gets a copy, one a line (nơi nhận)."""
    COPY_FORM = "copy-form"
    """Sao y, Sao lục or Trích sao, on a copy (hình thức sao)."""
    COPY_NUMBER = "copy-number"
    """The copy's own number with its notation (số bản sao)."""


class Doubt(StrEnum):
    """Why a field has no value, or one that somebody has to confirm."""

    HANDWRITTEN = "handwritten"
    """Written by hand, or not to be told from it: never guessed (viết tay)."""
    BLANK = "blank"
    """Nothing is printed where it should stand (bỏ trống)."""
    IMPOSSIBLE = "impossible"
    """What stands there can't be: 31/02, a number of eleven digits (không thể có)."""
    UNREADABLE = "unreadable"
    """What stands there can't be read (không đọc được)."""
    CORRECTED = "corrected"
    """Letters that look alike were put right (đã sửa ký tự giống nhau)."""
    DISAGREES = "disagrees"
    """Two places on the paper say different things (mâu thuẫn)."""


class Band(StrEnum):
    """What is to be done with a field, by its confidence."""

    ACCEPT = "accept"
    """90 and more: taken unless somebody objects."""
    NOTICE = "notice"
    """70 to 89: shown in another colour."""
    CONFIRM = "confirm"
    """40 to 69: somebody has to confirm it."""
    BLANK = "blank"
    """Less than 40: left empty, the place is shown."""


_EDGES = " .,;:_…|*'`\"“”‘’-()[]"
_BANDS = ((90.0, Band.ACCEPT), (70.0, Band.NOTICE), (40.0, Band.CONFIRM))


def band_of(confidence: float) -> Band:
    """The band of a confidence 0..100."""
    return next((band for least, band in _BANDS if confidence >= least), Band.BLANK)


@dataclass(frozen=True)
class Spot:
    """A place on a paper: the page, counted from 1, and the box in px of its visible image."""

    page: int
    box: Box


@dataclass(frozen=True)
class Choice:
    """A word in a field's value that may be another one: as it was read, and what it may be, the likeliest
    first."""

    word: str
    instead: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One field. `value` is None where nothing is to be relied on; `spots` then show where to look.

    `read` is what stands there as it was read, before anything was put right; `confidence` is 0..100, and
    below 40 for a field without a value. `choices`: words of the value that a person may want otherwise; with
    such a word a field isn't accepted unseen.
    """

    name: str
    value: str | None
    confidence: float
    spots: tuple[Spot, ...]
    read: str = ""
    doubt: Doubt | None = None
    choices: tuple[Choice, ...] = ()

    @property
    def band(self) -> Band:
        """What is to be done with it."""
        return band_of(self.confidence)

    def to_dict(self) -> dict[str, Any]:
        """The form that programs read."""
        record = asdict(self)
        record["spots"] = [{"page": spot.page, "box": list(spot.box)} for spot in self.spots]
        record["doubt"] = self.doubt.value if self.doubt else None
        return {**record, "band": self.band.value}


@dataclass(frozen=True)
class PaperFields:
    """The fields of one paper.

    `form` names the template they were found by: "administrative", "giay-khai-sinh", …; empty for none.
    """

    form: str
    fields: tuple[Field, ...]

    def get(self, name: str) -> Field | None:
        """The field of this name, if the paper has it."""
        return next((field for field in self.fields if field.name == name), None)

    def value(self, name: str) -> str | None:
        """The value of this field, if there is one."""
        field = self.get(name)
        return field.value if field else None

    def to_dict(self) -> dict[str, Any]:
        """The form that programs read."""
        return {"form": self.form, "fields": [field.to_dict() for field in self.fields]}


_HIGHEST_WITHOUT_VALUE = 39.0
_HIGHEST_WITH_CHOICES = 89.0


def found(
    name: str,
    value: str | None,
    words: Sequence[Word],
    page: int,
    *,
    confidence: float | None = None,
    doubt: Doubt | None = None,
    most: float = 100.0,
) -> Field:
    """A field from its words on a page; by default as sure as they are, and never surer than `most`."""
    sure = mean_confidence(words) if confidence is None else confidence
    sure = min(sure, most, 100.0 if value is not None else _HIGHEST_WITHOUT_VALUE)
    if value is not None and sure <= _HIGHEST_WITHOUT_VALUE:
        value, doubt = None, doubt or Doubt.UNREADABLE
    choices = choices_of(words, value or "")
    if choices:
        sure = min(sure, _HIGHEST_WITH_CHOICES)
    return Field(
        name=name,
        value=value,
        confidence=round(max(sure, 0.0), 1),
        spots=tuple(Spot(page, box) for box in boxes_of(words)),
        read=" ".join(word.text for word in words),
        doubt=doubt,
        choices=choices,
    )


def choices_of(words: Sequence[Word], value: str) -> tuple[Choice, ...]:
    """The words with suggestions that stand in a value as they were read."""
    found = {}
    for word in words:
        own = word.text.strip(_EDGES)
        if word.suggestions and re.search(rf"(?<!\w){re.escape(own)}(?!\w)", value):
            instead = tuple(dict.fromkeys(one.strip(_EDGES) for one in word.suggestions))
            found[own] = Choice(own, tuple(one for one in instead if one != own))
    return tuple(choice for choice in found.values() if choice.instead)


def lowest(words: Iterable[Word]) -> float:
    """The confidence of the least sure word; 0.0 without words."""
    return min((word.confidence for word in words), default=0.0)


def boxes_of(words: Sequence[Word]) -> list[Box]:
    """One box a line for words in reading order."""
    boxes: list[Box] = []
    for word in words:
        if boxes and _goes_on(boxes[-1], word.box):
            last = boxes[-1]
            boxes[-1] = (
                min(last[0], word.box[0]),
                min(last[1], word.box[1]),
                max(last[2], word.box[2]),
                max(last[3], word.box[3]),
            )
        else:
            boxes.append(word.box)
    return boxes


def _goes_on(line: Box, box: Box) -> bool:
    """Whether `box` stands on the same line, to the right."""
    shared = min(line[3], box[3]) - max(line[1], box[1])
    return box[0] >= line[0] and shared > 0.4 * min(line[3] - line[1], box[3] - box[1])
