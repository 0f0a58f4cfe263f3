"""What a person has decided about a page (người dùng chỉnh tay), in the place of what a stage would find."""

from dataclasses import dataclass

_LIMIT_DEG = 45.0


@dataclass(frozen=True)
class Settled:
    """None leaves a stage to itself.

    `turned`: degrees clockwise (0, 90, 180, 270); `skew_deg`: the rotation after it, counter-clockwise, at
    most 45; `blank`: whether the page counts as blank. Raises ValueError for other values.
    """

    turned: int | None = None
    skew_deg: float | None = None
    blank: bool | None = None

    def __post_init__(self) -> None:
        if self.turned not in (None, 0, 90, 180, 270):
            raise ValueError(f"a page is not turned by {self.turned} degrees")
        if self.skew_deg is not None and not -_LIMIT_DEG <= self.skew_deg <= _LIMIT_DEG:
            raise ValueError(f"a page is not straightened by {self.skew_deg} degrees")


NOTHING_SETTLED = Settled()
