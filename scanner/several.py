"""Several ways to scan as one: SANE, eSCL and folders side by side (nhiều nguồn máy quét)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from scanner.contract import (
    Backend,
    Capabilities,
    CountingBackend,
    Device,
    DeviceOption,
    Fed,
    PageImage,
    ScanRequest,
    SensingBackend,
    never,
)
from scanner.errors import ScanError, ScanFault

_APART = "|"
_ESCL_THROUGH_A_DRIVER = ("airscan:e", "escl:http")
"""Ids of devices that a driver of SANE reaches over eSCL, as a backend of ours does without it."""


class SeveralBackends:
    """Backends by name behind the one contract; a device's id says which of them it belongs to.

    A backend that fails to look for devices doesn't keep those of the others from being found; when none
    finds any and one failed, its fault is raised. A network scanner that answers over eSCL isn't listed once
    more for a driver that would reach it in the same way.
    """

    def __init__(self, backends: Mapping[str, Backend]) -> None:
        for name in backends:
            if _APART in name or not name:
                raise ValueError(f"no name for a backend: {name!r}")
        self._backends = dict(backends)

    def devices(self) -> tuple[Device, ...]:
        """The scanners of all backends, in the order of the backends."""
        found: list[Device] = []
        failed: ScanError | None = None
        for name, backend in self._backends.items():
            try:
                found += [_named(name, device) for device in backend.devices()]
            except ScanError as error:
                failed = failed or error
        if not found and failed is not None:
            raise failed
        return _once(found)

    def capabilities(self, device_id: str) -> Capabilities:
        """What the scanner can do. Raises ScanError `scan.no-device` where its backend is not here."""
        backend, own_id = self._of(device_id)
        return backend.capabilities(own_id)

    def read_sensors(self, device_id: str) -> tuple[DeviceOption, ...]:
        """The sensors and buttons of the scanner; empty where its backend knows of none. Raises ScanError."""
        backend, own_id = self._of(device_id)
        return backend.read_sensors(own_id) if isinstance(backend, SensingBackend) else ()

    def fed(self, device_id: str) -> Fed | None:
        """What the scanner itself counted of its last scan, where it tells."""
        backend, own_id = self._of(device_id)
        return backend.fed(own_id) if isinstance(backend, CountingBackend) else None

    def scan(
        self, device_id: str, request: ScanRequest, stopped: Callable[[], bool] = never
    ) -> Iterator[PageImage]:
        """The pages of the one backend that the device belongs to."""
        backend, own_id = self._of(device_id)
        return backend.scan(own_id, request, stopped)

    def _of(self, device_id: str) -> tuple[Backend, str]:
        name, _, own_id = device_id.partition(_APART)
        if name not in self._backends:
            raise ScanError(ScanFault.NO_DEVICE)
        return self._backends[name], own_id


def _named(name: str, device: Device) -> Device:
    return replace(device, id=f"{name}{_APART}{device.id}")


def _once(found: Sequence[Device]) -> tuple[Device, ...]:
    """Without the doubles of a driver. Where it knows more devices at a host than answered, all stay."""
    answered = Counter(_host(device) for device in found if device.backend == "escl" and device.maker)
    doubles = Counter(_host(device) for device in found if _is_driven(device))
    return tuple(
        device
        for device in found
        if not (_is_driven(device) and 0 < doubles[_host(device)] <= answered[_host(device)])
    )


def _is_driven(device: Device) -> bool:
    return device.backend == "sane" and device.id.partition(_APART)[2].startswith(_ESCL_THROUGH_A_DRIVER)


def _host(device: Device) -> str:
    address = device.address or ""
    return (urlsplit(address).hostname or "") if "://" in address else address.strip("[]").lower()
