"""Keys held by a signing service (ký số từ xa): Cloud Signature Consortium API 1.0.4, over HTTPS.

The service holds the key; the signer frees it with a PIN, and where the service asks for one with a one-time
password. One authorisation serves a batch as far as the service allows it.
"""

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from signing.errors import SigningError, SigningFault
from signing.tokens.contract import PinState, TokenSession

_CONNECT_SECONDS = 10
_LARGEST_ANSWER = 1 << 20
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_SHA256 = "2.16.840.1.101.3.4.2.1"
_ALGORITHMS = {
    "rsa": ("1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"),
    "ec": ("1.2.840.10045.4.3.2", "1.2.840.10045.2.1"),
}
"""By kind of key: signature with SHA-256, and the bare algorithm that older services name."""

_FAULTS = {"invalid_pin": SigningFault.PIN_WRONG, "invalid_otp": SigningFault.PIN_WRONG}


@dataclass(frozen=True)
class Credential:
    """What the service tells of a credential: certificates in DER (the signer's first), and its rules."""

    name: str
    certificates: tuple[bytes, ...]
    enabled: bool
    algorithms: tuple[str, ...]
    needs_pin: bool
    needs_otp: bool
    most_signatures: int
    bound_to_hash: bool


class RemoteToken:
    """A credential of a signing service at `url`, the part before `/csc/v1`.

    `access_token` is what the service gave for signing in (OAuth 2). `credential` picks one when the account
    has several. `ask_otp` brings the one-time password where the service wants one. Raises ValueError for an
    address that isn't https: a PIN doesn't travel in the open.
    """

    def __init__(
        self,
        url: str,
        access_token: str,
        *,
        credential: str | None = None,
        ask_otp: Callable[[], str] | None = None,
        timeout_s: float = 60,
    ) -> None:
        self._service = _Service(url, access_token, timeout_s)
        self._wanted = credential
        self._ask_otp = ask_otp
        self._known: Credential | None = None

    @property
    def label(self) -> str:
        """The credential's name at the service."""
        return self._credential().name

    @property
    def certificate(self) -> bytes:
        """The signer's certificate in DER, read without a PIN."""
        return self._credential().certificates[0]

    def pin_state(self) -> PinState:
        """LOCKED for a credential that the service has disabled; it tells nothing of tries."""
        self._known = None
        return PinState.UNKNOWN if self._credential().enabled else PinState.LOCKED

    def open(self, pin: str | None) -> TokenSession:
        """Authorise once for as many signatures as the service allows.

        Raises `sign.pin-wrong`, `sign.pin-needed`, `sign.pin-locked` (disabled), `sign.remote-away`,
        `sign.remote-refused`.
        """
        if self.pin_state() is PinState.LOCKED:
            raise SigningError(SigningFault.PIN_LOCKED)
        credential = self._credential()
        if credential.needs_pin and pin is None:
            raise SigningError(SigningFault.PIN_NEEDED)
        if credential.needs_otp and self._ask_otp is None:
            raise SigningError(SigningFault.PIN_NEEDED, reason="one-time password")
        grant = _Grant(self._service, credential, self._ask_otp)
        each_time = credential.bound_to_hash
        grant.authorise(pin, keep=each_time)
        return TokenSession(credential.certificates[0], _signer(credential, grant), grant.forget, each_time)

    def _credential(self) -> Credential:
        if self._known is None:
            name = self._wanted or self._first()
            asked = {"credentialID": name, "certificates": "chain", "certInfo": False, "authInfo": True}
            self._known = _credential_in(name, self._service.ask("credentials/info", asked))
        return self._known

    def _first(self) -> str:
        names = self._service.ask("credentials/list", {"maxResults": 10}).get("credentialIDs")
        if not isinstance(names, list) or not names:
            raise SigningError(SigningFault.NO_CERTIFICATE, certificates=0)
        return str(names[0])


