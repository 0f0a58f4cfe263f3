"""Every route under what no honest program sends: the description holds, nothing wrong is believed."""

import contextlib
import hashlib
import io
import os
import random
import socket
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sync import Fault, IntakeClient, Package, SyncError
from sync.server import Account, Choices, IntakeThread, Limits, Role, hash_of_token, write_accounts
from sync.server.openapi import DOCUMENT

Make = Callable[..., Package]
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
EXAMPLES = int(os.environ.get("SOHOA_FUZZ_EXAMPLES", "12"))
_QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
OPERATIONS = {
    operation.label: operation
    for operation in (result.ok() for result in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())
}


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory, shared_database: str) -> Iterator[IntakeThread]:
    """An intake that is open to stations and has a worker, on each database."""
    folder = tmp_path_factory.mktemp("fuzzed") / "intake"
    folder.mkdir()
    write_accounts(folder, {"tinh": Account("tinh", hash_of_token("xu-ly"), role=Role.WORKER)})
    limits = Limits(max_bytes=2_000_000, idle_s=1.0)
    with IntakeThread(folder, choices=Choices(limits=limits, database=shared_database)) as running:
        yield running


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_route_keeps_to_its_description(fuzzed: IntakeThread, label: str) -> None:
    @_QUIET
    @given(OPERATIONS[label].as_strategy())
    def ask(case: schemathesis.Case) -> None:
        answer = _call(case, fuzzed.url)
        case.validate_response(answer, checks=CHECKS)

    ask()


def _call(case: schemathesis.Case, url: str) -> Any:
    case.headers.pop("Authorization", None)
    headers = {"Authorization": "Bearer xu-ly"} if case.path.startswith("/leases") else {}
    return case.call(base_url=url, headers=headers, timeout=60)


@_QUIET
@given(st.binary(max_size=3000), st.sampled_from(["", "GET / HTTP/1.1\r\n", "PATCH /uploads/x HTTP/1.1\r\n"]))
def test_bytes_that_are_no_http_take_nothing_down(fuzzed: IntakeThread, body: bytes, begin: str) -> None:
    host, port = fuzzed.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line, contextlib.suppress(OSError):
        line.sendall(begin.encode() + body)
        line.shutdown(socket.SHUT_WR)
        line.recv(1000)
    assert requests.get(fuzzed.url + "/health", timeout=20).status_code == 200


