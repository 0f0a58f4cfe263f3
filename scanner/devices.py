"""A scanner found again after its address changed (tìm lại máy quét): replugged, or given a new number."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from scanner.contract import Connection, Device


def find_again(wanted: Device, present: Sequence[Device]) -> Device | None:
    """The device among `present` that is the one remembered as `wanted`, or None where that isn't sure.

    The same id decides; then the same serial number with maker and model; then the same address with the
    model; at last, for a device at this very computer's cable, being the only one of its maker and model.
    The same machine reached another way (through another backend) is taken only where none of its own is.
    """
    tests: tuple[Callable[[Device], bool], ...] = (
        lambda device: device.id == wanted.id and device.backend == wanted.backend,
        lambda device: _same_serial(wanted, device),
        lambda device: _same_address(wanted, device),
        lambda device: _same_kind_at_the_cable(wanted, device),
    )
    own = [device for device in present if device.backend == wanted.backend]
    other = [device for device in present if device.backend != wanted.backend]
    for test in tests:
        for devices in (own, other):
            found = [device for device in devices if test(device)]
            if len(found) == 1:
                return found[0]
            if found:
                return None
    return None


def _same_serial(wanted: Device, device: Device) -> bool:
    return (
        bool(wanted.serial and device.serial)
        and _plain(wanted.serial) == _plain(device.serial)
        and _same_model(wanted, device)
    )


def _same_address(wanted: Device, device: Device) -> bool:
    """One that was switched off when it was remembered may have no serial number and no model yet."""
    if wanted.address is None or wanted.address != device.address:
        return False
    if wanted.serial and device.serial:
        return _plain(wanted.serial) == _plain(device.serial) and _same_model(wanted, device)
    return not wanted.maker or not device.maker or _same_model(wanted, device)


def _same_kind_at_the_cable(wanted: Device, device: Device) -> bool:
    if wanted.serial and device.serial:
        return False
    return wanted.connection is device.connection is Connection.USB and _same_model(wanted, device)


def _same_model(wanted: Device, device: Device) -> bool:
    """Maker and model, also where one backend splits the two elsewhere than the other."""
    return _plain(f"{wanted.maker} {wanted.model}") == _plain(f"{device.maker} {device.model}") or (
        bool(wanted.model) and _plain(wanted.model) == _plain(device.model)
    )


def _plain(told: str | None) -> str:
    """Without case, spaces and marks, which drivers set as they like."""
    composed = unicodedata.normalize("NFKC", told or "").casefold()
    return "".join(letter for letter in composed if letter.isalnum())
