"""Fields of an administrative paper (văn bản hành chính) after NĐ 30/2020/NĐ-CP, phụ lục I.

The header is looked for in the upper third of the first page only: the body is full of other papers' numbers
and dates. The closing is taken from the first page that has one, so that an annex's signature isn't.
"""

import re
from collections.abc import Sequence

from ocr.fields.agreement import notation_of_kind, place_and_agency
from ocr.fields.bodies import bodies
from ocr.fields.closing import closing_of, listed, recipients, signature
from ocr.fields.dating import place_and_date
from ocr.fields.found import Field, FieldName, found
from ocr.fields.header import HEADER_SHARE, Header, header_of
from ocr.fields.kinds import kind_and_subject
from ocr.fields.numbering import Numbering, numberings
from ocr.fields.pen import Print
from ocr.fields.spelling import lexicon, skeleton
from ocr.fields.strip import Strip, strips_of
from ocr.page import ReadPage

_ADDRESSED = re.compile(r"^\W*K[iíl]nh\s+g[uo][il]\s*[:;.]?\s*", re.IGNORECASE)
_COPY_NUMBER = re.compile(r"/\s*(?:SY|SL|TrS)\b", re.IGNORECASE)


def administrative_fields(pages: Sequence[ReadPage], pictures: Sequence[Print | None]) -> list[Field]:
    """The fields of a paper whose pages these are; none where the first one has no header."""
    header = header_of(pages[0])
    if not header.sure:
        return []
    own, copy = _numberings(header, pages[0], pictures[0])
    notation = own.notation if own else None
    fields = [*(own.fields if own else ())]
    fields += place_and_date(header.right or header.body[:4], 1, pictures[0])
    fields += bodies(header.left, 1)
    fields += kind_and_subject(header.left, header.body, notation, 1, pages[0].width_px)
    fields += _addressees(header.body)
    fields += _closing(pages)
    fields += _copy(pages, copy)
    return _agreed(fields)


def _numberings(
    header: Header, page: ReadPage, picture: Print | None
) -> tuple[Numbering | None, Numbering | None]:
    """(the paper's own number, the number of a copy printed above it)."""
    rows = header.left
    if not rows:
        limit = HEADER_SHARE * page.height_px
        rows = tuple(row for row in header.body if row.box[3] < limit)
    every = numberings(rows, 1, picture)
    own = next((one for one in every if not one.of_a_copy), None)
    return own, next((one for one in every if one.of_a_copy), None)


def _addressees(body: Sequence[Strip]) -> list[Field]:
    """What follows "Kính gửi:" on its line, or the list below it."""
    for at, row in enumerate(body[:30]):
        match = _ADDRESSED.match(row.bare)
        if match is None:
            continue
        told = row.text[match.end() :].strip(" ;.,:")
        below = body[at + 1 : at + 16]
        if len(told) > 1:
            more = _wrapped(row, below)
            words = [*row.words_at(match.end(), len(row.text)), *(w for one in more for w in one.words)]
            value = " ".join([told, *(one.text.strip(" ;.,:") for one in more)])
            return [found(FieldName.ADDRESSEES, value, words, 1)]
        items, rows = listed(below)
        if items:
            words = [word for one in rows for word in one.words]
            return [found(FieldName.ADDRESSEES, "\n".join(items), words, 1)]
        return []
    return []


def _wrapped(row: Strip, below: Sequence[Strip]) -> list[Strip]:
    """The rows on which a centred line goes on: short, and close below."""
    more: list[Strip] = []
    last = row
    for one in below[:2]:
        step = one.baseline - last.baseline
        height = row.box[3] - row.box[1]
        centred = abs(one.middle - row.middle) < 1.5 * height and one.box[0] > row.box[0] - height
        if step > 1.7 * height or not centred or one.text[:1] == "-":
            break
        more.append(one)
        last = one
    return more


def _closing(pages: Sequence[ReadPage]) -> list[Field]:
    for number, page in enumerate(pages, start=1):
        closing = closing_of(page)
        if closing is None:
            continue
        signed = signature(closing, page, number)
        listed_here = recipients(closing, number)
        if signed or listed_here:
            return [*signed, *([listed_here] if listed_here else [])]
    return []


def _copy(pages: Sequence[ReadPage], above: Numbering | None) -> list[Field]:
    """Form and number of a copy, from its own header above or below the original (bản sao)."""
    for number, page in enumerate(pages, start=1):
        rows = strips_of(page.words)
        numbered = [row for row in rows if _COPY_NUMBER.search(row.bare)]
        below = [one for one in numberings(numbered, number, None) if one.of_a_copy]
        one = above if above is not None and number == 1 else next(iter(below), None)
        if one is None:
            continue
        parts = {field.name: field for field in one.fields}
        figure, sign = parts.get(FieldName.NUMBER), parts.get(FieldName.NOTATION)
        fields = []
        if figure is not None and sign is not None:
            value = f"{figure.value}/{sign.value}" if figure.value and sign.value else None
            sure = min(figure.confidence, sign.confidence)
            spots = (*figure.spots, *sign.spots)
            read = f"{figure.read} {sign.read}"
            fields.append(Field(FieldName.COPY_NUMBER, value, sure, spots, read, figure.doubt or sign.doubt))
        return [*fields, *_copy_form(rows, one.notation or "", number)]
    return []


def _copy_form(rows: Sequence[Strip], notation: str, number: int) -> list[Field]:
    forms = lexicon().copies
    for row in rows:
        form = next((name for name in forms if row.skeleton == skeleton(name)), None)
        if form:
            return [found(FieldName.COPY_FORM, form, row.words, number)]
    told = next((name for name, short in forms.items() if notation.split("-", maxsplit=1)[0] in short), None)
    return [Field(FieldName.COPY_FORM, told, 75.0, ())] if told else []


def _agreed(fields: list[Field]) -> list[Field]:
    """Fields that tell of the same thing put side by side: place and issuer, kind and notation."""
    told = {field.name: field for field in fields}
    for name in (FieldName.AGENCY, FieldName.PARENT):
        place, body = told.get(FieldName.PLACE), told.get(name)
        if place is not None and body is not None:
            told |= {field.name: field for field in place_and_agency(place, body)}
    kind, notation = told.get(FieldName.KIND), told.get(FieldName.NOTATION)
    if kind is not None and notation is not None:
        told[FieldName.NOTATION] = notation_of_kind(kind, notation)
    return [told[field.name] for field in fields]
