"""Papers that are forms: civil status, land, declarations (biểu mẫu hộ tịch, đất đai), by templates as data.

A template (resources/fields/papers/*.toml) says which title a form has and which labels its fields stand
behind, in the order of the form. Labels repeat on forms (the mother's residence, the father's): one is taken
for the next field of that label that hasn't been passed yet.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ocr.fields.found import Field, FieldName, found
from ocr.fields.pen import Print
from ocr.fields.spelling import lexicon, likeness, skeleton
from ocr.fields.strip import Strip, height_of, strips_of
from ocr.fields.values import value_of
from ocr.page import ReadPage, Word
from resources import path as resource

_ALIKE_TITLE = 0.88
_ALIKE_LABEL = 0.86
_TITLE_ROWS = 30
_FULL_ROW = 0.82


@dataclass(frozen=True)
class FormField:
    """A field of a form: behind which labels, what kind of value, over how many lines at most.

    `pattern` is an expression for a value that stands without a label.
    """

    name: str
    title: str
    value: str
    labels: tuple[str, ...] = ()
    lines: int = 1
    pattern: str = ""


@dataclass(frozen=True)
class Form:
    """A template: its key, its name as a kind of paper, its titles, its fields in the order of the form."""

    key: str
    kind: str
    titles: tuple[str, ...]
    fields: tuple[FormField, ...]
    columns: int = 1


def field_titles() -> dict[str, str]:
    """What every field is called in Vietnamese, by its name; one name has one title on all forms."""
    told = {field.name: field.title for form in forms() for field in form.fields}
    return {**told, **lexicon().titles}


@dataclass(frozen=True)
class _Place:
    """A row of a page."""

    page: int
    strip: Strip


@dataclass(frozen=True)
class _Label:
    """A label that was found: in which row of the stream, from which word to which (exclusive)."""

    row: int
    first: int
    end: int
    skeleton: str


@functools.cache
def forms() -> tuple[Form, ...]:
    """The shipped templates, those with the longest titles first."""
    read = [_form(file.stem, file.read_text(encoding="utf-8")) for file in _files()]
    return tuple(sorted(read, key=lambda form: -max(len(title) for title in form.titles)))


def _files() -> list[Any]:
    return sorted(resource("fields", "papers").glob("*.toml"))


def _form(key: str, text: str) -> Form:
    data = tomllib.loads(text)
    fields = tuple(
        FormField(
            name=one["name"],
            title=one["title"],
            value=one.get("value", "text"),
            labels=tuple(one.get("labels", ())),
            lines=one.get("lines", 1),
            pattern=one.get("pattern", ""),
        )
        for one in data["field"]
    )
    return Form(key, data["kind"], tuple(data["titles"]), fields, data.get("columns", 1))


def form_fields(pages: Sequence[ReadPage], pictures: Sequence[Print | None]) -> tuple[str, list[Field]]:
    """(the template's key, the fields it finds); an empty key and no fields for no known form."""
    first = strips_of(pages[0].words)
    match = _form_of(first)
    if match is None:
        return "", []
    form, row = match
    stream = _stream(pages, form.columns)
    start = next((at for at, place in enumerate(stream) if place.strip.box[1] > row.box[1]), 0)
    labels = list(_labels(stream, form, start))
    fields = [found(FieldName.KIND, form.kind, row.words, 1)]
    fields += _behind_labels(form, stream, labels, pictures)
    fields += _by_pattern(form, stream)
    order = {field.name: at for at, field in enumerate(form.fields)}
    return form.key, sorted(fields, key=lambda field: order.get(field.name, -1))


def _form_of(rows: Sequence[Strip]) -> tuple[Form, Strip] | None:
    """The form whose title stands in one row, or in two on top of each other."""
    for form in forms():
        for title in form.titles:
            wanted = skeleton(title)
            for at, row in enumerate(rows[:_TITLE_ROWS]):
                if row.capital_share < 0.75:
                    continue
                below = rows[at + 1].skeleton if at + 1 < len(rows) else ""
                if (
                    max(likeness(row.skeleton, wanted), likeness(row.skeleton + below, wanted))
                    >= _ALIKE_TITLE
                ):
                    return form, row
    return None


def _stream(pages: Sequence[ReadPage], columns: int) -> list[_Place]:
    """The rows of all pages in the order in which the form is filled in."""
    places: list[_Place] = []
    for number, page in enumerate(pages, start=1):
        rows = strips_of(page.words)
        if columns == 1:
            places += [_Place(number, row) for row in rows]
        else:
            places += [_Place(number, row) for row in _columns(rows, page.width_px / 2)]
    return places


def _columns(rows: Sequence[Strip], middle: float) -> Iterator[Strip]:
    """Neighbouring rows of two halves: all left ones, then all right ones; whole rows where they stand."""
    left: list[Strip] = []
    right: list[Strip] = []
    for row in rows:
        halves = _halves(row, middle)
        if halves is None:
            yield from (*left, *right, row)
            left, right = [], []
        else:
            left += [Strip(halves[0])] if halves[0] else []
            right += [Strip(halves[1])] if halves[1] else []
    yield from (*left, *right)


def _halves(row: Strip, middle: float) -> tuple[tuple[Word, ...], tuple[Word, ...]] | None:
    """The words left and right of the page's middle; None for a row that goes across it."""
    gap = height_of(row.words)
    left = tuple(word for word in row.words if word.box[2] <= middle + gap)
    right = tuple(word for word in row.words if word not in left)
    if right and right[0].box[0] < middle - gap:
        return None
    if left and right and right[0].box[0] - left[-1].box[2] < 0.8 * gap:
        return None
    return left, right


def _labels(stream: Sequence[_Place], form: Form, start: int) -> Iterator[_Label]:
    """The labels in the stream from row `start` on; where several fit, the longest."""
    wanted = {skeleton(label) for field in form.fields for label in field.labels}
    for number, place in enumerate(stream[start:], start):
        words = place.strip.words
        at = 0
        while at < len(words):
            best: _Label | None = None
            read = ""
            for end in range(at + 1, min(at + 14, len(words)) + 1):
                read += skeleton(words[end - 1].text)
                colon = ":" in words[end - 1].text or (end < len(words) and words[end].text.strip() == ":")
                fits = read if read in wanted else _closest(read, wanted) if colon else None
                if fits and (best is None or colon or len(fits) >= len(best.skeleton)):
                    best = _Label(number, at, end, fits)
                if colon:
                    break
            if best is None:
                at += 1
            else:
                yield best
                at = best.end


def _closest(read: str, wanted: "set[str]") -> str | None:
    near = [one for one in wanted if abs(len(one) - len(read)) <= 0.2 * len(one) and one[:1] == read[:1]]
    scored = [(likeness(read, one), one) for one in near]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= _ALIKE_LABEL else None


def _behind_labels(
    form: Form, stream: Sequence[_Place], labels: Sequence[_Label], pictures: Sequence[Print | None]
) -> list[Field]:
    fields: list[Field] = []
    passed = -1
    taken: set[int] = set()
    for at, label in enumerate(labels):
        fitting = [
            number
            for number, field in enumerate(form.fields)
            if number not in taken and label.skeleton in {skeleton(one) for one in field.labels}
        ]
        ahead = [number for number in fitting if number > passed]
        if not fitting:
            continue
        chosen = ahead[0] if ahead else fitting[0]
        passed = max(passed, chosen)
        taken.add(chosen)
        following = labels[at + 1] if at + 1 < len(labels) else None
        field = form.fields[chosen]
        words = _words_behind(stream, label, following, field.lines, form.columns)
        place = stream[label.row]
        named = place.strip.words[label.first : label.end]
        fields.append(
            value_of(
                field.name, field.value, words, label=named, page=place.page, picture=pictures[place.page - 1]
            )
        )
    return fields


def _words_behind(
    stream: Sequence[_Place], label: _Label, following: _Label | None, lines: int, columns: int
) -> tuple[Word, ...]:
    """The words from a label to the next one, over at most `lines` rows of one column."""
    words: list[Word] = []
    row = stream[label.row].strip
    edge = max(one.strip.box[2] for one in stream if one.page == stream[label.row].page)
    if columns > 1 and row.box[2] < edge / 2:
        edge //= 2
    for number in range(label.row, min(label.row + lines, len(stream))):
        place = stream[number]
        if place.page != stream[label.row].page:
            break
        first = label.end if number == label.row else 0
        end = len(place.strip.words)
        if following is not None and following.row == number:
            end = following.first
        if number > label.row and (
            row.box[2] < _FULL_ROW * edge
            or place.strip.baseline - row.baseline > 2.2 * height_of(row.words)
            or place.strip.box[0] > row.box[2]
            or place.strip.box[2] < row.box[0]
        ):
            break
        words += place.strip.words[first:end]
        row = place.strip
        if following is not None and following.row == number:
            break
    return tuple(words)


def _by_pattern(form: Form, stream: Sequence[_Place]) -> list[Field]:
    fields = []
    for field in form.fields:
        if not field.pattern:
            continue
        expression = re.compile(field.pattern)
        for place in stream:
            match = expression.search(place.strip.text)
            if match:
                words = place.strip.words_at(*match.span())
                value = " ".join((match[1] if match.groups() else match[0]).split())
                fields.append(found(field.name, value, words, place.page))
                break
    return fields
