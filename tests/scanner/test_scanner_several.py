"""Several backends as one."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from scanner.contract import Capabilities, ColorMode, Device, PageImage, ScanRequest, Source, never
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
