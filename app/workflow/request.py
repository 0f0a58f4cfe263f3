"""What is asked of the scanner for a dossier: its profile, fitted to the device at hand (yêu cầu quét)."""

from dataclasses import replace

import scanner
from app.domain.device import KnownDevice
from app.workflow import catalogue
from app.workflow.profiles import profile_for
from app.workflow.station import Station


def profile_of(station: Station, dossier_id: str) -> scanner.Profile:
    """The profile that the dossier's procedure implies, else the station's."""
    code = station.store.dossiers.get(dossier_id).procedure_code
    known = {procedure.code: procedure for procedure in catalogue.procedures()}
    return profile_for(station.settings, known.get(code))


def request_for(
    station: Station, profile: scanner.Profile, *, page_limit: int | None = None
) -> scanner.ScanRequest:
    """The request for the device at hand. Raises ScanError where the device falls short of the rules."""
    device = station.reached_device()
    capabilities = station.capabilities(device)
    _meet(station, device, capabilities)
    return replace(profile.fitted(capabilities).request, page_limit=page_limit)


def _meet(station: Station, device_id: str, capabilities: scanner.Capabilities) -> None:
    """Writes a device that is used for the first time into the station's list (danh sách máy quét)."""
    if any(known.id == device_id for known in station.store.devices.known()):
        return
    for device in station.scanner.devices():
        if device.id == device_id:
            station.store.devices.meet(
                KnownDevice(
                    id=device.id,
                    maker=device.maker,
                    model=device.model,
                    serial=device.serial or "",
                    connection=device.connection.value,
                    capabilities=scanner.summary(capabilities),
                )
            )
