"""Whether a text layer that somebody left can be trusted (lớp chữ dùng được hay là rác).

Layers that are rubbish come in three kinds: symbols without sense (a page on its head, a seal read as
letters), Vietnamese read with a foreign model and so without its letters, and the code tables of before
Unicode (TCVN3, VNI), whose letters are in the file but mean others.
"""

import re
import unicodedata

_FEWEST_LETTERS = 24
_LEAST_PLAUSIBLE = 0.72
_LEAST_VIETNAMESE = 0.10
_MOST_FOREIGN = 0.02
_LEAST_FOREIGN_PLAUSIBLE = 0.9
_LEAST_COMMON = 0.08

_VIETNAMESE = frozenset(
    letter
    for base in "aăâeêioôơuưy"
    for mark in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    for letter in (unicodedata.normalize("NFC", base + mark),)
    if not letter.isascii()
) | {"đ"}
_LETTERS = _VIETNAMESE | frozenset("abcdefghijklmnopqrstuvwxyz")
_VOWELS = frozenset("aeiouy") | (_VIETNAMESE - {"đ"})
_NUMBER = re.compile(r"[\d.,:/%()-]+")
_SIGN = re.compile(r"[A-ZĐ0-9]+([./-][A-ZĐ0-9]+)+", re.IGNORECASE)
_EDGES = "\"'“”‘’«»()[]{}<>.,;:!?…-–—*•/\\|_"
# Words that no Vietnamese text without its marks would hold.
_COMMON_ELSEWHERE = frozenset(
    {"the", "of", "and", "for", "that", "with", "are", "this", "from", "is", "which"}
    | {"les", "des", "une", "pour", "dans", "est", "que", "der", "die", "und", "ist", "für"}
)


def is_legible(text: str) -> bool:
    """Whether `text`, a page's whole text layer, reads like Vietnamese, or plainly like another language."""
    folded = unicodedata.normalize("NFC", text)
    letters = [letter for letter in folded.lower() if letter.isalpha()]
    words = [word for word in (part.strip(_EDGES) for part in folded.split()) if word]
    if len(letters) < _FEWEST_LETTERS or not words:
        return _is_short_and_plain(words)
    foreign = sum(letter not in _LETTERS for letter in letters) / len(letters)
    plausible = sum(_is_plausible(word) for word in words) / len(words)
    if foreign > _MOST_FOREIGN or plausible < _LEAST_PLAUSIBLE:
        return False
    vietnamese = sum(letter in _VIETNAMESE for letter in letters) / len(letters)
    return vietnamese >= _LEAST_VIETNAMESE or _is_another_language(words, plausible)


def _is_short_and_plain(words: list[str]) -> bool:
    """A page of a few words or of figures alone gives little to judge by: all of it must make sense."""
    return bool(words) and all(_is_plausible(word) for word in words)


def _is_another_language(words: list[str], plausible: float) -> bool:
    common = sum(word.lower() in _COMMON_ELSEWHERE for word in words) / len(words)
    return plausible >= _LEAST_FOREIGN_PLAUSIBLE and common >= _LEAST_COMMON


def _is_plausible(word: str) -> bool:
    """A number, a document's sign (147/QĐ-UBND), or letters of one case with a vowel among them."""
    if _NUMBER.fullmatch(word) or _SIGN.fullmatch(word):
        return True
    parts = [part for part in re.split(r"[-/.,;:'’()]", word) if part]
    return bool(parts) and all(part.isdecimal() or _is_syllable(part) for part in parts)


def _is_syllable(part: str) -> bool:
    if not part.isalpha() or len(part) > 24:
        return False
    cased = part.islower() or part.isupper() or part[1:].islower()
    lower = part.lower()
    if part.isupper() and len(part) <= 6:  # UBND, TTHC, HĐND
        return all(letter in _LETTERS for letter in lower)
    return cased and any(letter in _VOWELS for letter in lower)
