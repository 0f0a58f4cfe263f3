"""A proxy before an intake that does to requests and answers whatever a line does to them."""

import contextlib
import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


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


@contextlib.contextmanager
def before(upstream: str, choose: Choose | None = None) -> Iterator[ChaosProxy]:
    """Put a proxy before an address; `choose` says what happens to each request."""
    proxy = ChaosProxy(upstream)
    if choose is not None:
        proxy.choose = choose
    handler = type("Handler", (_ChaosHandler,), {"proxy": proxy})
    server = _QuietServer(("127.0.0.1", 0), handler)
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
