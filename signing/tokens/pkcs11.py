"""USB tokens and smart cards through their PKCS#11 driver (thiết bị ký số USB)."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from signing.errors import SigningError, SigningFault
from signing.tokens.contract import PinState, TokenSession
from signing.tokens.module import driver, restart_when_idle, session_closed, session_opened

if TYPE_CHECKING:
    from asn1crypto import x509

_log = logging.getLogger(__name__)

_FAULTS = {
    "PinIncorrect": SigningFault.PIN_WRONG,
    "PinInvalid": SigningFault.PIN_WRONG,
    "PinLenRange": SigningFault.PIN_WRONG,
    "PinLocked": SigningFault.PIN_LOCKED,
    "PinExpired": SigningFault.PIN_EXPIRED,
    "UserPinNotInitialized": SigningFault.TOKEN_BROKEN,
    "TokenNotPresent": SigningFault.TOKEN_ABSENT,
    "TokenNotRecognised": SigningFault.TOKEN_ABSENT,
    "NoSuchToken": SigningFault.TOKEN_ABSENT,
    "SlotIDInvalid": SigningFault.TOKEN_ABSENT,
    "DeviceRemoved": SigningFault.TOKEN_ABSENT,
    "SessionClosed": SigningFault.SESSION_CLOSED,
    "SessionHandleInvalid": SigningFault.SESSION_CLOSED,
    "UserNotLoggedIn": SigningFault.SESSION_CLOSED,
    "KeyHandleInvalid": SigningFault.SESSION_CLOSED,
    "ObjectHandleInvalid": SigningFault.SESSION_CLOSED,
    "AnotherUserAlreadyLoggedIn": SigningFault.TOKEN_BUSY,
    "UserAlreadyLoggedIn": SigningFault.TOKEN_BUSY,
    "UserTooManyTypes": SigningFault.TOKEN_BUSY,
    "SessionCount": SigningFault.TOKEN_BUSY,
    "NoSuchKey": SigningFault.NO_KEY,
}


def fault_of(error: Exception) -> SigningFault:
    """The fault behind an error of the driver; anything unknown is the token's own fault."""
    return _FAULTS.get(type(error).__name__, SigningFault.TOKEN_BROKEN)


def raise_as_fault(error: Exception) -> NoReturn:
    """Raise the driver's error as a coded fault; its kind stands in the facts."""
    raise SigningError(fault_of(error), reason=type(error).__name__) from error


@dataclass(frozen=True)
class TokenCertificate:
    """A certificate found on a token: its DER, its CKA_ID (which names the key) and its CKA_LABEL."""

    der: bytes
    key_id: bytes
    label: str