class _Service:
    """POST of JSON to the service, its faults by name. Nothing that was sent is ever shown."""

    def __init__(self, url: str, access_token: str, timeout_s: float) -> None:
        place = urlsplit(url)
        if place.scheme != "https" and place.hostname not in _LOOPBACK:
            raise ValueError("a signing service has an https address")
        self._url = url.rstrip("/") + "/csc/v1/"
        self._access_token = access_token
        self._timeout_s = timeout_s
        self._local = place.hostname in _LOOPBACK

    def ask(self, endpoint: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object that answers. Raises `sign.remote-away`, `-refused`, or `sign.pin-wrong`."""
        import requests

        deadline = time.monotonic() + self._timeout_s
        try:
            with requests.Session() as session:
                session.trust_env = not self._local
                answer = session.post(
                    self._url + endpoint,
                    json=dict(asked),
                    headers={"Authorization": f"Bearer {self._access_token}"},
                    timeout=(min(_CONNECT_SECONDS, self._timeout_s), self._timeout_s),
                    allow_redirects=False,
                    stream=True,
                )
                body = _read(answer, deadline)
        except (requests.RequestException, OSError) as error:
            raise SigningError(SigningFault.REMOTE_AWAY, reason=type(error).__name__) from None
        if answer.status_code >= 500:
            raise SigningError(SigningFault.REMOTE_AWAY, status=answer.status_code)
        told = _object_in(body)
        if answer.status_code != 200:
            code = str((told or {}).get("error", ""))[:40]
            fault = _FAULTS.get(code, SigningFault.REMOTE_REFUSED)
            raise SigningError(fault, status=answer.status_code, reason=code or "refused")
        if told is None:
            raise SigningError(SigningFault.REMOTE_REFUSED, reason="malformed")
        return told


class _Grant:
    """The right to use the key (Signature Activation Data): how often still, and how it is renewed."""

    def __init__(self, service: _Service, credential: Credential, ask_otp: Callable[[], str] | None) -> None:
        self._service = service
        self._credential = credential
        self._ask_otp = ask_otp
        self._pin: str | None = None
        self._data: str | None = None
        self._left = 0
        self._door = threading.Lock()

    def authorise(self, pin: str | None, *, keep: bool) -> None:
        """Try the PIN once, or with `keep` keep it for the signatures that each need it."""
        if keep:
            self._pin = pin
            return
        most = self._credential.most_signatures
        self._data = self._authorised({"numSignatures": most}, pin)
        self._left = most

    def sign(self, digest: bytes) -> bytes:
        """The signature over a SHA-256 digest."""
        text = base64.b64encode(digest).decode("ascii")
        with self._door:
            data = self._data_for(text)
            answer = self._service.ask(
                "signatures/signHash",
                {
                    "credentialID": self._credential.name,
                    "SAD": data,
                    "hash": [text],
                    "hashAlgo": _SHA256,
                    "signAlgo": _algorithm_of(self._credential),
                },
            )
        try:
            (signature,) = answer["signatures"]
            return base64.b64decode(signature, validate=True)
        except (KeyError, ValueError, TypeError) as error:
            raise SigningError(SigningFault.REMOTE_REFUSED, reason="malformed") from error

    def forget(self) -> None:
        """Give up the right and the PIN."""
        self._pin = self._data = None
        self._left = 0

    def _data_for(self, digest: str) -> str:
        if self._credential.bound_to_hash:
            return self._authorised({"numSignatures": 1, "hash": [digest]}, self._pin)
        if self._data is None:
            raise SigningError(SigningFault.SESSION_CLOSED)
        if self._left == 0:
            asked = {"credentialID": self._credential.name, "SAD": self._data}
            self._data = _data_in(self._service.ask("credentials/extendTransaction", asked))
            self._left = self._credential.most_signatures
        self._left -= 1
        return self._data

    def _authorised(self, asked: Mapping[str, Any], pin: str | None) -> str:
        told: dict[str, Any] = {"credentialID": self._credential.name, **asked}
        if self._credential.needs_pin:
            told["PIN"] = pin
        if self._credential.needs_otp and self._ask_otp is not None:
            self._service.ask("credentials/sendOTP", {"credentialID": self._credential.name})
            told["OTP"] = self._ask_otp()
        return _data_in(self._service.ask("credentials/authorize", told))


def _signer(credential: Credential, grant: _Grant) -> Any:
    """The pyHanko signer of a grant."""
    import asyncio

    from asn1crypto import x509
    from pyhanko.sign.signers import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Remote(Signer):  # type: ignore[misc,unused-ignore]
        """Hashes here and has the hash signed there."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            if dry_run:
                return bytes(512)
            if digest_algorithm != "sha256":
                raise SigningError(SigningFault.REMOTE_REFUSED, reason="digest")
            return await asyncio.to_thread(grant.sign, hashlib.sha256(data).digest())

    certificates: list[x509.Certificate] = [x509.Certificate.load(der) for der in credential.certificates]
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call,unused-ignore]
    store.register_multiple(certificates)
    return Remote(signing_cert=certificates[0], cert_registry=store)


def _credential_in(name: str, told: Mapping[str, Any]) -> Credential:
    from asn1crypto import x509

    try:
        certificates = tuple(base64.b64decode(one) for one in told["cert"]["certificates"])
        for der in certificates:
            _ = x509.Certificate.load(der, strict=True).subject.native
        credential = Credential(
            name=name,
            certificates=certificates,
            enabled=told["key"]["status"] == "enabled" and told["cert"].get("status", "valid") == "valid",
            algorithms=tuple(str(one) for one in told["key"]["algo"]),
            needs_pin=_wanted(told, "PIN"),
            needs_otp=_wanted(told, "OTP"),
            most_signatures=max(int(told.get("multisign", 1)), 1),
            bound_to_hash=str(told.get("SCAL", "1")) == "2",
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise SigningError(SigningFault.REMOTE_REFUSED, reason="malformed") from error
    if not certificates:
        raise SigningError(SigningFault.NO_CERTIFICATE, certificates=0)
    return credential


def _wanted(told: Mapping[str, Any], what: str) -> bool:
    return str(told.get(what, {}).get("presence", "false")) == "true"


def _algorithm_of(credential: Credential) -> str:
    """The name of the signature algorithm that the service knows. Raises `sign.remote-refused`."""
    from asn1crypto import x509

    kind = str(x509.Certificate.load(credential.certificates[0]).public_key.algorithm)
    for name in _ALGORITHMS.get(kind, ()):
        if name in credential.algorithms:
            return name
    raise SigningError(SigningFault.REMOTE_REFUSED, reason="algorithm")


def _read(answer: Any, deadline: float) -> bytes:
    """At most so many bytes, and none after the deadline (monotonic seconds)."""
    body = bytearray()
    for piece in answer.iter_content(4096):
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise SigningError(SigningFault.REMOTE_REFUSED, reason="too large")
        if time.monotonic() > deadline:
            raise SigningError(SigningFault.REMOTE_AWAY, reason="too slow")
    return bytes(body)


def _data_in(told: Mapping[str, Any]) -> str:
    data = told.get("SAD")
    if not isinstance(data, str) or not data:
        raise SigningError(SigningFault.REMOTE_REFUSED, reason="malformed")
    return data


def _object_in(body: bytes) -> dict[str, Any] | None:
    import json

    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
