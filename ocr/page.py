"""What is known of a page once it has been read (trang đã đọc): words, codes, marks."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

from ocr.stage import StageRecord

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in px; the right and lower edges are exclusive."""

Baseline = tuple[float, float, float, float]
"""x0, y0, x1, y1 in px, from the left end to the right end of the line on which letters stand."""


class Flag(StrEnum):
    """A mark on a page that somebody should look at; no machine deletes a page for it."""

    BLANK = "blank"
    """Nothing is written, stamped or drawn on it (trang trắng)."""
    SKEWED = "skewed"
    """It seems to lie askew, but two estimates disagree: left as it is (lệch)."""
    UPSIDE_DOWN_DOUBT = "upside-down-doubt"
    """It may stand on its head or on its side: left as it is (nghi ngược chiều)."""
    LOW_CONFIDENCE = "low-confidence"
    """The reading isn't to be trusted unseen (độ tin cậy thấp)."""
    CLIPPED = "clipped"
    """Writing runs into the edge of the image: part of it may be missing (bị cắt mép)."""
    BLACK_BORDER = "black-border"
    """The scanner's bed shows as a dark border (viền đen)."""
    COLOUR_CAST = "colour-cast"
    """The paper has a strong tint that the page hardly has itself (ám màu)."""
    BLEED_THROUGH = "bleed-through"
    """Ink of the other side shows through (hằn mực mặt sau)."""
    LOW_RESOLUTION = "low-resolution"
    """Fewer than 150 dpi (độ phân giải thấp)."""
    BLURRED = "blurred"
    """No edge in it is sharp (mờ)."""
    UNREADABLE = "unreadable"
    """The source couldn't be decoded; a white page stands in its place (không đọc được)."""


@dataclass(frozen=True)
class Word:
    """A word (từ) and its place in the visible image; text in NFC, confidence 0..100.

    `suggestions`: what it may be instead, the likeliest first; only where it is doubtful, or where the engine
    saw something else nearly as well. They are for a person to choose from.
    """

    text: str
    box: Box
    baseline: Baseline
    confidence: float
    line: int
    block: int
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Barcode:
    """A barcode (mã vạch, mã QR): its text in NFC, its symbology ("QRCode", …) and its box in px."""

    text: str
    format: str
    box: Box


@dataclass(frozen=True)
class ReadPage:
    """Everything read from one page; sizes and places are px of the visible image.

    `source_sha256` and `parameters_sha256` tell whether the result is stale. `words` stand in reading order,
    `text` has their lines. `confidence` is the mean of the words' confidences weighted by their lengths, 0.0
    without words. `turned` is the quarter turn applied, in degrees clockwise; `skew_deg` the small rotation
    applied after it, in degrees counter-clockwise.
    """

    source_sha256: str
    parameters_sha256: str
    width_px: int
    height_px: int
    dpi: int
    words: tuple[Word, ...]
    text: str
    confidence: float
    turned: int
    skew_deg: float
    flags: tuple[Flag, ...]
    barcodes: tuple[Barcode, ...]
    engine: str
    stages: tuple[StageRecord, ...] = ()
    """What each stage of the clean-up decided, how sure it was, and the hashes of what it had."""

    def to_json(self) -> str:
        """The page as JSON that `from_json` turns back into an equal page."""
        record = {field.name: getattr(self, field.name) for field in fields(self)}
        record["words"] = [plain_values(word) for word in self.words]
        record["barcodes"] = [plain_values(barcode) for barcode in self.barcodes]
        record["stages"] = [asdict(stage) for stage in self.stages]
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The page that `to_json` wrote. Raises ValueError for anything else."""
        try:
            record: dict[str, Any] = json.loads(text)
            record["words"] = tuple(word_from_values(*values) for values in record["words"])
            record["barcodes"] = tuple(_barcode(*values) for values in record["barcodes"])
            record["flags"] = tuple(Flag(flag) for flag in record["flags"])
            record["stages"] = tuple(StageRecord(**stage) for stage in record.get("stages", ()))
            return cls(**record)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError("not a page written by to_json") from error


@dataclass(frozen=True)
class CleanedPage:
    """A page that has been read, and `visible`: its JPEG after geometry only, colours kept, dpi inside."""

    read: ReadPage
    visible: bytes


def nfc(text: str) -> str:
    """`text` in Unicode normal form C, the only form that leaves this room."""
    return unicodedata.normalize("NFC", text)


def text_of(words: Sequence[Word]) -> str:
    """The text of words in reading order: a space between words, a line end between lines, an empty line
    between blocks."""
    parts: list[str] = []
    previous: Word | None = None
    for word in words:
        if previous is not None:
            parts.append(_between(previous, word))
        parts.append(word.text)
        previous = word
    return "".join(parts)


def mean_confidence(words: Sequence[Word]) -> float:
    """Mean confidence 0..100 weighted by the words' lengths; 0.0 without words."""
    letters = sum(len(word.text) for word in words)
    return sum(len(word.text) * word.confidence for word in words) / letters if letters else 0.0


def _between(left: Word, right: Word) -> str:
    if left.block != right.block:
        return "\n\n"
    return " " if left.line == right.line else "\n"


def plain_values(record: Word | Barcode) -> list[Any]:
    """The fields of a word or code in their order, as JSON can hold them."""
    return [getattr(record, field.name) for field in fields(record)]


def word_from_values(text: str, box: Sequence[int], baseline: Sequence[float], *rest: Any) -> Word:
    """The word whose `plain_values` these are. Raises ValueError or TypeError for anything else."""
    x0, y0, x1, y1 = box
    ax, ay, bx, by = baseline
    confidence, line, block, *more = rest
    told = (str(one) for one in more[0]) if more else ()  # pages of before have none
    return Word(text, (x0, y0, x1, y1), (ax, ay, bx, by), confidence, line, block, tuple(told))


def _barcode(text: str, symbology: str, box: Sequence[int]) -> Barcode:
    x0, y0, x1, y1 = box
    return Barcode(text, symbology, (x0, y0, x1, y1))