class Pkcs11Token:
    """A token behind a PKCS#11 driver. The certificate is found before any login.

    `module` is the driver's file, `token_label` picks a token when several are plugged in,
    `certificate_label` or `certificate_sha256` (hexadecimal) picks a certificate when it holds several;
    without either the one that may sign documents and expires last is taken. `configuration` is a SoftHSM
    configuration file of this token's own. Nothing is touched until the first question.
    """

    def __init__(
        self,
        module: Path,
        token_label: str | None = None,
        certificate_label: str | None = None,
        *,
        certificate_sha256: str | None = None,
        configuration: Path | None = None,
    ) -> None:
        self.module = module
        self.token_label = token_label
        self.certificate_label = certificate_label
        self.certificate_sha256 = certificate_sha256
        self.configuration = configuration
        self._found: TokenCertificate | None = None

    @property
    def label(self) -> str:
        """The token's label, as asked for or as the first token plugged in tells it."""
        return self.token_label or str(self._look().label)

    @property
    def certificate(self) -> bytes:
        """The signer's certificate in DER, read without a PIN.

        Raises `sign.token-absent`, `sign.no-certificate` and the faults of the driver.
        """
        return self._signing_certificate().der

    def pin_state(self) -> PinState:
        """What the token tells of its PIN; many drivers never set these flags, so READY promises nothing."""
        from pkcs11 import TokenFlag

        flags = self._look().flags
        for flag, state in (
            (TokenFlag.USER_PIN_LOCKED, PinState.LOCKED),
            (TokenFlag.USER_PIN_FINAL_TRY, PinState.FINAL_TRY),
            (TokenFlag.USER_PIN_COUNT_LOW, PinState.LOW),
            (TokenFlag.USER_PIN_TO_BE_CHANGED, PinState.EXPIRED),
        ):
            if flags & flag:
                return state
        return PinState.READY if flags & TokenFlag.USER_PIN_INITIALIZED else PinState.UNKNOWN

    def certificates(self) -> tuple[TokenCertificate, ...]:
        """Every certificate that can be read without a login."""
        import pkcs11

        with driver(self.module, self.configuration) as library:
            try:
                with self._pick(library).open() as session:
                    return tuple(_certificates_in(session))
            except pkcs11.PKCS11Error as error:
                raise_as_fault(error)

    def open(self, pin: str | None) -> TokenSession:
        """Log in with one single attempt and keep the key ready for any number of documents.

        `pin` None means the key pad of the reader. Raises `sign.pin-wrong`, `sign.pin-locked`,
        `sign.pin-expired`, `sign.pin-needed`, `sign.token-absent`, `sign.no-certificate`, `sign.no-key`, and
        `sign.pin-each-time` for a key that wants its PIN at every signature and can't have it typed there.
        """
        if self.pin_state() is PinState.LOCKED:
            raise SigningError(SigningFault.PIN_LOCKED)
        self._found = None  # another token may stand in the reader by now
        chosen = self._signing_certificate()
        session = self._login(pin)
        given: dict[str, str] = {}
        try:
            key = _key_in(session, chosen)
            if _asks_each_time(key):
                if pin is None:
                    raise SigningError(SigningFault.PIN_EACH_TIME)
                given["pin"] = pin
            signer = _signer(session, chosen, self.certificates_beside(session), given)
        except BaseException:
            self._leave(session, given)
            raise
        return TokenSession(chosen.der, signer, lambda: self._leave(session, given), bool(given))

    def certificates_beside(self, session: Any) -> list["x509.Certificate"]:
        """The CA certificates that lie on the token beside the signer's own."""
        from asn1crypto import x509

        found = (x509.Certificate.load(held.der) for held in _certificates_in(session))
        return [certificate for certificate in found if certificate.ca]

    def _login(self, pin: str | None) -> Any:
        import pkcs11

        with driver(self.module, self.configuration) as library:
            token = self._pick(library)
            if pin is None and not token.flags & pkcs11.TokenFlag.PROTECTED_AUTHENTICATION_PATH:
                raise SigningError(SigningFault.PIN_NEEDED)
            try:
                session = token.open(user_pin=pkcs11.PROTECTED_AUTH if pin is None else pin)
            except pkcs11.PKCS11Error as error:
                restart_when_idle(self.module)
                raise_as_fault(error)
            session_opened(self.module)
            return session

    def _leave(self, session: Any, given: dict[str, str]) -> None:
        """Log out and forget the PIN. A driver whose token is gone starts anew before its next use."""
        import pkcs11

        given.clear()
        with driver(self.module, self.configuration):
            try:
                session.close()
            except pkcs11.PKCS11Error:
                restart_when_idle(self.module)
            session_closed(self.module)

    def _look(self) -> Any:
        with driver(self.module, self.configuration) as library:
            return self._pick(library)

    def _pick(self, library: Any) -> Any:
        import pkcs11

        try:
            slots = library.get_slots(token_present=True)
            for slot in slots:
                with suppress(pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised):
                    token = slot.get_token()
                    if self._wanted(token, pkcs11.TokenFlag.TOKEN_INITIALIZED):
                        return token
        except pkcs11.PKCS11Error as error:
            raise_as_fault(error)
        raise SigningError(SigningFault.TOKEN_ABSENT, tokens=len(slots))

    def _wanted(self, token: Any, initialised: Any) -> bool:
        return bool(token.flags & initialised) and self.token_label in {None, token.label}

    def _signing_certificate(self) -> TokenCertificate:
        if self._found is None:
            self._found = self._choose(self.certificates())
        return self._found

    def _choose(self, held: tuple[TokenCertificate, ...]) -> TokenCertificate:
        import hashlib

        from asn1crypto import x509

        from signing.certificates import meant_for_signing

        fitting = [
            (parsed, one)
            for one in held
            if self.certificate_label in {None, one.label}
            and self.certificate_sha256 in {None, hashlib.sha256(one.der).hexdigest()}
            and meant_for_signing(parsed := x509.Certificate.load(one.der))
        ]
        if not fitting:
            raise SigningError(SigningFault.NO_CERTIFICATE, certificates=len(held))
        return max(fitting, key=lambda pair: pair[0].not_valid_after)[1]


