"""Sets the further options of a request, and reads each of them back (tùy chọn riêng của máy)."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterable
from typing import Any, TypeAlias

from scanner.backends.sane import described, statuses
from scanner.contract import OptionValue
from scanner.errors import ScanError, ScanFault

_FIXED_GRAIN = 2 / 65536
"""What the conversion to SANE_Fixed and back may change."""


Before: TypeAlias = tuple[str, Any]
"""Name of an option and what it held, in the form that the binding wants."""


def set_further(device: Any, wanted: Iterable[tuple[str, OptionValue]], before: list[Before]) -> None:
    """Sets options of the open `device` in the order given; one may make the next available.

    What each of them held goes to the end of `before`, also when a later one fails. Numbers are accepted
    within one step of the option, everything else as asked for only. Raises ScanError `scan.unsupported`
    with the name in `field` for an option that isn't there, can't be set now, has no such value, or was
    made something else by the device.
    """
    for name, value in wanted:
        _set_one(device, name, value, before)


def put_back(device: Any, before: list[Before]) -> None:
    """Sets what was changed to what it was, the last first: some drivers keep it beyond their closing."""
    while before:
        name, raw = before.pop()
        # The device may have gone meanwhile, or the option with the one before it.
        with contextlib.suppress(Exception):
            setattr(device, _found(device, name).py_name, raw)


def _set_one(device: Any, name: str, wanted: OptionValue, before: list[Before]) -> None:
    option = _found(device, name)
    raw = _raw(option, wanted)
    _refuse_outside(option, wanted)
    try:
        if described.can_be_read(option):
            before.append((name, device.dev.get_option(option.index)))
        # A driver may change the other options with it: the binding's own setter reads them anew.
        setattr(device, option.py_name, raw)
        made = described.value_of(device, _found(device, name))
    except ScanError:
        raise
    except Exception as error:
        if statuses.fault_of(str(error)) is ScanFault.UNSUPPORTED:
            raise ScanError(ScanFault.UNSUPPORTED, field=name, reason="refused") from None
        raise
    if made is not None and not _is_close(option, wanted, made):
        raise ScanError(ScanFault.UNSUPPORTED, field=name, **_both(wanted, made))


def _found(device: Any, name: str) -> Any:
    option = next((option for option in device.opt.values() if option.name == name), None)
    if option is None or not name:
        raise ScanError(ScanFault.UNSUPPORTED, field=name, reason="unknown")
    if not option.is_active():
        raise ScanError(ScanFault.UNSUPPORTED, field=name, reason="inactive")
    if not option.is_settable():
        raise ScanError(ScanFault.UNSUPPORTED, field=name, reason="read-only")
    if option.type == described.BUTTON or not described.is_single(option):
        raise ScanError(ScanFault.UNSUPPORTED, field=name, reason="no-single-value")
    return option


def _raw(option: Any, wanted: OptionValue) -> Any:
    """The value in the form that the binding wants."""
    number = isinstance(wanted, (int, float)) and not isinstance(wanted, bool)
    match option.type:
        case described.BOOL if isinstance(wanted, bool):
            return int(wanted)
        case described.INT if number and float(wanted).is_integer() and abs(float(wanted)) < 2**31:
            return int(wanted)
        case described.FIXED if number and abs(float(wanted)) < 2**15:
            return float(wanted)
        case described.STRING if isinstance(wanted, str):
            return _text(option, wanted)
    raise ScanError(ScanFault.UNSUPPORTED, field=option.name, reason="wrong-kind")


def _text(option: Any, wanted: str) -> str:
    """The driver's own spelling of a choice; for a free text its UTF-8 bytes, as drivers speak it."""
    wanted = unicodedata.normalize("NFC", wanted)
    choices = option.constraint if isinstance(option.constraint, list) else []
    if choices:
        for choice in choices:
            if described.utf8(str(choice)) == wanted:
                return str(choice)
        raise ScanError(ScanFault.UNSUPPORTED, field=option.name, reason="no-such-choice")
    raw = wanted.encode().decode("latin-1")
    if len(raw) >= option.size or "\0" in raw:
        raise ScanError(ScanFault.UNSUPPORTED, field=option.name, reason="too-long")
    return raw


def _refuse_outside(option: Any, wanted: OptionValue) -> None:
    """Some drivers take what they never offered, and fail in the middle of a page."""
    limits = option.constraint
    if isinstance(wanted, str) or not limits:
        return
    if isinstance(limits, tuple):
        least, most, _ = limits
        if not least - _FIXED_GRAIN <= wanted <= most + _FIXED_GRAIN:
            raise ScanError(ScanFault.UNSUPPORTED, field=option.name, wanted=wanted, least=least, most=most)
    else:
        nearest = min(limits, key=lambda choice: abs(choice - wanted))
        if abs(nearest - wanted) > _FIXED_GRAIN:
            raise ScanError(ScanFault.UNSUPPORTED, field=option.name, wanted=wanted, nearest=nearest)


def _is_close(option: Any, wanted: OptionValue, made: OptionValue) -> bool:
    if isinstance(wanted, str) or isinstance(made, str) or option.type == described.BOOL:
        return described.utf8(str(made)) == described.utf8(str(wanted))
    step = option.constraint[2] if isinstance(option.constraint, tuple) else 0
    grain = _FIXED_GRAIN if option.type == described.FIXED else 0
    # Rounded to four digits where it was read.
    return abs(made - wanted) <= max(step, 0) + grain + 5e-5


def _both(wanted: OptionValue, made: OptionValue) -> dict[str, int | float]:
    """Numbers as facts; a text may hold anything, so it stays out."""
    return {
        name: value for name, value in (("wanted", wanted), ("made", made)) if isinstance(value, (int, float))
    }
