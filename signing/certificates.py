"""What a signer's certificate allows, and whom it names (chứng thư chữ ký số)."""

from datetime import datetime
from typing import TYPE_CHECKING

from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    from asn1crypto import x509

_SIGNING_USES = {"digital_signature", "non_repudiation"}
_OTHER_TRADES = {
    "time_stamping",
    "ocsp_signing",
    "server_auth",
    "code_signing",
    "ipsec_end_system",
    "ipsec_tunnel",
    "ipsec_user",
}


def meant_for_signing(certificate: "x509.Certificate") -> bool:
    """Whether the key usage (RFC 5280 §4.2.1.3) admits signatures on documents.

    No key usage admits everything; a CA's certificate and one only for time stamps, web servers and the
    like don't sign papers.
    """
    usage = certificate.key_usage_value
    extended = certificate.extended_key_usage_value
    if certificate.ca:
        return False
    if usage is not None and not _SIGNING_USES & set(usage.native):
        return False
    return extended is None or not set(extended.native) <= _OTHER_TRADES


def refuse_unfit(der: bytes, at: datetime) -> None:
    """Raise when the certificate mustn't sign at `at` (Nghị định 23/2025 Điều 15–17: check before signing).

    Faults: `sign.certificate-expired`, `sign.certificate-not-yet-valid`, `sign.certificate-not-for-signing`.
    """
    from asn1crypto import x509

    certificate = x509.Certificate.load(der)
    if at > certificate.not_valid_after:
        raise SigningError(SigningFault.CERTIFICATE_EXPIRED, since=certificate.not_valid_after.isoformat())
    if at < certificate.not_valid_before:
        raise SigningError(
            SigningFault.CERTIFICATE_NOT_YET_VALID, until=certificate.not_valid_before.isoformat()
        )
    if not meant_for_signing(certificate):
        raise SigningError(SigningFault.CERTIFICATE_NOT_FOR_SIGNING)


def name_of(certificate: "x509.Certificate") -> str:
    """The common name of the subject, else the organisation, else the whole name.

    A subject may repeat an attribute (`UID=MST:…`, `UID=CCCD:…`): it is read as a multimap.
    """
    parts = subject_parts(certificate.subject)
    for kind in ("common_name", "organization_name"):
        if parts.get(kind):
            return parts[kind][0]
    return str(certificate.subject.human_friendly)


def holder_of(der: bytes) -> str:
    """The name of a certificate's holder, as people say it."""
    from asn1crypto import x509

    return name_of(x509.Certificate.load(der))


def expiry_of(der: bytes) -> datetime:
    """The last moment at which a certificate is valid (UTC)."""
    from asn1crypto import x509

    until: datetime = x509.Certificate.load(der).not_valid_after
    return until


def subject_parts(name: "x509.Name") -> dict[str, tuple[str, ...]]:
    """Every attribute of a distinguished name with all its values, in the order in which they stand."""
    import unicodedata

    parts: dict[str, tuple[str, ...]] = {}
    for relative in name.chosen:
        for pair in relative:
            value = unicodedata.normalize("NFC", str(pair["value"].native))
            kind = str(pair["type"].native)
            parts[kind] = (*parts.get(kind, ()), value)
    return parts
