"""What the worker answers, turned into the values of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scanner.backends.sane import reached, wire
from scanner.contract import Capabilities, ColorMode, Device, DeviceOption, OptionKind, Source, Unit

NAME = "sane"


def device_from(found: dict[str, str], serial: str | None) -> Device:
    """A row of the list of devices; `serial` is what the device itself told when it was open."""
    device_id, kind = found["id"], found["kind"]
    return Device(
        id=device_id,
        backend=NAME,
        maker=found["maker"],
        model=found["model"],
        kind=kind,
        serial=serial or reached.serial_of(device_id),
        address=reached.address_of(device_id, kind),
        connection=reached.connection_of(device_id),
    )


def capabilities_from(answer: wire.Message) -> Capabilities:
    """What a device can do."""
    return Capabilities(
        sources=tuple(Source(source) for source in answer["sources"]),
        modes=tuple(ColorMode(mode) for mode in answer["modes"]),
        resolutions=tuple(answer["resolutions"]),
        max_width_mm=answer["max_width_mm"],
        max_height_mm=answer["max_height_mm"],
        options=options_from(answer["options"]),
    )


def options_from(rows: Iterable[dict[str, Any]]) -> tuple[DeviceOption, ...]:
    """Options of a device."""
    return tuple(
        DeviceOption(
            **{
                **row,
                "kind": OptionKind(row["kind"]),
                "unit": Unit(row["unit"]),
                "choices": tuple(row["choices"]),
            }
        )
        for row in rows
    )
