"""A small HTTP service on this machine, the ground of the training room's services (dịch vụ tập huấn)."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

_log = logging.getLogger(__name__)
_LARGEST_REQUEST = 65_536
_SILENCE_SECONDS = 60


@dataclass(frozen=True)
class Asked:
    """A request: its method, path with query, headers by lower-case name, and body in bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def kind(self) -> str:
        """The media type of the body, without its parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: HTTPStatus
    body: bytes = b""
    kind: str = "text/plain"


BAD_REQUEST = Answer(HTTPStatus.BAD_REQUEST)
NOT_FOUND = Answer(HTTPStatus.NOT_FOUND)


class LocalServer:
    """Answers requests on 127.0.0.1; port 0 takes a free one. A subclass says what: `answer`.

    Use as a context manager or with `start` and `stop`, each of which may be called twice.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def answer(self, asked: Asked) -> Answer:
        """The answer to one request, called on a thread of its own. ValueError becomes 400."""
        raise NotImplementedError

    @property
    def root_url(self) -> str:
        """`http://127.0.0.1:PORT`. Only while started."""
        if self._server is None:
            raise RuntimeError("the service isn't started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Listen; returns when requests are accepted."""
        if self._server is not None:
            return
        answer = self.answer

        class Handler(_Handler):
            make = staticmethod(answer)

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="training-service", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and free the port."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    """One request, one answer, connection closed."""

    make: Any
    timeout = _SILENCE_SECONDS

    def do_POST(self) -> None:
        """Answer a request with a body; 400 where its length isn't a plain number of bytes."""
        body = self._body()
        self._reply("POST", body)

    def do_GET(self) -> None:
        """Answer a request without a body."""
        self._reply("GET", b"")

    def _reply(self, method: str, body: bytes | None) -> None:
        if body is None:
            self._send(BAD_REQUEST)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = self.make(Asked(method, self.path, headers, body))
        except ValueError:
            answer = BAD_REQUEST
        self._send(answer)

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or len(length) > 6:
            return None
        if int(length) > _LARGEST_REQUEST:
            return None
        try:
            body = self.rfile.read(int(length))
        except OSError:
            return None
        return body if len(body) == int(length) else None

    def _send(self, answer: Answer) -> None:
        self.close_connection = True
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
        except OSError:
            _log.debug("a client left before its answer")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep the standard library's lines out of the terminal."""
        _log.debug(format, *args)
