"""Several ways to scan as one: SANE, eSCL and folders side by side (nhiều nguồn máy quét)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from scanner.contract import Backend, Capabilities, Device, PageImage, ScanRequest, never
from scanner.errors import ScanError, ScanFault

_APART = "|"


class SeveralBackends:
    """Backends by name behind the one contract; a device's id says which of them it belongs to.

    A backend that fails to look for devices doesn't keep those of the others from being found; when none
    finds any and one failed, its fault is raised.
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
        return tuple(found)

    def capabilities(self, device_id: str) -> Capabilities:
        """What the scanner can do. Raises ScanError `scan.no-device` where its backend is not here."""
        backend, own_id = self._of(device_id)
        return backend.capabilities(own_id)

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
