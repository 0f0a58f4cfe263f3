"""A server made to harm its stations: whatever it answers, the client ends soon and without a receipt."""

import base64
import contextlib
import hashlib
import json
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import (
    Fault,
    IntakeClient,
    Package,
    PackageFile,
    SyncError,
    UploadState,
    new_submission_id,
    seal_package,
)

_SID = "01JQ7ZK3V9D2M4N6P8R0S2T4W6"


@dataclass
class Hostile:
    """What the server answers: `answers` gives (status, headers, body) for each request, in turn."""

    answers: Callable[[str, str, int], tuple[int, list[tuple[str, str]], bytes]]
    asked: list[str] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hostile: Hostile

    def _handle(self) -> None:
        with contextlib.suppress(ValueError):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
        hostile = self.hostile
        number = len(hostile.asked)
        hostile.asked.append(f"{self.command} {self.path}")
        status, headers, body = hostile.answers(self.command, self.path, number)
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers)]
        self.wfile.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        self.wfile.write(body)  # apart: a copy of it would count as the client's memory
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


for _method in ("GET", "POST", "PUT", "PATCH", "HEAD", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler._handle)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The client hangs up on some answers."""


@pytest.fixture(scope="module")
def hostile() -> Iterator[Hostile]:
    """A server whose answers each test sets."""
    made = Hostile(lambda _method, _path, _number: (200, [], b""))
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hostile": made}))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = tmp_path_factory.mktemp("sealed")
    pdf = folder / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7\n" + bytes(200_000))
    return seal_package(
        folder / "package.zip",
        submission_id=new_submission_id(),
        files=[PackageFile(pdf, "data/a.pdf", hashlib.sha256(pdf.read_bytes()).hexdigest())],
        metadata={},
        events=[],
        sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def _never_a_receipt(hostile: Hostile, package: Package, **options: Any) -> SyncError:
    before = package.path.read_bytes()
    with IntakeClient(hostile.url, connect_timeout_s=2, read_timeout_s=2) as client:
        with pytest.raises(SyncError) as caught:
            client.deliver(package, **options)
        for ask in (lambda: client.verdict_of(_SID), client.hello):
            with contextlib.suppress(SyncError):
                ask()
    assert package.path.read_bytes() == before
    return caught.value


_HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Content-Type",
                "Location",
                "Upload-Offset",
                "Upload-Length",
                "Tus-Resumable",
                "Retry-After",
                "Date",
                "Content-Length",
                "Content-Encoding",
                "Transfer-Encoding",
                "Set-Cookie",
                "WWW-Authenticate",
            ]
        ),
        st.one_of(
            st.sampled_from(
                [
                    "application/json",
                    "application/problem+json",
                    "1.0.0",
                    "0",
                    "-1",
                    "999999999999999999999",
                    "uploads/../../etc/passwd",
                    "http://example.invalid/uploads/x",
                    "//example.invalid/x",
                    "file:///etc/passwd",
                    "gzip",
                    "chunked",
                    "Wed, 99 Foo 0000 99:99:99 GMT",
                    "Thu, 01 Jan 1970 00:00:00 GMT",
                ]
            ),
            st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
        ),
    ),
    max_size=6,
)
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([b"{}", b"[]", b"null", b'{"reason":"x"}', b"[" * 50_000, b'{"a":' * 9000, b"\xff\xfe"]),
    st.dictionaries(
        st.sampled_from(
            ["submission_id", "package_sha256", "package_bytes", "signature", "key_id", "reason", "state"]
        ),
        st.one_of(st.text(max_size=20), st.integers(), st.none(), st.lists(st.integers(), max_size=3)),
    ).map(lambda value: json.dumps(value).encode()),
)
_STATUSES = st.sampled_from([100, 200, 201, 204, 206, 301, 302, 307, 400, 401, 404, 409, 410, 413, 422, 423,
                             429, 460, 500, 503, 507, 511, 999])  # fmt: skip


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(_STATUSES, _HEADERS, _BODIES), min_size=1, max_size=6))
def test_no_answer_at_random_is_ever_a_receipt(
    hostile: Hostile, package: Package, answers: list[tuple[int, list[tuple[str, str]], bytes]]
) -> None:
    hostile.answers = lambda _method, _path, number: answers[number % len(answers)]
    begun = len(hostile.asked)
    _never_a_receipt(hostile, package)
    assert len(hostile.asked) - begun < 60
    assert all("example.invalid" not in asked for asked in hostile.asked)


_TUS = ("Tus-Resumable", "1.0.0")
_JSON = ("Content-Type", "application/json")


def _scripted(**changes: Any) -> Callable[[str, str, int], tuple[int, list[tuple[str, str]], bytes]]:
    """An intake that does everything right but what `changes` says, by method."""

    def answer(method: str, path: str, _number: int) -> tuple[int, list[tuple[str, str]], bytes]:
        usual = {
            "GET": (404, [_JSON, ("Content-Length", "26")], b'{"reason":"unknown-thing"}'),
            "POST": (201, [_TUS, ("Location", "uploads/A"), ("Content-Length", "0")], b""),
            "HEAD": (200, [_TUS, ("Upload-Offset", "0"), ("Upload-Length", "0")], b""),
            "PATCH": (204, [_TUS, ("Upload-Offset", "0")], b""),
            "PUT": (201, [_JSON, ("Content-Length", "2")], b"{}"),
        }
        found = changes.get(method, usual[method])
        return found(path) if callable(found) else found

    return answer


@pytest.mark.parametrize(
    "location",
    [
        "http://example.invalid/uploads/x",
        "//example.invalid/uploads/x",
        "file:///etc/passwd",
        "",
        "\\\\server\\share",
    ],
)
def test_the_bytes_go_nowhere_but_to_the_server_that_was_set(
    hostile: Hostile, package: Package, location: str
) -> None:
    elsewhere = (201, [_TUS, ("Location", location), ("Content-Length", "0")], b"")
    hostile.answers = _scripted(POST=elsewhere)
    hostile.asked.clear()
    _never_a_receipt(hostile, package)
    assert not any(asked.startswith("PATCH") and "example" in asked for asked in hostile.asked)


@pytest.mark.parametrize("offset", ["0", "-5", "abc", "99999999999999999999999", "300000000", ""])
def test_offsets_that_lie_end_the_pass(hostile: Hostile, package: Package, offset: str) -> None:
    length = ("Upload-Length", str(package.bytes))
    hostile.answers = _scripted(
        PATCH=(204, [_TUS, ("Upload-Offset", offset)], b""),
        HEAD=(200, [_TUS, ("Upload-Offset", offset), length], b""),
    )
    hostile.asked.clear()
    state = UploadState(hostile.url + "/uploads/A", 0, package.submission_id, package.sha256, 65536)
    _never_a_receipt(hostile, package, resume=state)
    assert len(hostile.asked) < 40


def test_a_receipt_that_the_server_makes_up_is_not_believed(hostile: Hostile, package: Package) -> None:
    values = {
        "submission_id": package.submission_id,
        "package_sha256": package.sha256,
        "package_bytes": package.bytes,
        "received_at": "2026-03-02T08:30:00+07:00",
        "receipt_id": _SID,
        "server": "sohoa-intake",
        "key_id": "0" * 16,
        "signature": base64.b64encode(bytes(64)).decode(),
        "audit_head": "",
        "intake_head": "",
    }
    pem = Ed25519PrivateKey.generate().public_key()
    info = {
        "name": "x",
        "version": "1",
        "time": "2026-03-02T08:30:00+07:00",
        "max_bytes": 10**9,
        "key_id": "0" * 16,
        "public_key_pem": pem.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    }

    def answer(path: str) -> tuple[int, list[tuple[str, str]], bytes]:
        body = json.dumps(info if path == "/info" else values).encode()
        return 200, [_JSON, ("Content-Length", str(len(body)))], body

    hostile.answers = _scripted(GET=answer)
    assert _never_a_receipt(hostile, package).fault is Fault.RECEIPT_FORGED


def test_an_endless_answer_is_cut_off_and_never_held_in_memory(hostile: Hostile, package: Package) -> None:
    body = b'{"a":"' + b"x" * 30_000_000
    hostile.answers = _scripted(GET=(200, [_JSON, ("Content-Length", "999999999")], body))
    tracemalloc.start()
    begun = time.monotonic()
    _never_a_receipt(hostile, package)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.monotonic() - begun < 30
    assert peak < 10_000_000


def test_a_bomb_in_an_encoding_that_was_not_asked_for_is_not_unpacked(
    hostile: Hostile, package: Package, tmp_path: Path
) -> None:
    import gzip

    bomb = gzip.compress(b"[" + b"0," * 20_000_000 + b"0]")
    headers = [_JSON, ("Content-Encoding", "gzip"), ("Content-Length", str(len(bomb)))]
    hostile.answers = _scripted(GET=(200, headers, bomb))
    tracemalloc.start()
    _never_a_receipt(hostile, package)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
