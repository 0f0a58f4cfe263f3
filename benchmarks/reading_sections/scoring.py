"""Character error rate, and the truths of published pages.

Both texts are put into NFC and every run of white space counts as one space; nothing else is folded: case,
punctuation, marks and digits all count. The rate is the Levenshtein distance over the length of the truth.
Order counts, too. Cells that stand side by side (header, signature) may rightly be read one after the other
or straight across, so each reading, ours and the peer's alike, is held against both orders and keeps the
better rate.
"""

import re
import unicodedata
from pathlib import Path

from rapidfuzz.distance import Levenshtein

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
_HEADER_LINES = 6
_RULE = re.compile(r"[\s–—_-]*")
_SIDE_BY_SIDE = re.compile(r"^(\s*\S.*?)\s{3,}(\S(?:(?!\s{3}).)*)$")


def plain(text: str) -> str:
    """NFC, white space folded."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def error_rate(read: str, *truths: str) -> float:
    """Error rate in per cent against the nearest of `truths`."""
    got = plain(read)
    wanted = [plain(truth) for truth in truths]
    return 100 * min(Levenshtein.distance(got, truth) / max(1, len(truth)) for truth in wanted)


def published_truths(text: str) -> tuple[str, str]:
    """(cells apart, straight across) of a page's text that was laid out with spaces; drawn rules left out."""
    lines = [line for line in text.splitlines() if not _RULE.fullmatch(line)]
    head = [_SIDE_BY_SIDE.match(line) for line in lines[:_HEADER_LINES]]
    left = [found[1] for found in head if found]
    right = [found[2] for found in head if found]
    rest = [line for line, found in zip(lines, [*head, *[None] * len(lines)], strict=False) if not found]
    return "\n".join([*left, *right, *rest]), "\n".join(lines)