def _certificates_in(session: Any) -> list[TokenCertificate]:
    from pkcs11 import Attribute, ObjectClass

    return [
        TokenCertificate(bytes(held[Attribute.VALUE]), bytes(held[Attribute.ID]), str(held[Attribute.LABEL]))
        for held in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
    ]


def _key_in(session: Any, chosen: TokenCertificate) -> Any:
    """The one private key of the certificate. Raises `sign.no-key`."""
    import pkcs11

    try:
        held = list(session.get_objects(_key_of(chosen)))
    except pkcs11.PKCS11Error as error:
        raise_as_fault(error)
    if len(held) != 1:
        raise SigningError(SigningFault.NO_KEY, keys=len(held))
    return held[0]


def _asks_each_time(key: Any) -> bool:
    """Whether the key wants its PIN at every signature (CKA_ALWAYS_AUTHENTICATE); old drivers don't say."""
    import pkcs11

    try:
        return bool(key[pkcs11.Attribute.ALWAYS_AUTHENTICATE])
    except (pkcs11.PKCS11Error, KeyError):
        return False


def _signer(
    session: Any, chosen: TokenCertificate, chain: list["x509.Certificate"], given: dict[str, str]
) -> Any:
    """A pyHanko signer with its key loaded, bound to the certificate by CKA_ID.

    `given` goes along with every signature; whoever made it may clear it.
    Drivers that don't hash by themselves get the digest, hashed here (the plain RSA and ECDSA mechanisms).
    """
    import pkcs11
    from asn1crypto import x509
    from pyhanko.sign.pkcs11 import PKCS11Signer

    hashing = {pkcs11.Mechanism.SHA256_RSA_PKCS, pkcs11.Mechanism.ECDSA_SHA256}
    certificate = x509.Certificate.load(chosen.der)
    wanted = (
        pkcs11.Mechanism.SHA256_RSA_PKCS
        if certificate.public_key.algorithm == "rsa"
        else pkcs11.Mechanism.ECDSA_SHA256
    )
    try:
        mechanisms = session.token.slot.get_mechanisms() & hashing
        signer = PKCS11Signer(
            session,
            signing_cert=certificate,
            key_id=chosen.key_id,
            ca_chain=chain,
            use_raw_mechanism=wanted not in mechanisms,
            base_sign_kwargs=given,
        )
        signer._load_objects()  # type: ignore[no-untyped-call,unused-ignore]
    except pkcs11.PKCS11Error as error:
        raise_as_fault(error)
    return signer


def _key_of(chosen: TokenCertificate) -> dict[Any, Any]:
    from pkcs11 import Attribute, ObjectClass

    return {
        Attribute.CLASS: ObjectClass.PRIVATE_KEY,
        Attribute.SIGN: True,
        Attribute.ID: chosen.key_id,
    }
