"""Packages made to harm: each is refused before a byte of it is believed."""

import hashlib
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sync import Fault, Package, SyncError, open_package

Entries = dict[str, bytes]


@pytest.fixture
def honest(make_package: Callable[..., Package]) -> Entries:
    """The entries of an honest package, to be tampered with."""
    with zipfile.ZipFile(make_package(2000).path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _manifests(entries: Entries) -> Entries:
    """The same entries with manifests that are true again."""
    payload = sorted(name for name in entries if name.startswith("data/"))
    tags = {name: body for name, body in entries.items() if not name.startswith("data/")}
    tags.pop("tagmanifest-sha256.txt", None)
    tags["manifest-sha256.txt"] = _lines({name: entries[name] for name in payload})
    size = sum(len(entries[name]) for name in payload)
    info = [line for line in tags["bag-info.txt"].decode().splitlines() if not line.startswith("Payload")]
    tags["bag-info.txt"] = "\n".join([*info, f"Payload-Oxum: {size}.{len(payload)}", ""]).encode()
    return {**{name: entries[name] for name in payload}, **tags, "tagmanifest-sha256.txt": _lines(tags)}


def _lines(entries: Entries) -> bytes:
    return "".join(f"{hashlib.sha256(b).hexdigest()}  {n}\n" for n, b in sorted(entries.items())).encode()


def _zip(path: Path, entries: Entries | list[tuple[zipfile.ZipInfo | str, bytes]], method: int = 0) -> Path:
    pairs = list(entries.items()) if isinstance(entries, dict) else entries
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, body in pairs:
            archive.writestr(name, body)
    return path


def _refused(path: Path, fault: Fault, reason: str | None = None) -> None:
    with pytest.raises(SyncError) as caught:
        open_package(path)
    assert caught.value.fault is fault, caught.value
    if reason is not None:
        assert caught.value.facts["reason"] == reason


def test_the_tampering_itself_makes_an_honest_package(tmp_path: Path, honest: Entries) -> None:
    contents = open_package(_zip(tmp_path / "x.zip", _manifests(honest), zipfile.ZIP_DEFLATED))
    assert len(contents.files) == 1


@pytest.mark.parametrize(
    "name",
    ["data/../../etc/passwd", "../x", "/etc/passwd", "data/a\\..\\b", "C:/x", "data/tệp.pdf"],
)
def test_climbing_names(tmp_path: Path, honest: Entries, name: str) -> None:
    _refused(_zip(tmp_path / "x.zip", _manifests({**honest, name: b"x"})), Fault.PACKAGE_HOSTILE, "name")


def test_a_name_cut_short_by_a_zero(tmp_path: Path, honest: Entries) -> None:
    path = _zip(tmp_path / "x.zip", _manifests({**honest, "data/x_y": b"x"}))
    path.write_bytes(path.read_bytes().replace(b"data/x_y", b"data/x\0y"))
    _refused(path, Fault.PACKAGE_HOSTILE, "name")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice(tmp_path: Path, honest: Entries) -> None:
    pairs = [*_manifests(honest).items(), ("data/H18.19_TK_000021_V1.pdf", b"other")]
    _refused(_zip(tmp_path / "x.zip", list(pairs)), Fault.PACKAGE_HOSTILE, "duplicate")
    pairs[-1] = ("DATA/h18.19_tk_000021_v1.pdf", b"other")
    _refused(_zip(tmp_path / "y.zip", list(pairs)), Fault.PACKAGE_HOSTILE, "duplicate")


def test_a_link_and_a_folder(tmp_path: Path, honest: Entries) -> None:
    link = zipfile.ZipInfo("data/link.pdf")
    link.external_attr = 0o120777 << 16
    _refused(
        _zip(tmp_path / "x.zip", [*honest.items(), (link, b"/etc/passwd")]),
        Fault.PACKAGE_HOSTILE,
        "not-a-file",
    )
    _refused(
        _zip(tmp_path / "y.zip", [*honest.items(), ("data/sub/", b"")]), Fault.PACKAGE_HOSTILE, "not-a-file"
    )


def test_a_bomb_is_not_unpacked(tmp_path: Path, honest: Entries) -> None:
    entries = _manifests({**honest, "data/bomb.pdf": bytes(200_000_000)})
    path = _zip(tmp_path / "x.zip", entries, zipfile.ZIP_DEFLATED)
    del entries
    assert path.stat().st_size < 400_000
    tracemalloc.start()
    try:
        _refused(path, Fault.PACKAGE_HOSTILE, "bomb")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_more_than_the_reader_allows_in_all(tmp_path: Path, honest: Entries) -> None:
    path = _zip(tmp_path / "x.zip", _manifests({**honest, "data/b.pdf": bytes(50_000)}))
    with pytest.raises(SyncError) as caught:
        open_package(path, most_unpacked_bytes=40_000)
    assert caught.value.facts["reason"] == "bomb"


def test_a_size_that_lies(tmp_path: Path, honest: Entries) -> None:
    path = _zip(tmp_path / "x.zip", _manifests({**honest, "data/b.pdf": b"x" * 5000}), zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("data/b.pdf")
    body = bytearray(path.read_bytes())
    at = body.rindex(b"data/b.pdf") - 46
    struct.pack_into("<L", body, at + 24, 100)
    path.write_bytes(body)
    assert entry.file_size == 5000
    with pytest.raises(SyncError) as caught:
        open_package(path)
    assert caught.value.fault in (Fault.PACKAGE_DAMAGED, Fault.PACKAGE_HOSTILE)


def test_entries_that_share_their_bytes(tmp_path: Path, honest: Entries) -> None:
    path = _zip(
        tmp_path / "x.zip", _manifests({**honest, "data/b1.pdf": b"x" * 64, "data/b2.pdf": b"x" * 64})
    )
    with zipfile.ZipFile(path) as archive:
        shared = archive.getinfo("data/b1.pdf").header_offset
    body = bytearray(path.read_bytes())
    struct.pack_into("<L", body, body.rindex(b"data/b2.pdf") - 46 + 42, shared)
    path.write_bytes(body)
    _refused(path, Fault.PACKAGE_HOSTILE, "overlap")


def test_bytes_before_between_and_behind(tmp_path: Path, honest: Entries) -> None:
    whole = _zip(tmp_path / "x.zip", _manifests(honest)).read_bytes()
    (tmp_path / "before.zip").write_bytes(b"MZ" + whole)
    _refused(tmp_path / "before.zip", Fault.PACKAGE_HOSTILE, "overlap")
    (tmp_path / "behind.zip").write_bytes(whole + b"more")
    _refused(tmp_path / "behind.zip", Fault.PACKAGE_DAMAGED, "not-a-zip")


def test_an_encrypted_entry_and_a_strange_method(tmp_path: Path, honest: Entries) -> None:
    path = _zip(tmp_path / "x.zip", _manifests(honest))
    body = bytearray(path.read_bytes())
    at = body.rindex(b"data/H18") - 46
    body[at + 8] |= 1
    path.write_bytes(body)
    _refused(path, Fault.PACKAGE_HOSTILE, "encoding")
    _refused(_zip(tmp_path / "y.zip", honest, zipfile.ZIP_LZMA), Fault.PACKAGE_HOSTILE, "encoding")


def test_a_directory_of_a_million_entries_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    record = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, 0, *(0,) * 14)
    assert len(record) == 46
    directory = record * 300_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 5, 5, len(directory), 0, 0)
    path.write_bytes(directory + end)
    tracemalloc.start()
    try:
        _refused(path, Fault.PACKAGE_HOSTILE, "directory-size")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_long_end_record_is_bounded_as_well(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    buffer.write(bytes(100))
    buffer.write(struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 10**9, 10**9, 10**12, 0))
    buffer.write(struct.pack("<4sLQL", b"PK\6\7", 0, 100, 1))
    buffer.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 46, 0, 0))
    (tmp_path / "x.zip").write_bytes(buffer.getvalue())
    _refused(tmp_path / "x.zip", Fault.PACKAGE_HOSTILE, "directory-size")


