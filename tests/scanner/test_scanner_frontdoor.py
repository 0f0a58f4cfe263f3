"""The front door: light to import, strict about what it is given."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

import scanner
from scanner import ColorMode, ScanError, ScanFault, ScanRequest, write_sane_config

ROOT = Path(__file__).resolve().parents[2]


def test_importing_brings_no_heavy_library():
    heavy = "{'numpy', 'PIL', 'sane', 'cv2', 'requests', 'defusedxml', 'PySide6'}"
    code = f"import sys, scanner; sys.exit(' '.join({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_name_of_the_front_door_is_there():
    assert all(hasattr(scanner, name) for name in scanner.__all__)
    assert list(scanner.__all__) == sorted(scanner.__all__)


def test_codes_are_stable_words_of_this_room():
    assert {fault.value.split(".")[0] for fault in ScanFault} == {"scan"}
    error = ScanError(ScanFault.JAMMED, page=3)
    assert (error.code, error.facts, str(error)) == ("scan.jammed", {"page": 3}, "scan.jammed (page=3)")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"dpi": 199}, ScanFault.RESOLUTION_TOO_LOW),
        ({"dpi": 0}, ScanFault.RESOLUTION_TOO_LOW),
        ({"width_mm": 0}, ScanFault.BAD_REQUEST),
        ({"height_mm": -1}, ScanFault.BAD_REQUEST),
        ({"height_mm": math.nan}, ScanFault.BAD_REQUEST),
        ({"width_mm": math.inf}, ScanFault.BAD_REQUEST),
        ({"page_limit": 0}, ScanFault.BAD_REQUEST),
        ({"dpi": 2400}, ScanFault.REFUSED_SIZE),
        ({"dpi": 1200, "height_mm": 10_000, "mode": ColorMode.GREY}, ScanFault.REFUSED_SIZE),
    ],
)
def test_requests_that_no_device_should_see(fields, fault):
    with pytest.raises(ScanError) as error:
        ScanRequest(**fields)
    assert error.value.fault is fault


def test_a_private_configuration_names_what_was_asked_for_and_no_more(tmp_path):
    folder = write_sane_config(tmp_path / "a", {"Quầy 1": "http://192.0.2.7:8080/eSCL"}, pnm_backend=True)
    assert folder == tmp_path / "a"
    assert (folder / "dll.conf").read_text().split() == ["airscan", "pnm"]
    assert list((folder / "dll.d").iterdir()) == []
    told = (folder / "airscan.conf").read_text()
    assert '"Quầy 1" = http://192.0.2.7:8080/eSCL, eSCL\n' in told
    assert "discovery = disable" in told
    assert (write_sane_config(tmp_path / "b") / "dll.conf").read_text() == ""


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("", "http://a/eSCL"),
        ('a" = http://evil/', "http://a/eSCL"),
        ("a\nb", "http://a/eSCL"),
        ("a\\", "http://a/eSCL"),
        ("a", "ftp://a/eSCL"),
        ("a", "http:///eSCL"),
        ("a", "http://a/eSCL\nx = y"),
        ("a", "http://a/eSCL, wsd"),
        ("a", "http://a:99999/eSCL"),
        ("a", "not an address"),
    ],
)
def test_names_and_addresses_that_could_rewrite_the_file_are_refused(tmp_path, name, url):
    with pytest.raises(ScanError) as error:
        write_sane_config(tmp_path, {name: url})
    assert error.value.fault is ScanFault.BAD_ADDRESS
