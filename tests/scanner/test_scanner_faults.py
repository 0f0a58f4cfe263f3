"""Faults of paper, device, driver and process, provoked on the real parts."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from scanner import (
    ColorMode,
    Fault,
    SaneBackend,
    ScanError,
    ScanFault,
    ScanRequest,
    Source,
    VirtualScanner,
    write_sane_config,
)

COUNTER = "airscan:e0:Quầy một"
SLIP = ScanRequest(dpi=200, width_mm=100, height_mm=60)
FLATBED = ScanRequest(source=Source.FLATBED, dpi=200, width_mm=100, height_mm=60)


def scan(backend, device_id=COUNTER, request=None, stopped=lambda: False):
    """The pages that came, and the fault that ended the scan, if one did."""
    pages = []
    try:
        for page in backend.scan(device_id, request or SLIP, stopped):
            pages.append(page)  # noqa: PERF402 - what came before the fault counts
    except ScanError as error:
        return pages, error
    return pages, None


@pytest.mark.parametrize(
    ("fault", "good_pages", "expected"),
    [
        ("jam:3", 2, ScanFault.JAMMED),
        ("jam:1", 0, ScanFault.JAMMED),
        ("cover:1", 0, ScanFault.COVER_OPEN),
        ("cover:2", 1, ScanFault.COVER_OPEN),
        ("double-feed:1", 0, ScanFault.DOUBLE_FEED),
        ("double-feed:3", 2, ScanFault.DOUBLE_FEED),
        ("truncated:2", 1, ScanFault.IO),
    ],
)
def test_good_pages_then_the_fault_then_the_rest(counter, virtual, fault, good_pages, expected):
    virtual.set_fault(Fault.parse(fault))
    pages, error = scan(counter)
    assert len(pages) == good_pages
    assert error is not None
    assert error.fault is expected
    again, error = scan(counter)
    assert (again, error is not None and error.fault) == ([], expected)
    virtual.clear_fault()
    rest, error = scan(counter)
    assert (len(rest), error) == (3 - good_pages, None)


def test_an_empty_folder_has_no_documents(counter, virtual, tmp_path):
    (tmp_path / "empty").mkdir()
    virtual.load(tmp_path / "empty")
    pages, error = scan(counter)
    assert (pages, error and error.fault) == ([], ScanFault.NO_DOCUMENTS)


def test_a_busy_device_is_said_to_be_busy(counter, virtual):
    virtual.set_fault(Fault.parse("busy:1"))
    pages, error = scan(counter)
    assert (pages, error and error.fault) == ([], ScanFault.BUSY)


def test_a_page_cut_short_inside_the_device_never_passes_for_a_page(counter, virtual, slips, tmp_path):
    cut = tmp_path / "cut.jpg"
    whole = slips[0].read_bytes()
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    virtual.load([slips[1], cut])
    pages, error = scan(counter)
    assert (len(pages), error and error.fault) == (1, ScanFault.TRUNCATED)


def test_a_device_that_hangs_is_given_up_after_the_patience(virtual, tmp_path, ends):
    virtual.set_fault(Fault.parse("hang:2"))
    folder = write_sane_config(tmp_path, {"Quầy một": virtual.url})
    with SaneBackend(folder, patience_s=1.0) as backend:
        pages, error = scan(backend)
        assert (len(pages), error and error.fault) == (1, ScanFault.NOT_ANSWERING)
        assert error.facts["waited_s"] == 1.0
        virtual.clear_fault()
        rest, error = scan(backend)
        assert (len(rest), error) == (2, None)


def test_a_device_that_vanishes_mid_scan_is_a_fault_of_the_connection(slips, tmp_path):
    with VirtualScanner(slips[:3], pages_per_minute=6) as device:
        folder = write_sane_config(tmp_path, {"Quầy một": device.url})
        with SaneBackend(folder, patience_s=20) as backend:
            pages = backend.scan(COUNTER, SLIP)
            next(pages)
            device.stop()
            with pytest.raises(ScanError) as error:
                next(pages)
            assert error.value.fault is ScanFault.IO
            with pytest.raises(ScanError) as error:
                next(backend.scan(COUNTER, SLIP))
            assert error.value.fault is ScanFault.NO_DEVICE


def test_cancel_while_the_driver_waits_for_paper(slips, tmp_path):
    """The second sheet takes twenty seconds; the stop comes while it is waited for."""
    stop = threading.Event()
    with VirtualScanner(slips[:3], pages_per_minute=3) as slow:
        folder = write_sane_config(tmp_path / "slow", {"Quầy một": slow.url})
        with SaneBackend(folder, patience_s=20) as backend:
            pages = backend.scan(COUNTER, SLIP, stop.is_set)
            next(pages)
            timer = threading.Timer(0.3, stop.set)
            timer.start()
            with pytest.raises(ScanError) as error:
                next(pages)
            timer.join()
            assert error.value.fault is ScanFault.CANCELLED
            assert slow.remaining == 2


def test_cancel_inside_a_page_never_yields_a_part_of_it(bench):
    backend = bench("read-delay true", "read-delay-duration 20000", "read-limit true", "read-limit-size 4096")
    request = ScanRequest(source=Source.FLATBED)
    stop = threading.Event()
    timer = threading.Timer(0.4, stop.set)
    timer.start()
    pages, error = scan(backend, "test:0", request, stop.is_set)
    timer.join()
    assert (pages, error and error.fault) == ([], ScanFault.CANCELLED)
    small = ScanRequest(source=Source.FLATBED, dpi=200, width_mm=20, height_mm=20)
    assert len(scan(backend, "test:0", small)[0]) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UNSUPPORTED", ScanFault.UNSUPPORTED),
        ("CANCELLED", ScanFault.CANCELLED),
        ("DEVICE_BUSY", ScanFault.BUSY),
        ("INVAL", ScanFault.UNSUPPORTED),
        ("EOF", ScanFault.TRUNCATED),
        ("JAMMED", ScanFault.JAMMED),
        ("NO_DOCS", ScanFault.NO_DOCUMENTS),
        ("COVER_OPEN", ScanFault.COVER_OPEN),
        ("IO_ERROR", ScanFault.IO),
        ("NO_MEM", ScanFault.OUT_OF_MEMORY),
        ("ACCESS_DENIED", ScanFault.ACCESS_DENIED),
    ],
)
@pytest.mark.parametrize("source", [Source.FLATBED, Source.FEEDER])
def test_every_status_of_a_driver_while_it_reads(bench, status, expected, source):
    backend = bench(f'read-status-code "SANE_STATUS_{status}"')
    request = ScanRequest(source=source, dpi=200, width_mm=40, height_mm=40)
    pages, error = scan(backend, "test:0", request)
    assert (pages, error and error.fault) == ([], expected)


def test_rows_of_another_length_than_told_are_refused(bench):
    pages, error = scan(bench("ppl-loss 7"), "test:0", FLATBED)
    assert (pages, error and error.fault) == ([], ScanFault.UNSUPPORTED)
    assert error.facts["field"] == "bytes_per_line"


def test_separate_colour_frames_are_refused(bench):
    pages, error = scan(bench("three-pass true"), "test:0", FLATBED)
    assert (pages, error and error.fault) == ([], ScanFault.UNSUPPORTED)


def test_sixteen_bits_are_turned_to_eight_before_the_scan(bench):
    pages, error = scan(bench("depth 16"), "test:0", FLATBED)
    assert error is None
    assert pages[0].pixels.dtype == np.uint8


def test_a_device_that_guesses_its_size_until_it_starts_is_believed_then(bench):
    pages, error = scan(bench("fuzzy-parameters true"), "test:0", FLATBED)
    assert (len(pages), error) == (1, None)


def test_a_device_without_a_length_gives_what_it_has(bench):
    request = ScanRequest(source=Source.FLATBED, mode=ColorMode.GREY, dpi=200, width_mm=100, height_mm=60)
    pages, error = scan(bench("hand-scanner true"), "test:0", request)
    assert error is None
    assert pages[0].pixels.shape[0] > 60 / 25.4 * 200


def test_a_lying_device_is_refused_before_anything_is_allocated(bench):
    backend = bench("resolution_min 20000.0", "resolution_max 20000.0", "resolution 20000.0")
    pages, error = scan(backend, "test:0", ScanRequest(source=Source.FLATBED))
    assert (pages, error and error.fault) == ([], ScanFault.REFUSED_SIZE)
    assert error.facts["width_px"] * error.facts["height_px"] * 3 > 10 * 1024**3
    status = Path(f"/proc/{backend._worker.pid}/status").read_text()
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    assert int(peak) < 200 * 1024


def test_an_area_that_begins_inside_the_page_is_refused(bench):
    backend = bench("geometry_min 50.0", "tl_x 50.0", "tl_y 50.0")
    pages, error = scan(backend, "test:0", ScanRequest(source=Source.FLATBED))
    assert (pages, error and error.fault) == ([], ScanFault.UNSUPPORTED)


def test_a_killed_driver_costs_one_scan_and_nothing_else(counter, virtual, slips, ends):
    virtual.load(slips)
    pages = counter.scan(COUNTER, SLIP)
    next(pages)
    pid = counter._worker.pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ScanError) as error:
        for _ in pages:
            pass
    assert error.value.fault is ScanFault.WORKER_DIED
    assert error.value.facts["status"] == -signal.SIGKILL
    virtual.load(slips)
    assert [len(scanned) if isinstance(scanned, list) else scanned for scanned in scan(counter)] == [5, None]
    assert counter._worker.pid != pid
    assert ends(pid, 0)


def test_a_driver_that_died_between_two_scans_is_not_even_noticed(counter, virtual, slips, ends):
    scan(counter)
    os.kill(counter._worker.pid, signal.SIGKILL)
    assert ends(counter._worker.pid, 5)
    virtual.load(slips[:2])
    assert len(scan(counter)[0]) == 2


def test_close_ends_the_process_and_a_later_call_starts_another(bench, ends):
    backend = bench()
    backend.devices()
    pid = backend._worker.pid
    backend.close()
    backend.close()
    assert ends(pid, 0)
    assert backend.devices()


PARENT = """
import sys
from pathlib import Path
from scanner import SaneBackend, ScanRequest
backend = SaneBackend(Path(sys.argv[1]))
pages = backend.scan(sys.argv[2], ScanRequest(dpi=200))
next(pages)
print(backend._worker.pid, flush=True)
next(pages)
"""


def test_the_driver_dies_with_the_program(slips, tmp_path, ends):
    pytest.importorskip("sane")
    with VirtualScanner(slips[:3], pages_per_minute=2) as device:
        folder = write_sane_config(tmp_path, {"Quầy một": device.url})
        root = Path(__file__).resolve().parents[2]
        with subprocess.Popen(
            [sys.executable, "-c", PARENT, str(folder), COUNTER],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(root)},
        ) as parent:
            worker = int(parent.stdout.readline())
            parent.kill()
            parent.wait()
            assert ends(worker, 6)


def test_without_the_library_there_is_no_driver(tmp_path, monkeypatch):
    # A module of that name that can't be imported stands in for the library that is missing.
    (tmp_path / "sane.py").write_text("raise ImportError")
    from scanner.backends.sane import process

    environment = process._environment(None)
    monkeypatch.setattr(
        process,
        "_environment",
        lambda *_, **__: {**environment, "PYTHONPATH": f"{tmp_path}:{environment['PYTHONPATH']}"},
    )
    with SaneBackend() as backend, pytest.raises(ScanError) as error:
        backend.devices()
    assert error.value.fault is ScanFault.NO_DRIVER
