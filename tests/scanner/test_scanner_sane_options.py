"""Options, sensors and buttons of a SANE device: typed, set, read back, put back; private configuration."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import (
    Connection,
    DeviceOption,
    OptionKind,
    SaneBackend,
    ScanError,
    ScanFault,
    ScanRequest,
    Source,
    Unit,
    write_sane_config,
)
from scanner.backends.sane.further import _is_close

GLASS = {"source": Source.FLATBED, "dpi": 200, "width_mm": 40, "height_mm": 40}
TESTING = ("enable-test-options", True)


def of(options, name) -> DeviceOption:
    (found,) = [option for option in options if option.name == name]
    return found


def scan(backend, *options, device_id="test:0", **request):
    return list(backend.scan(device_id, ScanRequest(options=options, **{**GLASS, **request})))


def refused(backend, *options, **request) -> ScanError:
    with pytest.raises(ScanError) as error:
        scan(backend, *options, **request)
    return error.value


def test_options_are_typed_with_units_and_limits(bench):
    options = bench().capabilities("test:0").options
    assert len({option.name for option in options}) == len(options) == 20
    assert of(options, "br-x") == DeviceOption(
        name="br-x",
        title="Bottom-right x",
        kind=OptionKind.NUMBER,
        unit=Unit.MM,
        value=210.0,
        least=0.0,
        most=300.0,
        step=1.0,
    )
    assert of(options, "depth").choices == (1, 8, 16)
    assert of(options, "resolution").unit is Unit.DPI
    assert of(options, "ppl-loss").unit is Unit.PIXEL
    assert (of(options, "read-delay").kind, of(options, "read-delay").value) == (OptionKind.SWITCH, False)
    picture = of(options, "test-picture")
    assert (picture.kind, picture.value, len(picture.choices)) == (OptionKind.CHOICE, "Color pattern", 4)
    assert (of(options, "print-options").kind, of(options, "print-options").value) == (
        OptionKind.BUTTON,
        None,
    )


def test_every_type_of_sane_has_its_kind_and_tables_are_left_out(bench):
    options = bench("enable-test-options true").capabilities("test:0").options
    assert of(options, "fixed-constraint-range").least == -42.17
    assert of(options, "fixed-constraint-range").unit is Unit.MICROSECOND
    assert of(options, "fixed-constraint-word-list").choices == (-32.7, 12.1, 42.0, 129.5)
    assert of(options, "int-constraint-word-list").unit is Unit.BIT
    assert of(options, "string").kind is OptionKind.TEXT
    assert of(options, "string-constraint-string-list").kind is OptionKind.CHOICE
    assert not of(options, "bool-soft-detect").settable
    assert of(options, "bool-hard-select").value is None
    names = {option.name for option in options}
    assert not {name for name in names if "gamma" in name or "int-constraint-array" in name}


def test_sensors_are_what_can_only_be_read(bench):
    backend = bench("enable-test-options true")
    sensors = backend.read_sensors("test:0")
    assert {sensor.name for sensor in sensors} == {"bool-hard-select-soft-detect", "bool-soft-detect"}
    assert [sensor.value for sensor in sensors] == [False, False]
    assert not any(sensor.settable for sensor in sensors)


def test_a_device_without_sensors_has_none(bench):
    assert bench().read_sensors("test:0") == ()


def test_reading_sensors_keeps_the_device_and_lets_it_go_for_a_scan(bench):
    backend = bench()
    for _ in range(3):
        backend.read_sensors("test:0")
        assert len(scan(backend)) == 1
    backend.read_sensors("test:0")
    assert [device.id for device in backend.devices()] == ["test:0"]


def test_sensors_of_a_device_that_is_not_there(bench):
    with pytest.raises(ScanError) as error:
        bench().read_sensors("test:9")
    assert error.value.fault is ScanFault.NO_DEVICE


def test_sensors_are_not_read_during_a_scan(bench):
    backend = bench()
    pages = backend.scan("test:0", ScanRequest(dpi=200, width_mm=40, height_mm=40))
    next(pages)
    with pytest.raises(ScanError) as error:
        backend.read_sensors("test:0")
    assert error.value.fault is ScanFault.BUSY
    pages.close()


def test_an_option_changes_the_page_and_the_next_scan_knows_nothing_of_it(bench):
    backend = bench('test-picture "Solid white"')
    (black,) = scan(backend, ("test-picture", "Solid black"))
    (white,) = scan(backend)
    assert (black.pixels.max(), white.pixels.min()) == (0, 255)


def test_options_are_put_back_after_a_scan_that_failed(bench):
    backend = bench('test-picture "Solid white"')
    error = refused(backend, ("test-picture", "Solid black"), ("ppl-loss", 7))
    assert (error.fault, error.facts["field"]) == (ScanFault.UNSUPPORTED, "bytes_per_line")
    (white,) = scan(backend)
    assert white.pixels.min() == 255


def test_one_option_may_make_the_next_available(bench):
    assert len(scan(bench(), TESTING, ("int-constraint-range", 10), ("string", "Hồ sơ số 7"))) == 1


def test_a_number_is_accepted_within_one_step(bench):
    assert len(scan(bench(), TESTING, ("int-constraint-range", 11))) == 1


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        ([("no-such-thing", 1)], {"field": "no-such-thing", "reason": "unknown"}),
        ([("", 1)], {"field": "", "reason": "unknown"}),
        ([("int", 3)], {"field": "int", "reason": "inactive"}),
        ([TESTING, ("bool-soft-detect", True)], {"field": "bool-soft-detect", "reason": "read-only"}),
        ([TESTING, ("button", True)], {"field": "button", "reason": "no-single-value"}),
        ([("gamma-table", 3)], {"field": "gamma-table", "reason": "no-single-value"}),
        ([TESTING, ("int-inexact", 3)], {"field": "int-inexact", "wanted": 3, "made": 4}),
        (
            [TESTING, ("int-constraint-range", 500)],
            {"field": "int-constraint-range", "wanted": 500, "least": 4, "most": 192},
        ),
        (
            [TESTING, ("int-constraint-word-list", 18)],
            {"field": "int-constraint-word-list", "wanted": 18, "nearest": 17},
        ),
        ([("test-picture", "A cat")], {"field": "test-picture", "reason": "no-such-choice"}),
        ([("test-picture", 3)], {"field": "test-picture", "reason": "wrong-kind"}),
        ([("read-delay", 1)], {"field": "read-delay", "reason": "wrong-kind"}),
        ([TESTING, ("int", 1.5)], {"field": "int", "reason": "wrong-kind"}),
        ([TESTING, ("int", True)], {"field": "int", "reason": "wrong-kind"}),
        ([TESTING, ("fixed", math.nan)], {"field": "fixed", "reason": "wrong-kind"}),
        ([TESTING, ("fixed", 1e9)], {"field": "fixed", "reason": "wrong-kind"}),
        ([TESTING, ("string", "x" * 500)], {"field": "string", "reason": "too-long"}),
        ([TESTING, ("string", "a\0b")], {"field": "string", "reason": "too-long"}),
    ],
    ids=lambda value: value[-1][0] if isinstance(value, list) else "",
)
def test_what_an_option_can_not_be_is_refused_with_its_name(bench, options, facts):
    error = refused(bench(), *options)
    assert error.fault is ScanFault.UNSUPPORTED
    assert error.facts == facts


@pytest.mark.parametrize(
    ("option", "fault", "field"),
    [
        (("mode", "Gray"), ScanFault.UNSUPPORTED, "mode"),
        (("source", "Automatic Document Feeder"), ScanFault.UNSUPPORTED, "source"),
        (("resolution", 250), ScanFault.UNSUPPORTED, "resolution"),
        (("depth", 16), ScanFault.UNSUPPORTED, "frame"),
        (("depth", 1), ScanFault.UNSUPPORTED, "frame"),
        (("three-pass", True), ScanFault.UNSUPPORTED, "frame"),
        (("tl-x", 20), ScanFault.UNSUPPORTED, "tl_x"),
        (("br-y", 20), ScanFault.REFUSED_SIZE, "br_y"),
    ],
)
def test_an_option_that_undoes_the_request_is_found(bench, option, fault, field):
    error = refused(bench(), option)
    assert (error.fault, error.facts["field"]) == (fault, field)


def test_a_grey_frame_is_no_colour_page(served, slips, tmp_path):
    grey = tmp_path / "grey.png"
    from PIL import Image

    Image.open(slips[0]).convert("L").save(grey)
    with pytest.raises(ScanError) as error:
        list(served(grey).scan("pnm:0", ScanRequest(**GLASS)))
    assert (error.value.fault, error.value.facts["field"]) == (ScanFault.UNSUPPORTED, "mode")


def test_the_image_on_the_glass_arrives_byte_for_byte(served, slips):
    from PIL import Image

    for slip in slips[:2]:
        (page,) = served(slip).scan("pnm:0", ScanRequest(**GLASS))
        assert np.array_equal(page.pixels, np.asarray(Image.open(slip)))


@given(wanted=st.floats(-1e6, 1e6), step=st.floats(0, 100), off=st.floats(0, 1))
def test_close_is_within_one_step_and_not_beyond(wanted, step, off):
    class Option:
        type = 2
        constraint = (-1e6, 1e6, step)

    assert _is_close(Option, wanted, wanted + off * step)
    assert not _is_close(Option, wanted, wanted + step + 0.01)


def test_a_shared_scanner_is_a_network_device_with_the_address_of_its_server(share):
    shared = share()
    (device,) = shared.backend.devices()
    assert (device.id, device.address) == (shared.device_id, shared.host)
    assert (device.connection, device.serial) == (Connection.NETWORK, None)


def test_a_server_that_is_switched_off_is_no_device(tmp_path):
    pytest.importorskip("sane")
    with SaneBackend(write_sane_config(tmp_path, net_hosts=["127.9.9.9"]), patience_s=20) as backend:
        assert backend.devices() == ()
        with pytest.raises(ScanError) as error:
            backend.capabilities("net:127.9.9.9:test:0")
    assert error.value.fault is ScanFault.NO_DEVICE


def test_the_configuration_names_the_servers(tmp_path):
    write_sane_config(tmp_path, net_hosts=["quay-2.ubnd.example", "192.0.2.7", "fe80::1"])
    assert (tmp_path / "dll.conf").read_text().split() == ["net"]
    assert (tmp_path / "net.conf").read_text().splitlines()[1:] == [
        "quay-2.ubnd.example",
        "192.0.2.7",
        "fe80::1",
    ]


@pytest.mark.parametrize("host", ["", "a b", "a\nb", "-a", "a" * 300, "quầy", "a..b", "[options]", "#a"])
def test_a_host_that_can_not_be_one_is_refused(tmp_path, host):
    with pytest.raises(ScanError) as error:
        write_sane_config(tmp_path, net_hosts=[host])
    assert (error.value.fault, error.value.facts) == (ScanFault.BAD_ADDRESS, {"field": "host"})
    assert not list(tmp_path.iterdir())
