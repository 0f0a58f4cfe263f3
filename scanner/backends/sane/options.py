"""Sets a SANE device to a request, and reads back what the device made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scanner.backends.sane import described, further, names
from scanner.contract import (
    LEAST_DPI,
    MM_PER_INCH,
    Capabilities,
    ColorMode,
    DeviceOption,
    ScanRequest,
    Source,
)
from scanner.errors import ScanError, ScanFault

_SANE_UNIT_PIXEL = 1

CLIPPED_MM = 5.0
"""A device may be this much narrower than the paper (ADFs of 208 mm for A4); beyond it text would be lost."""


@dataclass(frozen=True)
class Settled:
    """What the device really does: resolution in dpi, and whether it draws in sheet after sheet."""

    dpi: int
    feeds: bool


def settle(device: Any, request: ScanRequest, kind: str, before: list[further.Before]) -> Settled:
    """Sets source, mode, resolution, area and further options of the open `device`, in this order.

    It is the one that drivers expect; what a further option undid of the others is found at the end.
    `kind` is the device's type as the driver names it; `before` takes what the further options held, also
    when this raises. Raises ScanError `scan.unsupported`, `scan.resolution-too-low` or `scan.refused-size`
    where the device falls short of the request.
    """
    _set_source(device, request.source, kind)
    _set_mode(device, request.mode)
    dpi = _set_resolution(device, request.dpi)
    _set_area(device, request, dpi)
    if request.options:
        further.set_further(device, request.options, before)
        _refuse_undone(device, request, kind, dpi)
    _refuse_clipped(device, request, dpi)
    return Settled(dpi=dpi, feeds=request.source is not Source.FLATBED)


def capabilities(device: Any, kind: str) -> Capabilities:
    """What the open `device` offers, asked for every source in turn."""
    sources = tuple(source for source in Source if _source_plan(device, source, kind) is not None)
    width_mm = height_mm = 0.0
    offered: dict[str, DeviceOption] = {}
    for source in sources:
        _set_source(device, source, kind)
        # Some options are there for one source only; their values are those of the first that has them.
        for option in described.describe(device):
            offered.setdefault(option.name, option)
        width_mm = max(width_mm, _longest_mm(device, "br_x", names.PAPER_WIDTH_OPTIONS))
        height_mm = max(height_mm, _longest_mm(device, "br_y", names.PAPER_HEIGHT_OPTIONS))
    return Capabilities(
        sources=sources,
        modes=_modes(device),
        resolutions=_resolutions(device),
        max_width_mm=round(width_mm, 1),
        max_height_mm=round(height_mm, 1),
        options=tuple(offered.values()),
    )


def has(device: Any, name: str) -> bool:
    """Whether the option is there, active, and settable."""
    option = device.opt.get(name)
    return option is not None and bool(option.is_active()) and bool(option.is_settable())


def _choices(device: Any, name: str) -> list[Any]:
    constraint = device.opt[name].constraint if name in device.opt else None
    return constraint if isinstance(constraint, list) else []


def _set(device: Any, name: str, value: Any) -> Any:
    """Sets an option and returns what the device made of it."""
    if has(device, name):
        setattr(device, name, value)
    return getattr(device, name)


def _source_plan(device: Any, source: Source, kind: str) -> tuple[str | None, dict[str, Any]] | None:
    """The name of the source to choose, and the switches to set with it; None where it can't be had."""
    offered = {names.source_of(described.utf8(name)): name for name in reversed(_choices(device, "source"))}
    switches = {name: values for name, values in names.DUPLEX_SWITCHES.items() if name in device.opt}
    if not offered:
        only = Source.FEEDER if re.search(names.FEEDER_KINDS, kind, re.IGNORECASE) else Source.FLATBED
        offered = {only: ""}
    if source in offered:
        one_side = {name: single for name, (single, _) in switches.items()}
        return offered[source] or None, one_side if source is Source.FEEDER else {}
    if source is Source.DUPLEX and Source.FEEDER in offered and switches:
        return offered[Source.FEEDER] or None, {name: both for name, (_, both) in switches.items()}
    return None


