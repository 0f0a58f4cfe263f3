"""Two places of a paper that name one thing mend each other, and say so (đối chiếu trên cùng văn bản)."""

import unicodedata
from dataclasses import replace

from ocr.fields.found import Doubt, Field
from ocr.fields.spelling import bare, lexicon, likeness, skeleton, tone_style

_ALIKE = 0.72
_MENDED_AT_MOST = 85.0


def place_and_agency(place: Field, agency: Field) -> tuple[Field, Field]:
    """Offices write from the place that their name ends in: the better read spelling stands for both."""
    if not place.read or not agency.value:
        return place, agency
    words = (place.value or place.read).strip(" ,.;").split()
    tail = agency.value.split()[-len(words) :]
    one, other = " ".join(words), " ".join(tail)
    if tone_style(one).upper() == tone_style(other).upper() or len(tail) < len(words):
        return place, agency
    if likeness(skeleton(one), skeleton(other)) < _ALIKE:
        return place, agency
    if skeleton(one) == skeleton(other):  # marks get lost more often than they are made up
        agency_first = _marks(other) > _marks(one)
    else:
        agency_first = agency.confidence >= place.confidence
    if agency_first:
        told = " ".join(word.capitalize() for word in tail)
        return _mended(place, told, agency.confidence), agency
    told = " ".join([*agency.value.split()[: -len(words)], one.upper()])
    return place, _mended(agency, told, place.confidence)


def _marks(text: str) -> int:
    return sum(unicodedata.combining(letter) > 0 for letter in unicodedata.normalize("NFD", text))


def notation_of_kind(kind: Field, notation: Field) -> Field:
    """A notation whose first part is no kind's, but one sign off that of the printed title."""
    if not kind.value or not notation.value:
        return notation
    first, dash, rest = notation.value.partition("-")
    shorts = lexicon().kinds.get(kind.value, ())
    if first in shorts or not dash or lexicon().kinds_of(first):
        return notation
    near = [short for short in shorts if _one_sign_off(bare(first), bare(short))]
    return _mended(notation, f"{near[0]}-{rest}", notation.confidence) if len(near) == 1 else notation


def _one_sign_off(one: str, other: str) -> bool:
    """Whether one sign was read wrongly, or one too many was read."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def _mended(field: Field, value: str, confidence: float) -> Field:
    sure = min(max(field.confidence, confidence, 40.0), _MENDED_AT_MOST)
    return replace(field, value=value, confidence=sure, doubt=Doubt.CORRECTED)
