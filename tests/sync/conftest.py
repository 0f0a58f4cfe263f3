"""Real packages, real intakes, and a line that breaks in every way a line can break."""

import contextlib
import hashlib
import http.client
import json
import random
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sync import IntakeClient, Package, PackageFile, new_submission_id, seal_package
from sync.server import IntakeThread

ROOT = Path(__file__).resolve().parents[2]
SEALED_AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def _seal(folder: Path, size: int, seed: int, submission_id: str | None) -> Package:
    submission_id = submission_id or new_submission_id()
    pdf = folder / f"{submission_id}.{seed}.pdf"
    pdf.write_bytes(b"%PDF-1.7\n" + random.Random(seed).randbytes(size))
    sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
    return seal_package(
        folder / f"{submission_id}.{seed}.zip",
        submission_id=submission_id,
        files=[PackageFile(pdf, "data/H18.19_TK_000021_V1.pdf", sha256)],
        metadata={"ma_ho_so": "H18.19-260302-0001", "ten_thu_tuc": "Đăng ký khai sinh"},
        events=[{"viec": "quet", "luc": SEALED_AT}, {"viec": "ky", "luc": SEALED_AT}],
        sealed_at=SEALED_AT,
    )


@pytest.fixture
def make_package(tmp_path: Path) -> Callable[..., Package]:
    """Seal a package of about `size` bytes; `seed` decides the bytes, `submission_id` the delivery."""
    folder = tmp_path / "sealed"
    folder.mkdir()

    def make(size: int = 300_000, *, seed: int = 1, submission_id: str | None = None) -> Package:
        return _seal(folder, size, seed, submission_id)

    return make


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a stopped intake that accepted six packages; copy it before touching it."""
    folder = tmp_path_factory.mktemp("filled")
    with IntakeThread(folder / "intake") as running, IntakeClient(running.url) as client:
        for number in range(6):
            client.deliver(_seal(folder, 100, number, None), audit_head=f"{number:064x}")
    return folder / "intake"


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[IntakeThread]:
    """A real intake on a free port."""
    with IntakeThread(tmp_path / "intake") as running:
        yield running


@pytest.fixture
def client_of() -> Iterator[Callable[..., IntakeClient]]:
    """Clients that are closed at the end; short timeouts unless told otherwise."""
    with contextlib.ExitStack() as stack:

        def make(url: str, **options: Any) -> IntakeClient:
            settings = {"connect_timeout_s": 5, "read_timeout_s": 20, **options}
            return stack.enter_context(IntakeClient(url, **settings))

        yield make


@pytest.fixture(scope="module")
def shared_intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeThread]:
    """A real intake for all tests of one file: their submissions lie side by side."""
    with IntakeThread(tmp_path_factory.mktemp("shared") / "intake") as running:
        yield running


class IntakeProcess:
    """The intake as a program of its own, on one port for life, that can be killed and started again."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.url = ""

    def start(self, *before: str) -> None:
        """Start it and wait until it takes connections; `before` is put in front of the command."""
        command = [*before, sys.executable, "-m", "sync.server", "--data", str(self._data_dir)]
        command += ["--port", str(self.port), "--json-ready", "--exit-with-stdin"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.stderr()
        self.url = json.loads(line)["url"]
        self.port = urlsplit(self.url).port or 0

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.close()

    def finish(self) -> int:
        """Close its standard input and return its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(20)
        self.close()
        return code

    def stderr(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def close(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(20)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


@pytest.fixture
def intake_process(tmp_path: Path) -> Iterator[IntakeProcess]:
    """A started intake process."""
    process = IntakeProcess(tmp_path / "intake")
    process.start()
    yield process
    process.close()


@dataclass
class Seen:
    """One request that came by: its method, its path, the length of its body, what was done to it."""

    method: str
    path: str
    bytes: int
    action: str


Choose = Callable[[str, str, int], str]


@dataclass
class ChaosProxy:
    """A proxy before an intake. `choose(method, path, number)` names what happens to each request."""

    upstream: str
    choose: Choose = lambda _method, _path, _number: "pass"
    seen: list[Seen] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def sent_bytes(self) -> int:
        """Bytes of all chunks that the sender put on the line."""
        return sum(one.bytes for one in self.seen if one.method == "PATCH")


class _ChaosHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: ChaosProxy

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(30)

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        proxy = self.proxy
        action = proxy.choose(self.command, self.path, len(proxy.seen))
        proxy.seen.append(Seen(self.command, self.path, len(body), action))
        getattr(self, "_do_" + action.replace("-", "_"))(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        parts = urlsplit(self.proxy.upstream)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            line.request(self.command, self.path, body or None, headers)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            line.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, cut: int = 0) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) - cut])

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Closing all holders of the socket sends the RST now.
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def _do_pass(self, body: bytes) -> None:
        self._answer(*self._forward(body))

    def _do_lose_answer(self, body: bytes) -> None:
        self._forward(body)
        self._hang_up()

    def _do_truncate_answer(self, body: bytes) -> None:
        status, headers, text = self._forward(body)
        self._answer(status, headers, text, cut=max(1, len(text) // 2))
        self._hang_up()

    def _do_cut_answer(self, body: bytes) -> None:
        """Half an answer, then an end in good manners: no RST, no error on the line."""
        status, headers, text = self._forward(body)
        self._answer(status, headers, text, cut=max(1, len(text) // 2))
        self.close_connection = True

    def _do_reset(self, _body: bytes) -> None:
        self._hang_up()

    def _do_half_then_reset(self, body: bytes) -> None:
        self._half(body).close()
        self._hang_up()

    def _do_half_then_hang(self, body: bytes) -> None:
        upstream = self._half(body)
        self.proxy.released.wait(30)
        upstream.close()
        self.close_connection = True

    def _half(self, body: bytes) -> socket.socket:
        parts = urlsplit(self.proxy.upstream)
        upstream = socket.create_connection((parts.hostname, parts.port), timeout=30)
        head = [f"{self.command} {self.path} HTTP/1.1", *(f"{n}: {v}" for n, v in self.headers.items())]
        upstream.sendall("\r\n".join([*head, "", ""]).encode() + body[: len(body) // 2])
        return upstream

    def _do_stall(self, _body: bytes) -> None:
        self.proxy.released.wait(30)
        self.close_connection = True

    def _do_drip(self, _body: bytes) -> None:
        """An answer that comes a byte at a time, each well within every read timeout."""
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not self.proxy.released.wait(0.1):
                self.wfile.write(b"x")
        self.close_connection = True

    def _do_portal(self, _body: bytes) -> None:
        page = b"<html><body>Welcome to Free Wi-Fi. Please log in.</body></html>"
        self._answer(200, [("Content-Type", "text/html")], page)

    def _do_redirect(self, _body: bytes) -> None:
        self._answer(302, [("Location", "http://login.invalid/")], b"")

    def _do_busy(self, _body: bytes) -> None:
        self._answer(503, [("Retry-After", "7"), ("Content-Type", "text/html")], b"<h1>busy</h1>")

    def _do_bad_gateway(self, _body: bytes) -> None:
        self._answer(502, [("Content-Type", "text/html")], b"<h1>bad gateway</h1>")

    def _do_corrupt(self, body: bytes) -> None:
        if body and self.command == "PATCH":
            body = bytes([body[0] ^ 0x40]) + body[1:]
        self._do_pass(body)


for _method in ("GET", "POST", "PUT", "PATCH", "HEAD", "DELETE"):
    setattr(_ChaosHandler, f"do_{_method}", _ChaosHandler._handle)


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@pytest.fixture
def chaos() -> Iterator[Callable[..., ChaosProxy]]:
    """Put a ChaosProxy before an address."""
    with contextlib.ExitStack() as stack:

        def make(upstream: str, choose: Choose | None = None) -> ChaosProxy:
            proxy = ChaosProxy(upstream)
            if choose is not None:
                proxy.choose = choose
            handler = type("Handler", (_ChaosHandler,), {"proxy": proxy})
            server = _QuietServer(("127.0.0.1", 0), handler)
            proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(proxy.released.set)
            return proxy

        yield make


@pytest.fixture
def rows_of() -> Callable[[Path, str], list[tuple[str, str]]]:
    """Read (id, receipt) of every row that an intake's database holds for one submission."""

    def read(data_dir: Path, submission_id: str) -> list[tuple[str, str]]:
        with contextlib.closing(sqlite3.connect(data_dir / "intake.sqlite")) as db:
            return db.execute("SELECT id, receipt FROM submissions WHERE id=?", (submission_id,)).fetchall()

    return read


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small disk in memory; the test is skipped where that is not allowed."""
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            done = False
        if not done:
            pytest.skip("may not mount a disk in memory")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)
