"""The station's scanner: the one that was set, wherever it answers now (tìm máy quét của trạm)."""

import logging

import scanner
from app.domain.device import KnownDevice
from app.settings import Settings
from app.store import Store

logger = logging.getLogger(__name__)


class StationScanner:
    """Tells the id of the scanner to use. A cable put into another socket changes it, and the network may."""

    def __init__(self, backend: scanner.Backend, settings: Settings, store: Store) -> None:
        self._backend = backend
        self._settings = settings
        self._store = store
        self._used = ""

    def __call__(self) -> str:
        """The one used last, else the one that is set, else the first that answers.

        Raises ScanError `scan.no-device` where none is set and none answers.
        """
        if not self._used:
            self._used = self._set() or self._first()
        return self._used

    def find_again(self, lost: str) -> str:
        """The id under which the scanner `lost` answers now; its row in the list goes along.

        Raises ScanError `scan.no-device` where it isn't to be found for certain.
        """
        self._used = ""
        known = self._store.devices.known_as(lost)
        if known is None:
            if self._settings.scanner:
                raise scanner.ScanError(scanner.ScanFault.NO_DEVICE)
            self._used = self._first()
            return self._used
        found = scanner.find_again(_remembered(known), self._present(known))
        if found is None:
            raise scanner.ScanError(scanner.ScanFault.NO_DEVICE)
        if found.id != known.id:
            logger.info("the scanner is found again under another id")
            self._store.devices.move(known.id, found.id)
        self._used = found.id
        return found.id

    def _set(self) -> str:
        known = self._store.devices.known_as(self._settings.scanner) if self._settings.scanner else None
        return known.id if known else self._settings.scanner

    def _first(self) -> str:
        return first_device(self._backend)

    def _present(self, known: KnownDevice) -> tuple[scanner.Device, ...]:
        """Those that answer. Some tell their serial number only when they are asked what they can do."""
        present = self._backend.devices()
        if not known.serial or any(device.serial == known.serial for device in present):
            return present
        for device in present:
            if device.serial is None and device.model == known.model:
                try:
                    self._backend.capabilities(device.id)
                except scanner.ScanError as error:
                    logger.info("a scanner of that model doesn't tell who it is: %s", error.code)
        return self._backend.devices()


def first_device(backend: scanner.Backend) -> str:
    """The first scanner that answers. Raises ScanError `scan.no-device`."""
    devices = backend.devices()
    if not devices:
        raise scanner.ScanError(scanner.ScanFault.NO_DEVICE)
    return devices[0].id


def _remembered(known: KnownDevice) -> scanner.Device:
    return scanner.Device(
        id=known.id,
        backend=known.id.partition("|")[0],
        maker=known.maker,
        model=known.model,
        kind="",
        serial=known.serial or None,
        connection=scanner.Connection(known.connection),
    )
