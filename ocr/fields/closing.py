"""The end of an administrative paper: signature and recipients (ô số 7a, 7b, 9b)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr.fields.found import Doubt, Field, FieldName, found
from ocr.fields.spelling import bare, clean, lexicon, likeness, skeleton
from ocr.fields.strip import Strip, baseline_of, gutter_of, height_of, split_at, strips_of
from ocr.page import ReadPage, Word, mean_confidence

_RECIPIENTS = re.compile(r"\bn[o0][il1]\s*nh[ae]n\b", re.IGNORECASE)
_AUTHORITY = re.compile(r"^\W*(?P<auth>T\.?M|K\.?T|T\.?L|T\.?U\.?Q|Q)\s*[.,:]\s*(?P<who>\S.*)$")
_COPY = re.compile(r"/\s*(?:SY|SL|TrS|TRS)\b", re.IGNORECASE)
_COPY_TITLE = ("SAOY", "SAOYBANCHINH", "SAOLUC", "TRICHSAO", "CHUNGTHUCBANSAODUNGVOIBANCHINH")
_NOT_A_NAME = re.compile(
    r"^\W*(?:ky boi|nguoi ky|email|co quan|thoi gian|ngay ky|da ky|\(|noi nhan|luu|dien thoai)", re.IGNORECASE
)
_LETTERS = r"[^\W\d_]"
_NAME_WORD = re.compile(rf"(?:{_LETTERS}+['’`]?{_LETTERS}*(?:-{_LETTERS}+)*)\.?")
# The office's own copy, always with the clerk's office (văn thư): VT is small and read in many ways.
_ARCHIVE_LINE = re.compile(r"^L[ưuủôừứừ]u\s*[:;.]?\s*V(?:T|I|Ị|E|L|IT|ỊT|IE|Ì|Í|ĩ)(?=\W|$)")
_ITEM = re.compile(r"^\W{0,3}[-–+•*·¬~°]\s*")
_FURTHEST_MM = 75
_CORRECTED_AT_MOST = 69.0
_MENDED_AT_MOST = 88.0
_READABLE = 40.0
_ALIKE_POSITION = 0.84


@dataclass(frozen=True)
class Closing:
    """The two cells at the end: rows of recipients left, rows of the signature right."""

    left: tuple[Strip, ...]
    right: tuple[Strip, ...]


def closing_of(page: ReadPage) -> Closing | None:
    """The closing cells on this page; None when it has none. A copy's own closing is left out."""
    words = _before_copy(page)
    anchor = _recipients_word(words, page)
    if anchor is not None:
        return _beside(words, anchor, page)
    right = [word for word in words if (word.box[0] + word.box[2]) / 2 > 0.42 * page.width_px]
    rows = strips_of(right)
    for at, row in enumerate(rows):
        if row.box[1] > 0.2 * page.height_px and _is_title(row) and _is_short(row, page):
            return Closing(_dashed(words, row, page), tuple(rows[at:]))
    return None


def _dashed(words: Sequence[Word], title: Strip, page: ReadPage) -> tuple[Strip, ...]:
    """The list beside a signature whose heading "Nơi nhận" couldn't be read."""
    least = title.box[1] - height_of(title.words)
    left = [word for word in words if word.box[2] < 0.5 * page.width_px and word.box[1] > least]
    rows = strips_of(left)
    first = next((at for at, row in enumerate(rows) if _ITEM.match(row.text)), None)
    return tuple(rows[first:]) if first is not None else ()


def _before_copy(page: ReadPage) -> list[Word]:
    """The words above a copy's own header, which stands below the original's signature."""
    rows = strips_of(page.words)
    limit = float(page.height_px)
    for row in rows:
        if row.box[1] < 0.35 * page.height_px:
            continue
        if _COPY.search(row.bare) or row.skeleton in _COPY_TITLE:
            limit = row.box[1] - 3.2 * height_of(row.words)
            break
    return [word for word in page.words if word.box[1] < limit]