def _set_source(device: Any, source: Source, kind: str) -> None:
    plan = _source_plan(device, source, kind)
    if plan is None:
        raise ScanError(ScanFault.UNSUPPORTED, field="source", wanted=source.value)
    name, switches = plan
    if name is not None and _set(device, "source", name) != name:
        raise ScanError(ScanFault.UNSUPPORTED, field="source", wanted=source.value)
    for switch, value in switches.items():
        if has(device, switch) and _set(device, switch, value) != value:
            raise ScanError(ScanFault.UNSUPPORTED, field=switch, wanted=source.value)


def _mode_plan(device: Any, mode: ColorMode) -> tuple[str | None, int | None] | None:
    """The name of the mode and the depth in bits to choose; None where the device can't."""
    depths = [depth for depth in _choices(device, "depth") if depth in (1, 8)]
    offered = {names.mode_of(described.utf8(name)): name for name in reversed(_choices(device, "mode"))}
    eight = 8 if 8 in depths else None
    if not offered:
        # There is nothing to choose: what kind of image comes is seen when it comes, and refused then.
        return None, eight
    if mode in offered:
        return offered[mode], (1 if 1 in depths else None) if mode is ColorMode.BITONAL else eight
    if mode is ColorMode.BITONAL and 1 in depths and ColorMode.GREY in offered:
        return offered[ColorMode.GREY], 1
    return None


def _modes(device: Any) -> tuple[ColorMode, ...]:
    if _choices(device, "mode"):
        return tuple(mode for mode in ColorMode if _mode_plan(device, mode) is not None)
    if any(name in device.opt for name in names.GREY_SWITCHES):
        return ColorMode.COLOR, ColorMode.GREY
    try:
        form, _, _, depth, _ = device.get_parameters()
    # A device that can't tell before it has a page: grey is what all of them can.
    except Exception:
        return (ColorMode.GREY,)
    if form == "color":
        return (ColorMode.COLOR,)
    return (ColorMode.BITONAL,) if depth == 1 else (ColorMode.GREY,)


def _set_mode(device: Any, mode: ColorMode) -> None:
    plan = _mode_plan(device, mode)
    if plan is None:
        raise ScanError(ScanFault.UNSUPPORTED, field="mode", wanted=mode.value)
    name, depth = plan
    if name is not None and _set(device, "mode", name) != name:
        raise ScanError(ScanFault.UNSUPPORTED, field="mode", wanted=mode.value)
    if depth is not None and has(device, "depth") and _set(device, "depth", depth) != depth:
        raise ScanError(ScanFault.UNSUPPORTED, field="depth", wanted=depth)
    for switch in names.GREY_SWITCHES:
        if has(device, switch):
            _set(device, switch, int(mode is not ColorMode.COLOR))


def _resolution_option(device: Any) -> str:
    for name in names.RESOLUTION_OPTIONS:
        if name in device.opt:
            return name
    raise ScanError(ScanFault.UNSUPPORTED, field="resolution")


def _resolutions(device: Any) -> tuple[int, ...]:
    name = _resolution_option(device)
    constraint = device.opt[name].constraint
    if isinstance(constraint, list):
        return tuple(sorted({round(value) for value in constraint}))
    if isinstance(constraint, tuple):
        least, most, _ = constraint
        return tuple(value for value in names.USUAL_RESOLUTIONS if least <= value <= most)
    return (round(getattr(device, name)),)


def _set_resolution(device: Any, dpi: int) -> int:
    """Sets every resolution option; returns what the device chose, in dpi."""
    made: list[int] = [
        round(_set(device, name, dpi))
        for name in names.RESOLUTION_OPTIONS
        if name in device.opt and device.opt[name].is_active()
    ]
    if not made or len(set(made)) != 1:
        raise ScanError(ScanFault.UNSUPPORTED, field="resolution", wanted=dpi)
    if made[0] < LEAST_DPI:
        raise ScanError(ScanFault.RESOLUTION_TOO_LOW, dpi=made[0], least=LEAST_DPI)
    return made[0]


def _longest_mm(device: Any, edge: str, paper: Iterable[str]) -> float:
    """The largest value of an edge of the area, in mm, with the sheet set as large as it may be."""
    for name in paper:
        if has(device, name) and isinstance(device.opt[name].constraint, tuple):
            _set(device, name, device.opt[name].constraint[1])
    if edge not in device.opt:
        return 0.0
    option = device.opt[edge]
    most = _most(option.constraint)
    if most is None:
        return 0.0
    if option.unit != _SANE_UNIT_PIXEL:
        return most
    resolution = float(getattr(device, _resolution_option(device)))
    return most * MM_PER_INCH / resolution


