"""What the training CAs say of their certificates: revocations, CRLs, OCSP answers (thu hồi chứng thư)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signing.durable import write_bytes
from signing.training.pki import TrainingPki

_FILE = "revoked.json"
_FRESH_FOR = timedelta(days=7)
_SKEW = timedelta(minutes=1)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Revocation:
    """A certificate that was withdrawn: when, and why in the words of RFC 5280 §5.3.1."""

    at: datetime
    reason: str


class RevocationBook:
    """The revocations of a training PKI, kept in its folder (sổ thu hồi).

    `clock` is the time at which lists and answers are made; they are good for seven days.
    """

    def __init__(self, pki: TrainingPki, clock: Callable[[], datetime] = _now) -> None:
        self._pki = pki
        self._clock = clock

    def revoke(self, der: bytes, *, at: datetime | None = None, reason: str = "keyCompromise") -> None:
        """Withdraw a certificate (DER) of either CA from `at` on, now without it."""
        from cryptography import x509

        serial = x509.load_der_x509_certificate(der).serial_number
        told = {str(known): [entry.at.isoformat(), entry.reason] for known, entry in self._read().items()}
        told[str(serial)] = [(at or self._clock()).isoformat(), reason]
        write_bytes(self._file, json.dumps(told).encode())

    def crl(self, authority: str) -> bytes:
        """The list of `root` or `issuing` in DER."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.serialization import Encoding

        certificate, key = self._pki.authority(authority)
        now = self._clock().replace(microsecond=0)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(certificate.subject)
            .last_update(now - _SKEW)
            .next_update(now + _FRESH_FOR)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
            )
        )
        for serial, entry in self._read().items():
            one = (
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(entry.at.replace(microsecond=0))
                .add_extension(x509.CRLReason(x509.ReasonFlags(entry.reason)), critical=False)
            )
            builder = builder.add_revoked_certificate(one.build())
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    def ocsp(self, authority: str, request: bytes) -> bytes:
        """The answer of `root` or `issuing` to an OCSP request (RFC 6960) in DER. Raises ValueError."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.x509 import ocsp

        asked = ocsp.load_der_ocsp_request(request)
        certificate, key = self._pki.authority(authority)
        now = self._clock().replace(microsecond=0)
        entry = self._read().get(asked.serial_number)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=asked.issuer_name_hash,
                issuer_key_hash=asked.issuer_key_hash,
                serial_number=asked.serial_number,
                algorithm=asked.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.REVOKED if entry else ocsp.OCSPCertStatus.GOOD,
                this_update=now - _SKEW,
                next_update=now + _FRESH_FOR,
                revocation_time=entry.at.replace(microsecond=0) if entry else None,
                revocation_reason=x509.ReasonFlags(entry.reason) if entry else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
            .certificates([certificate])
        )
        for extension in asked.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    @property
    def _file(self) -> Path:
        return self._pki.folder / _FILE

    def _read(self) -> dict[int, Revocation]:
        try:
            told = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        return {
            int(serial): Revocation(datetime.fromisoformat(at), reason)
            for serial, (at, reason) in told.items()
        }
