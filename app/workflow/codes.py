"""Giving out codes: each once, its number never used again, whatever happens in between (cấp mã)."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app.domain.code_template import Code, CodeTemplate, templates_from
from app.domain.codes import CodeError
from app.domain.errors import StationError, StationFault
from app.settings import Settings
from app.store import Store
from app.store.codes import IssuedCode
from resources import path as resource

DOCUMENT = "document"
_LARGEST_REPEAT = 99


@contextmanager
def register(settings: Settings) -> Iterator[Store]:
    """This station's store, for giving out codes beside whatever else works on it."""
    with Store(settings.work_folder()) as store:
        yield store


def templates(settings: Settings) -> dict[str, CodeTemplate]:
    """The shipped templates with the station's own laid over them. Raises StationError."""
    shipped = _shipped()
    if not settings.code_templates:
        return shipped
    file = Path(settings.code_templates).expanduser()
    try:
        return {**shipped, **templates_from(tomllib.loads(file.read_text(encoding="utf-8")))}
    except CodeError as error:
        raise StationError(StationFault.TEMPLATES_BAD, file=file.name, template=str(error)) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StationError(StationFault.TEMPLATES_BAD, file=file.name, template="–") from error


def document_template() -> CodeTemplate:
    """The shipped template of document codes, which components of dossiers carry."""
    return _shipped()[DOCUMENT]


def _shipped() -> dict[str, CodeTemplate]:
    return templates_from(tomllib.loads(resource("codes", "templates.toml").read_text(encoding="utf-8")))


def issue(store: Store, template: CodeTemplate, values: Mapping[str, str | int], at: datetime) -> IssuedCode:
    """Takes the next code of a series, durable when this returns; an outer transaction joins it in.

    A template without a running number gives the code of its parts, and with the next repeat (02, 03, …) when
    another paper has it. Raises StationError `station.code-bad`.
    """
    with store.transaction():
        running = template.sequence and not template.parts[template.sequence].optional
        if template.sequence in values:
            return _entered(store, template, values, at)
        if running:
            while True:
                _made(template, {**values, template.sequence: 1})  # before a number is used up
                number = store.next_number(template.series(values))
                found = _tried(store, template, {**values, template.sequence: number}, at)
                if found is not None:
                    return found
        for repeat in range(1, _LARGEST_REPEAT + 1):
            counted = (
                {**values, "sequence": repeat} if repeat > 1 and "sequence" in template.parts else values
            )
            found = _tried(store, template, counted, at)
            if found is not None:
                return found
        raise StationError(StationFault.CODE_TAKEN, issued=_told(template, _made(template, values)))


def next_version(store: Store, template: CodeTemplate, code: str, at: datetime) -> IssuedCode:
    """The next version (V2, V3, …) of a code that was given out: a paper scanned anew keeps its code.

    Raises StationError `station.code-bad` and `station.code-unknown`.
    """
    given = _parsed(template, code)
    with store.transaction():
        before = store.codes.versions(template.base(given))
        if not before:
            raise StationError(StationFault.CODE_UNKNOWN, issued=_told(template, given))
        version = before[-1].version + 1
        parts: dict[str, str | int] = dict(given.parts)
        if template.version:
            parts[template.version] = version
        made = _made(template, parts)
        if not store.codes.add(made, template.base(made), version, at):
            raise StationError(StationFault.CODE_TAKEN, issued=_told(template, made))
        return store.codes.of(made.text)[-1]


def template_of(text: str, known: Mapping[str, CodeTemplate]) -> CodeTemplate | None:
    """The template that `text` is a code of."""
    for template in known.values():
        try:
            template.parse(text)
        except CodeError:
            continue
        return template
    return None


def _entered(
    store: Store, template: CodeTemplate, values: Mapping[str, str | int], at: datetime
) -> IssuedCode:
    found = _tried(store, template, values, at)
    if found is None:
        raise StationError(StationFault.CODE_TAKEN, issued=_told(template, _made(template, values)))
    return found


def _tried(
    store: Store, template: CodeTemplate, values: Mapping[str, str | int], at: datetime
) -> IssuedCode | None:
    made = _made(template, values)
    version = int(made.parts[template.version]) if template.version else 1
    if not store.codes.add(made, template.base(made), version, at):
        return None
    return store.codes.of(made.text)[-1]


def _made(template: CodeTemplate, values: Mapping[str, str | int]) -> Code:
    try:
        return template.make(values)
    except CodeError as error:
        part = re.split(r"[:,]", str(error))[0]
        named = part if part in template.parts or part in values else "–"
        raise StationError(StationFault.CODE_BAD, template=template.name, part=named) from error


def _parsed(template: CodeTemplate, code: str) -> Code:
    try:
        return template.parse(code)
    except CodeError as error:
        raise StationError(StationFault.CODE_BAD, template=template.name, part="–") from error


def _told(template: CodeTemplate, code: Code) -> str:
    """The code as a message may show it: without the number of whoever owns the paper."""
    if "owner" not in template.parts:
        return code.text
    parts = {**code.parts, "owner": ""}
    return template.make(parts).text
