"""A token of this program alone, for practice and tests (thiết bị ký giả lập).

SoftHSM never locks, never runs low on tries, and can't be pulled out. This one can, with a real key.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signing.errors import SigningError, SigningFault
from signing.tokens.contract import PinState, TokenSession

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_TRIES = 3


@dataclass
class FakeToken:
    """A key in memory that behaves like a token. `certificate` and `chain` are DER.

    Set the fields to practise: `tries_left` (0 is locked), `pin_expired`, `present` (False: not plugged in),
    `remove_after` (pulled out after so many signatures), `key_pad`, `asks_each_time`. `logins` and
    `signatures` count what was asked of it. The PIN is kept as a digest.
    """

    certificate: bytes
    key: "PrivateKeyTypes" = field(repr=False)
    pin_digest: bytes = field(repr=False)
    chain: Sequence[bytes] = field(default=(), repr=False)
    label: str = "FAKE"
    tries_left: int = _TRIES
    pin_expired: bool = False
    present: bool = True
    remove_after: int | None = None
    key_pad: bool = False
    asks_each_time: bool = False
    logins: int = 0
    signatures: int = 0

    def pin_state(self) -> PinState:
        """What a token would tell of its PIN. Raises `sign.token-absent`."""
        self._require_present()
        if self.tries_left == 0:
            return PinState.LOCKED
        if self.pin_expired:
            return PinState.EXPIRED
        if self.tries_left == 1:
            return PinState.FINAL_TRY
        return PinState.LOW if self.tries_left < _TRIES else PinState.READY

    def open(self, pin: str | None) -> TokenSession:
        """Log in; every wrong PIN costs a try, and the right one gives them all back."""
        self._require_present()
        if self.tries_left == 0:
            raise SigningError(SigningFault.PIN_LOCKED)
        if pin is None and not self.key_pad:
            raise SigningError(SigningFault.PIN_NEEDED)
        if pin is None and self.asks_each_time:
            raise SigningError(SigningFault.PIN_EACH_TIME)
        self.logins += 1
        if pin is not None and not hmac.compare_digest(digest_of_pin(pin), self.pin_digest):
            self.tries_left -= 1
            locked = self.tries_left == 0
            raise SigningError(SigningFault.PIN_LOCKED if locked else SigningFault.PIN_WRONG)
        if self.pin_expired:
            raise SigningError(SigningFault.PIN_EXPIRED)
        self.tries_left = _TRIES
        given = {"pin": pin} if pin is not None and self.asks_each_time else {}
        return TokenSession(self.certificate, self._signer(given), given.clear, self.asks_each_time)

    def _require_present(self) -> None:
        if not self.present:
            raise SigningError(SigningFault.TOKEN_ABSENT, tokens=0)

    def _use(self, given: dict[str, str]) -> None:
        """One signature: what a driver would refuse is refused in its words."""
        import pkcs11

        if self.remove_after is not None and self.signatures >= self.remove_after:
            self.present = False
        if not self.present:
            raise pkcs11.DeviceRemoved
        right = digest_of_pin(given.get("pin", "")) == self.pin_digest
        if self.asks_each_time and not right:
            raise pkcs11.UserNotLoggedIn
        self.signatures += 1

    def _signer(self, given: dict[str, str]) -> Any:
        from asn1crypto import keys, x509
        from cryptography.hazmat.primitives import serialization
        from pyhanko.sign.signers import SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        use = self._use

        class Signer(SimpleSigner):  # type: ignore[misc,unused-ignore]
            """Signs as long as the token is there."""

            async def async_sign_raw(
                self, data: bytes, digest_algorithm: str, dry_run: bool = False
            ) -> bytes:
                if not dry_run:
                    use(given)
                made: bytes = await super().async_sign_raw(data, digest_algorithm, dry_run)
                return made

        store = SimpleCertificateStore()  # type: ignore[no-untyped-call,unused-ignore]
        store.register_multiple(x509.Certificate.load(der) for der in self.chain)
        der = self.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return Signer(
            signing_cert=x509.Certificate.load(self.certificate),
            signing_key=keys.PrivateKeyInfo.load(der),
            cert_registry=store,
        )


def digest_of_pin(pin: str) -> bytes:
    """How a fake token and the training services keep a PIN."""
    return hashlib.sha256(pin.encode()).digest()
