"""What the net saw in one window of the page (một lần đọc), and how sure it was."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.engines.lines.decoding import Letter, decoded
from ocr.page import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FLOOR = 1e-4


@dataclass(frozen=True)
class Reading:
    """The letters in `window`, px of the page; `least` is the probability of the least likely of them, `mean`
    their geometric mean, 0..1."""

    letters: tuple[Letter, ...]
    window: Box
    least: float
    mean: float

    def text(self, names: Sequence[str]) -> str:
        """The letters by the net's `names`."""
        return "".join(names[letter.index] for letter in self.letters)


def reading_of(likely: "NDArray[np.float32]", window: Box) -> Reading:
    """`likely` as `LineNet.read` gives it."""
    letters = tuple(decoded(likely))
    if not letters:
        return Reading((), window, 0.0, 0.0)
    logs = [math.log(max(letter.likely, _FLOOR)) for letter in letters]
    return Reading(letters, window, math.exp(min(logs)), math.exp(sum(logs) / len(logs)))