def _recipients_word(words: Sequence[Word], page: ReadPage) -> Word | None:
    """The first word of "Nơi nhận" in the left half."""
    left = [word for word in words if word.box[0] < 0.5 * page.width_px]
    for strip in strips_of(left):
        match = _RECIPIENTS.search(strip.bare)
        if match and match.start() < 4:
            return strip.words_at(*match.span())[0]
    return None


def _beside(words: Sequence[Word], anchor: Word, page: ReadPage) -> Closing:
    height = height_of(words)
    top = baseline_of(anchor) - 2.6 * height
    lower = [word for word in words if word.box[3] > top and word.box[1] > top - height]
    sure = [word for word in lower if baseline_of(word) > baseline_of(anchor) - 0.6 * height]
    gutter = gutter_of(
        sure,
        max(0.3 * page.width_px, anchor.box[2]),
        0.72 * page.width_px,
        lambda word: word.confidence > 60 and any(letter.isalnum() for letter in word.text),
    )
    left, right = split_at(lower, gutter if gutter is not None else 0.5 * page.width_px)
    left = [word for word in left if baseline_of(word) > baseline_of(anchor) - 0.6 * height]
    rows = [row for row in strips_of(right) if row.box[1] > top or _is_title(row)]
    first = next((at for at, row in enumerate(rows) if _is_title(row)), None)
    return Closing(tuple(strips_of(left)), tuple(rows[first:] if first is not None else rows))


def _is_short(row: Strip, page: ReadPage) -> bool:
    return row.box[2] - row.box[0] < 0.5 * page.width_px


def _is_title(row: Strip) -> bool:
    return bool(_authority(row)) or _position(row) is not None


def _authority(row: Strip) -> re.Match[str] | None:
    return _AUTHORITY.match(row.bare) if row.capital_share > 0.7 else None


def _position(row: Strip) -> str | None:
    """How a signer's title begins in this row in capitals, a few misread letters aside."""
    if row.capital_share < 0.7 or len(row.skeleton) < 4:
        return None
    scored = [
        (likeness(row.skeleton[: len(wanted)], wanted), len(wanted), head)
        for head in lexicon().position_heads
        if len(wanted := skeleton(head)) > 3
    ]
    score, _, best = max(scored)
    return best if score >= _ALIKE_POSITION else None


def signature(closing: Closing, page: ReadPage, number: int) -> list[Field]:
    """Authority, position and signer."""
    authorities: list[Strip] = []
    positions: list[Strip] = []
    last: list[Strip] | None = None
    rest: Sequence[Strip] = closing.right
    for at, row in enumerate(closing.right):
        step = row.baseline - closing.right[at - 1].baseline if at else 0.0
        if _authority(row):
            last = authorities
        elif _position(row) is not None and not (positions and step > 4 * height_of(row.words)):
            last = positions
        elif not (last and row.capital_share > 0.85 and step < 2.2 * height_of(row.words) and _sure(row)):
            break
        last.append(row)
        rest = closing.right[at + 1 :]
    fields = []
    if authorities:
        fields.append(_titles(FieldName.AUTHORITY, authorities, number))
    if positions:
        fields.append(_titles(FieldName.POSITION, positions, number))
    signer = _signer(rest, [*authorities, *positions], page, number)
    return [*fields, *([signer] if signer else [])]


def _sure(row: Strip) -> bool:
    return mean_confidence(row.words) >= 60


def _titles(name: FieldName, rows: Sequence[Strip], number: int) -> Field:
    words = [word for row in rows for word in row.words]
    lines: list[str] = []
    mended = False
    for row in rows:
        text = lexicon().respelled(row.text.strip(" .:;|_-"))
        match = _AUTHORITY.match(bare(text))
        if match:
            head = match["auth"].replace(".", "")
            text = f"{head}. {text[match.start('who') :]}"
        head_of_title = _position(row)
        if head_of_title and not bare(text).upper().startswith(bare(head_of_title)):
            count = len(head_of_title.split())
            text = " ".join([head_of_title, *text.split()[count:]])
            mended = True
        if match or head_of_title or not lines:
            lines.append(text)
        else:
            lines[-1] = f"{lines[-1]} {text}"
    return found(
        name,
        "\n".join(lines),
        words,
        number,
        doubt=Doubt.CORRECTED if mended else None,
        most=_CORRECTED_AT_MOST if mended else 100.0,
    )


