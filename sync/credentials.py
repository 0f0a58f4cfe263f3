"""How a station proves who it is: a token that may be renewed, a certificate of its own (định danh trạm)."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from sync.errors import Fault, SyncError

_RENEW_BEFORE_S = 60.0
_UNKNOWN_LIFE_S = 300.0


class TokenSource(Protocol):
    """Gives the bearer token of the moment (RFC 6750), and another when the server refuses it."""

    def token(self) -> str | None:
        """The token to send, or None to send none."""

    def renew(self, refused: str | None) -> bool:
        """The server refused this token; True when `token()` now gives another."""


@dataclass(frozen=True)
class FixedToken:
    """A token that an administrator gave out; `read` is asked each time: a new one needs no restart."""

    read: Callable[[], str | None]

    def token(self) -> str | None:
        """The token as it is kept now."""
        return self.read()

    def renew(self, refused: str | None) -> bool:
        """Another one only where it was replaced in the meantime."""
        now = self.read()
        return now is not None and now != refused


@dataclass(frozen=True)
class ClientCertificate:
    """The station's own certificate for TLS (mTLS): PEM files; `password` opens a locked key."""

    certificate: Path
    key: Path
    password: Callable[[], str | None] = lambda: None


class ClientCredentials:
    """Tokens from a token address by the OAuth 2.0 client credentials grant (RFC 6749 §4.4), kept in memory.

    A token is renewed a minute before it lapses, or when a server refuses it. With a `refresh_token` in the
    answer that one is used first (§6). `post` sends a form and returns status and body.
    """

    def __init__(
        self,
        post: Callable[[str, bytes, tuple[str, str]], tuple[int, bytes]],
        url: str,
        client_id: str,
        secret: Callable[[], str],
        *,
        scope: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._post = post
        self._url = url
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._clock = clock
        self._guard = threading.Lock()
        self._token: str | None = None
        self._lapses_at = 0.0
        self._refresh: str | None = None

    def token(self) -> str | None:
        """A token that is good for a while. Raises SyncError."""
        with self._guard:
            if self._token is None or self._clock() >= self._lapses_at:
                self._fetch()
            return self._token

    def renew(self, refused: str | None) -> bool:
        """Fetch another token unless somebody did already. Raises SyncError."""
        with self._guard:
            if self._token == refused:
                self._fetch()
            return self._token != refused

    def _fetch(self) -> None:
        if self._refresh is not None:
            form = {"grant_type": "refresh_token", "refresh_token": self._refresh}
            self._refresh = None
            try:
                self._take(form)
                return
            except SyncError as fault:
                if fault.fault is not Fault.UNAUTHORISED:
                    raise
        self._take({"grant_type": "client_credentials", **({"scope": self._scope} if self._scope else {})})

    def _take(self, form: dict[str, str]) -> None:
        status, body = self._post(
            self._url, urlencode(form).encode("ascii"), (self._client_id, self._secret())
        )
        if status in (400, 401, 403):
            raise SyncError(Fault.UNAUTHORISED, status=status, reason="token")
        if status == 429 or status >= 500:
            raise SyncError(Fault.SERVER_BUSY, status=status, reason="token")
        try:
            fields = json.loads(body)
            token, kind = str(fields["access_token"]), str(fields.get("token_type", "bearer"))
            life = float(fields.get("expires_in", _UNKNOWN_LIFE_S))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SyncError(Fault.CAPTIVE_PORTAL, status=status) from error
        if status != 200 or kind.lower() != "bearer" or not token.isascii() or not token.isprintable():
            raise SyncError(Fault.CAPTIVE_PORTAL, status=status)
        self._token = token
        # A life shorter than the margin is still a life: half of it is used.
        self._lapses_at = self._clock() + max(life - _RENEW_BEFORE_S, life / 2)
        refresh = fields.get("refresh_token")
        self._refresh = refresh if isinstance(refresh, str) and refresh else None
