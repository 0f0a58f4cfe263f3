"""The stages of the clean-up in their order (chuỗi làm sạch), each with a record of what it decided.

Out comes an image to read: small enough to be quick, paper divided away, coloured ink dropped by its chroma,
dust gone. The page that is seen is turned and straightened from the original and never touched otherwise, so
that the colours of seals and signatures stay what they were.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ocr.clean.background import BackgroundParameters, whiten
from ocr.clean.blank import Blank, BlankParameters, judge_blank
from ocr.clean.bleed import BleedParameters, BleedThrough, find_bleed_through
from ocr.clean.borders import BorderParameters, find_borders, without_borders
from ocr.clean.despeckle import DespeckleParameters, despeckle
from ocr.clean.ink import InkParameters, black_ink
from ocr.clean.orientation import OrientationParameters
from ocr.clean.quality import QualityParameters, quality_of
from ocr.clean.resolution import ResolutionParameters, letter_height_mm, reduced
from ocr.clean.reverse import OtherSide
from ocr.clean.skew import Skew, SkewParameters, text_mask
from ocr.page import Flag
from ocr.settled import NOTHING_SETTLED, Settled
from ocr.stage import StageRecord, record_stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class CleanParameters:
    """The parameters of every stage."""

    resolution: ResolutionParameters = field(default_factory=ResolutionParameters)
    borders: BorderParameters = field(default_factory=BorderParameters)
    background: BackgroundParameters = field(default_factory=BackgroundParameters)
    bleed: BleedParameters = field(default_factory=BleedParameters)
    blank: BlankParameters = field(default_factory=BlankParameters)
    ink: InkParameters = field(default_factory=InkParameters)
    despeckle: DespeckleParameters = field(default_factory=DespeckleParameters)
    quality: QualityParameters = field(default_factory=QualityParameters)
    orientation: OrientationParameters = field(default_factory=OrientationParameters)
    skew: SkewParameters = field(default_factory=SkewParameters)


_USUAL = CleanParameters()


@dataclass(frozen=True)
class Cleaned:
    """A page ready to be read, before it is turned or straightened.

    `seen` is the page in colour, `grey` the image to read, both uint8 at `dpi`; `mask` its text-sized ink at
    100 dpi; `letter_mm` the middle height of its letters, 0.0 with hardly any. `records` tells of the stages
    so far.
    """

    seen: "NDArray[np.uint8]"
    grey: "NDArray[np.uint8]"
    mask: "NDArray[np.uint8]"
    letter_mm: float
    dpi: int
    blank: Blank
    bleed: BleedThrough
    flags: frozenset[Flag]
    source: str
    records: tuple[StageRecord, ...] = ()
    parameters: CleanParameters = field(default_factory=CleanParameters)


def clean(
    pixels: "NDArray[np.uint8]",
    dpi: int,
    source: str,
    parameters: CleanParameters = CleanParameters(),
    reverse: OtherSide | None = None,
) -> Cleaned:
    """All stages up to the image that is read, of a page (grey or R, G, B) at `dpi` whose file has the sha256
    `source`. `reverse` is the other side of the leaf, where it is known."""
    usual = parameters.resolution.usual_dpi
    cleaned = _cleaned(pixels, dpi, usual, source=source, parameters=parameters, reverse=reverse)
    finer = parameters.resolution.fine_dpi
    small = 0 < cleaned.letter_mm < parameters.resolution.small_mm
    if small and not cleaned.blank.is_blank and min(dpi, finer) > cleaned.dpi:
        return _cleaned(pixels, dpi, finer, source=source, parameters=parameters, reverse=reverse)
    return cleaned


def with_geometry(
    cleaned: Cleaned, turned: int, skew: Skew, *, doubtful: bool, settled: Settled = NOTHING_SETTLED
) -> tuple[StageRecord, ...]:
    """The records of `cleaned` and those of orientation and skew, which are decided as the page is read.

    What a person settled has that for its parameters.
    """
    records = [
        replace(one, decided="blank" if settled.blank else "written", sure=1.0, doubtful=False)
        if one.stage == "blank" and settled.blank is not None
        else one
        for one in cleaned.records
    ]
    by_hand = settled.turned is not None, settled.skew_deg is not None
    orientation = settled if by_hand[0] else cleaned.parameters.orientation
    straightening = settled if by_hand[1] else cleaned.parameters.skew
    for stage, parameters, decided, sure in (
        ("orientation", orientation, str(turned), 0.0 if doubtful else 1.0),
        ("skew", straightening, f"{skew.angle_deg:.3f}", skew.sure),
    ):
        records.append(record_stage(stage, parameters, decided, sure, source=cleaned.source, before=records))
    return tuple(records)


def _cleaned(
    pixels: "NDArray[np.uint8]",
    full_dpi: int,
    wanted_dpi: int,
    *,
    source: str,
    parameters: CleanParameters,
    reverse: OtherSide | None,
) -> Cleaned:
    records: list[StageRecord] = []

    leaf = source if reverse is None else f"{source}+{reverse.sha256}"

    def note(stage: str, its: object, decided: str, sure: float) -> None:
        records.append(record_stage(stage, its, decided, sure, source=leaf, before=records))

    seen, dpi = reduced(pixels, full_dpi, wanted_dpi)
    note("resolution", parameters.resolution, str(dpi), 1.0)
    borders = find_borders(seen, dpi, parameters.borders)
    edges = f"{borders.left},{borders.top},{borders.right},{borders.bottom}"
    note("borders", parameters.borders, edges, borders.sure)
    channels = tuple(without_borders(channel, borders) for channel in whiten(seen, parameters.background))
    note("background", parameters.background, "divided", 1.0)
    bleed = find_bleed_through(channels, dpi, parameters.bleed, reverse)
    note("bleed-through", parameters.bleed, f"{bleed.share:.4f}", bleed.sure)
    channels = bleed.channels
    blank = judge_blank(channels, dpi, parameters.blank)
    note("blank", parameters.blank, blank.reason or "written", blank.sure)
    grey = black_ink(channels, parameters.ink)
    note("ink", parameters.ink, "dropped" if grey is not channels[0] else "none", 1.0)
    dusted = despeckle(grey, dpi, parameters.despeckle)
    note("despeckle", parameters.despeckle, str(dusted.removed), dusted.sure)
    mask = text_mask(dusted.grey, dpi)
    quality = quality_of(seen, dusted.grey, mask, dpi, parameters.quality)
    note("quality", parameters.quality, ",".join(sorted(quality.findings)), quality.sure)
    flags = {Flag(finding) for finding in quality.findings} if not blank.is_blank else set()
    flags |= {Flag.BLANK} if blank.is_blank else set()
    # On a page with writing it matters to nobody; on a back it tells why a stamped sheet counts as blank.
    flags |= {Flag.BLEED_THROUGH} if bleed.notable and blank.is_blank else set()
    flags |= {Flag.BLACK_BORDER} if borders.notable else set()
    flags |= {Flag.LOW_RESOLUTION} if full_dpi < parameters.quality.low_dpi else set()
    return Cleaned(
        seen=seen,
        grey=dusted.grey,
        mask=mask,
        letter_mm=letter_height_mm(dusted.heights, dpi),
        dpi=dpi,
        blank=blank,
        bleed=bleed,
        flags=frozenset(flags),
        source=source,
        records=tuple(records),
        parameters=parameters,
    )
