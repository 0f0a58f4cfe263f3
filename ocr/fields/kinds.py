"""Kind and subject of an administrative paper (tên loại, trích yếu; ô số 5a và 5b)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.fields.found import Doubt, Field, FieldName, found
from ocr.fields.spelling import bare, lexicon, likeness, skeleton
from ocr.fields.strip import Strip, height_of
from ocr.page import Word, mean_confidence

_FIRST_ROWS = 25
_BROKEN_NOTATION = re.compile(r"(/[A-ZĐ][A-Za-zĐ]*)- ([A-ZĐ]{2})")
_CAPITALS = 0.8
_LEGIBLE = 60
_ALIKE = 0.86
_TOLD = re.compile(r"^\W*(?:V\s*/\s*[vV]|V[eE]\s*vi[eE]c)\b\s*[:.]?\s*")
_LETTER_SUBJECT = re.compile(r"^\W*V\s*/\s*[vVy]\b\s*[:.]?\s*|^\W*[Vv][eE]\s*vi[eE]c\b\s*[:.]?\s*")
_ADDRESSED = re.compile(r"^\W*K[iíl]nh\s+g[uo][il]", re.IGNORECASE)
_DISAGREEING_AT_MOST = 60.0
_ONLY_TITLE_AT_MOST = 88.0


@dataclass(frozen=True)
class _Title:
    kind: str
    row: int
    words: tuple[Word, ...]
    rest: str


def kind_and_subject(
    left: Sequence[Strip], body: Sequence[Strip], notation: str | None, page: int, width: int
) -> list[Field]:
    """The kind, and what the paper is about; nothing where neither title nor notation tells."""
    title = _title(body)
    letter = _letter_subject(left, page)
    kinds = lexicon().kinds_of((notation or "").split("-")[0].split("/")[0]) if notation else ()
    if title is not None:
        return [_kind(title, kinds, notation, page), *_subject(title, body, page, width)]
    if letter is not None or (notation is not None and not kinds):
        return [_letter(letter, kinds, notation), *([letter] if letter else [])]
    return []


def _title(body: Sequence[Strip]) -> _Title | None:
    """The first row in capitals that begins with a kind's name, above any "Kính gửi"."""
    for row, strip in enumerate(body[:_FIRST_ROWS]):
        if _ADDRESSED.search(strip.bare):
            return None
        if strip.capital_share < _CAPITALS or len(strip.skeleton) < 4:
            continue
        title = _title_in(strip, row)
        if title is not None:
            return title
    return None


def _title_in(strip: Strip, row: int) -> _Title | None:
    whole = strip.skeleton
    names = sorted(lexicon().kinds, key=len, reverse=True)
    score, best = max((likeness(whole, skeleton(kind)), kind) for kind in names)
    if score >= _ALIKE:
        return _Title(best, row, strip.words, "")
    for kind in names:  # THÔNG BÁO KẾT LUẬN …: the kind is only how the title begins
        wanted = skeleton(kind)
        for count in range(1, len(strip.words)):
            begun = skeleton(" ".join(word.text for word in strip.words[:count]))
            if len(begun) >= len(wanted):
                if len(wanted) > 4 and likeness(begun, wanted) >= _ALIKE + 0.06:
                    rest = " ".join(word.text for word in strip.words[count:])
                    return _Title(kind, row, strip.words[:count], rest)
                break
    return None


def _kind(title: _Title, kinds: Sequence[str], notation: str | None, page: int) -> Field:
    """The printed title, checked against the notation: CT may be a directive or a tax office's letter."""
    sure = mean_confidence(title.words)
    if notation is None:
        return found(FieldName.KIND, title.kind, title.words, page, confidence=sure, most=_ONLY_TITLE_AT_MOST)
    if title.kind in kinds:
        return found(FieldName.KIND, title.kind, title.words, page, confidence=max(sure, 90.0))
    if kinds:
        return found(
            FieldName.KIND,
            title.kind,
            title.words,
            page,
            confidence=sure,
            doubt=Doubt.DISAGREES,
            most=_DISAGREEING_AT_MOST,
        )
    return found(FieldName.KIND, title.kind, title.words, page, confidence=sure, most=_ONLY_TITLE_AT_MOST)


def _letter(subject: Field | None, kinds: Sequence[str], notation: str | None) -> Field:
    """A letter has no title: told by its subject under the number, or by a notation of no kind."""
    sure = 92.0 if subject is not None and notation is not None else 75.0
    spots = subject.spots if subject is not None else ()
    doubt = Doubt.DISAGREES if kinds and subject is None else None
    return Field(FieldName.KIND, lexicon().letter, sure, spots, "", doubt)


def _letter_subject(left: Sequence[Strip], page: int) -> Field | None:
    for row, strip in enumerate(left):
        match = _LETTER_SUBJECT.match(strip.bare)
        if match:
            rows = left[row:]
            words = [word for one in rows for word in one.words]
            text = " ".join([strip.text[match.end() :], *(one.text for one in rows[1:])])
            return _told(text, words, page)
    return None


def _subject(title: _Title, body: Sequence[Strip], page: int, width: int) -> list[Field]:
    rows = _subject_rows(body[title.row + 1 :], width)
    words = [word for row in rows for word in row.words]
    text = " ".join([title.rest, *(row.text for row in rows)]).strip()
    match = _TOLD.match(bare(text))
    text = text[match.end() :] if match else text
    return [_told(text, words or title.words, page)] if text else []


def _told(text: str, words: Sequence[Word], page: int) -> Field:
    value = _BROKEN_NOTATION.sub(r"\1-\2", text.strip(" .:;_-"))
    return found(FieldName.SUBJECT, value[:1].upper() + value[1:] or None, words, page)


def _subject_rows(rows: Sequence[Strip], width: int) -> list[Strip]:
    """The centred rows below the title, up to what cannot belong to it."""
    kept: list[Strip] = []
    if not rows:
        return kept
    height = height_of(word for row in rows[:8] for word in row.words)
    step: float | None = None
    for row in rows[:8]:
        if mean_confidence(row.words) < _LEGIBLE and len(row.skeleton) < 20:
            continue  # marks of the row below, read as a row of their own
        if _ends_subject(row, width):
            break
        if kept:
            gap = row.baseline - kept[-1].baseline
            if step is not None and gap > 1.45 * step:
                break
            if step is None and gap > 2.4 * height:
                break
            step = gap if step is None else min(step, gap)
        kept.append(row)
    return kept


def _ends_subject(row: Strip, width: int) -> bool:
    text = row.bare.strip()
    if any(text.startswith(bare(opening)) for opening in lexicon().openings):
        return True
    if row.capital_share > _CAPITALS and len(row.skeleton) > 6:
        return True
    off_centre = abs(row.middle - width / 2) / width
    return off_centre > 0.12
