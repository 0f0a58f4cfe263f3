"""The options of an open SANE device as typed values (mô tả tùy chọn của máy).

SANE's types and units: SANE API 1.06, section 4.2.9. Names are SANE's own, with hyphens.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from scanner.backends.sane import names, statuses
from scanner.contract import DeviceOption, OptionKind, OptionValue, Unit
from scanner.errors import ScanFault

BOOL, INT, FIXED, STRING, BUTTON = range(5)
"""Values of SANE_Value_Type."""

_WORD_BYTES = 4
_CAN_BE_READ = 4
"""SANE_CAP_SOFT_DETECT."""

_FIXED_DIGITS = 4
"""SANE_Fixed counts in 1/65536: more digits than these are noise of the conversion."""

UNITS = MappingProxyType(
    {
        0: Unit.NONE,
        1: Unit.PIXEL,
        2: Unit.BIT,
        3: Unit.MM,
        4: Unit.DPI,
        5: Unit.PERCENT,
        6: Unit.MICROSECOND,
    }
)


def describe(device: Any) -> Iterator[DeviceOption]:
    """Every option of the open `device` that holds in its present state and has one value.

    Tables (gamma curves) are left out: python-sane reads and sets their first entry only.
    """
    for option in list(device.opt.values()):
        if option.name and option.is_active() and is_single(option):
            yield _described(device, option)


def describe_sensors(device: Any) -> Iterator[DeviceOption]:
    """What can be read and not be set: paper in the feeder, buttons of the device (cảm biến, nút bấm)."""
    for option in list(device.opt.values()):
        if option.name and option.is_active() and is_single(option) and not option.is_settable():
            sensor = _described(device, option)
            if sensor.value is not None:
                yield sensor


def serial_of(device: Any) -> str | None:
    """The serial number, where one of the options holds it (số máy)."""
    for option in list(device.opt.values()):
        if option.type == STRING and option.is_active() and re.match(names.SERIAL_OPTIONS, option.name):
            return str(_value_or_none(device, option) or "").strip() or None
    return None


def sheets_counted(device: Any) -> dict[str, int]:
    """The counters of sheets that the device shows, by name; one that can't be read is left out."""
    counted: dict[str, int] = {}
    for option in list(device.opt.values()):
        if re.match(names.COUNTER_OPTIONS, option.name or "") and option.type == INT and is_single(option):
            value = _value_or_none(device, option) if option.is_active() else None
            if isinstance(value, int):
                counted[option.name] = value
    return counted


def is_single(option: Any) -> bool:
    """Whether the option holds one value, not a table of them."""
    return option.type in (STRING, BUTTON) or (
        option.type in (BOOL, INT, FIXED) and option.size == _WORD_BYTES
    )


def can_be_read(option: Any) -> bool:
    """Whether the option has a value that may be asked for."""
    return option.type != BUTTON and bool(option.cap & _CAN_BE_READ)


def value_of(device: Any, option: Any) -> OptionValue | None:
    """The value now; None for what can't be read."""
    if not can_be_read(option):
        return None
    return _typed(option, device.dev.get_option(option.index))


def utf8(text: str) -> str:
    """A text as SANE holds it: python-sane passes bytes through as Latin-1, drivers speak UTF-8."""
    # Where it fails, it was Latin-1 indeed, or is decoded already.
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode()
    return unicodedata.normalize("NFC", text)


def _described(device: Any, option: Any) -> DeviceOption:
    choices = option.constraint if isinstance(option.constraint, list) else []
    least, most, step = option.constraint if isinstance(option.constraint, tuple) else (None, None, None)
    return DeviceOption(
        name=option.name,
        title=utf8(option.title),
        kind=_kind(option),
        unit=UNITS.get(option.unit, Unit.NONE),
        value=_value_or_none(device, option),
        choices=tuple(_typed(option, choice) for choice in choices),
        least=_rounded(least),
        most=_rounded(most),
        step=_rounded(step) or None,
        settable=bool(option.is_settable()),
    )


def _kind(option: Any) -> OptionKind:
    match option.type:
        case 0:
            return OptionKind.SWITCH
        case 1 | 2:
            return OptionKind.NUMBER
        case 3:
            return OptionKind.CHOICE if isinstance(option.constraint, list) else OptionKind.TEXT
        case _:
            return OptionKind.BUTTON


def _value_or_none(device: Any, option: Any) -> OptionValue | None:
    try:
        return value_of(device, option)
    except Exception as error:
        # An option that the driver declares and can't read must not hide the others.
        if statuses.fault_of(str(error)) in (ScanFault.UNSUPPORTED, ScanFault.UNKNOWN):
            return None
        raise


def _typed(option: Any, raw: Any) -> OptionValue:
    match option.type:
        case 0:
            return bool(raw)
        case 1:
            return int(raw)
        case 2:
            return round(float(raw), _FIXED_DIGITS)
        case _:
            return utf8(str(raw))


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(float(number), _FIXED_DIGITS)
