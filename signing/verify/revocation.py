"""Was a certificate revoked, and when? By the lists and answers at hand (thu hồi chứng thư).

Nothing is fetched: OCSP answers (RFC 6960) and revocation lists (RFC 5280 §5) come from the signature, the
document's DSS, and the trust folders. One that its issuer didn't sign counts for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

_SOFT = {"superseded", "cessation_of_operation", "affiliation_changed", "privilege_withdrawn"}
"""Reasons that say nothing against signatures made before (RFC 5280 §5.3.1)."""


@dataclass(frozen=True)
class Evidence:
    """OCSP answers and revocation lists in DER."""

    answers: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(
            tuple(dict.fromkeys((*self.answers, *other.answers))),
            tuple(dict.fromkeys((*self.lists, *other.lists))),
        )


NO_EVIDENCE = Evidence()


@dataclass(frozen=True)
class Revocation:
    """`revoked_at` is None for a certificate that isn't revoked; `known` whether anyone said so.

    `soft`: the reason says nothing against the key, so that earlier signatures keep their worth.
    """

    known: bool
    revoked_at: datetime | None = None
    soft: bool = False


def revocation_of(certificate: bytes, issuer: bytes, evidence: Evidence, at: datetime) -> Revocation:
    """What the evidence says of `certificate` (DER), issued by `issuer` (DER), about the time `at`."""
    own, above = _certificate(certificate), _certificate(issuer)
    if own is None or above is None:
        return Revocation(known=False)
    told = [
        *(found for der in evidence.answers for found in _answered(der, own, above, at)),
        *(found for der in evidence.lists for found in _listed(der, own, above, at)),
    ]
    revoked = [one for one in told if one.revoked_at is not None]
    if revoked:
        return min(revoked, key=lambda one: (one.soft, one.revoked_at))
    return Revocation(known=bool(told))


def _answered(der: bytes, own: Any, issuer: Any, at: datetime) -> Iterable[Revocation]:
    from cryptography.x509 import ocsp

    response = _ocsp(der)
    if response is None or response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return
    for single in response.responses:
        if single.serial_number != own.serial_number or not _means(single, issuer):
            continue
        if not _responder_signed(response, issuer):
            continue
        if single.certificate_status is ocsp.OCSPCertStatus.REVOKED:
            yield _revoked(single.revocation_time_utc, single.revocation_reason)
        elif single.certificate_status is ocsp.OCSPCertStatus.GOOD and _fresh(
            single.this_update_utc, single.next_update_utc, at
        ):
            yield Revocation(known=True)


def _listed(der: bytes, own: Any, issuer: Any, at: datetime) -> Iterable[Revocation]:
    from cryptography import x509

    found = _crl(der)
    if found is None or found.issuer != own.issuer or not _list_signed(der, issuer.public_bytes(_DER())):
        return
    entry = found.get_revoked_certificate_by_serial_number(own.serial_number)
    if entry is not None:
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        except (x509.ExtensionNotFound, ValueError):
            reason = None
        if reason is not x509.ReasonFlags.remove_from_crl:
            yield _revoked(entry.revocation_date_utc, reason)
    elif _complete(found) and _fresh(found.last_update_utc, found.next_update_utc, at):
        yield Revocation(known=True)


def _revoked(at: datetime, reason: Any) -> Revocation:
    return Revocation(known=True, revoked_at=at, soft=reason is not None and reason.name in _SOFT)


def _fresh(since: datetime, until: datetime | None, at: datetime) -> bool:
    """Whether good news counts for the time `at`: it was issued after it, or was still in force."""
    return since >= at or (until is not None and until >= at)


def _complete(found: Any) -> bool:
    """Whether a list speaks of all certificates: it is no delta and no part (RFC 5280 §5.2.4, §5.2.5)."""
    from cryptography import x509

    for kind in (x509.DeltaCRLIndicator, x509.IssuingDistributionPoint):
        try:
            extension = found.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            continue
        except ValueError:
            return False
        if kind is x509.DeltaCRLIndicator:
            return False
        if extension.indirect_crl or extension.only_some_reasons or extension.only_contains_attribute_certs:
            return False
    return True


def _means(single: Any, issuer: Any) -> bool:
    """Whether an answer's CertID has this issuer's key and name (RFC 6960 §4.1.1)."""
    import hashlib

    from asn1crypto import x509

    held = x509.Certificate.load(issuer.public_bytes(_DER()))
    name = single.hash_algorithm.name.replace("-", "_")
    key = bytes(held.public_key["public_key"])
    key_hash = hashlib.new(name, key, usedforsecurity=False).digest()
    return bool(single.issuer_key_hash == key_hash)


def _responder_signed(response: Any, issuer: Any) -> bool:
    """Signed by the issuer, or by a responder that it made one (RFC 6960 §4.2.2.2)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    if _signed_by(response, issuer):
        return True
    for responder in response.certificates:
        try:
            uses = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            responder.verify_directly_issued_by(issuer)
        except Exception:  # noqa: S112
            continue
        if ExtendedKeyUsageOID.OCSP_SIGNING in uses and _signed_by(response, responder):
            return True
    return False


def _signed_by(response: Any, signer: Any) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    try:
        key, digest = signer.public_key(), response.signature_hash_algorithm
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(digest))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _DER() -> Any:  # noqa: N802
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.DER


@lru_cache(maxsize=512)
def _certificate(der: bytes) -> Any:
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return None


@lru_cache(maxsize=128)
def _ocsp(der: bytes) -> Any:
    from cryptography.x509 import ocsp

    try:
        return ocsp.load_der_ocsp_response(der)
    except ValueError:
        return None


@lru_cache(maxsize=32)
def _crl(der: bytes) -> Any:
    from cryptography import x509

    try:
        return x509.load_der_x509_crl(der)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _list_signed(der: bytes, issuer: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        return bool(_crl(der).is_signature_valid(_certificate(issuer).public_key()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
