"""What stands behind a label, as a value of its kind (giá trị của trường)."""

import re
from collections.abc import Callable, Sequence

from ocr.fields.dating import written_date
from ocr.fields.found import Doubt, Field, found, lowest
from ocr.fields.pen import Print
from ocr.fields.spelling import bare, clean, digits_of
from ocr.page import Word, mean_confidence

_EDGES = " .,;:_…|*'`\"“”‘’-"
_SLASHED = re.compile(r"([0-9OolIS]{1,2})\s*[/.-]\s*([0-9OolIS]{1,2})\s*[/.-]\s*([0-9OolIS]{4})")
_WORDED = re.compile(
    r"(?:ng.y\s*)?([0-9OolIS]{1,2})[\s,]*th.ng\s*([0-9OolIS]{1,2})[\s,]*n.m\s*([0-9OolIS]{4})", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_]+(?:['’`-]?[^\W\d_]+)*(?:\s+[^\W\d_]+(?:['’`-]?[^\W\d_]+)*){0,9}")
_NUMBER = re.compile(r"[0-9OolISBZ|][0-9OolISBZ|\s]*")
_AREA = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SURE_FIGURES = 70.0
_SEXES = {"nam": "Nam", "nu": "Nữ", "nư": "Nữ"}

Found = tuple[str | None, bool, Doubt | None]
"""The value, whether look-alike letters were put right, and why there is none."""


def value_of(
    name: str, kind: str, words: Sequence[Word], *, label: Sequence[Word], page: int, picture: Print | None
) -> Field:
    """The field `name` of a kind from the words behind its label.

    Kinds: text, name, date, year, number, personal-id, sex, area. Figures that are no print have no value.
    """
    text = " ".join(clean(word.text) for word in words).strip(_EDGES)
    if not text:
        return found(name, None, list(words) or list(label), page, confidence=0.0, doubt=Doubt.BLANK)
    value, corrected, doubt = _READERS[kind](text)
    if value is None:
        return found(name, None, words, page, doubt=doubt or Doubt.UNREADABLE)
    if kind in _FIGURES:
        figures = [word for word in words if any(letter.isdigit() for letter in word.text)] or list(words)
        if lowest(figures) < _SURE_FIGURES or not _is_print(figures, label, picture):
            return found(name, None, words, page, doubt=Doubt.HANDWRITTEN)
        sure = lowest(figures)
    else:
        sure = mean_confidence(words)
    most = 65.0 if corrected else 100.0
    return found(
        name, value, words, page, confidence=sure, doubt=Doubt.CORRECTED if corrected else None, most=most
    )


def _is_print(figures: Sequence[Word], label: Sequence[Word], picture: Print | None) -> bool:
    """Figures on forms are often set bold beside a plain label."""
    return picture is None or picture.typed(figures, label, bold=True)


def _text(text: str) -> Found:
    return text, False, None


def _name(text: str) -> Found:
    match = _NAME.fullmatch(text)
    return (match[0], False, None) if match else (None, False, Doubt.UNREADABLE)


def _date(text: str) -> Found:
    plain = bare(text)
    match = _SLASHED.search(plain) or _WORDED.search(plain)
    if match is None:
        return None, False, Doubt.UNREADABLE
    parts = [digits_of(part) for part in match.groups()]
    value = written_date(*(digits for digits, _ in parts))
    changed = any(turned for _, turned in parts)
    return value, changed, Doubt.IMPOSSIBLE if value is None else None


def _year(text: str) -> Found:
    match = _YEAR.search(text)
    return (match[0], False, None) if match else (None, False, Doubt.UNREADABLE)


def _number(text: str) -> Found:
    match = _NUMBER.match(text)
    if match is None:
        return None, False, Doubt.UNREADABLE
    digits, changed = digits_of(match[0])
    return (digits, changed, None) if digits.isdigit() else (None, False, Doubt.UNREADABLE)


def _personal_id(text: str) -> Found:
    """Twelve digits, nine on old cards; anything else is no personal number (Luật Căn cước 2023 Điều 12)."""
    value, changed, doubt = _number(text)
    if value is not None and len(value) not in (9, 12):
        return None, False, Doubt.IMPOSSIBLE
    return value, changed, doubt


def _sex(text: str) -> Found:
    word = bare(text.split(maxsplit=1)[0]).lower().strip(_EDGES)
    value = _SEXES.get(word)
    return value, False, None if value else Doubt.UNREADABLE


def _area(text: str) -> Found:
    match = _AREA.search(text)
    return (match[0], False, None) if match else (None, False, Doubt.UNREADABLE)


_FIGURES = frozenset({"date", "year", "number", "personal-id", "area"})
_READERS: dict[str, Callable[[str], Found]] = {
    "text": _text,
    "name": _name,
    "date": _date,
    "year": _year,
    "number": _number,
    "personal-id": _personal_id,
    "sex": _sex,
    "area": _area,
}
VALUE_KINDS = frozenset(_READERS)
"""The kinds of value that a template may name."""
