"""What a measured test page says of a scanner (kết quả kiểm tra máy quét)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Quality(StrEnum):
    """What it comes to (kết luận)."""

    GOOD = "good"
    BAD = "bad"


class Weakness(StrEnum):
    """What is wrong with a scanner. The values never change."""

    BLURRED = "test.blurred"
    """Fine lines run together: dirty optics, or a resolution that is only calculated."""
    SKEWED = "test.skewed"
    """The feeder draws paper in askew."""
    STREAKED = "test.streaked"
    """Streaks along the page: dirty glass or rollers."""
    TINTED = "test.tinted"
    """Grey isn't grey."""
    FLAT = "test.flat"
    """Neighbouring greys can't be told apart: too dark, too bright, too little contrast."""
    OUT_OF_SCALE = "test.out-of-scale"
    """A copy isn't as large as the paper: worn rollers, or a page that was not printed at 100 %."""


@dataclass(frozen=True)
class Limits:
    """What a scanner for papers has to reach (ngưỡng đạt).

    The resolution is that share of what the number of pixels allows at most, and never more than
    `enough_lp_mm`, beyond which the print of the page itself gives out.
    """

    share_of_nyquist: float = 0.6
    enough_lp_mm: float = 4.0
    skew_deg: float = 1.0
    cast_delta_e: float = 6.0
    grey_steps: int = 10
    scale_percent: float = 1.0

    def least_lp_mm(self, dpi: int) -> float:
        """The least resolution, in line pairs a mm, of an image at `dpi`."""
        return min(self.share_of_nyquist * dpi / 25.4 / 2, self.enough_lp_mm)


@dataclass(frozen=True)
class Streak:
    """A line along the feeding direction: where from the image's left edge and how wide, in mm; how much
    darker than the paper in grey levels, negative for a brighter one."""

    x_mm: float
    width_mm: float
    depth: float


@dataclass(frozen=True)
class TestResult:
    """What was measured (kết quả đo).

    `resolution_lp_mm`: the finest line pairs a mm that are still apart, the worse of both directions; 0.0
    when not even the coarsest are. `skew_deg`: clockwise. `scale_percent`: how much too wide and too high a
    copy is. `colour_cast_delta_e`: mean CIE 1976 distance of the greys from grey, None in a grey image.
    `grey_levels`: what the eleven steps from black to white came out as, 0 to 255, and `grey_steps` how many
    of them can be told apart.
    """

    dpi: int
    resolution_lp_mm: float
    skew_deg: float
    scale_percent: tuple[float, float]
    streaks: tuple[Streak, ...]
    colour_cast_delta_e: float | None
    grey_levels: tuple[int, ...]
    grey_steps: int
    weaknesses: tuple[Weakness, ...]

    @property
    def verdict(self) -> Quality:
        """Good when nothing is wrong."""
        return Quality.BAD if self.weaknesses else Quality.GOOD
