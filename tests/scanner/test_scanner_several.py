"""Several backends as one."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from scanner.contract import (
    Capabilities,
    ColorMode,
    Device,
    DeviceOption,
    OptionKind,
    PageImage,
    ScanRequest,
    Source,
    never,
)
from scanner.errors import ScanError, ScanFault
from scanner.several import SeveralBackends

CAN = Capabilities((Source.FEEDER,), (ColorMode.COLOR,), (300,), 210, 297)


class Played:
    """A backend with one device that gives `pages` pages, or a fault."""

    def __init__(self, device_id: str, pages: int = 0, fault: ScanFault | None = None) -> None:
        self.device_id, self.pages, self.fault = device_id, pages, fault

    def devices(self) -> tuple[Device, ...]:
        if self.fault:
            raise ScanError(self.fault)
        return (Device(self.device_id, "played", "Maker", "Model", "scanner"),)

    def capabilities(self, device_id: str) -> Capabilities:
        if device_id != self.device_id:
            raise ScanError(ScanFault.NO_DEVICE)
        return CAN

    def scan(
        self, device_id: str, request: ScanRequest, stopped: Callable[[], bool] = never
    ) -> Iterator[PageImage]:
        for sheet in range(1, self.pages + 1):
            yield PageImage(np.zeros((3, 2), np.uint8), request.dpi, sheet, 1)


def test_devices_of_all_are_found_and_reached_by_their_own_ids() -> None:
    both = SeveralBackends({"sane": Played("a|b:0", 2), "escl": Played("a|b:0", 3)})
    ids = [device.id for device in both.devices()]
    assert len(set(ids)) == 2
    assert [len(list(both.scan(one, ScanRequest()))) for one in ids] == [2, 3]
    assert both.capabilities(ids[0]) == CAN


def test_one_that_fails_does_not_hide_the_others() -> None:
    both = SeveralBackends({"sane": Played("x", fault=ScanFault.NO_DRIVER), "escl": Played("y", 1)})
    assert [device.id for device in both.devices()] == ["escl|y"]


def test_when_nothing_is_found_the_fault_is_told() -> None:
    with pytest.raises(ScanError) as told:
        SeveralBackends({"sane": Played("x", fault=ScanFault.NO_DRIVER)}).devices()
    assert told.value.fault is ScanFault.NO_DRIVER
    assert SeveralBackends({}).devices() == ()


@pytest.mark.parametrize("device_id", ["", "x", "wia|x", "sane|other"])
def test_a_device_of_nobody_is_not_there(device_id: str) -> None:
    with pytest.raises(ScanError) as told:
        SeveralBackends({"sane": Played("x")}).capabilities(device_id)
    assert told.value.fault is ScanFault.NO_DEVICE


def test_names_that_would_not_come_apart_again() -> None:
    for name in ("", "a|b"):
        with pytest.raises(ValueError, match="no name"):
            SeveralBackends({name: Played("x")})


class Listed(Played):
    """A backend with a list of devices, and a paper sensor."""

    def __init__(self, *devices: Device) -> None:
        super().__init__("")
        self.listed = devices

    def devices(self) -> tuple[Device, ...]:
        return self.listed

    def read_sensors(self, device_id: str) -> tuple[DeviceOption, ...]:
        return (DeviceOption("page-loaded", device_id, OptionKind.SWITCH, settable=False, value=True),)


def network(device_id: str, backend: str, address: str, maker: str = "HP") -> Device:
    return Device(device_id, backend, maker, "M428", "x", address=address)


def listed(escl: tuple[Device, ...], sane: tuple[Device, ...]) -> list[str]:
    both = SeveralBackends({"escl": Listed(*escl), "sane": Listed(*sane)})
    return [device.id for device in both.devices()]


def test_a_network_scanner_is_not_listed_again_for_its_driver() -> None:
    direct = network("escl:u", "escl", "http://192.0.2.7/eSCL")
    driven = network("airscan:e0:M428", "sane", "192.0.2.7", "eSCL")
    assert listed((direct,), (driven,)) == ["escl|escl:u"]
    other = network("airscan:e1:M430", "sane", "192.0.2.9", "eSCL")
    usb = Device("pixma:04A9", "sane", "Canon", "M428", "scanner")
    assert listed((direct,), (driven, other, usb)) == ["escl|escl:u", f"sane|{other.id}", f"sane|{usb.id}"]


def test_the_driver_s_stays_where_the_direct_way_does_not_answer() -> None:
    silent = network("escl:u", "escl", "http://192.0.2.7/eSCL", maker="")
    driven = network("airscan:e0:M428", "sane", "192.0.2.7", "eSCL")
    assert listed((silent,), (driven,)) == ["escl|escl:u", f"sane|{driven.id}"]


def test_of_two_at_one_host_of_which_one_answers_none_is_hidden() -> None:
    direct = network("escl:u", "escl", "http://127.0.0.1:60000/eSCL")
    driven = tuple(network(f"airscan:e{n}:M", "sane", "127.0.0.1", "eSCL") for n in range(2))
    assert len(listed((direct,), driven)) == 3


def test_sensors_come_from_backends_that_have_some() -> None:
    both = SeveralBackends({"a": Listed(), "b": Played("x")})
    assert [sensor.title for sensor in both.read_sensors("a|own")] == ["own"]
    assert both.read_sensors("b|x") == ()
    with pytest.raises(ScanError):
        both.read_sensors("c|x")