def test_a_manifest_that_does_not_hold(tmp_path: Path, honest: Entries) -> None:
    entries = _manifests(honest)
    name = "data/H18.19_TK_000021_V1.pdf"
    _refused(_zip(tmp_path / "1.zip", {**entries, name: b"%PDF-9"}), Fault.PACKAGE_DAMAGED, "hash")
    _refused(_zip(tmp_path / "2.zip", {**entries, "metadata.json": b"{}"}), Fault.PACKAGE_DAMAGED, "hash")
    _refused(_zip(tmp_path / "3.zip", {**entries, "data/x.pdf": b"%PDF-"}), Fault.PACKAGE_DAMAGED, "manifest")
    less = {key: body for key, body in entries.items() if key != name}
    _refused(_zip(tmp_path / "4.zip", less), Fault.PACKAGE_DAMAGED, "payload")
    for gone in ("bagit.txt", "metadata.xml", "events.jsonl", "manifest-sha256.txt"):
        less = {key: body for key, body in entries.items() if key != gone}
        _refused(_zip(tmp_path / "5.zip", less), Fault.PACKAGE_DAMAGED, "missing")
    _refused(_zip(tmp_path / "6.zip", {**entries, "run.sh": b"x"}), Fault.PACKAGE_DAMAGED, "payload")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("metadata.json", b"[" * 200_000),
        ("metadata.json", b"[]"),
        ("metadata.json", b"\xff"),
        ("events.jsonl", b"{}\nnot json\n"),
        ("bag-info.txt", b"External-Identifier: none\nSealed-At: 2026-03-02T08:30:00\n"),
        ("bag-info.txt", b"no colon\n"),
        ("bagit.txt", b"BagIt-Version: 9.9\n"),
    ],
)
def test_tag_files_that_are_nonsense_in_a_true_manifest(
    tmp_path: Path, honest: Entries, name: str, body: bytes
) -> None:
    _refused(_zip(tmp_path / "x.zip", _manifests({**honest, name: body})), Fault.PACKAGE_DAMAGED)


@pytest.mark.parametrize("body", [b"", b"PK", b"%PDF-1.7\n", bytes(5000), b"PK\5\6" + bytes(18)])
def test_what_is_no_package_at_all(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(body)
    _refused(tmp_path / "x.zip", Fault.PACKAGE_DAMAGED)


def test_a_package_that_is_not_there(tmp_path: Path) -> None:
    _refused(tmp_path / "none.zip", Fault.STORAGE)
