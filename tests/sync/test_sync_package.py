"""Sealing and opening: the same bytes every time, and nothing believed without its hash."""

import hashlib
import random
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import (
    Fault,
    Package,
    PackageContents,
    PackageFile,
    SyncError,
    new_submission_id,
    open_package,
    seal_package,
)
from sync.canonical import canonical_json
from sync.metadata_xml import NAMESPACE, metadata_xml
from sync.package_reading import first_bytes

SID = "01JQ7ZK3V9D2M4N6P8R0S2T4W6"
AT = datetime(2026, 3, 2, 8, 30, tzinfo=timezone(timedelta(hours=7)))


def _file(path: Path, name: str, body: bytes) -> PackageFile:
    path.write_bytes(body)
    return PackageFile(path, name, hashlib.sha256(body).hexdigest())


def _seal(folder: Path, bodies: dict[str, bytes], **changes: object) -> Package:
    files = [_file(folder / f"{n}.bin", name, body) for n, (name, body) in enumerate(bodies.items())]
    values: dict[str, object] = {
        "submission_id": SID,
        "files": files,
        "metadata": {"ma": "H18"},
        "events": [{"e": 1}],
        "sealed_at": AT,
    }
    return seal_package(folder / "package.zip", **{**values, **changes})  # type: ignore[arg-type]


def test_what_was_sealed_comes_out_again(tmp_path: Path) -> None:
    package = _seal(
        tmp_path,
        {"data/b.pdf": b"%PDF-1.7 b", "data/a/x.pdf": b"%PDF-1.7 a"},
        metadata={"tên": "Trần Thị Bưởi", "ngày": date(2026, 3, 2), "số": [1, 2.5, None, True]},
        events=[{"việc": "quét"}, {"việc": "ký"}],
    )
    contents = open_package(package.path)
    assert contents.package == package
    assert [file.name for file in contents.files] == ["data/a/x.pdf", "data/b.pdf"]
    assert contents.metadata == {"tên": "Trần Thị Bưởi", "ngày": "2026-03-02", "số": [1, 2.5, None, True]}
    assert [event["việc"] for event in contents.events] == ["quét", "ký"]
    assert contents.sealed_at == AT
    assert first_bytes(contents, "data/b.pdf", 5) == b"%PDF-"


