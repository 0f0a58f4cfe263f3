"""The intake as others see it: tus 1.0 word by word, and every wrong word answered, never believed."""

import base64
import contextlib
import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sync import IntakeClient, Package, new_submission_id
from sync.server import Choices, IntakeThread, Limits
from sync.server.openapi import DOCUMENT

Make = Callable[..., Package]
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}


class Line:
    """A bare HTTP line to an intake."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.address = (parts.hostname or "", parts.port or 0)
        self._line = HTTPConnection(*self.address, timeout=20)

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, HTTPMessage, bytes]:
        self._line.request(method, path, body, headers or {})
        answer = self._line.getresponse()
        return answer.status, answer.headers, answer.read()

    def begin(self, package: Package, **changes: str) -> str:
        status, headers, body = self.ask("POST", "/uploads", _creation(package) | changes)
        assert status == 201, body
        return "/" + headers["Location"]

    def close(self) -> None:
        self._line.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, shared_database: str) -> Iterator[IntakeThread]:
    """An intake with tight bounds for all tests of this file, on each database."""
    limits = Limits(max_bytes=2_000_000, idle_s=0.4, slowest_bytes_per_s=2000.0)
    choices = Choices(limits=limits, database=shared_database)
    with IntakeThread(tmp_path_factory.mktemp("served") / "intake", choices=choices) as running:
        yield running


@pytest.fixture
def line(served: IntakeThread) -> Iterator[Line]:
    opened = Line(served.url)
    yield opened
    opened.close()


def _b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def _creation(package: Package) -> dict[str, str]:
    metadata = f"submission_id {_b64(package.submission_id)},sha256 {_b64(package.sha256)}"
    return {**TUS, "Upload-Length": str(package.bytes), "Upload-Metadata": metadata}


def _commit(package: Package, upload: str, **changes: object) -> bytes:
    fields = {"package_sha256": package.sha256, "bytes": package.bytes, "upload": upload, "audit_head": ""}
    return json.dumps({**fields, **changes}).encode()


def test_options_say_what_is_spoken(line: Line) -> None:
    for path in ("/uploads", "/uploads/any"):
        status, headers, _ = line.ask("OPTIONS", path)
        assert status == 204
        assert headers["Tus-Version"] == headers["Tus-Resumable"] == "1.0.0"
        assert set(headers["Tus-Extension"].split(",")) == {
            "creation",
            "checksum",
            "expiration",
            "termination",
        }
        assert headers["Tus-Checksum-Algorithm"] == "sha256"
        assert headers["Tus-Max-Size"] == "2000000"


def test_an_upload_in_chunks_with_and_without_checksums(line: Line, make_package: Make) -> None:
    package = make_package(100_000)
    body = package.path.read_bytes()
    path = line.begin(package)
    first, second = body[:40_000], body[40_000:]
    status, headers, _ = line.ask("PATCH", path, {**CHUNK, "Upload-Offset": "0"}, first)
    assert (status, headers["Upload-Offset"]) == (204, "40000")
    assert headers["Upload-Expires"].endswith("GMT")
    status, headers, _ = line.ask("HEAD", path, TUS)
    assert (status, headers["Upload-Offset"], headers["Upload-Length"]) == (200, "40000", str(len(body)))
    assert headers["Cache-Control"] == "no-store"
    checked = {**CHUNK, "Upload-Offset": "40000", "Upload-Checksum": "sha256 " + _b64(b"\0" * 32)}
    assert line.ask("PATCH", path, checked, second)[0] == 460
    assert line.ask("HEAD", path, TUS)[1]["Upload-Offset"] == "40000"
    checked["Upload-Checksum"] = "sha256 " + _b64(hashlib.sha256(second).digest())
    status, headers, _ = line.ask("PATCH", path, checked, second)
    assert (status, headers["Upload-Offset"]) == (204, str(len(body)))
    status, _, receipt = line.ask(
        "PUT", f"/submissions/{package.submission_id}", None, _commit(package, path)
    )
    assert status == 201
    again = line.ask("PUT", f"/submissions/{package.submission_id}", None, _commit(package, path))
    assert (again[0], again[2]) == (200, receipt)
    assert line.ask("GET", f"/submissions/{package.submission_id}/receipt")[2] == receipt
    assert line.ask("HEAD", path, TUS)[0] == 404


def test_a_chunk_of_no_bytes_and_a_method_in_disguise(line: Line, make_package: Make) -> None:
    path = line.begin(make_package(1000))
    assert line.ask("PATCH", path, {**CHUNK, "Upload-Offset": "0"}, b"")[0] == 204
    disguised = {**CHUNK, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert line.ask("POST", path, disguised, b"%PDF")[1]["Upload-Offset"] == "4"
    assert line.ask("POST", path, {**TUS, "X-HTTP-Method-Override": "DELETE"})[0] == 204
    assert line.ask("HEAD", path, TUS)[0] == 404
    assert line.ask("POST", path, TUS)[0] == 405


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": ""}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Length": "2000001"}, 413),
        ({"Upload-Metadata": ""}, 400),
        ({"Upload-Metadata": "submission_id"}, 400),
        ({"Upload-Metadata": "submission_id !!!,sha256 !!!"}, 400),
        ({"Upload-Metadata": f"submission_id {_b64('../../etc')},sha256 {_b64('0' * 64)}"}, 400),
        ({"Upload-Metadata": f"submission_id {_b64(new_submission_id())},sha256 {_b64('../x')}"}, 400),
        ({"Upload-Metadata": "submission_id //4="}, 400),
        ({"Upload-Metadata": "a " + "QUFB" * 2000}, 400),
        ({"Upload-Metadata": "a QQ==,a QQ=="}, 400),
    ],
)
def test_a_malformed_beginning(
    line: Line, served: IntakeThread, make_package: Make, changes: dict[str, str], status: int
) -> None:
    before = set((served._data_dir / "uploads").iterdir())
    answer = line.ask("POST", "/uploads", _creation(make_package(1000)) | changes)
    assert answer[0] == status
    assert json.loads(answer[2])["status"] == status
    assert answer[1]["Content-Type"] == "application/problem+json"
    assert answer[1]["Tus-Resumable"] == "1.0.0"
    assert set((served._data_dir / "uploads").iterdir()) == before


@pytest.mark.parametrize(
    ("changes", "body", "status"),
    [
        ({"Tus-Resumable": "2"}, b"x", 412),
        ({"Content-Type": "application/octet-stream"}, b"x", 415),
        ({"Upload-Offset": ""}, b"x", 400),
        ({"Upload-Offset": "abc"}, b"x", 400),
        ({"Upload-Offset": "1"}, b"x", 409),
        ({"Upload-Checksum": "md5 AAAA"}, b"x", 400),
        ({"Upload-Checksum": "sha256 AAAA"}, b"x", 400),
        ({"Upload-Checksum": "sha256 ???"}, b"x", 400),
        ({}, b"x" * 5000, 413),
    ],
)
def test_a_malformed_chunk_changes_nothing(
    line: Line, make_package: Make, changes: dict[str, str], body: bytes, status: int
) -> None:
    path = line.begin(make_package(1000))
    answer = line.ask("PATCH", path, {**CHUNK, "Upload-Offset": "0", **changes}, body)
    assert answer[0] == status
    assert line.ask("HEAD", path, TUS)[1]["Upload-Offset"] == "0"


def test_more_bytes_than_announced_without_a_length(line: Line, make_package: Make) -> None:
    package = make_package(1000)
    path = line.begin(package)
    head = f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
    head += "Content-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(line.address, timeout=20) as raw:
        raw.sendall(head.encode() + b"10000\r\n" + b"x" * 65536 + b"\r\n0\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 413")
    assert int(line.ask("HEAD", path, TUS)[1]["Upload-Offset"]) <= package.bytes


@pytest.mark.parametrize(
    "name", ["..", "../../etc/passwd", "%2e%2e%2fetc", "a", "A" * 26, "A" * 5000, "%00", "é"]
)
def test_uploads_that_do_not_exist(line: Line, name: str) -> None:
    path = "/uploads/" + name.replace("é", "%C3%A9")
    assert line.ask("HEAD", path, TUS)[0] in (404, 405)
    assert line.ask("PATCH", path, {**CHUNK, "Upload-Offset": "0"}, b"x")[0] in (404, 405)
    assert line.ask("DELETE", path, TUS)[0] in (404, 405)


@pytest.mark.parametrize("sid", ["x", "..", "01jq7zk3v9d2m4n6p8r0s2t4w6", "A" * 26, "%2e%2e"])
def test_submissions_that_do_not_exist(line: Line, make_package: Make, sid: str) -> None:
    for path in (f"/submissions/{sid}", f"/submissions/{sid}/receipt"):
        status, _, body = line.ask("GET", path)
        assert status == 404
        assert json.loads(body)["reason"] in ("submission-unknown", "path-unknown")
    assert line.ask("PUT", f"/submissions/{sid}", None, _commit(make_package(100), "x"))[0] in (404, 405)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"not json",
        b"[" * 60_000,
        b'{"package_sha256": 1}',
        b'{"package_sha256":"' + b"0" * 64 + b'","bytes":-1,"upload":"x"}',
        b'{"package_sha256":"' + b"0" * 64 + b'","bytes":true,"upload":"x"}',
        b'{"package_sha256":"' + b"0" * 64 + b'","bytes":1,"upload":1}',
        b'{"package_sha256":"' + b"0" * 64 + b'","bytes":1,"upload":"x","audit_head":"\\u0000"}',
        b'{"package_sha256":"' + b"0" * 64 + b'","bytes":1,"upload":"x","more":"x"}',
    ],
)
def test_a_malformed_commit(line: Line, body: bytes) -> None:
    status, _, answer = line.ask("PUT", f"/submissions/{new_submission_id()}", None, body)
    assert (status, json.loads(answer)["reason"]) == (400, "commit")


def test_a_commit_that_is_too_long(line: Line) -> None:
    assert line.ask("PUT", f"/submissions/{new_submission_id()}", None, b" " * 100_000)[0] == 413


def test_a_commit_before_the_bytes_and_with_a_forged_hash(
    line: Line, served: IntakeThread, make_package: Make
) -> None:
    package = make_package(1000)
    path, target = line.begin(package), f"/submissions/{package.submission_id}"
    status, _, body = line.ask("PUT", target, None, _commit(package, path))
    assert (status, json.loads(body)["reason"]) == (409, "upload-incomplete")
    line.ask("PATCH", path, {**CHUNK, "Upload-Offset": "0"}, package.path.read_bytes())
    other = f"/submissions/{new_submission_id()}"
    assert json.loads(line.ask("PUT", other, None, _commit(package, path))[2])["reason"] == "upload-other"
    forged = _commit(package, path, package_sha256="0" * 64)
    status, _, body = line.ask("PUT", target, None, forged)
    assert (status, json.loads(body)["reason"]) == (422, "hash-differs")
    assert line.ask("GET", target)[0] == 404
    assert line.ask("HEAD", path, TUS)[0] == 404
    assert not (served._data_dir / "packages" / package.sha256[:2] / f"{package.sha256}.zip").exists()


def test_a_chunk_that_stalls_or_drips_is_ended(line: Line, make_package: Make) -> None:
    package = make_package(50_000)
    path = line.begin(package)
    head = f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
    head += "Content-Type: application/offset+octet-stream\r\nContent-Length: 50000\r\n\r\n"
    with socket.create_connection(line.address, timeout=20) as stalled:
        stalled.sendall(head.encode() + b"x" * 100)
        assert stalled.recv(4096).startswith(b"HTTP/1.1 408")
    held = int(line.ask("HEAD", path, TUS)[1]["Upload-Offset"])
    assert held == 100
    head = head.replace("Upload-Offset: 0", f"Upload-Offset: {held}").replace("50000", "40000")
    with socket.create_connection(line.address, timeout=20) as dripping:
        dripping.sendall(head.encode())
        answer: list[bytes] = []
        listening = threading.Thread(target=lambda: answer.append(_to_the_end(dripping)))
        listening.start()
        begun = time.monotonic()
        while listening.is_alive() and time.monotonic() - begun < 10:
            with contextlib.suppress(OSError):
                dripping.sendall(b"x")
            listening.join(0.05)
        listening.join()
        assert answer[0].startswith(b"HTTP/1.1 408")
        assert b"too-slow" in answer[0]


def _to_the_end(line: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(4096):
            answer += piece
    return answer


def test_whoever_knocks_last_displaces_a_writer_whose_line_is_silent(
    tmp_path: Path, make_package: Make
) -> None:
    package = make_package(50_000)
    body = package.path.read_bytes()
    with IntakeThread(tmp_path / "patient", limits=Limits(idle_s=60)) as patient:
        line = Line(patient.url)
        path = line.begin(package)
        head = f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        head += f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(line.address, timeout=20) as silent:
            silent.sendall(head.encode() + body[:20_000])
            begun = time.monotonic()
            # The first bytes may still be on their way when the newcomer asks, and count only after it.
            for _ in range(2):
                status, headers, _ = line.ask("HEAD", path, TUS)
                assert status == 200
                held = int(headers["Upload-Offset"])
                rest = {**CHUNK, "Upload-Offset": str(held)}
                status, headers, _ = line.ask("PATCH", path, rest, body[held:])
                if status != 409:
                    break
            assert (status, headers["Upload-Offset"]) == (204, str(len(body)))
            assert time.monotonic() - begun < 55  # not by waiting for the silent one
            assert silent.recv(4096).startswith((b"HTTP/1.1 423", b"HTTP/1.1 409"))
        target = f"/submissions/{package.submission_id}"
        assert line.ask("PUT", target, None, _commit(package, path))[0] == 201
        line.close()


def test_heads_are_bounded_in_length_and_time(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.server.bounded_protocol.HEAD_WITHIN_S", 0.3)
    with socket.create_connection(line.address, timeout=20) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost:")
        assert slow.recv(100) == b""
    monkeypatch.setattr("sync.server.bounded_protocol.HEAD_WITHIN_S", 20.0)
    with socket.create_connection(line.address, timeout=20) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):  # noqa: PT012, PT011
            for _ in range(2000):
                endless.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")
            if endless.recv(100) == b"":
                raise ConnectionResetError
    assert line.ask("GET", "/health")[0] == 200


def test_the_list_goes_page_by_page(
    intake: IntakeThread, client_of: Callable[..., IntakeClient], make_package: Make
) -> None:
    sent = [make_package(100) for _ in range(5)]
    for package in sent:
        client_of(intake.url).deliver(package)
    line = Line(intake.url)
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        query = f"/submissions?limit=2&after={following}"
        page = json.loads(line.ask("GET", query)[2])
        found.extend(one["submission_id"] for one in page["submissions"])
        following = page["next"]
    assert found == sorted(package.submission_id for package in sent)
    one = json.loads(line.ask("GET", f"/submissions/{found[0]}")[2])
    assert one["state"] == "accepted"
    for query in ("limit=0", "limit=201", "limit=x", "after=x"):
        assert line.ask("GET", f"/submissions?{query}")[0] == 400
    line.close()


def test_the_description_is_true_to_the_routes(line: Line, served: IntakeThread, tmp_path: Path) -> None:
    from sync.server.application import create_app

    assert json.loads(line.ask("GET", "/openapi.json")[2]) == DOCUMENT
    app = create_app(tmp_path / "described")
    actual = {(route.path, method.lower()) for route in app.routes for method in route.methods or ()}  # type: ignore[attr-defined]
    # Starlette answers HEAD wherever GET is routed.
    actual = {(path, method) for path, method in actual if method != "head" or (path, "get") not in actual}
    described = {
        (path, method)
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method not in ("parameters",)
    }
    assert described == actual
    app.state.intake.close()


def test_answers_have_the_shape_that_is_described(
    line: Line, served: IntakeThread, client_of: Callable[..., IntakeClient], make_package: Make
) -> None:
    package = make_package(100)
    client_of(served.url).deliver(package)
    target = f"/submissions/{package.submission_id}"
    shapes = {
        "/health": "Health",
        "/info": "Info",
        target: "Submission",
        f"{target}/receipt": "Receipt",
        "/submissions": "SubmissionPage",
        "/changes": "ChangePage",
        "/station": "Station",
        "/nowhere": "Problem",
    }
    for path, schema in shapes.items():
        _matches(json.loads(line.ask("GET", path)[2]), DOCUMENT["components"]["schemas"][schema])


def _matches(value: Any, schema: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = {"object": dict, "string": str, "integer": int, "array": list, "null": type(None)}
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert isinstance(value, tuple(kinds[name] for name in names)), (value, schema)
    if "const" in schema:
        assert value == schema["const"]
    if "enum" in schema:
        assert value in schema["enum"]
    if "pattern" in schema:
        assert re.fullmatch(schema["pattern"], value)
    if "properties" in schema:
        assert set(schema["required"]) <= value.keys() <= schema["properties"].keys()
        for name in value:
            _matches(value[name], schema["properties"][name])
    for item in value if isinstance(value, list) else []:
        _matches(item, schema["items"])


def test_the_page_for_people_is_vietnamese_and_names_nobody(line: Line) -> None:
    status, headers, body = line.ask("GET", "/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    text = body.decode()
    assert 'lang="vi"' in text
    assert "Máy chủ tiếp nhận hồ sơ số hóa" in text
    assert "<script" not in text


def test_unknown_paths_and_methods(line: Line) -> None:
    for method, path, status in [("GET", "/x", 404), ("DELETE", "/info", 405), ("POST", "/submissions", 405)]:
        answer = line.ask(method, path)
        assert answer[0] == json.loads(answer[2])["status"] == status


def test_nothing_was_written_outside_the_data_folder(served: IntakeThread) -> None:
    """Last in this file: after all the wrong words above, the folder around the data is as it was."""
    assert [path.name for path in served._data_dir.parent.iterdir()] == ["intake"]
    names = {path.name for path in served._data_dir.iterdir()}
    allowed = {"intake.sqlite", "intake.sqlite-wal", "intake.sqlite-shm", "lock.sqlite", "signing-key.pem"}
    assert names <= allowed | {"uploads", "packages", "lock.sqlite-journal"}
