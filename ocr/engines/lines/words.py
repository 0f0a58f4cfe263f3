"""From letters to words with their places (ghép chữ thành từ): what a blank parts, framed by its ink."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.engines.contract import spelled
from ocr.engines.lines.decoding import Letter, confidence
from ocr.engines.lines.finding import Strip
from ocr.engines.rivals import rival_spellings
from ocr.page import Baseline, Box, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_INK_BELOW = 160


@dataclass(frozen=True)
class Scale:
    """Where the net's steps are on the page: the first begins at `start` px, each is `step` px wide."""

    start: float
    step: float

    def middle(self, letter: Letter) -> float:
        """px."""
        return self.start + (letter.step + 0.5) * self.step


def words_of(
    letters: Sequence[Letter], names: Sequence[str], strip: Strip, grey: "NDArray[np.uint8]", scale: Scale
) -> Iterator[Word]:
    """The words of a strip of the page `grey`; `names` are the net's letters."""
    import numpy as np

    groups = list(_parted(letters, names))
    if not groups:
        return
    x0, y0, x1, y1 = strip.ink
    ink = grey[y0:y1, x0:x1] < _INK_BELOW
    columns = np.asarray(ink.any(axis=0), np.bool_)
    middles = [(scale.middle(group[0]), scale.middle(group[-1])) for group in groups]
    edges = [0]
    for (_, left), (right, _) in itertools.pairwise(middles):
        edges.append(max(edges[-1], _gap(columns, int(left) - x0, int(right) - x0)))
    edges.append(x1 - x0)
    for group, start, end in zip(groups, edges[:-1], edges[1:], strict=True):
        text = spelled("".join(names[letter.index] for letter in group))
        if text:
            box = _framed(ink, start, end, x0, y0)
            baseline, sure = _under(strip.baseline, box), round(confidence(group), 2)
            yield Word(text, box, baseline, sure, strip.line, strip.block, _rivals(group, names))


def _rivals(letters: Sequence[Letter], names: Sequence[str]) -> tuple[str, ...]:
    """Spellings with other marks that the net saw nearly as well."""
    if not any(letter.others for letter in letters):
        return ()
    seen = [
        (names[letter.index], [(names[other], likely) for other, likely in letter.others])
        for letter in letters
    ]
    return rival_spellings(seen)


def _parted(letters: Sequence[Letter], names: Sequence[str]) -> Iterator[list[Letter]]:
    group: list[Letter] = []
    for letter in letters:
        if names[letter.index] == " ":
            if group:
                yield group
            group = []
        else:
            group.append(letter)
    if group:
        yield group


def _gap(columns: "NDArray[np.bool_]", left: int, right: int) -> int:
    """Where to cut between letters at `left` and `right`: in the middle of the widest gap without ink."""
    import numpy as np

    left, right = max(0, min(left, len(columns) - 1)), max(0, min(right, len(columns)))
    between = columns[left:right]
    if right - left < 2 or between.all():
        return (left + right) // 2
    steps = np.flatnonzero(np.diff(np.concatenate(([True], between, [True])).astype(np.int8)))
    runs = steps.reshape(-1, 2)
    start, end = runs[(runs[:, 1] - runs[:, 0]).argmax()]
    return left + int(start + end) // 2


def _framed(ink: "NDArray[np.bool_]", start: int, end: int, x0: int, y0: int) -> Box:
    """The box around the ink between two columns; the whole stretch where there is none."""
    import numpy as np

    end = max(end, start + 1)
    part = ink[:, start:end]
    across, down = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    if not across.size:
        return x0 + start, y0, x0 + end, y0 + ink.shape[0]
    return (
        x0 + start + int(across[0]),
        y0 + int(down[0]),
        x0 + start + int(across[-1]) + 1,
        y0 + int(down[-1]) + 1,
    )


def _under(line: Baseline, box: Box) -> Baseline:
    """The part of the line's baseline that is below a word."""
    x0, y0, x1, y1 = line
    slope = (y1 - y0) / (x1 - x0) if x1 > x0 else 0.0
    return float(box[0]), y0 + slope * (box[0] - x0), float(box[2]), y0 + slope * (box[2] - x0)