def _entries(package: Package) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(package.path) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _zipped(entries: list[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in entries:
            archive.writestr(name, body)
    return out.getvalue()


def _with(package: Package, *more: tuple[str | zipfile.ZipInfo, bytes], method: int = 0) -> bytes:
    return _zipped([*_entries(package), *more], method)


def _link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("data/link.pdf")
    link.external_attr = 0o120777 << 16
    return link


def _other_hash(package: Package) -> bytes:
    changed = [(n, b"%PDF-1.7\nforged" if n.startswith("data/") else b) for n, b in _entries(package)]
    return _zipped(changed)


def _claims(package: Package) -> bytes:
    """A directory that claims four billion entries."""
    body = bytearray(package.path.read_bytes())
    body[-14:-10] = struct.pack("<HH", 0xFFFF, 0xFFFF)
    return bytes(body)


HOSTILE: dict[str, Callable[[Package], bytes]] = {
    "climbing": lambda p: _with(p, ("../../evil.pdf", b"%PDF-1.7")),
    "absolute": lambda p: _with(p, ("/tmp/evil.pdf", b"%PDF-1.7")),  # noqa: S108
    "backslashes": lambda p: _with(p, ("data\\..\\..\\evil.pdf", b"%PDF-1.7")),
    "drive": lambda p: _with(p, ("C:evil.pdf", b"%PDF-1.7")),
    "device": lambda p: _with(p, ("data/NUL.pdf", b"%PDF-1.7")),
    "link": lambda p: _with(p, (_link(), b"/etc/passwd")),
    "unlisted": lambda p: _with(p, ("data/more.pdf", b"%PDF-1.7")),
    "bomb": lambda p: _with(p, ("data/bomb.pdf", bytes(150_000_000)), method=zipfile.ZIP_DEFLATED),
    "forged hash": _other_hash,
    "directory": _claims,
    "half": lambda p: p.path.read_bytes()[: p.bytes // 2],
    "words": lambda _p: b"not a zip at all",
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_package_is_refused_and_leaves_nothing(
    fuzzed: IntakeThread, make_package: Make, tmp_path: Path, kind: str
) -> None:
    honest = make_package(3000)
    body = HOSTILE[kind](honest)
    path = tmp_path / "hostile.zip"
    path.write_bytes(body)
    package = Package(path, hashlib.sha256(body).hexdigest(), len(body), honest.submission_id)
    with IntakeClient(fuzzed.url) as client:
        with pytest.raises(SyncError) as caught:
            client.deliver(package)
        assert caught.value.fault is Fault.REJECTED
        assert client.receipt_of(honest.submission_id) is None
    _nothing_is_kept(fuzzed)


def _nothing_is_kept(running: IntakeThread) -> None:
    data: Path = running._data_dir
    assert [path for path in (data / "packages").rglob("*") if path.is_file()] == []
    assert [path.name for path in data.parent.iterdir()] == ["intake"]


@_QUIET
@given(st.data())
def test_a_package_harmed_anywhere_is_taken_only_if_its_papers_are_whole(
    fuzzed: IntakeThread, small: Package, data: st.DataObject
) -> None:
    """Whoever harms a package can also tell the server the harmed bytes' own hash."""
    body = bytearray(small.path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    path = small.path.with_name("harmed.zip")
    path.write_bytes(body)
    harmed = Package(path, hashlib.sha256(body).hexdigest(), len(body), small.submission_id)
    with IntakeClient(fuzzed.url) as client:
        try:
            client.deliver(harmed)
        except SyncError as error:
            assert error.fault in (Fault.REJECTED, Fault.CONFLICT)  # noqa: PT017
            return
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(small.path) as honest:
        papers = [name for name in honest.namelist() if name.startswith("data/")]
        assert [archive.read(name) for name in papers] == [honest.read(name) for name in papers]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Package:
    from datetime import UTC, datetime

    from sync import PackageFile, new_submission_id, seal_package

    folder = tmp_path_factory.mktemp("small")
    pdf = folder / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7\n" + random.Random(3).randbytes(200))
    return seal_package(
        folder / "small.zip",
        submission_id=new_submission_id(),
        files=[PackageFile(pdf, "data/a.pdf", hashlib.sha256(pdf.read_bytes()).hexdigest())],
        metadata={},
        events=[],
        sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def _memory_kib(pid: int, which: str = "VmRSS") -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith(which)).split()[1])


def test_memory_stays_bounded_under_oversize_bodies_and_a_hundred_slow_lines(
    intake_process: Any, make_package: Make, client_of: Callable[..., IntakeClient], tmp_path: Path
) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("no /proc")
    client = client_of(intake_process.url)
    client.deliver(make_package(100_000))
    before = _memory_kib(intake_process.process.pid)
    host, port = intake_process.url.removeprefix("http://").split(":")
    honest = make_package(3000)
    body = HOSTILE["bomb"](honest)
    path = tmp_path / "bomb.zip"
    path.write_bytes(body)
    with contextlib.ExitStack() as lines:
        for number in range(100):
            line = lines.enter_context(socket.create_connection((host, int(port)), timeout=20))
            kind = ("PUT /submissions/01JQ7ZK3V9D2M4N6P8R0S2T4W6", "POST /leases", "GET /info")[number % 3]
            line.sendall(f"{kind} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-Slow: ".encode())
        fat = lines.enter_context(socket.create_connection((host, int(port)), timeout=20))
        fat.sendall(b"PUT /submissions/01JQ7ZK3V9D2M4N6P8R0S2T4W6 HTTP/1.1\r\nHost: x\r\n")
        fat.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(400):
                fat.sendall(b"40000\r\n" + b"x" * 0x40000 + b"\r\n")
        with pytest.raises(SyncError) as caught:
            client.deliver(Package(path, hashlib.sha256(body).hexdigest(), len(body), honest.submission_id))
        assert caught.value.fault is Fault.REJECTED
        client.deliver(make_package(500_000, seed=2))  # an honest sender is still served
        assert _memory_kib(intake_process.process.pid, "VmHWM") - before < 60_000


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_long_fuzz_of_all_routes_at_once(fuzzed: IntakeThread) -> None:
    """Four threads with four seeds at one intake: no fault of the server, and it lives."""
    operations = list(OPERATIONS.values())
    faults: list[str] = []

    def fuzz(operation: Any) -> None:
        @settings(_QUIET, max_examples=200, derandomize=False)
        @given(operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            answer = _call(case, fuzzed.url)
            if answer.status_code >= 500:
                faults.append(f"{case.method} {case.path} {answer.status_code}")

        ask()

    for begin in range(0, len(operations), 4):
        threads = [threading.Thread(target=fuzz, args=(one,)) for one in operations[begin : begin + 4]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert faults == []
    assert requests.get(fuzzed.url + "/health", timeout=20).status_code == 200
