"""A real time-stamping service (RFC 3161 over HTTP, §3.4) on this machine for the training room."""

import logging
import threading
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from signing.timestamps import answer_type
from signing.training.pki import TrainingPki

if TYPE_CHECKING:
    from asn1crypto import tsp

_log = logging.getLogger(__name__)
_LARGEST_REQUEST = 16_384
_SILENCE_SECONDS = 10
_DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}


class TimestampServer:
    """Answers time-stamp requests with the training TSA's key on 127.0.0.1; port 0 takes a free one.

    Anything that isn't a well-formed request gets 400; a request with another digest than SHA-2 gets a
    PKI status `rejection`. Use as a context manager or with `start` and `stop`.
    """

    def __init__(self, pki: TrainingPki, port: int = 0) -> None:
        self._answer = _Answer(pki)
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address to give to `TimestampService`. Only while started."""
        if self._server is None:
            raise RuntimeError("the time-stamp server isn't started")
        return f"http://127.0.0.1:{self._server.server_address[1]}/tsa"

    def start(self) -> None:
        """Listen; returns when requests are accepted."""
        if self._server is not None:
            return
        answer = self._answer

        class Handler(_Handler):
            make = staticmethod(answer)

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="training-tsa", daemon=True
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


class _Answer:
    """From request bytes to response bytes. Raises ValueError for anything malformed."""

    def __init__(self, pki: TrainingPki) -> None:
        from asn1crypto import keys, x509
        from cryptography.hazmat.primitives import serialization

        self._certificate = x509.Certificate.load(pki.tsa_certificate)
        self._chain = [x509.Certificate.load(pki.issuing_certificate)]
        self._key = keys.PrivateKeyInfo.load(
            pki.tsa_key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def __call__(self, request: bytes) -> bytes:
        from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

        asked = _parsed(request)
        imprint = asked["message_imprint"]
        expected = _DIGEST_BYTES.get(imprint["hash_algorithm"]["algorithm"].native)
        if expected is None:
            return _rejection("bad_alg")
        if len(imprint["hashed_message"].native) != expected:
            return _rejection("bad_data_format")
        stamper = DummyTimeStamper(
            self._certificate,
            self._key,
            certs_to_embed=self._chain,  # type: ignore[arg-type,unused-ignore]
            fixed_dt=datetime.now(UTC).replace(microsecond=0),
        )
        answer: bytes = stamper.request_tsa_response(asked).dump()
        return answer


def _parsed(request: bytes) -> "tsp.TimeStampReq":
    from asn1crypto import tsp

    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        _ = asked.native
        well_formed = asked["version"].native == "v1" and asked["message_imprint"].native
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise ValueError("no time-stamp request") from error
    if not well_formed:
        raise ValueError("no time-stamp request")
    return asked


def _rejection(reason: str) -> bytes:
    from asn1crypto import tsp

    status = {"status": "rejection", "fail_info": {reason}}
    answer: bytes = answer_type()({"status": tsp.PKIStatusInfo(status)}).dump()
    return answer


class _Handler(BaseHTTPRequestHandler):
    """One request, one answer, connection closed."""

    make: Any
    timeout = _SILENCE_SECONDS

    def do_POST(self) -> None:
        """Answer a time-stamp request; 400 for anything else."""
        request = self._body()
        if request is None:
            self._send(HTTPStatus.BAD_REQUEST, b"", "text/plain")
            return
        try:
            answer = self.make(request)
        except ValueError:
            self._send(HTTPStatus.BAD_REQUEST, b"", "text/plain")
            return
        self._send(HTTPStatus.OK, answer, "application/timestamp-reply")

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if self.headers.get_content_type() != "application/timestamp-query":
            return None
        if not (length.isascii() and length.isdigit()) or len(length) > 6:
            return None
        if not 0 < int(length) <= _LARGEST_REQUEST:
            return None
        try:
            body = self.rfile.read(int(length))
        except OSError:
            return None
        return body if len(body) == int(length) else None

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            _log.debug("a time-stamp client left before its answer")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep the standard library's lines out of the terminal."""
        _log.debug(format, *args)
