"""What is wanted of a scan, made to fit a device (khớp yêu cầu với máy); nothing is dropped unsaid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from scanner.captured import Fact
from scanner.contract import (
    Capabilities,
    ColorMode,
    DeviceOption,
    OptionKind,
    OptionValue,
    ScanRequest,
    Source,
)
from scanner.errors import ScanError, ScanFault
from scanner.meanings import Meaning, meaning_of


class NoteCode(StrEnum):
    """What a device does otherwise than it was asked. The values never change."""

    TURN_OVER_BY_HAND = "fit.turn-over-by-hand"
    """It sees one side at a time: the stack is turned over by hand (facts: wanted, given)."""
    OTHER_SOURCE = "fit.other-source"
    """It hasn't the source that was asked for (facts: wanted, given)."""
    OTHER_MODE = "fit.other-mode"
    """It hasn't the colour mode (facts: wanted, given)."""
    FINER = "fit.finer"
    """It scans at the next finer resolution (facts: wanted, given)."""
    COARSER = "fit.coarser"
    """Its finest resolution is below what was asked for (facts: wanted, given)."""
    SMALLER = "fit.smaller"
    """Its pages are smaller than asked for; mm (facts: wanted_width, wanted_height, width, height)."""
    NO_BRIGHTNESS = "fit.no-brightness"
    """Its brightness can't be set (fact: wanted)."""
    NO_MULTIFEED = "fit.no-multifeed"
    """It can't be told to stop when two sheets are drawn in at once."""
    NO_OPTION = "fit.no-option"
    """It doesn't have, or doesn't let anyone set, this option (fact: option)."""
    BAD_VALUE = "fit.bad-value"
    """The option doesn't take this value (facts: option, value)."""


@dataclass(frozen=True)
class Note:
    """One thing that the device does otherwise, with its circumstances by name."""

    code: NoteCode
    facts: tuple[tuple[str, Fact], ...] = ()

    def fact(self, name: str) -> Fact:
        """One circumstance. Raises KeyError for a name that this note doesn't have."""
        return dict(self.facts)[name]


@dataclass(frozen=True)
class Wanted:
    """What a scan should be, before any device is asked. As `ScanRequest`; brightness in percent, ±100."""

    source: Source
    mode: ColorMode
    dpi: int
    least_dpi: int
    width_mm: float
    height_mm: float
    brightness: int = 0
    multifeed: bool | None = None
    options: tuple[tuple[str, OptionValue], ...] = ()


@dataclass(frozen=True)
class Fitted:
    """The request that the device can take, and what about it is other than wanted."""

    request: ScanRequest
    notes: tuple[Note, ...] = ()


_INSTEAD = {
    Source.DUPLEX: (Source.FEEDER, Source.FLATBED),
    Source.FEEDER: (Source.DUPLEX, Source.FLATBED),
    Source.FLATBED: (Source.FEEDER, Source.DUPLEX),
}
_OTHER_MODES = {
    ColorMode.COLOR: (ColorMode.GREY, ColorMode.BITONAL),
    ColorMode.GREY: (ColorMode.COLOR, ColorMode.BITONAL),
    ColorMode.BITONAL: (ColorMode.GREY, ColorMode.COLOR),
}
_STOPS = frozenset({"stop", "halt", "pause", "on"})
_FINER_POINTS = ("length", "diff", "skew", "recovery", "sense", "omr")
_GOES_ON = frozenset({"continue", "ignore", "none", "off"})


def fit(wanted: Wanted, capabilities: Capabilities) -> Fitted:
    """The nearest request that a device with these capabilities takes.

    Raises ScanError `scan.resolution-too-low` where its finest resolution is below `least_dpi`, and
    `scan.unsupported` where it has no source or no colour mode at all.
    """
    notes: list[Note] = []
    source = _source(wanted, capabilities, notes)
    mode = _mode(wanted, capabilities, notes)
    dpi = _resolution(wanted, capabilities, notes)
    width, height = _size(wanted, capabilities, notes)
    options = _options(wanted, capabilities, notes)
    request = ScanRequest(
        source=source, mode=mode, dpi=dpi, width_mm=width, height_mm=height, options=options
    )
    return Fitted(request, tuple(notes))


def _note(code: NoteCode, **facts: Fact) -> Note:
    return Note(code, tuple(facts.items()))


def _source(wanted: Wanted, capabilities: Capabilities, notes: list[Note]) -> Source:
    if wanted.source in capabilities.sources:
        return wanted.source
    for source in _INSTEAD[wanted.source]:
        if source in capabilities.sources:
            by_hand = wanted.source is Source.DUPLEX
            code = NoteCode.TURN_OVER_BY_HAND if by_hand else NoteCode.OTHER_SOURCE
            notes.append(_note(code, wanted=wanted.source.value, given=source.value))
            return source
    raise ScanError(ScanFault.UNSUPPORTED, field="source")


def _mode(wanted: Wanted, capabilities: Capabilities, notes: list[Note]) -> ColorMode:
    if wanted.mode in capabilities.modes:
        return wanted.mode
    for mode in _OTHER_MODES[wanted.mode]:
        if mode in capabilities.modes:
            notes.append(_note(NoteCode.OTHER_MODE, wanted=wanted.mode.value, given=mode.value))
            return mode
    raise ScanError(ScanFault.UNSUPPORTED, field="mode")


