"""Options in plain Vietnamese, whatever the driver calls them; waiting for paper."""

import re
import threading
import tomllib
import unicodedata
from functools import partial

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import resources
from scanner import DeviceOption, OptionKind, ScanError, ScanFault
from scanner.meanings import Meaning, meaning_of, sentence_of, title_of
from scanner.waiting import paper_is_in, wait_for_paper, wait_for_start

ROWS = tomllib.loads(resources.path("scanner", "options.toml").read_text(encoding="utf-8"))["option"]


def option(name, value=True, *, settable=True, kind=OptionKind.SWITCH) -> DeviceOption:
    return DeviceOption(name=name, title="The driver's words", kind=kind, value=value, settable=settable)


def sensor(name, value) -> DeviceOption:
    return option(name, value, settable=False)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("df-action", Meaning.MULTIFEED),
        ("df-thickness", Meaning.MULTIFEED),
        ("df-length", Meaning.MULTIFEED),
        ("df-skew", Meaning.MULTIFEED),
        ("df-recovery", Meaning.MULTIFEED),
        ("double-feed", Meaning.MULTIFEED),
        ("dfeed_c", Meaning.MULTIFEED),
        ("MultipickDetection", Meaning.MULTIFEED),
        ("swdeskew", Meaning.DESKEW),
        ("rollerdeskew", Meaning.DESKEW),
        ("hwdeskewcrop", Meaning.DESKEW),
        ("adf-skew", Meaning.DESKEW),
        ("swcrop", Meaning.CROP),
        ("overscan", Meaning.OVERSCAN),
        ("staple-detect", Meaning.STAPLE),
        ("stapledetect", Meaning.STAPLE),
        ("adv-paper-protect", Meaning.PAPER_PROTECTION),
        ("prepick", Meaning.FEEDING),
        ("buffermode", Meaning.FEEDING),
        ("swskip", Meaning.SKIPS_BLANKS),
        ("brightness", None),
        ("something-of-one-maker", None),
        ("", None),
    ],
)
def test_what_options_mean(name, meaning):
    assert meaning_of(option(name)) is meaning


@pytest.mark.parametrize("name", ["page-loaded", "adf-loaded", "doc-in-adf", "DetectPaperLoaded"])
def test_sensors_for_paper(name):
    assert meaning_of(sensor(name, False)) is Meaning.PAPER_LOADED
    assert title_of(sensor(name, False)) == "Có giấy trong khay nạp"


@pytest.mark.parametrize(
    "name", ["scan", "email", "function", "copy", "power-save", "button-1", "button 3", "button-pressed"]
)
def test_buttons_are_buttons_where_they_can_only_be_read(name):
    assert meaning_of(sensor(name, 0)) is Meaning.BUTTON
    assert meaning_of(option(name)) is None


def test_a_title_in_each_language_and_the_drivers_own_where_it_is_not_known():
    known = option("staple-detect")
    assert (title_of(known), title_of(known, "en")) == ("Phát hiện ghim bấm", "Detect staples")
    assert sentence_of(known, "vi").startswith("Máy dừng")
    assert title_of(known, "fr") == "The driver's words"
    assert title_of(option("unheard-of")) == "The driver's words"
    assert sentence_of(option("unheard-of")) is None


def test_every_row_is_whole():
    for row in ROWS:
        assert set(row) <= {"name", "meaning", "read_only", "vi", "en"}
        for language in ("vi", "en"):
            title, sentence = row[language]["title"], row[language]["sentence"]
            assert title == unicodedata.normalize("NFC", title)
            assert len(title) <= 40
            assert sentence.endswith(".")
        assert row["vi"]["title"] != row["en"]["title"]


def test_every_row_decides_some_name():
    """A row that those before it cover could never be read. `find` fails where there is no such name."""
    for row in ROWS:
        names = st.from_regex(re.compile(row["name"], re.ASCII), fullmatch=True)
        find(names, partial(_is_decided_by, row), settings=settings(database=None, derandomize=True))


def _is_decided_by(row, name) -> bool:
    return title_of(option(name, settable=not row.get("read_only", False))) == row["vi"]["title"]


@given(st.text(), st.booleans())
def test_any_name_has_a_title(name, settable):
    assert isinstance(title_of(option(name, settable=settable)), str)


