"""The station's scanner is found again by maker, model and serial number, and keeps its row in the list."""

from dataclasses import replace

import pytest

import scanner
from app.domain.device import KnownDevice
from app.settings import Settings
from app.store import Store
from app.workflow.configured import every_scanner, network_addresses
from app.workflow.finding import StationScanner
from scanner import Connection, Device, ScanError, ScanFault

FI = Device("sane|fujitsu:libusb:001:004", "sane", "Fujitsu", "fi-8170", "scanner", connection=Connection.USB)


class Office:
    """Devices under the ids of now; serial numbers are told by those that were asked what they can do."""

    def __init__(self, *devices: Device, serials: dict[str, str] | None = None) -> None:
        self.present = list(devices)
        self._serials = serials or {}
        self._asked: set[str] = set()

    def devices(self) -> tuple[Device, ...]:
        return tuple(
            replace(d, serial=self._serials[d.id]) if d.id in self._asked & set(self._serials) else d
            for d in self.present
        )

    def capabilities(self, device_id: str) -> scanner.Capabilities:
        if all(device.id != device_id for device in self.present):
            raise ScanError(ScanFault.NO_DEVICE)
        self._asked.add(device_id)
        return scanner.Capabilities((), (), (), 0, 0)

    def scan(self, *_: object) -> object:
        raise NotImplementedError


def known(device: Device, serial: str = "") -> KnownDevice:
    return KnownDevice(device.id, device.maker, device.model, serial, device.connection.value, "")


def station_scanner(office: Office, store: Store, device_id: str = "") -> StationScanner:
    return StationScanner(office, Settings(scanner=device_id), store)  # type: ignore[arg-type]


def test_another_socket_is_no_other_scanner(store: Store) -> None:
    moved = replace(FI, id="sane|fujitsu:libusb:001:009")
    chosen = station_scanner(Office(moved), store, FI.id)
    store.devices.meet(known(FI))
    store.devices.count_page(FI.id)
    assert chosen() == FI.id
    assert chosen.find_again(FI.id) == moved.id == chosen()
    (row,) = store.devices.known()
    assert (row.id, row.pages_scanned, row.formerly) == (moved.id, 1, (FI.id,))
    # A later start reads the old id from the settings, and knows whose it is.
    assert station_scanner(Office(moved), store, FI.id)() == moved.id


def test_of_two_of_a_kind_the_serial_number_decides(store: Store) -> None:
    one, other = replace(FI, id="sane|a"), replace(FI, id="sane|b")
    office = Office(one, other, serials={"sane|a": "S-1", "sane|b": "S-2"})
    store.devices.meet(known(FI, "S-2"))
    assert station_scanner(office, store, FI.id).find_again(FI.id) == "sane|b"


def test_of_two_of_a_kind_without_a_number_neither_is_taken(store: Store) -> None:
    store.devices.meet(known(FI))
    office = Office(replace(FI, id="sane|a"), replace(FI, id="sane|b"))
    with pytest.raises(ScanError) as error:
        station_scanner(office, store, FI.id).find_again(FI.id)
    assert error.value.fault is ScanFault.NO_DEVICE
    assert [row.id for row in store.devices.known()] == [FI.id]


def test_where_none_is_set_the_first_serves_and_the_next_after_it_left(store: Store) -> None:
    office = Office(FI, replace(FI, id="sane|b", model="other"))
    chosen = station_scanner(office, store)
    assert chosen() == FI.id
    del office.present[0]
    assert chosen.find_again(FI.id) == "sane|b"
    office.present.clear()
    with pytest.raises(ScanError):
        chosen.find_again("sane|b")


def test_one_that_is_set_and_was_never_met_is_not_exchanged_for_another(store: Store) -> None:
    with pytest.raises(ScanError):
        station_scanner(Office(FI), store, "sane|unknown").find_again("sane|unknown")


def test_two_rows_of_one_scanner_become_one(store: Store) -> None:
    store.devices.meet(known(FI))
    store.devices.meet(known(replace(FI, id="sane|new")))
    for device_id, pages in ((FI.id, 3), ("sane|new", 2)):
        for _ in range(pages):
            store.devices.count_page(device_id)
    store.devices.note_test("sane|new", "2026-11-02T08:00:00+07:00", "good")
    store.devices.note_test(FI.id, "2026-10-02T08:00:00+07:00", "skew")
    store.devices.move(FI.id, "sane|new")
    (row,) = store.devices.known()
    assert (row.id, row.pages_scanned, row.test_result, row.formerly) == ("sane|new", 5, "good", (FI.id,))
    store.devices.move("sane|new", FI.id)
    (row,) = store.devices.known()
    assert (row.id, row.formerly) == (FI.id, ("sane|new",))


def test_addresses_are_written_as_people_do() -> None:
    assert network_addresses("") == {}
    told = " Quầy một = http://192.0.2.7/eSCL ; Phòng 3=192.0.2.8;"
    assert network_addresses(told) == {"Quầy một": "http://192.0.2.7/eSCL", "Phòng 3": "http://192.0.2.8"}


@pytest.mark.logs_warnings
def test_an_address_that_cannot_be_one_keeps_nobody_from_scanning() -> None:
    assert network_addresses("Tốt = 192.0.2.7; Hỏng = ftp://x; Rỗng = http://") == {"Tốt": "http://192.0.2.7"}
    told = Settings(network_scanners="Hỏng = ftp://x", shared_scanners="may-chu; -x-")
    with every_scanner(told) as backend:
        assert isinstance(backend, scanner.SensingBackend)
