"""How long to wait before the next pass."""

import random as _random
from collections.abc import Callable


def full_jitter(
    attempt: int,
    *,
    base_s: float = 2.0,
    cap_s: float = 900.0,
    random: Callable[[], float] = _random.random,
) -> float:
    """Return the wait in seconds before try number `attempt + 1`; `attempt` counts failures from 1.

    Full jitter: a uniform draw from 0 to min(cap, base · 2^(attempt − 1)), so that a thousand stations
    that lost the same line do not come back in the same second.
    """
    if attempt < 1:
        return 0.0
    # 2**63 s is past any cap; an unbounded exponent would overflow a float.
    ceiling = min(cap_s, base_s * 2.0 ** min(attempt - 1, 63))
    return random() * ceiling
