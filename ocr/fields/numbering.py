"""Number and notation of an administrative paper (số, ký hiệu; NĐ 30/2020/NĐ-CP, phụ lục I, ô số 3).

Numbers are often written by hand into a printed form. Nothing is guessed: a number counts only where it is
set in the type of the notation beside it and was read surely; otherwise the place is shown.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr.fields.found import Doubt, Field, FieldName, found, lowest
from ocr.fields.pen import Print
from ocr.fields.spelling import bare, digits_of, lexicon
from ocr.fields.strip import Strip
from ocr.page import Word

_LEADERS = r"[\s.…_'`~*-]*"
_DIGITS = r"(?P<so>[0-9OolISBZ|](?:\s?[0-9OolISBZ|]){0,9}[a-z]?)?"
# A small "s" only where nothing stands before it: "số" within a sentence names another paper.
_HEAD = r"(?:(?:^|(?<=\s))(?:[S58\$][o06]\s*[:;.,]*|S[OQ]\s*[:;.,]+)|^s[o06]\s*[:;]+)"
# The notation is read from the text without marks: letters, digits, and the signs between its parts.
_NOTATION = (
    r"(?P<kh>[A-Za-z]{1,12}[0-9]{0,2}"
    r"(?:\s?[-.&/]\s?[A-Za-z0-9][A-Za-z0-9.&]{0,20}|-$){0,5}(?:\s?\([A-Z]{1,3}\))?)"
)
_ADMINISTRATIVE = re.compile(
    rf"{_HEAD}{_LEADERS}{_DIGITS}{_LEADERS}[/\\]\s*(?:(?P<nam>(?:19|2[0O])[0-9OolI]{{2}})\s*/\s*)?{_NOTATION}"
)
_PARTY = re.compile(
    rf"{_HEAD}{_LEADERS}{_DIGITS}\s*-\s*(?P<kh>(?:NQ|QD|CT|TB|HD|KH|BC|TTr|CV|KL|QC|CTr|GM|GGT)\s*/\s*[A-Z]{{1,20}})"
)
_REGISTER = re.compile(rf"{_HEAD}{_LEADERS}{_DIGITS}\s*/\s*(?P<nam>(?:19|20)\d\d)(?![\d/])")
_ILLEGIBLE = re.compile(
    rf"{_HEAD}(?P<so>.{{1,14}}?)/\s*(?:(?P<nam>(?:19|20)\d\d)\s*/\s*)?"
    r"(?P<kh>[A-Z][A-Za-z]{0,9}-[A-Z][A-Za-z0-9-]{1,20})"
)
_KNOWN_AT_LEAST = 80.0
_BROKEN = re.compile(r"[-/&]$")
_TAIL = re.compile(r"[A-Z][A-Za-z0-9&.]{0,12}(?:-[A-Z0-9]{1,8})*")
_MOST_DIGITS = 6
_SURE = 75.0
_READABLE = 45.0
_HOPELESS = 10.0
_CORRECTED_AT_MOST = 65.0


@dataclass(frozen=True)
class Numbering:
    """Number, year and notation as fields, and whether this is the number of a copy."""

    fields: tuple[Field, ...]
    notation: str | None
    of_a_copy: bool = False


def numberings(strips: Sequence[Strip], page: int, picture: Print | None) -> list[Numbering]:
    """Every number with its notation in these rows, from top to bottom."""
    result = []
    for at, strip in enumerate(strips):
        below = strips[at + 1] if at + 1 < len(strips) else None
        for pattern in (_PARTY, _ADMINISTRATIVE, _REGISTER, _ILLEGIBLE):
            match = pattern.search(strip.bare)
            if match:
                result.append(_numbering(match, strip, below, page, picture))
                break
    return result


def _numbering(
    match: re.Match[str], strip: Strip, below: Strip | None, page: int, picture: Print | None
) -> Numbering:
    fields = [_number(match, strip, page, picture)]
    groups = match.groupdict()
    if groups.get("nam"):
        words = strip.words_at(*match.span("nam"))
        year, corrected = digits_of(groups["nam"])
        fields.append(_doubted(FieldName.YEAR, year, words, page, corrected=corrected))
    notation = None
    if groups.get("kh"):
        field = _notation(match, strip, below, page)
        fields.append(field)
        notation = field.value
    copies = {short for shorts in lexicon().copies.values() for short in shorts}
    return Numbering(tuple(fields), notation, (notation or "").split("-")[0] in copies)


def _number(match: re.Match[str], strip: Strip, page: int, picture: Print | None) -> Field:
    head = strip.words_at(match.start(), match.start() + 2)[0]
    if match["so"] is None:
        return _gap(head, _word_after(match, strip), page)
    start, end = match.span("so")
    words = strip.pieces_at(start, end)
    digits, corrected = digits_of(strip.text[start:end])
    place = _between(head, _word_after(match, strip), words)
    if not re.fullmatch(r"\d+[a-z]?", digits):
        return found(FieldName.NUMBER, None, place, page, doubt=Doubt.HANDWRITTEN)
    if len(digits) > _MOST_DIGITS:
        return found(FieldName.NUMBER, None, place, page, doubt=Doubt.IMPOSSIBLE)
    beside = [*strip.pieces_at(0, match.start() + 2), *strip.pieces_at(end, match.end())]
    sure = _SURE if picture is None else _READABLE
    if lowest(words) < sure or not _typed(words, beside, head, picture):
        return found(FieldName.NUMBER, None, place, page, doubt=Doubt.HANDWRITTEN)
    return _doubted(FieldName.NUMBER, digits, words, page, corrected=corrected)


def _typed(words: Sequence[Word], beside: Sequence[Word], head: Word, picture: Print | None) -> bool:
    """Whether the number is set in the type of the words beside it, all that stands behind its `head`."""
    if picture is not None:
        return picture.typed(words, beside, apart=True, behind=head)
    heights = sorted(word.box[3] - word.box[1] for word in beside)
    usual = heights[len(heights) // 2]
    return all(0.6 < (word.box[3] - word.box[1]) / usual < 1.15 for word in words)


def _doubted(name: FieldName, value: str, words: Sequence[Word], page: int, *, corrected: bool) -> Field:
    most = _CORRECTED_AT_MOST if corrected else 100.0
    doubt = Doubt.CORRECTED if corrected else None
    return found(name, value, words, page, confidence=lowest(words), doubt=doubt, most=most)


def _notation(match: re.Match[str], strip: Strip, below: Strip | None, page: int) -> Field:
    start, end = match.span("kh")
    words = list(strip.words_at(start, end))
    read = "".join(strip.text[start:end].split())
    if _BROKEN.search(read) and below is not None:
        tail = _TAIL.match(below.bare)
        if tail:
            read += below.text[: tail.end()]
            words += below.words_at(0, tail.end())
    value = respelled_notation(read.rstrip(".,;"))
    own = [word for word in words if not word.text.strip().isdigit()]
    sure = lowest(own or words)
    if sure > _HOPELESS and all(bare(part) in lexicon().notations for part in re.split(r"[-/]", value)):
        sure = max(sure, _KNOWN_AT_LEAST)  # a misreading would hardly give known parts only
    return found(FieldName.NOTATION, value, own or words, page, confidence=sure)


def respelled_notation(text: str) -> str:
    """A notation with the marks of its known parts put right: QD-UBND is QĐ-UBND; case stays."""
    parts = re.split(r"([-/&.])", text)
    return "".join(lexicon().notations.get(bare(part), part) for part in parts)


def _word_after(match: re.Match[str], strip: Strip) -> Word:
    name = "kh" if "kh" in match.groupdict() else "nam"
    slash = strip.bare.find("/", match.end("so") if match["so"] else match.start() + 2)
    at = slash if 0 <= slash <= match.start(name) else match.start(name)
    return strip.words_at(at, at + 1)[0]


def _gap(head: Word, after: Word, page: int) -> Field:
    """No number read: the place between "Số:" and the notation, where one may be written by hand."""
    return found(FieldName.NUMBER, None, [_space(head, after)], page, confidence=0.0, doubt=Doubt.BLANK)


def _between(head: Word, after: Word, words: Iterable[Word]) -> list[Word]:
    """The words together with the place that they stand in."""
    kept = list(words)
    return [_space(head, after), *kept] if after.box[0] > head.box[2] and after not in kept else kept


def _space(head: Word, after: Word) -> Word:
    """The empty place between two words, as a word without text."""
    left, right = head.box[2], max(after.box[0], head.box[2] + 1)
    box = (left, min(head.box[1], after.box[1]), right, max(head.box[3], after.box[3]))
    return Word("", box, (left, box[3], right, box[3]), 0.0, head.line, head.block)
