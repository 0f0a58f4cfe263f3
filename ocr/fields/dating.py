"""Place and date of an administrative paper (địa danh, thời gian ban hành; ô số 4)."""

import re
from collections.abc import Sequence
from datetime import date

from ocr.fields.found import Doubt, Field, FieldName, found, lowest
from ocr.fields.pen import Print
from ocr.fields.spelling import bare, digits_of, lexicon, skeleton
from ocr.fields.strip import Strip
from ocr.page import Word, mean_confidence

_DATE = re.compile(
    r"ng[aeo]y[\s.,:]*(?P<d>[0-9OolISB|]{1,3})?[\s.…_,'`-]*th[aeo]ng[\s.,:]*(?P<m>[0-9OolISB|]{1,3})?"
    r"[\s.…_,'`-]*n[aeo]m[\s.,:]*(?P<y>[0-9OolISB|]{2,4}(?:\s?[0-9OolISB|]{1,2})?)?",
    re.IGNORECASE,
)
_ILLEGIBLE = re.compile(r"ng[aeo]y(?P<d>.{1,9}?)th[aeo]ng(?P<m>.{1,9}?)n[aeo]m(?P<y>.{0,6})", re.IGNORECASE)
_PLACE = re.compile(r"^(?P<place>[^\d]{2,60}?)[\s,.;]*$")
_OLDEST = 1930
_LATEST = 2100
_SURE = 70.0
_CORRECTED_AT_MOST = 65.0


def place_and_date(strips: Sequence[Strip], page: int, picture: Print | None) -> list[Field]:
    """The fields in the first row with a date; none when there is no such row."""
    for strip in strips:
        match = _DATE.search(strip.bare) or _ILLEGIBLE.search(strip.bare)
        if match:
            place = _place(strip, match.start(), page)
            return [*([place] if place else []), _date(match, strip, page, picture)]
    return []


def _place(strip: Strip, end: int, page: int) -> Field | None:
    match = _PLACE.match(strip.text[:end])
    if match is None:
        return None
    words = strip.words_at(*match.span("place"))
    value = match["place"].strip(" ,.;-")
    known = lexicon().provinces.get(skeleton(value))
    if known is not None and bare(known) == bare(value):
        value = known
    if not value[:1].isupper() or not words:
        return None
    sure = mean_confidence(words)
    return found(FieldName.PLACE, value, words, page, confidence=max(sure, 75.0) if known else sure)


def _date(match: re.Match[str], strip: Strip, page: int, picture: Print | None) -> Field:
    words = strip.words_at(*match.span())
    parts = {name: strip.pieces_at(*match.span(name)) for name in "dmy" if match[name]}
    if len(parts) < 3:
        return found(FieldName.DATE, None, words, page, confidence=0.0, doubt=Doubt.BLANK)
    numbers = {name: digits_of(match[name]) for name in parts}
    figures = [word for part in parts.values() for word in part]
    legible = all(numbers[name][0].isdigit() for name in numbers)
    if not legible or lowest(figures) < _SURE or not _typed(parts, picture):
        return found(FieldName.DATE, None, words, page, doubt=Doubt.HANDWRITTEN)
    value = written_date(*(numbers[name][0] for name in "dmy"))
    if value is None:
        return found(FieldName.DATE, None, words, page, doubt=Doubt.IMPOSSIBLE)
    corrected = any(changed for _, changed in numbers.values())
    return found(
        FieldName.DATE,
        value,
        words,
        page,
        confidence=lowest(figures),
        doubt=Doubt.CORRECTED if corrected else None,
        most=_CORRECTED_AT_MOST if corrected else 100.0,
    )


def _typed(parts: "dict[str, tuple[Word, ...]]", picture: Print | None) -> bool:
    """Whether day and month are set in the type of the year, which is always printed."""
    if picture is None:
        return True
    return all(picture.typed(parts[name], parts["y"]) for name in "dm")


def written_date(day: str, month: str, year: str) -> str | None:
    """dd/MM/yyyy, or None for a date that no calendar has or that no paper can bear."""
    try:
        value = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return f"{value:%d/%m}/{value.year:04d}" if _OLDEST <= value.year < _LATEST else None
