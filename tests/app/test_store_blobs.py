"""Blobs: named by what they hold, whole or not there."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from app.domain.errors import StationError, StationFault
from app.store import Blobs, Store
from app.store.durable import write_file


def test_a_blob_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    name = blobs.put(b"page")
    assert name == hashlib.sha256(b"page").hexdigest() == blobs.put(b"page")
    assert blobs.read(name) == b"page"
    assert [p.name for p in (tmp_path / "blobs").rglob("*") if p.is_file()] == [name]


def test_adopting_a_file_leaves_it_where_it_is(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    file = tmp_path / "page.jpg"
    file.write_bytes(b"page")
    name = blobs.adopt(file)
    assert blobs.adopt(file, name) == name
    assert file.read_bytes() == b"page" == blobs.read(name)


def test_adopting_copies_where_the_disk_has_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EXDEV, "other device")

    monkeypatch.setattr(os, "link", no_links)
    blobs = Blobs(tmp_path / "blobs")
    file = tmp_path / "page.jpg"
    file.write_bytes(b"page")
    assert blobs.read(blobs.adopt(file)) == b"page"


def test_a_missing_and_a_damaged_blob_are_told(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    name = blobs.put(b"page")
    blobs.path(name).write_bytes(b"edit")
    with pytest.raises(StationError) as damaged:
        blobs.read(name)
    assert damaged.value.fault is StationFault.BLOB_DAMAGED
    with pytest.raises(StationError) as missing:
        blobs.path("f" * 64)
    assert missing.value.fault is StationFault.BLOB_MISSING


def test_torn_files_are_swept_away(tmp_path: Path) -> None:
    name = Blobs(tmp_path / "blobs").put(b"page")
    torn = tmp_path / "blobs" / name[:2] / ".x.1.part"
    torn.write_bytes(b"ha")
    assert Blobs(tmp_path / "blobs").has(name)
    assert torn.exists()  # whoever only looks takes nothing away from one who writes
    Blobs(tmp_path / "blobs").sweep()
    assert not torn.exists()


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ENOSPC, StationFault.DISK_FULL),
        (errno.EDQUOT, StationFault.DISK_FULL),
        (errno.EROFS, StationFault.NO_PERMISSION),
        (errno.EIO, StationFault.DISK_FAULT),
    ],
)
def test_a_disk_that_refuses_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, fault: StationFault
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StationError) as refused:
        write_file(tmp_path / "page.jpg", b"page")
    assert refused.value.fault is fault
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_another_account_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(StationError):
        Store(tmp_path / "data")
