"""Words that may have been meant (từ thay thế): what the engine saw nearly as well, then what differs by
marks or letters that are easily confused and is spelled as a Vietnamese syllable may be.

Nothing here changes a word. A word gets candidates when it is doubtful, or the engine had a close second;
spellings that stand elsewhere on the page, and those of well-known phrases, come first.
"""

import functools
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from ocr.fields.spelling import digits_of, lexicon
from ocr.page import Word
from ocr.suggesting.syllable import TONES, is_syllable, untoned

DOUBTFUL = 88.0
"""A word of less confidence is doubtful."""

_MOST = 4
_LONGEST = 7  # nghiêng
_SURE = 92.0
_ONE_CHANGE, _TWO_CHANGES = 1.5, 2.1
_KNOWN_HERE, _WELL_KNOWN = 0.6, 0.4
_PARTS = re.compile(r"^([^\w]*)(.*?)([^\w]*)$", re.DOTALL)
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = tuple(TONES)
_TONE_COST = {
    frozenset(pair): cost
    for cost, pairs in (
        (0.8, ((_HOOK, _ACUTE), (_HOOK, _TILDE), (_GRAVE, _ACUTE), (_ACUTE, _TILDE))),
        (1.0, ((_HOOK, _GRAVE), (_GRAVE, _TILDE), ("", _DOT))),
        (1.2, (("", _GRAVE), ("", _ACUTE), ("", _HOOK), ("", _TILDE))),
        (1.4, ((_DOT, _GRAVE), (_DOT, _ACUTE), (_DOT, _HOOK), (_DOT, _TILDE))),
    )
    for pair in pairs
}
_QUALITIES = ("aăâ", "eê", "oôơ", "uư", "dđ")
_QUALITY_COST = 1.0
_FOREIGN_COST = 0.5
_SHAPES = ("il1", "o0", "s5", "b8", "ce", "nhu", "vy", "qg", "tl", "ft", "mn", "rt")
_SHAPE_COST = 1.3
_VOWELS = "aăâeêioôơuưy"
_ALPHABET = frozenset("abcdeghiklmnopqrstuvxyăâđêôơư")


def with_suggestions(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words, those in doubt with at most four candidates, the likeliest first.

    `suggestions` that a word brings along are what the engine saw nearly as well.
    """
    close = [tuple(filter(_is_possible, word.suggestions)) for word in words]
    doubtful = [word.confidence < DOUBTFUL or bool(own) for word, own in zip(words, close, strict=True)]
    if not any(doubtful):
        return tuple(replace(word, suggestions=()) if word.suggestions else word for word in words)
    here = {_core(word.text).lower() for word in words if word.confidence >= _SURE and not word.suggestions}
    return tuple(
        replace(word, suggestions=candidates_for(word.text, own, here) if unsure else ())
        for word, own, unsure in zip(words, close, doubtful, strict=True)
    )


def _is_possible(spelling: str) -> bool:
    """Whether the engine's second choice is a syllable; LÄ is none."""
    return is_syllable(_core(spelling))


def candidates_for(text: str, close: Sequence[str] = (), here: Collection[str] = ()) -> tuple[str, ...]:
    """What `text` may be instead, the likeliest first.

    `close` are the engine's own, `here` the words in lower case that were read with certainty beside it.
    """
    before, core, after = _parts(text)
    if not core or any(map(unicodedata.combining, text)):
        return tuple(close)[:_MOST]
    ranked = {spelling: rank for rank, spelling in enumerate(dict.fromkeys(close))}
    figures, changed = digits_of(core)
    if changed and figures.isdigit() and any(sign.isdigit() for sign in core):
        ranked.setdefault(f"{before}{figures}{after}", len(ranked))
    if core.isalpha() or not core.isdigit():
        found = sorted((_cost(cost, one, here), one) for one, cost in _respelled(core).items())
        for _, one in found:
            ranked.setdefault(f"{before}{one}{after}", len(ranked))
    ranked.pop(text, None)
    return tuple(ranked)[:_MOST]


def _parts(text: str) -> tuple[str, str, str]:
    match = _PARTS.match(text)
    return (match[1], match[2], match[3]) if match else ("", text, "")


def _core(text: str) -> str:
    return _parts(text)[1]


def _cost(cost: float, spelling: str, here: Collection[str]) -> float:
    lower = spelling.lower()
    return cost - (_KNOWN_HERE if lower in here else 0.0) - (_WELL_KNOWN if lower in _well_known() else 0.0)


@functools.cache
def _well_known() -> frozenset[str]:
    """The words of phrases and family names that papers are full of."""
    words = lexicon()
    told = [*words.phrases, *words.surnames, *words.kinds, *words.provinces.values(), *words.ranks]
    return frozenset(word.lower() for text in told for word in text.split())


@functools.lru_cache(maxsize=2000)
def _respelled(core: str) -> dict[str, float]:
    """Syllables that differ from `core` in what is easily confused, with the cost of the change."""
    if len(core) > _LONGEST:
        return {}
    letters = [(letter, _instead(letter)) for letter in core]
    within = _ONE_CHANGE if is_syllable(core) else _TWO_CHANGES
    found: dict[str, float] = {}
    for spelling, cost in _walks(letters, within, changes=2):
        if cost and is_syllable(spelling):
            found[spelling] = min(cost, found.get(spelling, cost))
    return found


def _walks(
    letters: Sequence[tuple[str, dict[str, float]]], left: float, changes: int
) -> Iterator[tuple[str, float]]:
    """Every spelling with at most so many changes that cost no more than is `left`, with its cost."""
    if not letters:
        yield "", 0.0
        return
    own, instead = letters[0]
    for rest, more in _walks(letters[1:], left, changes):
        yield own + rest, more
    for letter, cost in instead.items() if changes else ():
        if cost <= left:
            for rest, more in _walks(letters[1:], left - cost, changes - 1):
                yield letter + rest, cost + more


@functools.cache
def _instead(letter: str) -> dict[str, float]:
    """What a letter may be instead, with the cost, in its own case."""
    bare, tone = untoned(letter.lower())
    if not letter.isalnum():
        return {}
    foreign = bare not in _ALPHABET and not bare.isdigit()
    found = _of_that_shape(bare) if foreign else _marked_otherwise(bare, tone)
    if not tone:
        for shapes in _SHAPES:
            if bare in shapes:
                found |= {other: _SHAPE_COST for other in shapes if other != bare and other.isalpha()}
    return {one.upper() if letter.isupper() else one: cost for one, cost in found.items()}


def _of_that_shape(foreign: str) -> dict[str, float]:
    """For ö, ï, ä, å, ë, ñ, which no Vietnamese word has: the letters of the shape below the mark."""
    base = unicodedata.normalize("NFD", foreign)[0]
    family = next((one for one in _QUALITIES if base in one), base)
    marks = ("", *TONES) if base in _VOWELS else ("",)
    return {_joined(quality, mark): _FOREIGN_COST for quality in family for mark in marks}


def _marked_otherwise(bare: str, tone: str) -> dict[str, float]:
    family = next((one for one in _QUALITIES if bare in one), "")
    found = {_joined(quality, tone): _QUALITY_COST for quality in family if quality != bare}
    if bare in _VOWELS:
        others = (mark for mark in ("", *TONES) if mark != tone)
        found |= {_joined(bare, mark): _TONE_COST[frozenset({tone, mark})] for mark in others}
    return found


def _joined(letter: str, mark: str) -> str:
    return unicodedata.normalize("NFC", letter + mark)
