"""A scan that the device itself asks for: paper was put in, or its button was pressed (máy gọi quét)."""

from collections.abc import Callable
from functools import partial

import scanner


def await_start(backend: scanner.Backend, device_id: str, stopped: Callable[[], bool]) -> scanner.Meaning:
    """Waits until there is paper in the feeder or a button of the device is pressed; tells which.

    Raises ScanError `scan.no-sensor` where the device tells of neither, `scan.cancelled` once stopped.
    """
    if not isinstance(backend, scanner.SensingBackend):
        raise scanner.ScanError(scanner.ScanFault.NO_SENSOR)
    return scanner.wait_for_start(partial(backend.read_sensors, device_id), stopped)
