"""One HTTP exchange with the intake; whatever the line does comes back as a typed fault."""

import base64
import logging
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from sync.body import Body
from sync.credentials import ClientCertificate, FixedToken, TokenSource
from sync.errors import Fault, SyncError
from sync.line_watch import LineWatch
from sync.pace import Pace

logger = logging.getLogger(__name__)

LARGEST_ANSWER = 1024 * 1024
"""Bytes of an answer; the intake's own are a few kilobytes."""

_PIECE = 64 * 1024
_NO_BODY = frozenset({204, 304})
# OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED: often our own clock is wrong.
_OUT_OF_ITS_TIME = {9: "not-yet-valid", 10: "expired"}


@dataclass(frozen=True)
class Answer:
    """An answer, whole: status, headers (names in lower case), body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """A session of HTTP exchanges with one server: no redirects, no retries, no cookies."""

    def __init__(
        self,
        base_url: str,
        *,
        tokens: TokenSource | None = None,
        certificate: ClientCertificate | None = None,
        connect_timeout_s: float = 10,
        read_timeout_s: float = 60,
        pace: Pace | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.base_url = _checked_address(base_url)
        self.clock_skew_s: float | None = None
        """Seconds that the server's clock is ahead of ours, by the `Date` of its last answer."""
        self._tokens = tokens or FixedToken(lambda: None)
        self._pace = pace or Pace()
        self._connect_s = connect_timeout_s
        self._read_s = read_timeout_s
        self._watch = LineWatch()
        self._session = requests.Session()
        self._session.auth = _Bearer()
        self._session.headers.clear()
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.headers["User-Agent"] = "Sohoa"
        self._session.headers.update(headers or {})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _WatchedAdapter(self._watch, certificate)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def watched(self, stopped: Callable[[], bool]) -> AbstractContextManager[LineWatch]:
        """Return a context in which every exchange ends soon after `stopped()` turns true."""
        return self._watch.over(stopped)

    def address(self, path: str) -> str:
        """Return the absolute address of `path` under the base address."""
        return f"{self.base_url}/{path.lstrip('/')}"

    def is_ours(self, url: str) -> bool:
        """Tell whether `url` belongs to this server: the token goes nowhere else."""
        return url.startswith(self.base_url + "/")

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Body | None = None,
        sink: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Send one request and read its whole answer; a token that is refused is renewed once.

        With a `sink` the body of a 200 goes there piece by piece, however long it is.

        Raises SyncError: sync.offline, sync.timeout, sync.certificate, sync.captive-portal (an endless
        answer), sync.cancelled.
        """
        token = self._tokens.token()
        answer = self._once(method, url, headers=headers, body=body, token=token, sink=sink)
        if answer.status == 401 and self._tokens.renew(token):
            token = self._tokens.token()
            answer = self._once(method, url, headers=headers, body=body, token=token, sink=sink)
        return answer

    def post_form(self, url: str, form: bytes, login: tuple[str, str]) -> tuple[int, bytes]:
        """Send a form under a name and password (RFC 7617) instead of the token; status and body."""
        pair = ":".join(quote(part, safe="") for part in login).encode("ascii")
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": "Basic " + base64.b64encode(pair).decode("ascii"),
        }
        answer = self._once("POST", url, headers=headers, body=form, token=None)
        return answer.status, answer.body

    def _once(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        body: bytes | Body | None,
        token: str | None,
        sink: Callable[[bytes], object] | None = None,
    ) -> Answer:
        given = dict(headers or {})
        if token:
            given["Authorization"] = f"Bearer {token}"
        self._watch.overdue = False
        self._moved()
        try:
            answer = self._exchange(method, url, given, Body(body) if isinstance(body, bytes) else body, sink)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._fault(error) from error
        finally:
            self._watch.rest()
        if self._watch.cancelled or self._watch.overdue:
            # Hung up by the watch: an answer without a length looks whole although it is not.
            raise self._fault(ConnectionError())
        return answer

    def close(self) -> None:
        """Close the connections that are kept open between exchanges."""
        self._session.close()

    def _exchange(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: Body | None,
        sink: Callable[[bytes], object] | None,
    ) -> Answer:
        with self._session.request(
            method,
            url,
            headers=headers,
            data=None if body is None else body.outgoing(self._moved, self._pace),
            timeout=(self._connect_s, self._read_s),
            allow_redirects=False,
            stream=True,
        ) as response:
            lowered = {name.lower(): value for name, value in response.headers.items()}
            self._note_clock(lowered.get("date", ""))
            if method == "HEAD" or response.status_code in _NO_BODY:
                return Answer(response.status_code, lowered, b"")
            text = bytearray()
            # Read to the very end: only there does a cut answer show.
            while piece := response.raw.read(_PIECE, decode_content=False):
                if sink is not None and response.status_code == 200:
                    self._moved()
                    sink(piece)
                    continue
                text += piece
                if len(text) > LARGEST_ANSWER:
                    raise SyncError(Fault.CAPTIVE_PORTAL, status=response.status_code)
            return Answer(response.status_code, lowered, bytes(text))

    def _moved(self) -> None:
        if self._watch.asked_to_stop():
            raise SyncError(Fault.CANCELLED)
        self._watch.moves_within(self._connect_s + self._read_s)

    def _note_clock(self, date: str) -> None:
        """Compare clocks: `Date` has whole seconds (RFC 9110 §6.6.1), which is plenty for a wrong one."""
        try:
            there = parsedate_to_datetime(date)
        except ValueError:
            return
        if there.tzinfo is not None:
            self.clock_skew_s = (there - datetime.now(UTC)).total_seconds()

    def _fault(self, error: Exception) -> SyncError:
        if self._watch.cancelled:
            return SyncError(Fault.CANCELLED)
        if self._watch.overdue:
            self._watch.overdue = False
            return SyncError(Fault.TIMEOUT)
        verification = [c for c in _causes(error) if isinstance(c, ssl.SSLCertVerificationError)]
        if verification:
            reason = _OUT_OF_ITS_TIME.get(verification[0].verify_code, "untrusted")
            return SyncError(Fault.CERTIFICATE, reason=reason)
        return SyncError(_fault_of(error), error=type(error).__name__)


def _fault_of(error: Exception) -> Fault:
    causes = list(_causes(error))
    if isinstance(error, requests.ConnectTimeout):
        return Fault.OFFLINE
    if any(isinstance(cause, TimeoutError | requests.Timeout) for cause in causes):
        return Fault.TIMEOUT
    return Fault.OFFLINE


def _causes(error: BaseException) -> list[BaseException]:
    """`error` and all it was made from: urllib3 hides the socket's own error in arguments and reasons."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.append(current)
        near = [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
        waiting.extend(item for item in near if isinstance(item, BaseException))
    return found


def _checked_address(base_url: str) -> str:
    try:
        parts = urlsplit(base_url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise SyncError(Fault.ADDRESS) from error
    if not usable or parts.query or parts.fragment or parts.username:
        raise SyncError(Fault.ADDRESS)
    return base_url.strip().rstrip("/")


class _Bearer(AuthBase):
    """Leaves the headers as they are: a .netrc of the machine would otherwise put its own password in."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _WatchedAdapter(HTTPAdapter):
    """Connections that check certificates with the system's trust store and stand under a watch."""

    def __init__(self, watch: LineWatch, certificate: ClientCertificate | None) -> None:
        self._line_watch = watch
        self._certificate = certificate
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        kwargs["ssl_context"] = _context(self._certificate)
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _watched_pools(self._line_watch)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of connections through a proxy of the network."""
        kwargs["ssl_context"] = _context(self._certificate)
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _watched_pools(self._line_watch)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        """Leave certificates to the context: requests would add roots of its own to the system's."""
        conn.cert_reqs = "CERT_REQUIRED"


def _context(certificate: ClientCertificate | None) -> truststore.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if certificate is not None:
        password = certificate.password()
        try:
            context.load_cert_chain(certificate.certificate, certificate.key, password or "")
        except (OSError, ssl.SSLError) as error:
            raise SyncError(Fault.UNAUTHORISED, reason="certificate") from error
    return context


def _watched_pools(watch: LineWatch) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            _take(watch, self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            _take(watch, self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _take(watch: LineWatch, connection: object) -> None:
    if isinstance(connection, socket.socket):
        watch.take(connection)
