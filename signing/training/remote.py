"""A signing service on this machine (dịch vụ ký số từ xa tập huấn): Cloud Signature Consortium API 1.0.4."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from signing.tokens.fake import digest_of_pin
from signing.training.pki import TrainingPki
from signing.training.serving import NOT_FOUND, Answer, Asked, LocalServer

_PREFIX = "/csc/v1/"
_RSA = "1.2.840.113549.1.1.1"
_RSA_SHA256 = "1.2.840.113549.1.1.11"


@dataclass
class ServiceRules:
    """What the service asks for, and how often it was asked."""

    most_signatures: int = 50
    bound_to_hash: bool = False
    with_otp: bool = False
    enabled: bool = True
    authorisations: int = 0
    extensions: int = 0
    signatures: int = 0
    otp: str = field(default="", repr=False)


class RemoteSigningServer(LocalServer):
    """Holds one RSA key with a certificate of `pki` for `holder`, freed by `pin`.

    `access_token` is what a client shows; `rules` may be changed at any time.
    """

    credential = "tap-huan-1"

    def __init__(self, pki: TrainingPki, *, holder: str, pin: str, port: int = 0) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        super().__init__(port)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = pki.issue(self._key.public_key(), holder)
        self._chain = (self.certificate, pki.issuing_certificate)
        self._pin = digest_of_pin(pin)
        self._grants: dict[str, tuple[int, tuple[str, ...] | None]] = {}
        self.access_token = secrets.token_urlsafe(24)
        self.rules = ServiceRules()

    @property
    def url(self) -> str:
        """The address to give to `RemoteToken`. Only while started."""
        return self.root_url

    def answer(self, asked: Asked) -> Answer:
        """One request of the API; errors as the API words them."""
        endpoint = asked.path.removeprefix(_PREFIX)
        if asked.method != "POST" or endpoint == asked.path:
            return NOT_FOUND
        if asked.headers.get("authorization") != f"Bearer {self.access_token}":
            return _error("invalid_token", HTTPStatus.UNAUTHORIZED)
        told = json.loads(asked.body or b"{}")
        if not isinstance(told, dict):
            return _error("invalid_request")
        if endpoint == "credentials/list":
            return _told({"credentialIDs": [self.credential]})
        if told.get("credentialID") != self.credential:
            return _error("invalid_request")
        makers = {
            "credentials/info": self._info,
            "credentials/sendOTP": self._send_otp,
            "credentials/authorize": self._authorise,
            "credentials/extendTransaction": self._extend,
            "signatures/signHash": self._sign,
        }
        maker = makers.get(endpoint)
        return maker(told) if maker else NOT_FOUND

    def _info(self, _asked: dict[str, Any]) -> Answer:
        return _told(
            {
                "key": {
                    "status": "enabled" if self.rules.enabled else "disabled",
                    "algo": [_RSA, _RSA_SHA256],
                    "len": 2048,
                },
                "cert": {
                    "status": "valid",
                    "certificates": [base64.b64encode(der).decode() for der in self._chain],
                },
                "authMode": "explicit",
                "SCAL": "2" if self.rules.bound_to_hash else "1",
                "PIN": {"presence": "true", "format": "N", "label": "PIN"},
                "OTP": {"presence": "true" if self.rules.with_otp else "false", "type": "online"},
                "multisign": self.rules.most_signatures,
                "lang": "vi-VN",
            }
        )

    def _send_otp(self, _asked: dict[str, Any]) -> Answer:
        self.rules.otp = f"{secrets.randbelow(1_000_000):06d}"
        return _told({})

    def _authorise(self, told: dict[str, Any]) -> Answer:
        self.rules.authorisations += 1
        if digest_of_pin(str(told.get("PIN"))) != self._pin:
            return _error("invalid_pin")
        if self.rules.with_otp and (not self.rules.otp or told.get("OTP") != self.rules.otp):
            return _error("invalid_otp")
        self.rules.otp = ""
        hashes = told.get("hash")
        if self.rules.bound_to_hash and not hashes:
            return _error("invalid_request")
        wanted = int(told.get("numSignatures", 1))
        if not 0 < wanted <= self.rules.most_signatures:
            return _error("invalid_request")
        return self._granted(wanted, tuple(hashes) if hashes else None)

    def _extend(self, told: dict[str, Any]) -> Answer:
        self.rules.extensions += 1
        if self._grants.pop(str(told.get("SAD")), None) is None:
            return _error("invalid_request")
        return self._granted(self.rules.most_signatures, None)

    def _sign(self, told: dict[str, Any]) -> Answer:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, utils

        data, asked = str(told.get("SAD")), told.get("hash") or []
        left, bound = self._grants.get(data, (0, None))
        if not asked or left < len(asked) or (bound is not None and not set(asked) <= set(bound)):
            return _error("invalid_request")
        if told.get("signAlgo") not in {_RSA, _RSA_SHA256}:
            return _error("invalid_request")
        self._grants[data] = (left - len(asked), bound)
        self.rules.signatures += len(asked)
        made = [
            self._key.sign(
                base64.b64decode(one, validate=True),
                padding.PKCS1v15(),
                utils.Prehashed(hashes.SHA256()),
            )
            for one in asked
        ]
        return _told({"signatures": [base64.b64encode(one).decode() for one in made]})

    def _granted(self, times: int, bound: tuple[str, ...] | None) -> Answer:
        data = secrets.token_urlsafe(24)
        self._grants[data] = (times, bound)
        return _told({"SAD": data, "expiresIn": 3600})


def _told(told: dict[str, Any]) -> Answer:
    return Answer(HTTPStatus.OK, json.dumps(told).encode(), "application/json")


def _error(code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Answer:
    return Answer(status, json.dumps({"error": code}).encode(), "application/json")
