"""Codes as data: a template says of which parts a code is made and how they are printed (mẫu mã).

Parts are stored beside the code, never cut out of it again later: what a code looks like may change, what it
stands for may not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from app.domain.codes import CodeError
from app.domain.text import fold, nfc

_TOKEN = re.compile(r"\{(?P<part>[a-z]+)\}|(?P<open>\[)|(?P<close>\])|(?P<sign>[^{}\[\]]+)")
_LONGEST_DESCRIPTION = 40
_NO_DOSSIER = "giay-to"


@dataclass(frozen=True)
class Part:
    """A part of a code: its name, what it is called, and the expression that its whole text fits.

    A number has `digits` digits at least, with zeros in front.
    """

    name: str
    title: str
    pattern: str = ""
    digits: int = 0
    optional: bool = False

    def written(self, value: str | int) -> str:
        """The value as it stands in the code. Raises CodeError."""
        text = nfc(str(value).strip())
        if self.digits and text.isdecimal() and text.isascii():
            text = f"{int(text):0{self.digits}d}"
        if not (self.optional and not text) and not re.fullmatch(self._expression, text):
            raise CodeError(f"{self.name}: {text}")
        return text

    @property
    def _expression(self) -> str:
        return rf"[0-9]{{{self.digits},{max(self.digits, 10)}}}" if self.digits else self.pattern


@dataclass(frozen=True)
class Code:
    """A code with its parts: `text` as printed, `parts` by name, both NFC."""

    template: str
    text: str
    parts: Mapping[str, str]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class CodeTemplate:
    """How one kind of code is put together and taken apart."""

    name: str
    title: str
    form: str
    parts: Mapping[str, Part]
    file: str = "{code}"
    sequence: str = ""
    counted_by: tuple[str, ...] = ()
    version: str = ""

    def make(self, values: Mapping[str, str | int]) -> Code:
        """The code of these parts. Raises CodeError for a part that is missing, unknown or doesn't fit."""
        unknown = set(values) - set(self.parts)
        if unknown:
            raise CodeError(", ".join(sorted(unknown)))
        written = {
            name: part.written(values.get(name, "1" if name == self.version else ""))
            for name, part in self.parts.items()
        }
        text = nfc("".join(self._filled(written)))
        code = Code(self.name, text, MappingProxyType(written))
        if dict(self.parse(text).parts) != written:
            raise CodeError(text)  # parts that would be read back otherwise are no parts
        return code

    def parse(self, text: str) -> Code:
        """The code that `text` is, with its parts. Raises CodeError."""
        plain = nfc(text.strip())
        found = re.fullmatch(self._expression(), plain)
        if not found:
            raise CodeError(text)
        parts = {name: found[name] or "" for name in self.parts}
        for name, part in self.parts.items():
            if part.written(parts[name]) != parts[name]:
                raise CodeError(text)
        return Code(self.name, plain, MappingProxyType(parts))

    def series(self, values: Mapping[str, str | int]) -> str:
        """The name of the series that a sequence counts in: one for each combination of `counted_by`."""
        return "_".join(self.parts[name].written(values.get(name, "")) for name in self.counted_by)

    def base(self, code: Code) -> str:
        """What stays the same over all versions of one paper."""
        kept = {name: text for name, text in code.parts.items() if name != self.version}
        return ":".join((self.name, *(kept[name] for name in self.parts if name in kept)))

    def file_name(self, code: Code, day: date, description: str = "", dossier: str = "") -> str:
        """The file's name with `.pdf`: ASCII and without blanks.

        `description` tells what kind of paper it is, in a few words; `dossier` is the dossier's code. A code
        that holds a person's number has a template whose `file` leaves {code} out.
        """
        filled = self.file.format(
            code=_ascii(code.text),
            day=f"{day:%Y%m%d}",
            description=_plain(description)[:_LONGEST_DESCRIPTION].strip("-"),
            dossier=_ascii(dossier) or _NO_DOSSIER,
        )
        return filled.strip("_.-") + ".pdf"

    def _filled(self, written: Mapping[str, str]) -> Iterator[str]:
        held: list[str] | None = None
        empty = False
        for token in _TOKEN.finditer(self.form):
            if token["open"]:
                held, empty = [], False
            elif token["close"]:
                if held is not None and not empty:
                    yield from held
                held = None
            else:
                text = written[token["part"]] if token["part"] else token["sign"]
                empty = empty or (held is not None and token["part"] is not None and not text)
                if held is None:
                    yield text
                else:
                    held.append(text)

    def _expression(self) -> str:
        pieces = []
        for token in _TOKEN.finditer(self.form):
            if token["open"]:
                pieces.append("(?:")
            elif token["close"]:
                pieces.append(")?")
            elif token["part"]:
                pieces.append(f"(?P<{token['part']}>{self._of(self.parts[token['part']])})")
            else:
                pieces.append(re.escape(token["sign"]))
        return "".join(pieces)

    @staticmethod
    def _of(part: Part) -> str:
        """The part's expression inside the whole: what looks ahead to the end is checked part by part."""
        if part.digits:
            return rf"[0-9]{{{part.digits},{max(part.digits, 10)}}}"
        return re.sub(r"\(\?=[^)]*\$\)", "", part.pattern)


def templates_from(table: Mapping[str, Any]) -> dict[str, CodeTemplate]:
    """The templates that a table of data describes. Raises CodeError with the name of a faulty one."""
    return {name: _template(name, data) for name, data in table.items()}


def _template(name: str, data: Any) -> CodeTemplate:
    try:
        parts = {
            part: Part(
                part,
                told["title"],
                told.get("pattern", ""),
                told.get("digits", 0),
                told.get("optional", False),
            )
            for part, told in data["parts"].items()
        }
        template = CodeTemplate(
            name=name,
            title=data["title"],
            form=data["form"],
            parts=MappingProxyType(parts),
            file=data.get("file", "{code}"),
            sequence=data.get("sequence", ""),
            counted_by=tuple(data.get("counted_by", ())),
            version=data.get("version", ""),
        )
        named = [token["part"] for token in _TOKEN.finditer(template.form) if token["part"]]
        for pattern in (*(part.pattern for part in parts.values()), template._expression()):
            re.compile(pattern)
        template.file.format(code="", day="", description="", dossier="")
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, re.error) as error:
        raise CodeError(name) from error
    counted = {template.sequence, template.version, *template.counted_by} - {""}
    if sorted(named) != sorted(parts) or not counted <= set(parts):
        raise CodeError(name)
    return template


def _ascii(text: str) -> str:
    letters = text.replace("Đ", "D").replace("đ", "d")
    return "".join(c for c in letters if c.isascii() and (c.isalnum() or c in "._-"))


def _plain(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", fold(text)))
