"""Stopped at moments that nobody chose: no part of a page, no hang, no process left behind (hủy quét)."""

import contextlib
import random
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from scanner import ColorMode, SaneBackend, ScanError, ScanFault, ScanRequest, Source, write_sane_config

COUNTER = "airscan:e0:Quầy một"
SLOWEST_STOP_S = 10.0
OF_A_RUN, OF_A_SOAK = 20, 100
"""Scans that are stopped, for each of the two devices."""

TEST_SCAN = ScanRequest(source=Source.FEEDER, mode=ColorMode.GREY, dpi=200, width_mm=100, height_mm=60)
SLIP_SCAN = ScanRequest(dpi=200, width_mm=100, height_mm=60)


def stop_after(seconds: float):
    """A `stopped` that turns True so many seconds from now."""
    due = time.monotonic() + seconds
    return lambda: time.monotonic() >= due


def stopped_scan(backend, device_id, request, seconds):
    """The pages that came before the stop, and how long after it the scan was over."""
    pages, due = [], time.monotonic() + seconds
    try:
        # What came before the stop counts, so the list is filled page by page.
        pages.extend(backend.scan(device_id, request, stop_after(seconds)))
    except ScanError as error:
        fault = error.fault
    else:
        return pages, 0.0
    late_s = time.monotonic() - due
    assert fault is ScanFault.CANCELLED
    return pages, late_s


def stop_often(backend, device_id, request, times, longest_s, is_whole, load=lambda: None):
    chance = random.Random(times)
    workers = set()
    stopped = 0
    for _ in range(times):
        load()
        pages, late_s = stopped_scan(backend, device_id, request, chance.uniform(0, longest_s))
        assert all(is_whole(page) for page in pages)
        assert late_s < SLOWEST_STOP_S
        stopped += late_s > 0
        if backend._worker is not None:
            workers.add(backend._worker.pid)
    # Otherwise the moments were badly chosen, and nothing was tested.
    assert stopped >= times // 4
    load()
    pages = list(backend.scan(device_id, request))
    assert pages
    assert all(is_whole(page) for page in pages)
    workers.add(backend._worker.pid)
    return workers


def expect_one_left(backend, workers, ends):
    now = backend._worker.pid
    for pid in workers - {now}:
        assert ends(pid, 5)
    backend.close()
    assert ends(now, 5)


def run_test_device(bench, ends, times):
    """Ten pages of about 60 ms each, as the device waits 1 ms before each 8 kB."""
    backend = bench("read-delay true", "read-delay-duration 1000", "read-limit true", "read-limit-size 8192")
    picture = next(iter(bench().scan("test:0", TEST_SCAN))).pixels

    def is_whole(page):
        return np.array_equal(page.pixels, picture)

    workers = stop_often(backend, "test:0", TEST_SCAN, times, 0.35, is_whole)
    expect_one_left(backend, workers, ends)


def run_airscan(counter, virtual, slips, ends, times):
    whole = [page.pixels for page in counter.scan(COUNTER, SLIP_SCAN)]
    assert len(whole) == 3

    def is_whole(page):
        return np.array_equal(page.pixels, whole[page.sheet - 1])

    workers = stop_often(
        counter, COUNTER, SLIP_SCAN, times, 0.35, is_whole, load=lambda: virtual.load(slips[:3])
    )
    expect_one_left(counter, workers, ends)


def test_stopped_anywhere_on_the_test_device(bench, ends):
    run_test_device(bench, ends, OF_A_RUN)


def test_stopped_anywhere_on_a_network_scanner(counter, virtual, slips, ends):
    run_airscan(counter, virtual, slips, ends, OF_A_RUN)


@pytest.mark.soak
def test_stopped_often_on_the_test_device(bench, ends):
    run_test_device(bench, ends, OF_A_SOAK)


@pytest.mark.soak
def test_stopped_often_on_a_network_scanner(counter, virtual, slips, ends):
    run_airscan(counter, virtual, slips, ends, OF_A_SOAK)


def test_left_anywhere_by_the_one_who_iterates(bench):
    """Closing the iteration is a stop as well."""
    backend = bench()
    for taken in (1, 2, 3):
        pages = backend.scan("test:0", TEST_SCAN)
        for _ in range(taken):
            next(pages)
        pages.close()
    assert len(list(backend.scan("test:0", TEST_SCAN))) == 10


def test_closed_by_another_thread_in_the_middle_of_a_scan(tmp_path, ends):
    """The window is closed while the scanner works: the scan ends with a fault, nothing stays behind."""
    pytest.importorskip("sane")
    folder = write_sane_config(tmp_path, test_backend=True)
    with (folder / "test.conf").open("a") as conf:
        conf.write("read-delay true\nread-delay-duration 20000\nread-limit true\nread-limit-size 512\n")
    backend = SaneBackend(folder, patience_s=20)
    begun, faults = threading.Event(), []

    def asked():
        if backend._last is not None:
            begun.set()
        return False

    def scan():
        # A page that takes many seconds, however late this thread's other half comes to close it.
        slow = replace(TEST_SCAN, dpi=600, width_mm=210, height_mm=297)
        with contextlib.closing(backend.scan("test:0", slow, asked)) as pages:
            try:
                next(pages)
            except ScanError as error:
                faults.append(error.fault)

    scanning = threading.Thread(target=scan)
    scanning.start()
    assert begun.wait(10)
    pid = backend._worker.pid
    backend.close()
    scanning.join(20)
    assert not scanning.is_alive()
    assert faults in ([ScanFault.CANCELLED], [ScanFault.WORKER_DIED])
    assert ends(pid, 5)