def _most(constraint: Any) -> float | None:
    if isinstance(constraint, tuple):
        return float(constraint[1])
    if isinstance(constraint, list) and constraint:
        return float(max(constraint))
    return None


def _set_area(device: Any, request: ScanRequest, dpi: int) -> None:
    """The area from the corner to the paper's size. A driver without geometry scans what it scans."""
    for name, length_mm in (
        *((name, request.width_mm) for name in names.PAPER_WIDTH_OPTIONS),
        *((name, request.height_mm) for name in names.PAPER_HEIGHT_OPTIONS),
    ):
        if has(device, name):
            _set(device, name, _in_units(device, name, length_mm, dpi))
    for edge, length_mm in (
        ("tl_x", 0.0),
        ("tl_y", 0.0),
        ("br_x", request.width_mm),
        ("br_y", request.height_mm),
    ):
        if has(device, edge):
            _set(device, edge, _in_units(device, edge, length_mm, dpi))


def _refuse_clipped(device: Any, request: ScanRequest, dpi: int) -> None:
    """The area as the device made it begins in the corner and holds the paper, or nothing is scanned."""
    for corner in ("tl_x", "tl_y"):
        if has(device, corner) and (made_mm := _made_mm(device, corner, dpi)) > CLIPPED_MM:
            raise ScanError(ScanFault.UNSUPPORTED, field=corner, made_mm=made_mm)
    for edge, length_mm in (("br_x", request.width_mm), ("br_y", request.height_mm)):
        if has(device, edge) and (made_mm := _made_mm(device, edge, dpi)) < length_mm - CLIPPED_MM:
            raise ScanError(ScanFault.REFUSED_SIZE, field=edge, asked_mm=length_mm, most_mm=made_mm)


def _made_mm(device: Any, edge: str, dpi: int) -> float:
    made = float(getattr(device, edge))
    return made * MM_PER_INCH / dpi if device.opt[edge].unit == _SANE_UNIT_PIXEL else made


def _holds_source(device: Any, name: str | None, switches: dict[str, Any]) -> bool:
    """Whether the source still means the one planned, be it under another of the driver's names."""
    if name is not None:
        now, planned = (names.source_of(described.utf8(str(one))) for one in (device.source, name))
        if now is not planned:
            return False
    return all(getattr(device, switch) == value for switch, value in switches.items() if has(device, switch))


def _refuse_undone(device: Any, request: ScanRequest, kind: str, dpi: int) -> None:
    """A further option may be one of those that the request itself decides, or change them in passing."""
    source_plan = _source_plan(device, request.source, kind)
    if source_plan is None or not _holds_source(device, *source_plan):
        raise ScanError(ScanFault.UNSUPPORTED, field="source", wanted=request.source.value)
    plan = _mode_plan(device, request.mode)
    if has(device, "mode") and plan is not None and device.mode != plan[0]:
        raise ScanError(ScanFault.UNSUPPORTED, field="mode", wanted=request.mode.value)
    for name in names.RESOLUTION_OPTIONS:
        if name in device.opt and device.opt[name].is_active() and round(getattr(device, name)) != dpi:
            raise ScanError(ScanFault.UNSUPPORTED, field=name, wanted=dpi)


def _in_units(device: Any, name: str, length_mm: float, dpi: int) -> float | int:
    """A length in the option's own unit, within its limits."""
    option = device.opt[name]
    value = length_mm * dpi / MM_PER_INCH if option.unit == _SANE_UNIT_PIXEL else length_mm
    constraint = option.constraint
    if isinstance(constraint, tuple):
        value = min(max(value, constraint[0]), constraint[1])
    elif isinstance(constraint, list) and constraint:
        value = min((choice for choice in constraint if choice >= value), default=max(constraint))
    # SANE_TYPE_FIXED wants a float, SANE_TYPE_INT an int: the constraint shows which one it is.
    return round(value) if _whole(option) else float(value)


def _whole(option: Any) -> bool:
    import sane

    return bool(sane.TYPE_STR[option.type] == "TYPE_INT")
