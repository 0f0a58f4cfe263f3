"""Paper put in, a button pressed, sheets counted: through SANE's own library and over HTTP (cảm biến)."""

import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from scanner import (
    ColorMode,
    EsclBackend,
    Fed,
    Meaning,
    SaneBackend,
    ScanError,
    ScanFault,
    ScanRequest,
    Source,
    meaning_of,
    wait_for_paper,
    wait_for_start,
    write_sane_config,
)

POLL_S = 0.05
REQUEST = ScanRequest(source=Source.FEEDER, mode=ColorMode.GREY, dpi=200, width_mm=50, height_mm=30)


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    """A driver with sensors, built for SANE's library; the folder where it lies."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not Path("/usr/include/sane/sane.h").exists():
        pytest.skip("a C compiler and SANE's header are needed")
    folder = tmp_path_factory.mktemp("driver")
    source = Path(__file__).with_name("sensing_driver.c")
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([compiler, *flags, "-o", folder / "libsane-desk.so.1", source], check=True)
    return folder


class Desk:
    """What the device feels: the file that its driver reads."""

    def __init__(self, file):
        self._file = file
        self.feel(0)

    def feel(self, paper, *, button=0, counter=120, lost=0):
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{paper} {button} {counter} {lost}")
        fresh.replace(self._file)

    @property
    def counter(self):
        return int(self._file.read_text().split()[2])


@pytest.fixture
def desk(tmp_path, monkeypatch, driver):
    felt = Desk(tmp_path / "state")
    monkeypatch.setenv("DESK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(driver))
    return felt


@pytest.fixture
def sane(desk, tmp_path):
    pytest.importorskip("sane")
    folder = write_sane_config(tmp_path / "sane")
    (folder / "dll.conf").write_text("desk\n")
    with SaneBackend(folder, patience_s=20) as backend:
        yield backend


class Waiting:
    """A wait on a thread of its own; made once its first question to the device has been answered."""

    def __init__(self, wait, read, **how):
        self._read = read
        self._answered = threading.Semaphore(0)
        pool = ThreadPoolExecutor(1)
        self.future = pool.submit(wait, self._asked, poll_s=POLL_S, **how)
        pool.shutdown(wait=False)
        assert self._answered.acquire(timeout=20)

    def _asked(self):
        told = self._read()
        self._answered.release()
        return told

    def goes_on(self):
        """Whether it still waits after a question that was asked later than now."""
        while self._answered.acquire(blocking=False):
            pass
        # The first answer may be to a question that had been asked before.
        return all(self._answered.acquire(timeout=20) for _ in range(2)) and not self.future.done()


def test_the_sensors_of_a_driver_are_read_as_what_they_mean(sane, desk):
    (device,) = sane.devices()
    desk.feel(2, button=1)
    sensors = {meaning_of(one): one.value for one in sane.read_sensors(device.id)}
    assert sensors[Meaning.PAPER_LOADED] is True
    assert sensors[Meaning.BUTTON] is True
    desk.feel(0)
    again = {meaning_of(one): one.value for one in sane.read_sensors(device.id)}
    assert (again[Meaning.PAPER_LOADED], again[Meaning.BUTTON]) == (False, False)


def test_paper_put_in_starts_a_scan_through_sane(sane, desk):
    (device,) = sane.devices()
    waiting = Waiting(wait_for_start, partial(sane.read_sensors, device.id))
    assert waiting.goes_on()
    desk.feel(3)
    assert waiting.future.result(20) is Meaning.PAPER_LOADED
    pages = list(sane.scan(device.id, REQUEST))
    assert [int(page.pixels.mean()) for page in pages] == [10, 20, 30]


def test_a_press_of_the_button_starts_one_scan(sane, desk):
    (device,) = sane.devices()
    desk.feel(0, button=1)
    waiting = Waiting(wait_for_start, partial(sane.read_sensors, device.id), paper=False)
    assert waiting.goes_on()
    desk.feel(0)
    assert waiting.goes_on()
    desk.feel(0, button=1)
    assert waiting.future.result(20) is Meaning.BUTTON


def test_the_counter_of_the_device_is_held_against_its_images(sane, desk):
    (device,) = sane.devices()
    desk.feel(3)
    assert len(list(sane.scan(device.id, REQUEST))) == 3
    assert sane.fed(device.id) == Fed(3, sheets=True)
    desk.feel(4, counter=200, lost=1)
    assert len(list(sane.scan(device.id, REQUEST))) == 3
    assert sane.fed(device.id) == Fed(4, sheets=True)
    assert desk.counter == 204


def test_an_empty_feeder_counts_nothing(sane):
    (device,) = sane.devices()
    with pytest.raises(ScanError) as error:
        list(sane.scan(device.id, REQUEST))
    assert error.value.fault is ScanFault.NO_DOCUMENTS
    assert sane.fed(device.id) is None


def test_sane_own_test_device_has_no_sensor_for_paper(bench):
    """Its options that can only be read are known to be neither paper nor button."""
    backend = bench()
    with pytest.raises(ScanError) as error:
        wait_for_paper(partial(backend.read_sensors, "test:0"), poll_s=POLL_S)
    assert error.value.fault is ScanFault.NO_SENSOR


def test_paper_put_in_starts_a_scan_over_http(virtual, slips):
    virtual.load([])
    backend = EsclBackend({"Quầy một": virtual.url}, discover=False, patience_s=20)
    device = backend.devices()[0].id
    waiting = Waiting(wait_for_paper, partial(backend.read_sensors, device))
    assert waiting.goes_on()
    virtual.load(slips[:2])
    waiting.future.result(20)
    assert len(list(backend.scan(device, ScanRequest(dpi=200, width_mm=100, height_mm=60)))) == 2


def test_a_wait_over_http_can_be_stopped(virtual):
    virtual.load([])
    backend = EsclBackend({"Quầy một": virtual.url}, discover=False, patience_s=20)
    device = backend.devices()[0].id
    enough = threading.Event()
    waiting = Waiting(wait_for_paper, partial(backend.read_sensors, device), stopped=enough.is_set)
    enough.set()
    with pytest.raises(ScanError) as error:
        waiting.future.result(20)
    assert error.value.fault is ScanFault.CANCELLED
