"""The reasons of a finding, one sentence each (lý do): data in `resources/translations/signatures.*.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import resources
from signing.verify.moment import VIETNAM


@dataclass(frozen=True)
class Reason:
    """A stable code and the facts that its sentence names."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def told(self, language: str = "vi") -> str:
        """The sentence, in Vietnamese or English. Raises KeyError for an unknown code."""
        return sentences(language)[self.code].format_map(self.facts)


@cache
def sentences(language: str) -> dict[str, str]:
    """All sentences of a language by code; Vietnamese for an unknown language."""
    known = language if language in ("vi", "en") else "vi"
    text = resources.path("translations", f"signatures.{known}.toml").read_text(encoding="utf-8")
    table: dict[str, str] = tomllib.loads(text)
    return table


def clock(at: datetime) -> str:
    """A moment as it is written in Vietnam: dd/MM/yyyy HH:mm:ss, in Vietnam's time."""
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
