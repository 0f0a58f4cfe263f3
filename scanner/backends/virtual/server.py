"""The virtual scanner on the network: eSCL over HTTP on this machine's own address (máy quét ảo)."""

from __future__ import annotations

import http
import logging
import re
import socket
import socketserver
import sys
import threading
import uuid
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType

from scanner.backends.virtual import escl
from scanner.backends.virtual.faults import Fault
from scanner.backends.virtual.machine import Machine, Refusal
from scanner.errors import ScanError

_log = logging.getLogger(__name__)

HOST = "127.0.0.1"
ROOT = "/eSCL"
LARGEST_REQUEST = 64 * 1024
SECONDS_FOR_A_REQUEST = 30.0
RETRY_AFTER_S = 1

_STATUS_OF_REFUSAL = {
    Refusal.BUSY: http.HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal.FAULT: http.HTTPStatus.CONFLICT,
    Refusal.NO_PAPER: http.HTTPStatus.NOT_FOUND,
    Refusal.GONE: http.HTTPStatus.NOT_FOUND,
}


class VirtualScanner:
    """An eSCL device whose paper is a folder, or a list, of page images.

    Glass, feeder and duplex; resolution, mode and area as asked for. A JPEG that matches is sent as its own
    bytes, as scanners send theirs. `pages_per_minute` makes it as slow as a real one. It listens on 127.0.0.1
    only, on `port`, or on any free one. Use `start` and `stop`, or `with`. Every method may be called from
    any thread while clients scan.
    """

    def __init__(
        self,
        stack: Path | Sequence[Path],
        *,
        name: str = "Sohoa Virtual",
        fault: Fault | None = None,
        pages_per_minute: float | None = None,
        port: int = 0,
    ) -> None:
        self.name = name
        self._port = port
        self._machine = Machine(stack, fault, pages_per_minute)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> VirtualScanner:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Switches the device on. Raises OSError where the port is taken, RuntimeError where it is on."""
        if self._server is not None:
            raise RuntimeError("the virtual scanner is on already")
        self._server = _Server(self._port, self._machine, self.name)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="virtual scanner", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Switches the device off; clients that wait are let go. It can't be started again."""
        server, self._server = self._server, None
        if server is None or self._thread is None:
            return
        self._machine.switch_off()
        server.shutdown()
        self._thread.join()
        server.hang_up()
        server.server_close()

    @property
    def url(self) -> str:
        """The address of its eSCL root. Raises RuntimeError while it is off."""
        if self._server is None:
            raise RuntimeError("the virtual scanner is off")
        return f"http://{HOST}:{self._server.server_address[1]}{ROOT}"

    @property
    def remaining(self) -> int:
        """Sheets still in the feeder."""
        return self._machine.remaining()

    def load(self, stack: Path | Sequence[Path]) -> None:
        """Puts new paper in; what was left in the feeder is taken out."""
        self._machine.load(stack)

    def set_fault(self, fault: Fault) -> None:
        """A fault to come. Pages count from the last `load`."""
        self._machine.set_fault(fault)

    def clear_fault(self) -> None:
        """Repairs the device: the jammed sheet lies on top of the stack again."""
        self._machine.set_fault(None)


class _Server(socketserver.ThreadingTCPServer):
    """One thread a connection. Unlike `http.server.HTTPServer` it asks no name server for its own name."""

    allow_reuse_address = True
    daemon_threads = False
    block_on_close = True

    def __init__(self, port: int, machine: Machine, name: str) -> None:
        self.machine = machine
        self.identity = uuid.uuid5(uuid.NAMESPACE_URL, f"sohoa:{name}")
        self.device_name = name
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((HOST, port), _Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client: object) -> None:
        """Remembers the connection, so that `hang_up` can end it."""
        if isinstance(request, socket.socket):
            with self._guard:
                self._connections.add(request)
        super().process_request(request, client)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Forgets the connection."""
        if isinstance(request, socket.socket):
            with self._guard:
                self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends every connection; its thread then comes to its end."""
        with self._guard:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """A client that went away is no error; anything else is."""
        if isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            return
        _log.exception("virtual scanner: a request failed")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_FOR_A_REQUEST

    def do_GET(self) -> None:
        """Capabilities, status, and the next page of a job."""
        machine = self.server.machine
        if self.path == f"{ROOT}/ScannerCapabilities":
            self._xml(escl.capabilities(self.server.device_name, self.server.identity))
        elif self.path == f"{ROOT}/ScannerStatus":
            shown = machine.shown()
            job = None if shown.job is None else (f"{ROOT}/ScanJobs/{shown.job}", shown.images)
            self._xml(escl.status(loaded=shown.loaded, scanning=shown.scanning, fault=shown.fault, job=job))
        elif match := re.fullmatch(rf"{ROOT}/ScanJobs/(\d{{1,9}})/NextDocument", self.path):
            self._next_document(int(match[1]))
        else:
            self._empty(http.HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """A new scan job."""
        if self.path != f"{ROOT}/ScanJobs":
            self._empty(http.HTTPStatus.NOT_FOUND)
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._empty(http.HTTPStatus.LENGTH_REQUIRED)
            return
        if int(length) > LARGEST_REQUEST:
            self._empty(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            settings = escl.read_settings(self.rfile.read(int(length)))
        except ValueError:
            self._empty(http.HTTPStatus.BAD_REQUEST)
            return
        job = self.server.machine.start_job(settings)
        if isinstance(job, Refusal):
            conflict = job is Refusal.NO_PAPER
            self._empty(http.HTTPStatus.CONFLICT if conflict else _STATUS_OF_REFUSAL[job])
        else:
            self._empty(http.HTTPStatus.CREATED, Location=f"{ROOT}/ScanJobs/{job}")

    def do_DELETE(self) -> None:
        """Cancels a job."""
        match = re.fullmatch(rf"{ROOT}/ScanJobs/(\d{{1,9}})", self.path)
        ended = match is not None and self.server.machine.end_job(int(match[1]))
        self._empty(http.HTTPStatus.OK if ended else http.HTTPStatus.NOT_FOUND)

    def _next_document(self, job: int) -> None:
        try:
            delivery = self.server.machine.take(job)
        except ScanError as error:
            _log.warning("virtual scanner: %s", error)
            self._empty(http.HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        if isinstance(delivery, Refusal):
            self._empty(_STATUS_OF_REFUSAL[delivery])
            return
        whole = False
        try:
            self._head(http.HTTPStatus.OK, "image/jpeg", len(delivery.jpeg))
            if delivery.broken:
                self.wfile.write(delivery.jpeg[: len(delivery.jpeg) // 2])
            else:
                self.wfile.write(delivery.jpeg)
                whole = True
        finally:
            self.server.machine.arrived(delivery, whole=whole)

    def _xml(self, document: str) -> None:
        body = document.encode()
        self._head(http.HTTPStatus.OK, "text/xml", len(body))
        self.wfile.write(body)

    def _empty(self, status: http.HTTPStatus, **headers: str) -> None:
        if status is http.HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = str(RETRY_AFTER_S)
        self._head(status, None, 0, **headers)

    def _head(self, status: http.HTTPStatus, kind: str | None, length: int, **headers: str) -> None:
        self.send_response(status)
        if kind is not None:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The server's own chatter goes to the log, where one may look for it."""
        _log.debug(format, *args)
