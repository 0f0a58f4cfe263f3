"""From codes to sentences: what happened, what is safe, what to do next (thông báo).

The sentences are data in `resources/translations`: Vietnamese first, English complete.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import resources

LANGUAGES = ("vi", "en")


class CodedError(Protocol):
    """What every engine's error has: a stable code and facts as fields."""

    @property
    def code(self) -> str: ...

    @property
    def facts(self) -> Mapping[str, str | int | float]: ...


@dataclass(frozen=True)
class Message:
    """A three-part sentence for a clerk, with the code that support asks for."""

    code: str
    happened: str
    safe: str
    next: str

    def __str__(self) -> str:
        return f"{self.happened} {self.safe} {self.next}"


def explain(error: CodedError, language: str = "vi") -> Message:
    """The message for an engine's error, its facts filled in."""
    table = messages(language)
    parts = table.get(error.code) or table["unknown"]
    facts = {"code": error.code, **error.facts}
    return Message(error.code, *(_fill(parts[part], facts) for part in ("happened", "safe", "next")))


def explain_bug(language: str = "vi") -> Message:
    """What a clerk is told when the program itself is wrong; the traceback is in the log."""
    parts = messages(language)["bug"]
    return Message("bug", parts["happened"], parts["safe"], parts["next"])


def say(key: str, language: str = "vi", **facts: object) -> str:
    """The sentence or label `key` of the command line. Raises KeyError for an unknown key."""
    return _fill(_phrases(language)[key], facts)


def tell_finding(code: str, facts: Mapping[str, object], language: str = "vi") -> str:
    """What was noticed about pages, a scanner or a test page, in one sentence. Raises KeyError."""
    return _fill(_findings(language)[code], facts)


@cache
def messages(language: str) -> dict[str, dict[str, str]]:
    """All messages of a language by code, each with `happened`, `safe` and `next`."""
    table: dict[str, dict[str, str]] = _read(f"messages.{_known(language)}.toml")
    return table


@cache
def _findings(language: str) -> dict[str, str]:
    table: dict[str, str] = _read(f"findings.{_known(language)}.toml")
    return table


@cache
def _phrases(language: str) -> dict[str, str]:
    table: dict[str, str] = _read(f"phrases.{_known(language)}.toml")
    return table


def _read(name: str) -> Any:
    return tomllib.loads(resources.path("translations", name).read_text(encoding="utf-8"))


def _known(language: str) -> str:
    return language if language in LANGUAGES else "vi"


class _Facts(dict[str, object]):
    """Facts for a sentence; one that the error did not bring becomes a dash, never a crash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _fill(template: str, facts: Mapping[str, object]) -> str:
    return template.format_map(_Facts(facts))
