"""SANE's configuration lies wherever a folder can lie."""

import gc
import stat
import tempfile

import pytest

from scanner import SaneBackend, ScanRequest, write_sane_config
from scanner.backends.sane.detour import Detour

SLIP = ScanRequest(dpi=200, width_mm=100, height_mm=60, page_limit=1)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder for temporary things, of this test alone."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    "odd", ["a:b", ":", "a#b", " a b ", 'it\'s "a"', "50%s\\", "Hồ sơ", "a\nb", "\udcff"]
)
def test_a_page_is_scanned_with_the_configuration_there(odd, virtual, tmp_path, temporary):
    pytest.importorskip("sane")
    folder = write_sane_config(tmp_path / odd / "sane", {"Quầy một": virtual.url})
    with SaneBackend(folder, patience_s=20) as backend:
        (device,) = backend.devices()
        assert len(list(backend.scan(device.id, SLIP))) == 1
    assert list(temporary.iterdir()) == []
    assert (folder / "airscan.conf").exists()


def test_a_detour_is_private_and_ends(tmp_path, temporary):
    folder = tmp_path / "a:b"
    folder.mkdir()
    detour = Detour(folder)
    assert ":" not in str(detour.path)
    assert detour.path.samefile(folder)
    assert stat.S_IMODE(detour.path.parent.stat().st_mode) == 0o700
    detour.close()
    detour.close()
    assert list(temporary.iterdir()) == []
    detour = Detour(folder)
    del detour
    gc.collect()
    assert list(temporary.iterdir()) == []
    assert folder.is_dir()


def test_no_detour_where_none_is_needed(tmp_path, temporary):
    assert Detour(tmp_path).path == tmp_path.resolve()
    assert list(temporary.iterdir()) == []
