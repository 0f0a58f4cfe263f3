"""A failed connection is told better where the device itself knows more."""

import pytest

from scanner import Fault, ScanError, ScanFault, ScanRequest, Source, VirtualScanner, never, write_sane_config
from scanner.backends.sane.config import escl_address
from scanner.backends.sane.hearing import sharpened

COUNTER = "airscan:e0:Quầy: một"
FEEDER = ScanRequest(dpi=200)


@pytest.fixture
def config(virtual, tmp_path):
    """A configuration that names the virtual scanner, which shows two sheets drawn in together."""
    client = pytest.importorskip("requests")
    virtual.set_fault(Fault.parse("double-feed:1"))
    job = client.post(f"{virtual.url}/ScanJobs", SETTINGS, timeout=5).headers["Location"].rsplit("/", 1)[-1]
    assert client.get(f"{virtual.url}/ScanJobs/{job}/NextDocument", timeout=5).status_code == 409
    return write_sane_config(tmp_path, {"Quầy: một": virtual.url, "khác": "http://127.0.0.1:9/eSCL"})


SETTINGS = (
    b'<scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" '
    b'xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"><pwg:InputSource>Feeder</pwg:InputSource>'
    b"</scan:ScanSettings>"
)


def test_the_feeder_tells_what_the_driver_does_not_know(config):
    told = sharpened(ScanError(ScanFault.IO, page=2), COUNTER, config, FEEDER, never)
    assert (told.fault, told.facts) == (ScanFault.DOUBLE_FEED, {"page": 2})


def test_what_cannot_be_told_better_stays(config):
    io, jam = ScanError(ScanFault.IO), ScanError(ScanFault.JAMMED)
    assert sharpened(jam, COUNTER, config, FEEDER, never) is jam
    assert sharpened(io, COUNTER, None, FEEDER, never) is io
    assert sharpened(io, COUNTER, config / "gone", FEEDER, never) is io
    assert sharpened(io, COUNTER, config, ScanRequest(source=Source.FLATBED, dpi=200), never) is io
    assert sharpened(io, COUNTER, config, FEEDER, lambda: True) is io
    for other in ("airscan:e1:khác", "airscan:e1:lạ", "airscan:w0:Quầy: một", "test:0", "airscan:e0"):
        assert sharpened(io, other, config, FEEDER, never) is io


def test_a_sound_device_leaves_the_fault_as_it_is(slips, tmp_path):
    with VirtualScanner(slips) as device:
        config = write_sane_config(tmp_path, {"Quầy: một": device.url})
        io = ScanError(ScanFault.IO)
        assert sharpened(io, COUNTER, config, FEEDER, never) is io


def test_the_address_is_found_by_its_name(tmp_path):
    folder = write_sane_config(tmp_path, {"A = B, eSCL": "http://192.0.2.7/eSCL", "C": "https://[::1]/eSCL"})
    assert escl_address(folder, "A = B, eSCL") == "http://192.0.2.7/eSCL"
    assert escl_address(folder, "C") == "https://[::1]/eSCL"
    assert escl_address(folder, "D") is None