def test_paper_that_lies_in_the_feeder_is_seen_at_once():
    wait_for_paper(lambda: [sensor("page-loaded", True)], poll_s=60)


def test_paper_is_seen_when_it_comes_and_each_reading_counts_once():
    readings = iter([False, False, 0, True])
    wait_for_paper(lambda: [sensor("page-loaded", next(readings))], poll_s=0)
    assert list(readings) == []


@pytest.mark.parametrize("value", ["", "no", "Empty", "0", 0, False, 0.0])
def test_values_that_mean_no_paper(value):
    assert not paper_is_in([sensor("adf-loaded", value)])


@pytest.mark.parametrize("value", ["yes", "Loaded", 1, True, 2.0])
def test_values_that_mean_paper(value):
    assert paper_is_in([sensor("adf-loaded", value)])


@pytest.mark.parametrize(
    "sensors",
    [[], [sensor("scan", True)], [option("page-loaded")], [sensor("page-loaded", None)]],
)
def test_a_device_that_does_not_tell_is_said_not_to(sensors):
    with pytest.raises(ScanError) as error:
        wait_for_paper(lambda: sensors, poll_s=0)
    assert error.value.fault is ScanFault.NO_SENSOR


def test_a_stop_ends_the_wait_in_the_middle_of_a_pause():
    stop, read = threading.Event(), threading.Event()

    def sensors():
        read.set()
        return [sensor("page-loaded", False)]

    def stop_once_read():
        read.wait(10)
        stop.set()

    clerk = threading.Thread(target=stop_once_read)
    clerk.start()
    with pytest.raises(ScanError) as error:
        wait_for_paper(sensors, stop.is_set, poll_s=3600)
    clerk.join()
    assert error.value.fault is ScanFault.CANCELLED


def test_a_busy_device_is_asked_again_and_any_other_fault_is_told():
    answers = iter([ScanFault.BUSY, ScanFault.WARMING_UP, ScanFault.NO_DEVICE])

    def read():
        raise ScanError(next(answers))

    with pytest.raises(ScanError) as error:
        wait_for_paper(read, poll_s=0)
    assert error.value.fault is ScanFault.NO_DEVICE


def test_a_real_device_whose_sensors_are_read_while_waiting(bench):
    """SANE's test device has sensors, none of them for paper."""
    backend = bench("enable-test-options true")
    with pytest.raises(ScanError) as error:
        wait_for_paper(lambda: backend.read_sensors("test:0"), poll_s=0)
    assert error.value.fault is ScanFault.NO_SENSOR


def presses(*readings):
    """Sensors of a device with a button and a paper sensor, reading by reading: (button, paper)."""
    left = iter(readings)

    def read():
        button, paper = next(left)
        return [sensor("scan", button), sensor("page-loaded", paper)]

    return read


def test_a_button_starts_a_scan_when_it_is_pressed():
    assert wait_for_start(presses((False, False), (True, False)), poll_s=0) is Meaning.BUTTON


def test_a_button_held_down_starts_one_scan_only():
    held = presses((True, False), (True, False), (False, False), (True, False))
    assert wait_for_start(held, poll_s=0) is Meaning.BUTTON


def test_paper_starts_a_scan_unless_only_buttons_count():
    assert wait_for_start(presses((False, False), (False, True)), poll_s=0) is Meaning.PAPER_LOADED
    pressed = presses((False, True), (False, True), (True, True))
    assert wait_for_start(pressed, poll_s=0, paper=False) is Meaning.BUTTON


def test_a_device_that_tells_of_nothing_is_not_waited_for():
    with pytest.raises(ScanError) as error:
        wait_for_start(lambda: [sensor("lamp", True)], poll_s=0)
    assert error.value.fault is ScanFault.NO_SENSOR
    with pytest.raises(ScanError) as error:
        wait_for_start(lambda: [sensor("page-loaded", True)], poll_s=0, paper=False)
    assert error.value.fault is ScanFault.NO_SENSOR


def test_waiting_for_a_button_can_be_stopped():
    with pytest.raises(ScanError) as error:
        wait_for_start(lambda: [sensor("scan", False)], lambda: True)
    assert error.value.fault is ScanFault.CANCELLED
