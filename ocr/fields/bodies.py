"""The issuing body and the one above it (cơ quan ban hành, cơ quan chủ quản; ô số 2)."""

import re
from collections.abc import Sequence

from ocr.fields.found import Field, FieldName, found
from ocr.fields.spelling import bare, lexicon
from ocr.fields.strip import Strip
from ocr.page import mean_confidence

_CAPITALS = 0.7
_NUMBER_LINE = re.compile(
    r"^(?:[S58\$][o06]\s*[:;.,]?|S[OQ]\s*[:;.,])(?:\s|[0-9/.…]|$)|/\s*[A-Z]{1,6}\s*-\s*[A-Z]{2}"
)
_EDGES = " .,:;|_-—*'`~\"“”‘’"


def bodies(strips: Sequence[Strip], page: int) -> list[Field]:
    """Parent and issuer from the rows of the left cell above the number; none when no name stands there."""
    names: list[list[Strip]] = []
    for strip in strips:
        if _NUMBER_LINE.search(strip.bare):
            break
        if strip.capital_share < _CAPITALS or len(strip.skeleton) < 2:
            if names:
                break
            continue
        if names and not _begins_a_name(strip):
            names[-1].append(strip)
        else:
            names.append([strip])
    fields = []
    if len(names) > 1:
        fields.append(_body(FieldName.PARENT, [strip for name in names[:-1] for strip in name], page))
    if names:
        fields.append(_body(FieldName.AGENCY, names[-1], page))
    return fields


def _begins_a_name(strip: Strip) -> bool:
    text = bare(strip.text).upper().lstrip(_EDGES)
    return any(re.match(rf"{bare(head)}(?:\W|$)", text) for head in lexicon().body_heads)


def _body(name: FieldName, strips: Sequence[Strip], page: int) -> Field:
    words = [word for strip in strips for word in strip.words]
    text = " ".join(strip.text.strip(_EDGES) for strip in strips)
    return found(name, lexicon().respelled(text), words, page, confidence=mean_confidence(words))