def _resolution(wanted: Wanted, capabilities: Capabilities, notes: list[Note]) -> int:
    there = sorted(capabilities.resolutions)
    if wanted.dpi in there:
        return wanted.dpi
    finest = there[-1] if there else 0
    given = next((dpi for dpi in there if dpi > wanted.dpi), finest)
    if given < wanted.least_dpi:
        raise ScanError(ScanFault.RESOLUTION_TOO_LOW, dpi=given, least=wanted.least_dpi)
    code = NoteCode.FINER if given > wanted.dpi else NoteCode.COARSER
    notes.append(_note(code, wanted=wanted.dpi, given=given))
    return given


def _size(wanted: Wanted, capabilities: Capabilities, notes: list[Note]) -> tuple[float, float]:
    width = min(wanted.width_mm, capabilities.max_width_mm)
    height = min(wanted.height_mm, capabilities.max_height_mm)
    # Devices give their largest page in their own units: a millimetre less is the same paper.
    if wanted.width_mm - width > 1 or wanted.height_mm - height > 1:
        notes.append(
            _note(
                NoteCode.SMALLER,
                wanted_width=wanted.width_mm,
                wanted_height=wanted.height_mm,
                width=width,
                height=height,
            )
        )
    return width, height


def _options(
    wanted: Wanted, capabilities: Capabilities, notes: list[Note]
) -> tuple[tuple[str, OptionValue], ...]:
    """The profile's own options come last and win over what brightness and multifeed make of them."""
    settable = {option.name: option for option in capabilities.options if option.settable}
    chosen = _blanks_kept(settable.values())
    if wanted.brightness:
        bright = settable.get("brightness")
        if bright is None or (value := _percent(bright, wanted.brightness)) is None:
            notes.append(_note(NoteCode.NO_BRIGHTNESS, wanted=wanted.brightness))
        else:
            chosen[bright.name] = value
    if wanted.multifeed is not None:
        picked = _multifeed(settable.values(), stop=wanted.multifeed)
        if not picked and wanted.multifeed:
            notes.append(_note(NoteCode.NO_MULTIFEED))
        chosen.update(picked)
    for name, value in wanted.options:
        option = settable.get(name)
        if option is None:
            notes.append(_note(NoteCode.NO_OPTION, option=name))
        elif not takes(option, value):
            notes.append(_note(NoteCode.BAD_VALUE, option=name, value=value))
        else:
            chosen[name] = value
    return tuple(chosen.items())


def takes(option: DeviceOption, value: OptionValue) -> bool:
    """Whether a value is of the option's kind and within what the device says of it."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if option.choices and value not in option.choices:
        return False
    if option.kind is OptionKind.SWITCH:
        return isinstance(value, bool)
    if option.kind is OptionKind.NUMBER:
        if not number:
            return False
        least, most = option.least, option.most
        return (least is None or value >= least) and (most is None or value <= most)  # type: ignore[operator]
    if option.kind is OptionKind.TEXT:
        return isinstance(value, str)
    return option.kind is OptionKind.CHOICE and bool(option.choices)


def _percent(option: DeviceOption, percent: int) -> OptionValue | None:
    """`percent` of the way from the middle of the option's range to its end."""
    if option.kind is not OptionKind.NUMBER or option.least is None or option.most is None:
        return None
    middle, half = (option.most + option.least) / 2, (option.most - option.least) / 2
    value = middle + half * percent / 100
    if option.step:
        value = option.least + round((value - option.least) / option.step) * option.step
    return round(value) if float(value).is_integer() or (option.step or 0) >= 1 else value


def _multifeed(options: Iterable[DeviceOption], *, stop: bool) -> dict[str, OptionValue]:
    """The device's own ways to notice two sheets at once, switched on or off, and to stop there or go on.

    Detection by length stays as it is, as the papers of a dossier have many lengths; so do the finer points.
    """
    chosen: dict[str, OptionValue] = {}
    for option in options:
        finer = any(word in option.name.lower() for word in _FINER_POINTS)
        if meaning_of(option) is not Meaning.MULTIFEED or finer:
            continue
        if option.kind is OptionKind.SWITCH:
            chosen[option.name] = stop
        elif option.kind is OptionKind.CHOICE:
            wanted = _STOPS if stop else _GOES_ON
            picked = next((one for one in option.choices if str(one).lower() in wanted), None)
            if picked is not None:
                chosen[option.name] = picked
    return chosen


def _blanks_kept(options: Iterable[DeviceOption]) -> dict[str, OptionValue]:
    """A device that drops pages it takes for blank is told not to: the paper's pages are what is wanted."""
    chosen: dict[str, OptionValue] = {}
    for option in options:
        if meaning_of(option) is not Meaning.SKIPS_BLANKS:
            continue
        off: OptionValue = False if option.kind is OptionKind.SWITCH else 0
        if takes(option, off):
            chosen[option.name] = off
    return chosen
