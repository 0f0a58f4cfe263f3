"""Letters that an engine saw nearly as well as the one it took (chữ cạnh tranh): the same letter with other
marks.

THỨ and THỬ differ by a few points of ink above the letter, and an engine may be sure of the wrong one.
Measured on names in capitals and on whole pages: of five words that were wrong with a confidence of 90 and
more three had a second choice of at least a quarter of full strength, of 3,800 right ones one in ninety.
"""

import unicodedata
from collections.abc import Sequence

from ocr.page import nfc

CLOSE = 0.25
"""How strong a second choice must be, 0..1."""

_MOST = 3

Seen = tuple[str, Sequence[tuple[str, float]]]
"""A letter that was taken, and all others seen in its place with their strengths, 0..1."""


def rival_spellings(letters: Sequence[Seen], close: float = CLOSE) -> tuple[str, ...]:
    """The word with one letter replaced by a close second that differs in marks only, the closest first."""
    word = "".join(letter for letter, _ in letters)
    found: dict[str, float] = {}
    before = ""
    for letter, others in letters:
        after = word[len(before) + len(letter) :]
        for other, strength in others:
            if strength >= close and other != letter and _stem(other) == _stem(letter):
                spelling = nfc(before + other + after)
                found[spelling] = max(strength, found.get(spelling, 0.0))
        before += letter
    return tuple(sorted(found, key=lambda spelling: -found[spelling])[:_MOST])


def _stem(letter: str) -> str:
    """The letter without marks, in its case; đ counts as a marked d."""
    plain = unicodedata.normalize("NFD", letter)[:1]
    return {"đ": "d", "Đ": "D", "Ð": "D"}.get(plain, plain)