def _signer(rows: Sequence[Strip], titles: Sequence[Strip], page: ReadPage, number: int) -> Field | None:
    """The printed name under the pen's: the last row of that shape within reach of the titles."""
    reach = _FURTHEST_MM / 25.4 * page.dpi
    bottom = max((row.box[3] for row in titles), default=rows[0].box[1] if rows else 0)
    middle = sum(row.middle for row in titles) / len(titles) if titles else None
    best: Strip | None = None
    for row in rows:
        if row.box[1] - bottom > reach:
            break
        near = middle is None or abs(row.middle - middle) < 0.2 * page.width_px
        if near and _is_name(row):
            best = row
    if best is None:
        return None
    read = _name_in(best)
    first, _, rest_of_name = read.partition(" ")
    name = f"{lexicon().surname(first)} {rest_of_name}"
    mended = name != read
    return found(
        FieldName.SIGNER,
        name,
        best.words,
        number,
        doubt=Doubt.CORRECTED if mended else None,
        most=_MENDED_AT_MOST if mended else 100.0,
    )


def _name_in(row: Strip) -> str:
    return " ".join(
        clean(word.text).strip(" .,;:|_*") if number else clean(word.text).strip(" ,;:|_*'`“”\"")
        for number, word in enumerate(row.words)
    ).strip()


def _is_name(row: Strip) -> bool:
    text = _name_in(row)
    if _NOT_A_NAME.match(bare(text)) or mean_confidence(row.words) < _READABLE:
        return False
    for rank in lexicon().ranks:
        if bare(text).lower().startswith(bare(rank).lower() + " "):
            text = text[len(rank) :].strip()
            break
    parts = text.split()
    if not 2 <= len(parts) <= 7 or not all(_NAME_WORD.fullmatch(part) for part in parts):
        return False
    if text.isupper():
        return len(text) > 5 and _position(row) is None
    return all((part[0].isupper() and not part[1:].isupper()) or len(part) == 1 for part in parts)


def recipients(closing: Closing, number: int) -> Field | None:
    """Who gets a copy, one a line, without the dash before and the sign behind it."""
    if not closing.left:
        return None
    first = closing.left[0]
    match = _RECIPIENTS.search(first.bare)
    rows = closing.left[1:] if match else closing.left
    items, kept = listed(rows, first_dash=False)
    words = [word for row in kept for word in row.words]
    if not items:
        return None
    items[-1] = _ARCHIVE_LINE.sub("Lưu: VT", items[-1])
    return found(FieldName.RECIPIENTS, "\n".join(items), words, number)


def listed(rows: Iterable[Strip], *, first_dash: bool = True) -> tuple[list[str], list[Strip]]:
    """(items of a list with dashes, its rows): an item ends where the next dash or a wide gap stands.

    Without `first_dash` the first item may have lost its own.
    """
    items: list[str] = []
    kept: list[Strip] = []
    for row in rows:
        height = height_of(row.words)
        if kept and row.baseline - kept[-1].baseline > 3.2 * height:
            break
        if kept and row.box[0] < kept[0].box[0] - 1.5 * height:
            break
        match = _ITEM.match(row.text)
        if match is None and not items:
            if len(row.skeleton) < 3:
                continue
            if first_dash or not row.text[:1].isupper():
                break
        text = row.text[match.end() :] if match else row.text
        if match or not items or items[-1].endswith((";", ".")):
            items.append(text)
        else:
            items[-1] = f"{items[-1]} {text}"
        kept.append(row)
    return [item.strip(" ;.,:") for item in items if item.strip(" ;.,:")], kept
