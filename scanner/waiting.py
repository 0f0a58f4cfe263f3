"""Waits until the device itself asks for a scan: by paper in its feeder, or by a button (chờ máy gọi)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from scanner.contract import DeviceOption, never
from scanner.errors import ScanError, ScanFault
from scanner.meanings import Meaning, meaning_of

_SECONDS_BETWEEN_LOOKS = 0.05
"""How soon a stop is noticed, however long the pause between two questions to the device."""

_PASSES_BY_ITSELF = frozenset({ScanFault.BUSY, ScanFault.WARMING_UP})

_NOTHING_LOADED = frozenset({"", "0", "no", "none", "off", "false", "empty", "no documents", "out of paper"})


def tells_of_paper(sensors: Sequence[DeviceOption]) -> bool:
    """Whether one of the sensors is for paper in the feeder, so that waiting for it makes sense."""
    return any(_is_paper_sensor(sensor) for sensor in sensors)


def paper_is_in(sensors: Sequence[DeviceOption]) -> bool:
    """Whether a sensor tells that paper lies in the feeder now."""
    return any(_is_paper_sensor(sensor) and _says_yes(sensor) for sensor in sensors)


def wait_for_paper(
    backend_read: Callable[[], Sequence[DeviceOption]],
    stopped: Callable[[], bool] = never,
    poll_s: float = 1.0,
) -> None:
    """Returns as soon as paper lies in the feeder; at once where it does already.

    `backend_read` reads the sensors, for example `partial(backend.read_sensors, device_id)`; it is asked
    every `poll_s` seconds, in which `stopped` is looked at many times. A device that is busy or warming up
    is asked again. Raises ScanError `scan.no-sensor` where the device has no sensor for paper,
    `scan.cancelled` once stopped, and what `backend_read` raises.
    """
    while True:
        if stopped():
            raise ScanError(ScanFault.CANCELLED)
        sensors = _read(backend_read)
        if sensors is not None:
            if not tells_of_paper(sensors):
                raise ScanError(ScanFault.NO_SENSOR)
            if paper_is_in(sensors):
                return
        _pause(poll_s, stopped)


def tells_of_buttons(sensors: Sequence[DeviceOption]) -> bool:
    """Whether the device shows its buttons."""
    return any(_is_button(sensor) for sensor in sensors)


def wait_for_start(
    backend_read: Callable[[], Sequence[DeviceOption]],
    stopped: Callable[[], bool] = never,
    poll_s: float = 1.0,
    *,
    paper: bool = True,
) -> Meaning:
    """Returns what the device asks for a scan by: `PAPER_LOADED`, or `BUTTON` for one that was pressed.

    A button that is down already when the waiting begins has to be let go first: one press starts one scan.
    Without `paper`, only buttons count. Otherwise as `wait_for_paper`; `scan.no-sensor` where the device
    tells of neither.
    """
    down: frozenset[str] | None = None
    while True:
        if stopped():
            raise ScanError(ScanFault.CANCELLED)
        sensors = _read(backend_read)
        if sensors is not None:
            if not ((paper and tells_of_paper(sensors)) or tells_of_buttons(sensors)):
                raise ScanError(ScanFault.NO_SENSOR)
            pressed = frozenset(one.name for one in sensors if _is_button(one) and _says_yes(one))
            if down is not None and pressed - down:
                return Meaning.BUTTON
            down = pressed
            if paper and paper_is_in(sensors):
                return Meaning.PAPER_LOADED
        _pause(poll_s, stopped)


def _is_button(sensor: DeviceOption) -> bool:
    return not sensor.settable and sensor.value is not None and meaning_of(sensor) is Meaning.BUTTON


def _read(backend_read: Callable[[], Sequence[DeviceOption]]) -> Sequence[DeviceOption] | None:
    try:
        return backend_read()
    except ScanError as error:
        if error.fault in _PASSES_BY_ITSELF:
            return None
        raise


def _pause(seconds: float, stopped: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not stopped() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _SECONDS_BETWEEN_LOOKS))


def _is_paper_sensor(sensor: DeviceOption) -> bool:
    return not sensor.settable and sensor.value is not None and meaning_of(sensor) is Meaning.PAPER_LOADED


def _says_yes(sensor: DeviceOption) -> bool:
    if isinstance(sensor.value, str):
        return sensor.value.strip().casefold() not in _NOTHING_LOADED
    return bool(sensor.value)
