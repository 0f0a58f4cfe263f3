"""Options, sensors and buttons of scanners in plain words (tùy chọn của máy bằng lời thường).

Drivers call the same thing by many names, in English and in the jargon of their makers. What the names mean
and what a clerk reads for them is data: `resources/scanner/options.toml`. Serves every backend: an option of
SANE and one of eSCL go the same way.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import resources
from scanner.contract import DeviceOption


class Meaning(StrEnum):
    """What an option is about, whatever its driver calls it."""

    MULTIFEED = "multifeed"
    """Two sheets drawn in together (nạp đúp): detection, sensor, what to do then."""
    DESKEW = "deskew"
    """Pages that come in askew (chỉnh thẳng)."""
    CROP = "crop"
    """Cutting off what is not paper (cắt viền)."""
    OVERSCAN = "overscan"
    """Scanning beyond the edge of the paper."""
    STAPLE = "staple"
    """Paper that is still stapled (ghim bấm)."""
    PAPER_PROTECTION = "paper-protection"
    """Stopping before paper is damaged."""
    PAPER_LOADED = "paper-loaded"
    """Whether paper lies in the feeder (có giấy trong khay)."""
    BUTTON = "button"
    """A button on the device (nút bấm)."""
    FEEDING = "feeding"
    """How the paper is drawn in: ahead, by hand, with waiting, of what size."""
    SKIPS_BLANKS = "skips-blanks"
    """The device drops pages that it takes for blank; a program that loses no page wants it off."""


@dataclass(frozen=True)
class _Words:
    title: str
    sentence: str


@dataclass(frozen=True)
class _Row:
    name: re.Pattern[str]
    read_only: bool
    meaning: Meaning | None
    words: Mapping[str, _Words]


def meaning_of(option: DeviceOption) -> Meaning | None:
    """What the option is about; None for one that has no meaning here."""
    row = _row_of(option.name, option.settable)
    return row.meaning if row else None


def title_of(option: DeviceOption, language: str = "vi") -> str:
    """A short name of the option in `language` (`vi` or `en`); the driver's own where it is not known."""
    words = _words_of(option, language)
    return words.title if words else unicodedata.normalize("NFC", option.title or option.name)


def sentence_of(option: DeviceOption, language: str = "vi") -> str | None:
    """What the option does in one sentence in `language` (`vi` or `en`); None where it is not known."""
    words = _words_of(option, language)
    return words.sentence if words else None


def _words_of(option: DeviceOption, language: str) -> _Words | None:
    row = _row_of(option.name, option.settable)
    return row.words.get(language) if row else None


@lru_cache(maxsize=1024)
def _row_of(name: str, settable: bool) -> _Row | None:
    name = name.replace("_", "-")
    return next(
        (row for row in _rows() if row.name.fullmatch(name) and not (row.read_only and settable)), None
    )


@lru_cache(maxsize=1)
def _rows() -> tuple[_Row, ...]:
    text = resources.path("scanner", "options.toml").read_text(encoding="utf-8")
    return tuple(_row(fields) for fields in tomllib.loads(text)["option"])


def _row(fields: dict[str, Any]) -> _Row:
    return _Row(
        name=re.compile(fields["name"], re.IGNORECASE),
        read_only=fields.get("read_only", False),
        meaning=Meaning(fields["meaning"]) if "meaning" in fields else None,
        words={
            language: _Words(**{key: unicodedata.normalize("NFC", text) for key, text in words.items()})
            for language, words in fields.items()
            if language in ("vi", "en")
        },
    )
