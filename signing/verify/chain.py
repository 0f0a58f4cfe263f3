"""Who stands behind the certificate? The path from the signer to a trusted root (chuỗi chứng thư).

Nothing is fetched from a network: a missing middle CA is said to be missing. Revocation is judged by the
lists and answers in the signature and in the trust folders (RFC 5280 §6, through pyhanko-certvalidator).
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asn1crypto import cms, x509

    from signing.verify.anchors import Anchors

_LONGEST_CHAIN = 8


class Chain(StrEnum):
    """The verdict on the signer's certificate at the time of signing (chuỗi chứng thư)."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    INCOMPLETE = "incomplete"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Standing:
    """The verdict; `missing` names the issuer whose certificate isn't at hand."""

    chain: Chain
    missing: str = ""


def standing_of(
    certificate: "x509.Certificate",
    beside: "Iterable[x509.Certificate]",
    trust: "Anchors",
    at: datetime,
    signer: "cms.SignerInfo | None" = None,
) -> Standing:
    """Judge `certificate` at the time `at` with the help of the certificates `beside` it."""
    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import (
        ExpiredError,
        NotYetValidError,
        PathBuildingError,
        PathValidationError,
        RevokedError,
        ValidationError,
    )

    if not certificate.not_valid_before <= at <= certificate.not_valid_after:
        return Standing(Chain.EXPIRED)
    pool = [*beside, *trust.between]
    if _revoked(certificate, [*pool, *trust.roots], trust, at):
        return Standing(Chain.REVOKED)
    answers, lists = _revocation_in(signer)
    context = ValidationContext(
        trust_roots=list(trust.roots),
        other_certs=pool,
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
        weak_hash_algos={"md2", "md5"},
        crls=[*trust.revocations, *lists],
        ocsps=answers,
        retroactive_revinfo=True,
    )
    validator = CertificateValidator(certificate, pool, validation_context=context)
    try:
        asyncio.run(validator.async_validate_usage(set()))  # type: ignore[no-untyped-call]
    except RevokedError:
        return Standing(Chain.REVOKED)
    except (ExpiredError, NotYetValidError):
        return Standing(Chain.EXPIRED)
    except PathBuildingError:
        missing = _missing_issuer(certificate, [*pool, *trust.roots])
        return Standing(Chain.INCOMPLETE, missing) if missing else Standing(Chain.UNTRUSTED)
    except (PathValidationError, ValidationError, ValueError, TypeError, KeyError):
        return Standing(Chain.UNTRUSTED)
    return Standing(Chain.TRUSTED)


def _missing_issuer(certificate: "x509.Certificate", pool: "list[x509.Certificate]") -> str:
    """The first issuer that isn't at hand though the certificate tells where to get it.

    Empty when the path ends at a self-issued certificate, or at one that names no place for its issuer.
    """
    current = certificate
    for _ in range(_LONGEST_CHAIN):
        if current.self_issued:
            return ""
        issuer = next((one for one in pool if _issued_by(current, one)), None)
        if issuer is None:
            if not _says_where(current):
                return ""
            names = current.issuer.native
            return str(names.get("common_name") or current.issuer.human_friendly)
        current = issuer
    return ""


def _says_where(certificate: "x509.Certificate") -> bool:
    """Whether the certificate names a place for its issuer's (AIA, RFC 5280 §4.2.2.1)."""
    places = certificate.authority_information_access_value or ()
    return any(place["access_method"].native == "ca_issuers" for place in places)


def _issued_by(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    if certificate.issuer != issuer.subject:
        return False
    wanted, held = certificate.authority_key_identifier, issuer.key_identifier
    return wanted is None or held is None or wanted == held


def _revoked(
    certificate: "x509.Certificate", pool: "list[x509.Certificate]", trust: "Anchors", at: datetime
) -> bool:
    """Whether a revocation list at hand, signed by the issuer, names the certificate before `at`.

    The path validation looks at lists only for certificates that tell where to get one; many don't.
    """
    from cryptography import x509 as builder

    own = builder.load_der_x509_certificate(certificate.dump())
    for held in trust.revocations:
        if held.issuer != certificate.issuer:
            continue
        told = builder.load_der_x509_crl(held.dump())
        issuers = (one for one in pool if _issued_by(certificate, one))
        keys = (builder.load_der_x509_certificate(one.dump()).public_key() for one in issuers)
        entry = told.get_revoked_certificate_by_serial_number(own.serial_number)
        genuine = any(told.is_signature_valid(key) for key in keys)  # type: ignore[arg-type]
        if genuine and entry is not None and entry.revocation_date_utc <= at:
            return True
    return False


def _revocation_in(signer: "cms.SignerInfo | None") -> tuple[list[Any], list[Any]]:
    """OCSP answers and revocation lists that the signer embedded (Adobe's signed attribute)."""
    answers: list[Any] = []
    lists: list[Any] = []
    for attribute in (signer["signed_attrs"] or ()) if signer is not None else ():
        if attribute["type"].native != "adobe_revocation_info_archival":
            continue
        try:
            held = attribute["values"][0]
            answers += list(held["ocsp"] or ())
            lists += list(held["crl"] or ())
            for one in (*answers, *lists):
                _ = one.native
        except (ValueError, TypeError, KeyError):
            return [], []
    return answers, lists
