"""Questions to a device over HTTP: bounded in bytes and in time, never led to another host (đường truyền)."""

from __future__ import annotations

import hashlib
import http.client
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import TYPE_CHECKING, Any

from scanner.backends.escl.address import Address
from scanner.backends.escl.documents import LARGEST_DOCUMENT
from scanner.backends.escl.pins import PinStore
from scanner.backends.escl.watch import SECONDS_TO_SEND, Watch, WatchedSocket, WatchedTLSSocket
from scanner.contract import never
from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

SECONDS_TO_CONNECT = 5.0
SECONDS_FOR_A_DOCUMENT = 15.0
BYTES_A_READ = 64 * 1024

LONGEST_RETRY_AFTER_S = 10.0
USUAL_RETRY_AFTER_S = 1.0
LEAST_RETRY_AFTER_S = 0.2


@dataclass(frozen=True)
class Answer:
    """What a device answered. `whole` says whether every byte that it announced has come."""

    status: int
    kind: str
    location: str
    retry_after_s: float
    body: bytes
    whole: bool


class Line:
    """The connection to one device, for one thread at a time. Use it in `with`."""

    def __init__(
        self, address: Address, pins: PinStore, patience_s: float, stopped: Callable[[], bool] = never
    ) -> None:
        self.address = address
        self.patience_s = patience_s
        self.watch = Watch(stopped)
        self.pins = pins
        self._session: requests.Session | None = None
        self._connected = False

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def document(self, name: str) -> bytes:
        """A document of the device, `ScannerCapabilities` for one.

        Raises ScanError `scan.access-denied`, `scan.busy`, `scan.io` for one that broke off, and
        `scan.bad-answer` for any other answer than a document.
        """
        answer = self._asked_twice(f"{self.address.root}/{name}")
        if answer.status == http.HTTPStatus.OK and answer.whole:
            return answer.body
        if answer.status == http.HTTPStatus.OK:
            raise ScanError(ScanFault.IO, wanted=name)
        raise refusal_of(answer.status, name)

    def _asked_twice(self, path: str) -> Answer:
        """A device hangs up whenever it likes; what only reads is asked for once more on a new connection."""
        try:
            return self.ask("GET", path)
        except ScanError as error:
            if error.fault is not ScanFault.IO:
                raise
        self.close()
        return self.ask("GET", path)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        most_bytes: int = LARGEST_DOCUMENT,
        silence_s: float | None = None,
        overall_s: float | None = None,
        grace_s: float = 0.0,
    ) -> Answer:
        """One question and its answer, given as much time as a document needs unless told otherwise.

        `silence_s` is the longest time without a byte, `overall_s` that for all of it; after a stop the
        answer is waited for `grace_s` longer.

        Raises ScanError `scan.no-device` where nobody answers there, `scan.io` where the connection broke
        before an answer, `scan.not-answering`, `scan.cancelled`, `scan.certificate-changed`, and
        `scan.bad-answer` for more than `most_bytes`.
        """
        import requests
        import urllib3

        briefly = min(self.patience_s, SECONDS_FOR_A_DOCUMENT)
        self.watch.begin(silence_s or briefly, overall_s or briefly, grace_s)
        self.watch.check()
        try:
            response = self._opened().request(
                method,
                self.address.origin + path,
                data=body,
                headers={"Content-Type": "text/xml"} if body is not None else None,
                timeout=(min(SECONDS_TO_CONNECT, self.patience_s), SECONDS_TO_SEND),
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise ScanError(ScanFault.IO if self._connected else ScanFault.NO_DEVICE) from error
        with response:
            return self._answer(response, most_bytes)

    def _answer(self, response: requests.Response, most_bytes: int) -> Answer:
        claimed = response.headers.get("Content-Length", "")
        if claimed.isdecimal() and (len(claimed) > 15 or int(claimed) > most_bytes):
            raise ScanError(ScanFault.BAD_ANSWER, what="size", most=most_bytes)
        received, whole = _read(response.raw, most_bytes)
        return Answer(
            status=response.status_code,
            kind=response.headers.get("Content-Type", "").split(";")[0].strip().lower(),
            location=response.headers.get("Location", ""),
            retry_after_s=_seconds(response.headers.get("Retry-After", "")),
            body=received,
            whole=whole,
        )

    def _opened(self) -> requests.Session:
        import requests

        if self._session is None:
            session = requests.Session()
            # A scanner stands on the office network: no proxy leads to it, and it gets nobody's password.
            session.trust_env = False
            session.verify = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.headers.update({"Accept-Encoding": "identity"})
            session.mount(f"{self.address.scheme}://", self._adapter())
            self._session = session
        return self._session

    def _adapter(self) -> HTTPAdapter:
        """An adapter whose connections are watched, and pinned where they are encrypted."""
        from requests.adapters import HTTPAdapter
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
        from urllib3.connection import HTTPConnection, HTTPSConnection

        line = self

        class Plain(HTTPConnection):
            def connect(self) -> None:
                line._connected = False
                line.pins.refuse_plain(line.address.pin_name)
                super().connect()
                watched = WatchedSocket(fileno=self.sock.detach())
                watched.settimeout(SECONDS_TO_SEND)
                watched.watch = line.watch
                self.sock = watched
                line._connected = True

        class Encrypted(HTTPSConnection):
            def connect(self) -> None:
                line._connected = False
                super().connect()
                line._connected = True
                if not isinstance(self.sock, WatchedTLSSocket):
                    raise ScanError(ScanFault.IO, what="tls")
                certificate = self.sock.getpeercert(binary_form=True) or b""
                line.pins.check(line.address.pin_name, hashlib.sha256(certificate).hexdigest())
                # By the pin rather than by an authority.
                self.is_verified = True
                self.sock.watch = line.watch

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class EncryptedPool(HTTPSConnectionPool):
            ConnectionCls = Encrypted

        class Adapter(HTTPAdapter):
            def init_poolmanager(self, *given: Any, **named: Any) -> None:
                super().init_poolmanager(*given, **named, ssl_context=_trusting_context())
                self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

        return Adapter(pool_connections=1, pool_maxsize=1)


def refusal_of(status: int, wanted: str) -> ScanError:
    """The fault that a status means wherever it comes."""
    match status:
        case http.HTTPStatus.UNAUTHORIZED | http.HTTPStatus.FORBIDDEN:
            return ScanError(ScanFault.ACCESS_DENIED, status=status)
        case http.HTTPStatus.SERVICE_UNAVAILABLE:
            return ScanError(ScanFault.BUSY, status=status)
        case _:
            return ScanError(ScanFault.BAD_ANSWER, what="status", status=status, wanted=wanted)


def _trusting_context() -> ssl.SSLContext:
    """TLS with whoever answers: the pin says afterwards whether it is the right one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Devices of ten years ago sign their own certificates with 1024 bits and SHA-1.
    context.set_ciphers("DEFAULT:@SECLEVEL=1")
    context.sslsocket_class = WatchedTLSSocket
    return context


def _read(raw: Any, most_bytes: int) -> tuple[bytes, bool]:
    """The bytes of an answer as they came over the wire, and whether all of them came."""
    import urllib3

    received = bytearray()
    try:
        while chunk := raw.read(BYTES_A_READ, decode_content=False):
            received += chunk
            if len(received) > most_bytes:
                raise ScanError(ScanFault.BAD_ANSWER, what="size", most=most_bytes)
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError):
        return bytes(received), False
    return bytes(received), True


def _seconds(told: str) -> float:
    """Retry-After in seconds, at most ten; a date counts as a second."""
    seconds = float(told) if told.isdecimal() and len(told) < 6 else USUAL_RETRY_AFTER_S
    return min(max(seconds, LEAST_RETRY_AFTER_S), LONGEST_RETRY_AFTER_S)
