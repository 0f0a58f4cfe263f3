"""Vietnamese text: one normal form, folding for search, alphabetical order (chuẩn hóa văn bản)."""

import unicodedata

# Alphabet order of Vietnamese dictionaries; marks order: none, grave, hook, tilde, acute, dot below.
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_MARKS = "\u0300\u0309\u0303\u0301\u0323"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_LETTERS, start=100)}
_MARK_RANK = {mark: rank for rank, mark in enumerate(_MARKS, start=1)}
_SHAPE_MARKS = {"\u0302", "\u0306", "\u031b"}  # circumflex, breve, horn belong to the letter


def nfc(text: str) -> str:
    """`text` in Unicode NFC, the only form that crosses a boundary of the program."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """`text` without marks, đ as d, lower case, single blanks: what a clerk types without an input method."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d").replace("ð", "d"))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.split())


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Key that sorts names as a Vietnamese dictionary does: letters first, then tone marks, then case."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", text.casefold()):
        base, tone = _letter_and_tone(char)
        letters.append(_LETTER_RANK.get(base, ord(base[0])))
        tones.append(tone)
    return tuple(letters), tuple(tones), nfc(text)


def _letter_and_tone(char: str) -> tuple[str, int]:
    parts = unicodedata.normalize("NFD", char)
    shape = "".join(c for c in parts[1:] if c in _SHAPE_MARKS)
    tone = next((_MARK_RANK[c] for c in parts[1:] if c in _MARK_RANK), 0)
    return unicodedata.normalize("NFC", parts[0] + shape), tone
