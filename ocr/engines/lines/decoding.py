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

_SURE_BLANK, _SURE_LETTER = 0.995, 0.95
_REST = 0.02
_KEPT_PREFIXES = 6
_TRIED_LETTERS = 6
_LEAST, _NOTABLE = 0.003, 0.1


@dataclass(frozen=True)
class Letter:
    """A letter's index, the step where it stands, how likely it is there, 0..1, and the others seen there."""

    index: int
    step: int
    likely: float
    others: tuple[tuple[int, float], ...] = ()


def decoded(likely: "NDArray[np.float32]") -> list[Letter]:
    """The letters of a line; `likely` is steps × letters, the blank last."""
    import numpy as np

    blank = likely.shape[1] - 1
    steps = np.arange(len(likely))
    best, letter = likely.argmax(axis=1), likely[:, :blank].argmax(axis=1)
    most, share = likely[steps, best], likely[steps, letter]
    blank_here = (best == blank) & (most > _SURE_BLANK)
    # What is left to letters that are neither the likeliest here nor the blank.
    rest = 1 - share - likely[:, blank]
    edges = np.flatnonzero(np.diff(np.concatenate(([True], blank_here, [True])).astype(np.int8)))
    letters: list[Letter] = []
    for start, end in edges.reshape(-1, 2):
        part = slice(int(start), int(end))
        if float(rest[part].max()) < _REST:
            found = _read_off(best[part], letter[part], share[part], blank)
            if found is not None:
                letters += [Letter(index, step + part.start, likely) for index, step, likely in found]
                continue
        letters += _searched(likely[part], part.start, blank)
    return letters


def confidence(letters: list[Letter]) -> float:
    """0..100 as Tesseract counts it: 100 + 35 ln p of the least likely letter."""
    least = min((letter.likely for letter in letters), default=0.0)
    return max(0.0, min(100.0, 100 + 35 * math.log(max(least, 1e-4))))


def _read_off(
    best: "NDArray[np.int64]", letter: "NDArray[np.int64]", share: "NDArray[np.float32]", blank: int
) -> list[tuple[int, int, float]] | None:
    """The letters of a stretch with one alignment: (index, step, probability).

    None where there may be others: a letter that never is likely, one that may be there once or twice, one
    that only shows below a blank.
    """
    found: list[tuple[int, int, float]] = []
    previous, seen = blank, -1
    for step, (index, shown, likely) in enumerate(
        zip(best.tolist(), letter.tolist(), share.tolist(), strict=True)
    ):
        if index == blank:
            known = shown in (found[-1][0] if found else blank, _next(best, step, blank))
            if likely > _REST and not known:
                return None
        elif index != previous:
            if index == seen:
                return None
            found.append((index, step, likely))
            seen = index
        elif likely > found[-1][2]:
            found[-1] = (index, found[-1][1], likely)
        previous = index
    return found if all(likely > _SURE_LETTER for _, _, likely in found) else None


def _next(best: "NDArray[np.int64]", step: int, blank: int) -> int:
    return next((index for index in best[step:].tolist() if index != blank), blank)


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
    return [_seen(likely, index, step, start, blank) for index, step in zip(text, steps, strict=True)]


def _seen(likely: "NDArray[np.float32]", index: int, step: int, start: int, blank: int) -> Letter:
    import numpy as np

    around = likely[max(0, step - 1) : step + 3].max(axis=0)
    others = tuple(
        (int(other), float(around[other]))
        for other in np.flatnonzero(around > _NOTABLE)
        if other not in (index, blank)
    )
    return Letter(index, start + step, float(around[index]), others)


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
