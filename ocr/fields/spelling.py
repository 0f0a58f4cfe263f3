"""Comparing what was read with what is printed: marks, case and look-alike letters aside (so khớp chữ)."""

import difflib
import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from typing import Any

from resources import path as resource

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−­"), "-")
_ODD = {ord("Ð"): "Đ", ord("ð"): "đ", ord("⁄"): "/", ord("∕"): "/", 0xA0: " ", ord("："): ":"}
_DOUBLED = re.compile(r"ĐĐ+")
_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8", "Z": "2"})


def clean(text: str) -> str:
    """`text` in NFC, with one kind of dash, slash and Đ, as an engine should have read it."""
    plain = unicodedata.normalize("NFC", text).translate(_DASHES).translate(_ODD)
    return _DOUBLED.sub("Đ", plain).replace("~-", "-").replace("-~", "-")


@functools.lru_cache(maxsize=4096)
def _bare_letter(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return {"đ": "d", "Đ": "D"}.get(base, base)


def bare(text: str) -> str:
    """`text` without marks, letter for letter: places in it are places in `text`."""
    return "".join(map(_bare_letter, text))


def skeleton(text: str) -> str:
    """Letters and digits of `text` only, in bare capitals: marks and blanks are not to be trusted."""
    return "".join(letter for letter in bare(text).upper() if letter.isalnum())


def likeness(one: str, other: str) -> float:
    """How alike two skeletons are, 0..1."""
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def digits_of(text: str) -> tuple[str, bool]:
    """(the digits that `text` stands for, whether letters that look like digits were among them)."""
    packed = "".join(text.split())
    turned = packed.translate(_LOOKALIKES)
    return turned, turned != packed


def tone_style(text: str) -> str:
    """`text` with the tone where newer spelling puts it: hoà as hòa, uỷ as ủy."""
    for old, new in _TONES:
        text = text.replace(old, new)
    return text


def _tones() -> tuple[tuple[str, str], ...]:
    pairs = []
    for first, second in ("oa", "oe", "uy"):
        for mark in "\u0300\u0301\u0309\u0303\u0323":
            for one, two in ((first, second), (first.upper(), second.upper()), (first.upper(), second)):
                old = unicodedata.normalize("NFC", one + two + mark)
                pairs.append((old, unicodedata.normalize("NFC", one + mark + two)))
    return tuple(pairs)


_TONES = _tones()


@dataclass(frozen=True)
class Lexicon:
    """The words of administrative papers that are known beforehand (resources/fields/administrative.toml)."""

    kinds: dict[str, tuple[str, ...]]
    letter: str
    copies: dict[str, tuple[str, ...]]
    notations: dict[str, str]
    body_heads: tuple[str, ...]
    phrases: tuple[str, ...]
    authorities: tuple[str, ...]
    position_heads: tuple[str, ...]
    ranks: tuple[str, ...]
    surnames: tuple[str, ...]
    openings: tuple[str, ...]
    provinces: dict[str, str]
    titles: dict[str, str]

    def kinds_of(self, abbreviation: str) -> tuple[str, ...]:
        """The kinds of paper that an abbreviation stands for."""
        return tuple(kind for kind, short in self.kinds.items() if abbreviation in short)

    def surname(self, word: str) -> str:
        """The one family name that differs from `word` in marks only; `word` itself without one."""
        if tone_style(word).capitalize() in self.surnames:
            return word
        near = [name for name in self.surnames if bare(name).lower() == bare(word).lower()]
        if len(near) != 1:
            return word
        return near[0].upper() if word.isupper() else near[0]

    def respelled(self, text: str) -> str:
        """`text` with the marks of well-known phrases put right where nothing but marks differs.

        Single words stay as they were read: HÀ and HẠ are both words. The case stays too.
        """
        words = text.split(" ")
        folded = [bare(word).upper() for word in words]
        for phrase in self.phrases:
            parts = bare(phrase).split(" ")
            for start in range(len(words) - len(parts) + 1):
                if folded[start : start + len(parts)] == parts:
                    for place, right in enumerate(phrase.split(" "), start):
                        words[place] = _marked_like(words[place], right)
        return " ".join(words)


def _marked_like(word: str, capitals: str) -> str:
    """`word` in the letters of `capitals`, which differ in marks only; another tone style is no mistake."""
    if tone_style(word).upper() == capitals:
        return word
    return "".join(new if old.isupper() else new.lower() for old, new in zip(word, capitals, strict=True))


@functools.cache
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    data: dict[str, Any] = tomllib.loads(
        resource("fields", "administrative.toml").read_text(encoding="utf-8")
    )
    kinds = data["kinds"]
    known = [abbreviation for short in kinds.values() for abbreviation in short]
    known += [abbreviation for short in data["copies"].values() for abbreviation in short]
    known += [part for text in data["notations"]["known"] for part in text.split("-")]
    return Lexicon(
        kinds={kind: tuple(short) for kind, short in kinds.items()},
        letter=data["letter"]["name"],
        copies={form: tuple(short) for form, short in data["copies"].items()},
        notations={bare(part): part for part in known},
        body_heads=tuple(data["bodies"]["heads"]),
        phrases=_phrases(data),
        authorities=tuple(data["authorities"]),
        position_heads=tuple(data["positions"]["heads"]),
        ranks=tuple(data["positions"]["ranks"]),
        surnames=tuple(data["positions"]["surnames"]),
        openings=tuple(data["body"]["openings"]),
        titles=data["titles"],
        provinces={skeleton(name): name for name in data["places"]["provinces"]},
    )


def _phrases(data: dict[str, Any]) -> tuple[str, ...]:
    """Phrases of two words and more in capitals, the longest first."""
    provinces = [name.upper() for name in data["places"]["provinces"]]
    named = [f"{level} {name}" for level in ("TỈNH", "THÀNH PHỐ") for name in provinces]
    phrases = {*data["bodies"]["heads"], *data["positions"]["heads"], *provinces, *named}
    return tuple(sorted((p for p in phrases if " " in p), key=lambda phrase: (-len(phrase), phrase)))
