"""Fields of made-up administrative papers through the whole reading (trường thông tin).

Every paper is printed, stamped, signed, worn and scanned in simulation, read by Tesseract and its fields are
compared with what was printed. Numbers and dates written by hand must come out empty.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ocr import Reader, find_fields
from ocr.fields import PaperFields
from resources.specimens.render.official import Official, official

from .figures import Figure, at_least, at_most

PAPERS = 200
GOAL = 0.98
_FREE_TEXT = ("subject", "recipients")


@dataclass
class Tally:
    """How many fields of each name were right, how many are right letter for letter in free text as well."""

    right: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    to_the_letter: Counter[str] = field(default_factory=Counter)
    invented: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    by_hand: int = 0

    @property
    def share(self) -> float:
        """The share of typed fields that are right."""
        return sum(self.right.values()) / max(sum(self.total.values()), 1)

    def count(self, paper: Official, found: PaperFields) -> None:
        """Compares one paper's fields with its truth."""
        for name, truth in paper.truth.items():
            value = found.value(name)
            if name in paper.by_hand:
                self.by_hand += 1
                if value is not None:
                    self.invented.append(f"{paper.number} {name}: {value} for {truth} by hand")
                continue
            self.total[name] += 1
            exact = value == truth
            self.to_the_letter[name] += exact
            right = exact or (name in _FREE_TEXT and value is not None and _nearly(value, truth))
            self.right[name] += right
            if not right:
                self.misses.append(f"{paper.number} {name}: {value!r} for {truth!r}")
            if name == "number" and value is not None and not exact:
                self.invented.append(f"{paper.number} {name}: {value} for {truth}")


def _nearly(value: str, truth: str) -> bool:
    """Free text counts when at most 2 % of its letters are misread: reading is measured elsewhere."""
    return _distance(value, truth) <= max(1, round(0.02 * len(truth)))


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        previous, row[0] = row[0], number
        for at, against in enumerate(other, 1):
            previous, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, previous + (letter != against))
    return row[-1]


def measured(numbers: Iterable[int]) -> Tally:
    """Reads the papers of these numbers and counts."""
    tally = Tally()
    with Reader(jobs=2) as reader:
        for paper, found in _read(numbers, reader):
            tally.count(paper, found)
    return tally


def _read(numbers: Iterable[int], reader: Reader) -> Iterator[tuple[Official, PaperFields]]:
    for number in numbers:
        paper = official(number)
        pages = [reader.read(jpeg, dpi=paper.dpi) for jpeg in paper.jpegs()]
        yield paper, find_fields(pages)


def measure(*, few: bool = False) -> Iterator[Figure]:
    """The shares of fields that are right, by name and together, and how many numbers were made up."""
    papers = PAPERS // 10 if few else PAPERS
    tally = measured(range(papers))
    for name in sorted(tally.total):
        share = 100 * tally.right[name] / tally.total[name]
        exact = f"{tally.right[name]} of {tally.total[name]}, {tally.to_the_letter[name]} to the letter"
        yield Figure(f"{name} right", share, "%", note=exact)
    for miss in (*tally.misses, *(f"MADE UP {one}" for one in tally.invented)):
        print(f"   {miss}")
    note = f"{papers} made-up papers, 200 and 300 dpi, stamped, signed, skewed"
    yield at_least("typed fields right", 100 * tally.share, 100 * GOAL, "%", note)
    yield at_most("numbers made up", len(tally.invented), 0, note=f"{tally.by_hand} fields were by hand")
