"""What only looks like letters (nét bút, vết dấu): pen strokes, rests of a seal taken for a line."""

_FEW_LETTERS = 3
_HALF_SURE = 0.5
_TALL = 2.2
_STROKES = frozenset('\\⁄|`#~^<>{}[]=*¡ø÷“”"')


def is_scribble(text: str, mean: float, tall: float) -> bool:
    """Whether a strip is a scribble rather than print.

    It has three letters at most, and was read with a `mean` probability below one half, or is full of
    strokes, or is `tall` times as high as the page's usual strip.
    """
    if sum(letter.isalnum() for letter in text) > _FEW_LETTERS:
        return False
    return mean < _HALF_SURE or tall > _TALL or any(letter in _STROKES for letter in text)
