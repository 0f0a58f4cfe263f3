"""What devices count themselves, and whether they tell (máy tự đếm)."""

import pytest

from scanner import CountingBackend, EsclBackend, Fed, ScanError, ScanRequest, SeveralBackends, Source
from scanner.backends.virtual import Fault, FaultKind

REQUEST = ScanRequest(dpi=200, width_mm=100, height_mm=60)


@pytest.fixture
def direct(virtual):
    return EsclBackend({"Quầy một": virtual.url}, discover=False, patience_s=20)


def device_of(backend):
    return backend.devices()[0].id


def test_a_network_scanner_tells_the_images_it_made(direct, virtual, slips):
    backend = SeveralBackends({"escl": direct})
    assert isinstance(backend, CountingBackend)
    device = device_of(backend)
    assert backend.fed(device) is None
    assert len(list(backend.scan(device, REQUEST))) == 3
    assert backend.fed(device) == Fed(3, sheets=False)
    virtual.load(slips[:2])
    both = ScanRequest(source=Source.DUPLEX, dpi=200, width_mm=100, height_mm=60)
    assert len(list(backend.scan(device, both))) == 2
    assert backend.fed(device) == Fed(2, sheets=False)


def test_a_scan_that_did_not_come_to_its_own_end_counts_nothing(direct, virtual, slips):
    device = device_of(direct)
    list(direct.scan(device, REQUEST))
    virtual.load(slips)
    virtual.set_fault(Fault(FaultKind.JAM, 3))
    with pytest.raises(ScanError):
        list(direct.scan(device, REQUEST))
    assert direct.fed(device) is None
    virtual.clear_fault()
    list(direct.scan(device, ScanRequest(dpi=200, page_limit=1)))
    assert direct.fed(device) is None


def test_a_scanner_without_counters_tells_nothing(bench):
    backend = bench()
    assert len(list(backend.scan("test:0", REQUEST))) == 10
    assert backend.fed("test:0") is None
