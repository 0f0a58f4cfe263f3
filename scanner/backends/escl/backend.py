"""Network scanners over eSCL as a `Backend`, for systems without SANE and devices without a driver."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from scanner.backends.escl.address import Address, read_address
from scanner.backends.escl.capabilities import Description, read_description
from scanner.backends.escl.features import PAPER_LOADED
from scanner.backends.escl.job import ScanJob
from scanner.backends.escl.line import Line
from scanner.backends.escl.pins import PinStore
from scanner.backends.escl.settings import Order, order_for
from scanner.backends.escl.status import Status, read_status
from scanner.contract import (
    Capabilities,
    Connection,
    Device,
    DeviceOption,
    Fed,
    PageImage,
    ScanRequest,
    Source,
    never,
)
from scanner.errors import ScanError, ScanFault

_log = logging.getLogger(__name__)

NAME = "escl"
SECONDS_TO_INTRODUCE = 5.0
"""How long a device may take to describe itself when all are listed."""

ASKED_AT_ONCE = 8


@dataclass(frozen=True)
class _Place:
    """Where a device was found, and who was expected there."""

    address: Address
    name: str
    uuid: str | None


class EsclBackend:
    """Scanners that speak eSCL, by name and address, and those that announce themselves.

    `addresses` maps names to addresses of eSCL roots (`http://192.0.2.7/eSCL`; a host alone means its /eSCL).
    With `discover` the network is asked as well. `patience_s` is how long a device may be silent.
    `pins` remembers certificates of encrypted devices: a store, the path of one, or None for the life of this
    object. One call at a time: `scan.busy` while a scan of this object is under way.
    Raises ScanError `scan.bad-address` for an address that can't be one.
    """

    def __init__(
        self,
        addresses: Mapping[str, str] = MappingProxyType({}),
        *,
        discover: bool = True,
        patience_s: float = 60.0,
        pins: PinStore | Path | None = None,
    ) -> None:
        self._named = tuple(_Place(read_address(url), name, None) for name, url in addresses.items())
        self._discover = discover
        self._patience_s = patience_s
        self._pins = pins if isinstance(pins, PinStore) else PinStore(pins)
        self._known: dict[str, _Place] = {}
        self._in_use = threading.Lock()
        self._scanning = False
        self._fed: dict[str, Fed] = {}

    def devices(self) -> tuple[Device, ...]:
        """The scanners that are named or announce themselves, whether they answer or not.

        One that is found in several ways is listed once. Its id is its UUID, or its address where it has none
        or doesn't answer.
        """
        with self._taken():
            return self._look_around()

    def capabilities(self, device_id: str) -> Capabilities:
        """What the scanner can do; the option `page-loaded` tells whether paper lies in its feeder.

        Raises ScanError `scan.no-device`, `scan.not-answering`, `scan.bad-answer`,
        `scan.certificate-changed`.
        """
        with self._taken(), self._reached(device_id, never) as (line, description):
            return description.capabilities(_as_now(description, line))

    def read_sensors(self, device_id: str) -> tuple[DeviceOption, ...]:
        """The options of the device that can only be read, as they are now; cheap enough for each second.

        Raises ScanError as `capabilities` does.
        """
        with self._taken(), self._reached(device_id, never) as (line, description):
            return tuple(option for option in _as_now(description, line) if not option.settable)

    def scan(
        self, device_id: str, request: ScanRequest, stopped: Callable[[], bool] = never
    ) -> Iterator[PageImage]:
        """The pages as they come, then the fault or the end.

        Leaving the iteration early takes the job back. Each page is whole: a transfer that broke is asked for
        again, and what is still not whole is `scan.truncated`. `PageImage.dpi` is the resolution asked for,
        or the next finer one where the device lacks it.
        """
        with self._taken(scanning=True):
            if stopped():
                raise ScanError(ScanFault.CANCELLED)
            self._fed.pop(device_id, None)
            with self._reached(device_id, stopped) as (line, description):
                counted = yield from _pages(line, order_for(description, request), stopped)
            if counted is not None:
                self._fed[device_id] = Fed(counted, sheets=False)

    def fed(self, device_id: str) -> Fed | None:
        """The images that the device says it made in its last scan, where it tells."""
        return self._fed.get(device_id)

    def _look_around(self) -> tuple[Device, ...]:
        from scanner.backends.escl.discovery import discover

        announced = discover() if self._discover else ()
        places = [*self._named, *(_Place(found.address, found.name, found.uuid) for found in announced)]
        with ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="escl") as asking:
            described = list(asking.map(self._introduced, places))
        devices = [_device(place, answer) for place, answer in zip(places, described, strict=True)]
        return self._listed(zip(devices, places, described, strict=True))

    def _listed(self, found: Iterable[tuple[Device, _Place, Description | ScanError]]) -> tuple[Device, ...]:
        """Each device once; what answered goes before what only announced itself, else the first wins.

        One that shows another certificate than before counts as answering: its unencrypted double must not
        take its place.
        """
        chosen: dict[str, Device] = {}
        known: dict[str, _Place] = {}
        for device, place, _ in sorted(found, key=_only_announced):
            known.setdefault(_id_of(place.address), place)
            if device.id not in chosen:
                chosen[device.id] = device
                known[device.id] = dataclasses.replace(place, uuid=_uuid_in(device.id))
        self._known = known
        return tuple(chosen.values())

    def _introduced(self, place: _Place) -> Description | ScanError:
        """What the device says of itself, or why it can't be asked now."""
        patience_s = min(self._patience_s, SECONDS_TO_INTRODUCE)
        try:
            with Line(place.address, self._pins, patience_s) as line:
                return read_description(line.document("ScannerCapabilities"))
        except ScanError as error:
            _log.info("an eSCL device doesn't introduce itself: %s", error)
            return error

    @contextmanager
    def _reached(self, device_id: str, stopped: Callable[[], bool]) -> Iterator[tuple[Line, Description]]:
        """A line to the device and what it says of itself.

        Where it isn't at its old address any more, it is looked for once.
        """
        place = self._place_of(device_id)
        fresh = place is None
        if place is None:
            self._look_around()
            place = self._place_of(device_id)
        while place is not None:
            with Line(place.address, self._pins, self._patience_s, stopped) as line:
                description = self._expected(line, place, may_move=not fresh)
                if description is not None:
                    yield line, description
                    return
            before, fresh = place.address, True
            self._look_around()
            place = self._place_of(device_id)
            if place is not None and place.address == before:
                break
        raise ScanError(ScanFault.NO_DEVICE)

    def _expected(self, line: Line, place: _Place, *, may_move: bool) -> Description | None:
        """The description of the device that was expected there; None where it seems to have moved."""
        try:
            description = read_description(line.document("ScannerCapabilities"))
        except ScanError as error:
            if error.fault is ScanFault.NO_DEVICE and may_move:
                return None
            raise
        if place.uuid is not None and description.uuid is not None and description.uuid != place.uuid:
            return None
        return description

    def _place_of(self, device_id: str) -> _Place | None:
        """Where that device was last, or is said to be."""
        return self._known.get(device_id) or next(
            (place for place in self._named if _id_of(place.address) == device_id), None
        )

    @contextmanager
    def _taken(self, *, scanning: bool = False) -> Iterator[None]:
        """One call at a time. A short one is waited for; a scan, which may last an hour, is not."""
        if self._scanning or not self._in_use.acquire(timeout=self._patience_s):
            raise ScanError(ScanFault.BUSY)
        self._scanning = scanning
        try:
            yield
        finally:
            self._scanning = False
            self._in_use.release()


