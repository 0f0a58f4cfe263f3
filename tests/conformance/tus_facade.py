"""An intake's face before a foreign tus server, on a line that breaks: what a reverse proxy would be.

`/uploads` goes to the foreign server; the commit looks at the bytes that it really keeps, and only those give
a receipt. So a client that comes home with a receipt has delivered byte for byte.
"""

import base64
import hashlib
import http.client
import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync import Receipt, new_submission_id
from sync.receipt import key_id_of

_KEY = Ed25519PrivateKey.generate()
_PEM = _KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

PASS, HALF, LOSE_ANSWER, RESET = "pass", "half", "lose-answer", "reset"


@dataclass
class Facade:
    """`upstream` is the foreign server's address with the path that stands for /uploads; `kept` tells where
    it keeps an upload; `breaks` names what happens to the n-th chunk. `kept` None: nothing but a line.
    """

    upstream: str
    kept: Callable[[str], Path] | None = None
    breaks: Callable[[int], str] = lambda _number: PASS
    receipts: dict[str, Receipt] = field(default_factory=dict)
    chunks: int = 0
    chunk_bytes: int = 0
    refused: int = 0
    url: str = ""

    def __enter__(self) -> "Facade":
        handler = type("Handler", (_Handler,), {"facade": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that was cut on purpose is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    facade: Facade

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if path.startswith("/uploads"):
            self._pass_on(path.removeprefix("/uploads"), body)
        elif self.facade.kept is None:
            self._answer(*self._forward(self.path, body))
        elif path == "/info":
            self._json(200, self._info())
        elif self.command == "PUT":
            self._commit(path.rsplit("/", 1)[1], json.loads(body))
        else:
            receipt = self.facade.receipts.get(path.split("/")[2])
            self._json(200, json.loads(receipt.to_json())) if receipt else self._json(
                404, {"reason": "submission-unknown"}
            )

    def _pass_on(self, rest: str, body: bytes) -> None:
        facade, action = self.facade, PASS
        if self.command == "PATCH":
            action = facade.breaks(facade.chunks)
            facade.chunks += 1
            facade.chunk_bytes += len(body)
        if action == RESET:
            self._hang_up()
        elif action == HALF:
            self._half(urlsplit(facade.upstream).path + rest, body)
            self._hang_up()
        else:
            status, headers, text = self._forward(urlsplit(facade.upstream).path + rest, body)
            if action == LOSE_ANSWER:
                self._hang_up()
            else:
                self._answer(status, headers, text)

    def _forward(self, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        parts = urlsplit(self.facade.upstream)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            line.request(self.command, path, body or None, headers)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            line.close()

    def _half(self, path: str, body: bytes) -> None:
        parts = urlsplit(self.facade.upstream)
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as upstream:
            head = [f"{self.command} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in self.headers.items())]
            upstream.sendall("\r\n".join([*head, "", ""]).encode() + body[: len(body) // 2])

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() == "location" and self.facade.kept is not None:
                value = f"{self.facade.url}/uploads/{value.rstrip('/').rsplit('/', 1)[1]}"  # noqa: PLW2901
            if name.lower() not in ("content-length", "connection", "transfer-encoding", "keep-alive"):
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, status: int, value: object) -> None:
        self._answer(status, [("Content-Type", "application/json")], json.dumps(value).encode())

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def _info(self) -> dict[str, object]:
        return {
            "name": "facade",
            "version": "1",
            "time": datetime.now(UTC).isoformat(),
            "max_bytes": 2**40,
            "key_id": key_id_of(_KEY.public_key()),
            "public_key_pem": _PEM,
        }

    def _commit(self, submission_id: str, commit: dict[str, Any]) -> None:
        assert self.facade.kept is not None
        path = self.facade.kept(commit["upload"].rsplit("/", 1)[1])
        body = path.read_bytes()
        if hashlib.sha256(body).hexdigest() != commit["package_sha256"]:
            self.facade.refused += 1
            self._json(422, {"reason": "hash-differs"})
            return
        unsigned = Receipt(
            submission_id=submission_id,
            package_sha256=commit["package_sha256"],
            package_bytes=len(body),
            received_at=datetime.now(UTC).isoformat(),
            receipt_id=new_submission_id(),
            server="facade",
            key_id=key_id_of(_KEY.public_key()),
            signature="",
            audit_head=commit["audit_head"],
        )
        signature = base64.b64encode(_KEY.sign(unsigned.signed_part())).decode()
        receipt = self.facade.receipts[submission_id] = replace(unsigned, signature=signature)
        self._json(201, json.loads(receipt.to_json()))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


for _method in ("GET", "POST", "PUT", "PATCH", "HEAD", "DELETE", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler._handle)
