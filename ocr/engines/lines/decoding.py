"""From probabilities to letters (giải mã CTC): the likeliest text of a line, not the likeliest path.

Graves, Fernández, Gomez and Schmidhuber 2006: a text's probability is the sum over all its alignments. Where
the net is sure at every step there is one alignment; only the stretches between sure blanks that hold a doubt
are searched, with a few prefixes kept at each step.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SURE_BLANK, _SURE_LETTER = 0.995, 0.98
_KEPT_PREFIXES = 6
_TRIED_LETTERS = 6
_LEAST = 0.003


@dataclass(frozen=True)
class Letter:
    """A letter's index, the step where it stands, and how likely it is there, 0..1."""

    index: int
    step: int
    likely: float


def decoded(likely: "NDArray[np.float32]") -> list[Letter]:
    """The letters of a line; `likely` is steps × letters, the blank last."""
    import numpy as np

    blank = likely.shape[1] - 1
    best = likely.argmax(axis=1)
    most = likely[np.arange(len(likely)), best]
    blank_here = (best == blank) & (most > _SURE_BLANK)
    edges = np.flatnonzero(np.diff(np.concatenate(([True], blank_here, [True])).astype(np.int8)))
    letters: list[Letter] = []
    for start, end in edges.reshape(-1, 2):
        if float(most[start:end].min()) > _SURE_LETTER:
            letters += _read_off(best, most, int(start), int(end), blank)
        else:
            letters += _searched(likely[start:end], int(start), blank)
    return letters


def confidence(letters: list[Letter]) -> float:
    """0..100 as Tesseract counts it: 100 + 35 ln p of the least likely letter."""
    least = min((letter.likely for letter in letters), default=0.0)
    return max(0.0, min(100.0, 100 + 35 * math.log(max(least, 1e-4))))


def _read_off(
    best: "NDArray[np.int64]", most: "NDArray[np.float32]", start: int, end: int, blank: int
) -> list[Letter]:
    letters = []
    previous = blank
    for step in range(start, end):
        index = int(best[step])
        if index not in (previous, blank):
            letters.append(Letter(index, step, float(most[step])))
        previous = index
    return letters


def _searched(likely: "NDArray[np.float32]", start: int, blank: int) -> list[Letter]:
    """The likeliest text of a stretch by prefix search: for each prefix the probability of its alignments
    that end in a blank and of those that end in its last letter."""
    import numpy as np

    prefixes: dict[tuple[int, ...], tuple[float, float, tuple[int, ...]]] = {(): (1.0, 0.0, ())}
    for step, row in enumerate(likely):
        tried = np.flatnonzero(row > _LEAST)
        if len(tried) > _TRIED_LETTERS:
            tried = tried[np.argsort(row[tried])[-_TRIED_LETTERS:]]
        pairs = [(int(index), float(row[index])) for index in tried if index != blank]
        prefixes = _extended(prefixes, step, pairs, float(row[blank]))
    text, (_, _, steps) = max(prefixes.items(), key=lambda item: item[1][0] + item[1][1])
    return [
        Letter(index, start + step, float(likely[max(0, step - 1) : step + 3, index].max()))
        for index, step in zip(text, steps, strict=True)
    ]


def _extended(
    prefixes: dict[tuple[int, ...], tuple[float, float, tuple[int, ...]]],
    step: int,
    pairs: list[tuple[int, float]],
    blank: float,
) -> dict[tuple[int, ...], tuple[float, float, tuple[int, ...]]]:
    grown: dict[tuple[int, ...], list[float]] = {}
    steps: dict[tuple[int, ...], tuple[int, ...]] = {}
    for prefix, (in_blank, in_letter, at) in prefixes.items():
        last = prefix[-1] if prefix else -1
        own = grown.setdefault(prefix, [0.0, 0.0])
        steps[prefix] = at
        own[0] += (in_blank + in_letter) * blank
        for index, share in pairs:
            if index == last:
                own[1] += in_letter * share
                came_from = in_blank
            else:
                came_from = in_blank + in_letter
            if came_from:
                longer = (*prefix, index)
                grown.setdefault(longer, [0.0, 0.0])[1] += came_from * share
                steps.setdefault(longer, (*at, step))
    kept = sorted(grown.items(), key=lambda item: -sum(item[1]))[:_KEPT_PREFIXES]
    total = sum(sum(pair) for _, pair in kept) or 1.0
    return {prefix: (pair[0] / total, pair[1] / total, steps[prefix]) for prefix, pair in kept}