def _pages(line: Line, order: Order, stopped: Callable[[], bool]) -> Generator[PageImage, None, int | None]:
    """The pages of one job; returns how many images the device counted, where it came to its own end."""
    sides = 2 if order.source is Source.DUPLEX else 1
    job = ScanJob(line, order)
    try:
        job.begin()
        count = 0
        while order.page_limit is None or count < order.page_limit:
            picture = job.next_page()
            if stopped():
                raise ScanError(ScanFault.CANCELLED)
            if picture is None:
                return job.counted
            yield picture.page(sheet=count // sides + 1, side=count % sides + 1)
            count += 1
        return None
    finally:
        job.end()


def _as_now(description: Description, line: Line) -> tuple[DeviceOption, ...]:
    """The options with their sensors read; a sensor that doesn't answer has no value."""
    if not description.detects_paper:
        return description.options
    status: Status | None
    try:
        status = read_status(line.document("ScannerStatus"))
    except ScanError as error:
        _log.info("an eSCL device doesn't tell its status: %s", error)
        status = None
    loaded = status.loaded if status is not None else None
    return tuple(
        dataclasses.replace(option, value=loaded) if option.name == PAPER_LOADED else option
        for option in description.options
    )


def _only_announced(found: tuple[Device, _Place, Description | ScanError]) -> bool:
    _, place, answer = found
    changed = isinstance(answer, ScanError) and answer.fault is ScanFault.CERTIFICATE_CHANGED
    return isinstance(answer, ScanError) and not (changed and place.address.scheme == "https")


def _device(place: _Place, description: Description | ScanError) -> Device:
    address = place.address.url
    if isinstance(description, ScanError):
        return Device(
            id=f"{NAME}:{place.uuid}" if place.uuid else _id_of(place.address),
            backend=NAME,
            maker="",
            model=place.name,
            kind="eSCL",
            address=address,
            connection=Connection.NETWORK,
        )
    return Device(
        id=f"{NAME}:{description.uuid}" if description.uuid else _id_of(place.address),
        backend=NAME,
        maker=description.maker,
        model=description.model or place.name,
        kind=f"eSCL {description.version}",
        serial=description.serial,
        address=address,
        connection=Connection.VIRTUAL if description.virtual else Connection.NETWORK,
    )


def _id_of(address: Address) -> str:
    return f"{NAME}:{address.url}"


def _uuid_in(device_id: str) -> str | None:
    told = device_id.removeprefix(f"{NAME}:")
    return None if "/" in told else told
