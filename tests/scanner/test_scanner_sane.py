"""Real paper through python-sane, SANE and sane-airscan: images, order, numbering, the cost of it."""

import resource
import time
from statistics import median

import numpy as np
import pytest
from PIL import Image

from scanner import (
    ColorMode,
    SaneBackend,
    ScanError,
    ScanFault,
    ScanRequest,
    Source,
    Spool,
    VirtualScanner,
    write_sane_config,
)

COUNTER = "airscan:e0:Quầy một"


def difference(page, file) -> float:
    """Mean absolute difference in grey levels over the area that both have."""
    wanted = np.asarray(Image.open(file))
    height, width = (min(a, b) for a, b in zip(wanted.shape[:2], page.pixels.shape[:2], strict=True))
    return float(np.abs(wanted[:height, :width].astype(np.int16) - page.pixels[:height, :width]).mean())


def bars_of(page) -> int:
    """The number that a drawn sheet tells: its black bars, counted down a line through all of them."""
    grey = page.pixels if page.pixels.ndim == 2 else page.pixels[:, :, 1]
    line = grey[:, grey.shape[1] // 4] < 128
    return int(np.count_nonzero(line[1:] & ~line[:-1]))


@pytest.fixture
def virtual(sheets):
    """A virtual scanner with three sheets of A4."""
    with VirtualScanner(sheets[:3]) as device:
        yield device


def test_the_feeder_gives_the_paper_itself_in_order(counter, sheets):
    pages = list(counter.scan(COUNTER, ScanRequest()))
    assert [bars_of(page) for page in pages] == [1, 2, 3]
    assert all(page.pixels.shape == (3508, 2480, 3) for page in pages)
    assert max(difference(page, file) for page, file in zip(pages, sheets, strict=False)) < 1


def test_real_scans_arrive_unchanged(counter, virtual, real_data):
    files = sorted((real_data / "scans").glob("*.jpg"))[:4]
    virtual.load(files)
    pages = list(counter.scan(COUNTER, ScanRequest()))
    assert len(pages) == len(files)
    assert max(difference(page, file) for page, file in zip(pages, files, strict=True)) < 3


def test_both_sides_are_front_then_back_and_the_last_back_is_blank(counter):
    pages = list(counter.scan(COUNTER, ScanRequest(source=Source.DUPLEX, dpi=200)))
    assert [(page.sheet, page.side) for page in pages] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert [bars_of(page) for page in pages] == [1, 2, 3, 0]


def test_the_glass_gives_the_first_sheet(counter):
    (page,) = counter.scan(COUNTER, ScanRequest(source=Source.FLATBED, mode=ColorMode.GREY, dpi=200))
    assert bars_of(page) == 1
    assert page.pixels.ndim == 2


def test_resolution_changes_the_pixels_and_not_the_paper(counter):
    first = next(counter.scan(COUNTER, ScanRequest(dpi=200)))
    assert first.pixels.shape[:2] == pytest.approx((297 / 25.4 * 200, 210 / 25.4 * 200), abs=2)
    assert bars_of(first) == 1


def test_bitonal_pages_are_black_and_white_only(bench):
    (page,) = bench().scan("test:0", ScanRequest(source=Source.FLATBED, mode=ColorMode.BITONAL, width_mm=60))
    assert set(np.unique(page.pixels)) <= {0, 255}


def test_the_device_tells_its_address_and_a_vietnamese_name(counter):
    (device,) = counter.devices()
    assert (device.id, device.model, device.address) == (COUNTER, "Quầy một", "127.0.0.1")


def test_a_device_switched_on_later_is_reached_without_a_restart(tmp_path, sheets):
    pytest.importorskip("sane")
    with VirtualScanner(sheets[:1]) as device:
        port = int(device.url.rsplit(":", 1)[1].split("/")[0])
    folder = write_sane_config(tmp_path, {"Later": f"http://127.0.0.1:{port}/eSCL"})
    with SaneBackend(folder) as backend:
        (device,) = backend.devices()
        with pytest.raises(ScanError) as error:
            backend.capabilities(device.id)
        assert error.value.fault is ScanFault.NO_DEVICE
        with VirtualScanner(sheets[:1], port=port):
            assert Source.DUPLEX in backend.capabilities(device.id).sources


def test_the_capture_loop_costs_little_and_holds_few_pages(counter, virtual, sheets, tmp_path):
    virtual.load(sheets * 2)
    spool = Spool(tmp_path / "batch")
    costs = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.thread_time()
    for page in counter.scan(COUNTER, ScanRequest()):
        spool.keep(page, COUNTER)
        costs.append(time.thread_time() - started)
        started = time.thread_time()
    assert len(spool.pages()) == 10
    # Time on the processor, as other work on the machine must not decide; A4 in colour at 300 dpi.
    assert median(costs) < 0.15
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < 5 * 26
