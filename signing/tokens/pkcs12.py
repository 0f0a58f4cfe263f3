"""Keys in a file: PKCS#12, `.p12` or `.pfx` (tệp khóa mềm)."""

from pathlib import Path
from typing import TYPE_CHECKING

from signing.errors import SigningError, SigningFault
from signing.tokens.contract import PinState, TokenSession

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

_LARGEST_BYTES = 1 << 20


class Pkcs12Token:
    """A key file (RFC 7292). Its certificates are usually sealed with the password too."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._certificate: bytes | None = None

    @property
    def label(self) -> str:
        """The file's name without its ending."""
        return self.file.stem

    @property
    def certificate(self) -> bytes:
        """The signer's certificate in DER.

        Raises `sign.certificate-sealed` until the file was opened once, unless it has an empty password.
        """
        if self._certificate is None:
            try:
                self._certificate = _certificate_in(self._unlock(None))
            except SigningError as error:
                if error.fault is SigningFault.PIN_WRONG:
                    raise SigningError(SigningFault.CERTIFICATE_SEALED) from None
                raise
        return self._certificate

    def pin_state(self) -> PinState:
        """A file counts no tries."""
        return PinState.UNKNOWN

    def open(self, pin: str | None) -> TokenSession:
        """Unlock the file with its password.

        Raises `sign.pin-wrong`, `sign.token-absent` (no file), `sign.pkcs12-broken`,
        `sign.no-key`, `sign.no-certificate`.
        """
        from asn1crypto import keys, x509
        from cryptography.hazmat.primitives import serialization
        from pyhanko.sign.signers import SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        held = self._unlock(pin)
        if held.key is None:
            raise SigningError(SigningFault.NO_KEY, keys=0)
        self._certificate = _certificate_in(held)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call,unused-ignore]
        store.register_multiple(
            x509.Certificate.load(extra.certificate.public_bytes(serialization.Encoding.DER))
            for extra in held.additional_certs
        )
        key = held.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        signer = SimpleSigner(
            signing_cert=x509.Certificate.load(self._certificate),
            signing_key=keys.PrivateKeyInfo.load(key),
            cert_registry=store,
        )
        return TokenSession(self._certificate, signer, lambda: None)

    def _unlock(self, pin: str | None) -> "PKCS12KeyAndCertificates":
        from asn1crypto import pkcs12 as outer
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import pkcs12

        data = self._read()
        try:
            _ = outer.Pfx.load(data, strict=True)["auth_safe"]["content_type"].native
        except (ValueError, TypeError) as error:
            raise SigningError(SigningFault.PKCS12_BROKEN, reason="no PKCS#12") from error
        try:
            return pkcs12.load_pkcs12(data, None if pin is None else pin.encode())
        except UnsupportedAlgorithm as error:
            raise SigningError(SigningFault.PKCS12_BROKEN, reason="cipher") from error
        except (ValueError, TypeError) as error:
            raise SigningError(SigningFault.PIN_WRONG) from error

    def _read(self) -> bytes:
        try:
            with self.file.open("rb") as stream:
                data = stream.read(_LARGEST_BYTES + 1)
        except OSError as error:
            raise SigningError(SigningFault.TOKEN_ABSENT, errno=error.errno or 0) from error
        if len(data) > _LARGEST_BYTES:
            raise SigningError(SigningFault.PKCS12_BROKEN, reason="too large")
        return data


def _certificate_in(held: "PKCS12KeyAndCertificates") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    if held.cert is None:
        raise SigningError(SigningFault.NO_CERTIFICATE, certificates=0)
    return held.cert.certificate.public_bytes(Encoding.DER)