def test_the_manifests_hold_for_a_tool_that_knows_nothing_of_us(tmp_path: Path) -> None:
    package = _seal(tmp_path, {"data/b.pdf": b"%PDF-1.7 b", "data/a.pdf": b"%PDF-1.7 a"})
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(package.path) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "--strict", "-c", manifest], cwd=folder, check=True, capture_output=True)
    assert (folder / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert "Payload-Oxum: 20.2\n" in (folder / "bag-info.txt").read_text()


_NAMES = st.text("abcXYZ019._-", min_size=1, max_size=12).filter(
    lambda text: not text.endswith(".") and text.split(".")[0].lower() not in ("con", "nul", "aux", "prn")
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _nfc_apart(mapping: dict[str, object]) -> bool:
    try:
        canonical_json(mapping)
    except ValueError:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(
    bodies=st.dictionaries(_NAMES, st.binary(max_size=300), min_size=1, max_size=4),
    metadata=st.dictionaries(st.text(max_size=8), _JSON, max_size=4).filter(_nfc_apart),
    shuffle=st.randoms(use_true_random=False),
)
def test_equal_input_gives_equal_bytes(
    bodies: dict[str, bytes], metadata: dict[str, object], shuffle: random.Random
) -> None:
    bodies = {name.lower(): body for name, body in bodies.items()}
    packages = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as name:
            order = list(bodies.items())
            shuffle.shuffle(order)
            keys = list(metadata.items())
            shuffle.shuffle(keys)
            package = _seal(Path(name), {f"data/{n}": b for n, b in order}, metadata=dict(keys))
            contents = open_package(package.path)
            assert {file.name: file.bytes for file in contents.files} == {
                f"data/{n}": len(b) for n, b in bodies.items()
            }
            packages.append(package.path.read_bytes())
    assert packages[0] == packages[1]


def test_text_in_two_spellings_is_one_text(tmp_path: Path) -> None:
    composed = _seal(tmp_path, {"data/a.pdf": b"a"}, metadata={"tên": "Thủy"}).sha256
    decomposed = _seal(tmp_path, {"data/a.pdf": b"a"}, metadata={"te\u0302n": "Thu\u0309y"}).sha256
    assert composed == decomposed


def test_a_file_that_changed_is_not_sealed_and_leaves_nothing(tmp_path: Path) -> None:
    file = _file(tmp_path / "a.bin", "data/a.pdf", b"as signed")
    for changed in (b"as SIGNED", b"as signed and more", b"as"):
        file.path.write_bytes(changed)
        with pytest.raises(SyncError) as caught:
            _seal(tmp_path, {}, files=[file])
        assert caught.value.fault is Fault.FILE_CHANGED
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_failed_sealing_leaves_the_package_before_it(tmp_path: Path) -> None:
    before = _seal(tmp_path, {"data/a.pdf": b"first"})
    kept = before.path.read_bytes()
    with pytest.raises(SyncError):
        _seal(tmp_path, {}, files=[PackageFile(tmp_path / "0.bin", "data/a.pdf", "0" * 64)])
    assert before.path.read_bytes() == kept


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SyncError) as caught:
        _seal(tmp_path, {}, files=[PackageFile(tmp_path / "gone", "data/gone.pdf", "0" * 64)])
    assert caught.value.fault is Fault.FILE_UNREADABLE
    assert caught.value.facts["name"] == "data/gone.pdf"


@pytest.mark.parametrize(
    "names",
    [
        ["a.pdf"],
        ["/data/a.pdf"],
        ["data/../a.pdf"],
        ["data/./a.pdf"],
        ["data//a.pdf"],
        ["data/"],
        ["data/a\\b.pdf"],
        ["data/tên.pdf"],
        ["data/a b.pdf"],
        ["data/a."],
        ["data/CON.pdf"],
        ["data/" + "a" * 200],
        ["data/a.pdf", "data/A.PDF"],
        ["data/a", "data/a/b"],
        [""],
    ],
)
def test_names_that_cannot_stand_in_a_package(tmp_path: Path, names: list[str]) -> None:
    files = [_file(tmp_path / f"{n}.bin", name, b"x") for n, name in enumerate(names)]
    with pytest.raises(SyncError) as caught:
        _seal(tmp_path, {}, files=files)
    assert caught.value.fault is Fault.NAME_REFUSED
    assert not (tmp_path / "package.zip").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"submission_id": "not-a-ulid"},
        {"sealed_at": datetime(2026, 3, 2)},  # noqa: DTZ001
        {"files": []},
        {"metadata": {"x": float("nan")}},
        {"metadata": {"x": object()}},
        {"metadata": {"é": 1, "e\u0301": 2}},
    ],
)
def test_what_no_caller_may_ask_for(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        _seal(tmp_path, {"data/a.pdf": b"x"}, **changes)
    assert not (tmp_path / "package.zip").exists()


def test_a_large_file_is_streamed(tmp_path: Path) -> None:
    import tracemalloc

    body = bytes(40_000_000)
    file = _file(tmp_path / "big", "data/big.pdf", body)
    del body
    tracemalloc.start()
    try:
        package = _seal(tmp_path, {}, files=[file])
        open_package(package.path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


def test_real_signed_files_are_sealed_and_found_unchanged(real_data: Path, tmp_path: Path) -> None:
    pdfs = sorted((real_data / "signed").rglob("*.pdf"))[:6]
    assert pdfs
    files = [
        PackageFile(path, f"data/{number:03}.pdf", hashlib.sha256(path.read_bytes()).hexdigest())
        for number, path in enumerate(pdfs)
    ]
    contents = open_package(_seal(tmp_path, {}, files=files).path)
    assert [file.sha256 for file in contents.files] == [file.sha256 for file in files]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_flipped_byte_and_no_cut_changes_what_is_read(data: st.DataObject, tmp_path: Path) -> None:
    package = _seal(tmp_path, {"data/a.pdf": b"%PDF-1.7 a", "data/b.pdf": b"%PDF-1.7 b"})
    whole = open_package(package.path)
    body = bytearray(package.path.read_bytes())
    if data.draw(st.booleans()):
        body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del body[data.draw(st.integers(0, len(body) - 1)) :]
    harmed = tmp_path / "harmed.zip"
    harmed.write_bytes(body)
    found, fault = _opened(harmed)
    assert fault in (None, Fault.PACKAGE_DAMAGED, Fault.PACKAGE_HOSTILE)
    if found is not None:
        # A date or an attribute of an entry may be flipped; what it says and what it holds may not.
        assert (found.files, found.metadata, found.events) == (whole.files, whole.metadata, whole.events)
        assert found.package.sha256 != package.sha256


def _opened(path: Path) -> tuple[PackageContents | None, Fault | None]:
    try:
        return open_package(path), None
    except SyncError as error:
        return None, error.fault


def test_metadata_as_xml_is_well_formed_whatever_it_holds() -> None:
    metadata = {"a": "<&>\x00\ud800", "xml1": 1, "có dấu": [True, None, {"b": 2.5}], "c": {}, "\x07": "x"}
    root = ET.fromstring(metadata_xml(metadata))  # noqa: S314
    space = {"p": NAMESPACE}
    assert root.findtext("p:a", namespaces=space) == "<&>\ufffd?"
    names = {entry.get("name") for entry in root.findall("p:entry", space)}
    assert names == {"xml1", "có dấu", "\ufffd"}


def test_sealing_on_a_full_disk_is_a_fault_and_leaves_nothing(
    tmp_path: Path, small_disk: Callable[[str], Path]
) -> None:
    disk = small_disk("1m")
    file = _file(tmp_path / "a.bin", "data/a.pdf", bytes(3_000_000))
    with pytest.raises(SyncError) as caught:
        seal_package(
            disk / "p.zip",
            submission_id=new_submission_id(),
            files=[file],
            metadata={},
            events=[],
            sealed_at=datetime.now(UTC),
        )
    assert caught.value.fault is Fault.DISK_FULL
    assert caught.value.passing
    assert list(disk.iterdir()) == []
    assert shutil.disk_usage(disk).used < 100_000
