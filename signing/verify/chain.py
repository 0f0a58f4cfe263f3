"""Who stands behind the certificate? The path from the signer to a trusted root (chuỗi chứng thư).

Nothing is fetched from a network: a missing middle CA is said to be missing, with where to get it. The path
is validated by pyhanko-certvalidator (RFC 5280 §6), revocation by `signing.verify.revocation`.
"""

from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from signing.certificates import meant_for_signing
from signing.verify.envelope import BROKEN, same_name
from signing.verify.revocation import Evidence, Revocation, revocation_of
from signing.verify.verdict import Chain

if TYPE_CHECKING:
    from asn1crypto import x509

    from signing.verify.anchors import Anchors

_LONGEST_CHAIN = 8


@dataclass(frozen=True)
class Standing:
    """The verdict and its reason (`chain-…`).

    `missing` names the issuer whose certificate isn't at hand, `where` an address to get it from;
    `revoked_at` is when the certificate was revoked; `checked` whether revocation could be judged at all.
    """

    chain: Chain
    reason: str = ""
    missing: str = ""
    where: str = ""
    revoked_at: datetime | None = None
    checked: bool = False


def standing_of(certificate: "x509.Certificate", *known: Any, **wanted: Any) -> Standing:
    """As `judged_standing`; a certificate whose parts can't be read to the end is untrusted."""
    try:
        return judged_standing(certificate, *known, **wanted)
    except BROKEN:
        return Standing(Chain.UNTRUSTED, "chain-untrusted")


def judged_standing(
    certificate: "x509.Certificate",
    beside: "Iterable[x509.Certificate]",
    trust: "Anchors",
    at: datetime,
    *,
    proven_by: datetime | None = None,
    evidence: Evidence | None = None,
    stamping: bool = False,
) -> Standing:
    """Judge `certificate` at the time `at` with the help of the certificates `beside` it.

    `proven_by` is the earliest time by which the signature is known to have existed (a time stamp, else the
    moment of looking): a certificate that was revoked before it can't be leant on. `stamping` asks for a
    time-stamp authority's purpose instead of a signer's.
    """
    pool = [one for one in (*beside, *trust.between) if _comparable(one)]
    if not _comparable(certificate):
        return Standing(Chain.UNTRUSTED, "chain-untrusted")
    if certificate.self_issued and certificate.sha256 in trust.by_name:
        path: list[x509.Certificate] = [certificate]
        chain: Chain | None = Chain.TRUSTED
    else:
        path, chain = _path(certificate, pool, trust, at)
    if chain is Chain.EXPIRED or not certificate.not_valid_before <= at <= certificate.not_valid_after:
        return Standing(Chain.EXPIRED, _why_expired(certificate, at))
    revoked, checked = _revocation(path or _guessed(certificate, [*pool, *trust.roots]), evidence, at)
    if revoked is not None and revoked.revoked_at is not None:
        known_at = at if revoked.soft else max(at, proven_by or at)
        if revoked.revoked_at <= known_at:
            unproven = revoked.revoked_at > at
            reason = "chain-revoked-unproven" if unproven else "chain-revoked"
            return Standing(Chain.REVOKED, reason, revoked_at=revoked.revoked_at)
    if chain is not Chain.TRUSTED:
        missing, where = _missing_issuer(certificate, [*pool, *trust.roots], trust)
        if chain is None and missing:
            return Standing(Chain.INCOMPLETE, "chain-incomplete", missing, where)
        return Standing(Chain.UNTRUSTED, "chain-untrusted")
    if not _fit(certificate, stamping=stamping) and certificate.sha256 not in trust.by_name:
        return Standing(Chain.UNTRUSTED, "chain-usage")
    later = revoked.revoked_at if revoked else None
    return Standing(Chain.TRUSTED, "chain-trusted", revoked_at=later, checked=checked)


def _comparable(certificate: "x509.Certificate") -> bool:
    """Whether the validation can compare the certificate's names; one that can't doesn't help a path."""
    try:
        _ = certificate.subject.hashable, certificate.issuer.hashable
    except ValueError:
        return False
    return True


def _fit(certificate: "x509.Certificate", *, stamping: bool) -> bool:
    extended = certificate.extended_key_usage_value
    if stamping:
        return extended is not None and "time_stamping" in extended.native
    return meant_for_signing(certificate)


def _why_expired(certificate: "x509.Certificate", at: datetime) -> str:
    if at < certificate.not_valid_before:
        return "chain-not-yet-valid"
    return "chain-expired" if at > certificate.not_valid_after else "chain-issuer-expired"


def _path(
    certificate: "x509.Certificate", pool: "list[x509.Certificate]", trust: "Anchors", at: datetime
) -> "tuple[list[x509.Certificate], Chain | None]":
    """The certificates from the signer's up to the root, and the verdict; None where no path was found."""
    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import (
        ExpiredError,
        NotYetValidError,
        PathBuildingError,
        PathValidationError,
        ValidationError,
    )

    context = ValidationContext(
        trust_roots=list(trust.roots),
        other_certs=pool,
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
        weak_hash_algos={"md2", "md5"},
    )
    validator = CertificateValidator(certificate, pool, validation_context=context)
    try:
        found = _finished(validator.async_validate_usage(set()))  # type: ignore[no-untyped-call]
    except (ExpiredError, NotYetValidError):
        return [], Chain.EXPIRED
    except PathBuildingError:
        return [], None
    except (PathValidationError, ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return [], Chain.UNTRUSTED
    upwards = list(reversed(list(found.iter_certs(include_root=True))))
    return upwards, Chain.TRUSTED


def _finished(steps: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing, as without a network: no event loop is needed."""
    try:
        steps.send(None)
    except StopIteration as done:
        return done.value
    steps.close()
    raise RuntimeError("the validation waits for something")


def _guessed(certificate: "x509.Certificate", pool: "list[x509.Certificate]") -> "list[x509.Certificate]":
    """The certificate and its issuer by name and key identifier, where no path to a root was found."""
    issuer = next((one for one in pool if _issued_by(certificate, one)), None)
    return [certificate] if issuer is None else [certificate, issuer]


def _revocation(
    path: "list[x509.Certificate]", evidence: Evidence | None, at: datetime
) -> tuple[Revocation | None, bool]:
    """The first revocation on the path, the signer's own first; and whether the signer's could be judged."""
    if evidence is None or not (evidence.answers or evidence.lists):
        return None, False
    found = [revocation_of(one.dump(), above.dump(), evidence, at) for one, above in pairwise(path)]
    revoked = next((one for one in found if one.revoked_at is not None), None)
    return revoked, bool(found) and found[0].known


def _missing_issuer(
    certificate: "x509.Certificate", pool: "list[x509.Certificate]", trust: "Anchors"
) -> tuple[str, str]:
    """The first issuer that isn't at hand, and where the certificate says it can be had (AIA).

    Empty when the path ends at a self-issued certificate, or at one that neither says where its issuer's
    certificate is (RFC 5280 §4.2.2.1) nor comes from the house of a trusted root.
    """
    current = certificate
    for _ in range(_LONGEST_CHAIN):
        if current.self_issued:
            return "", ""
        issuer = next((one for one in pool if _issued_by(current, one)), None)
        if issuer is None:
            where = _where(current)
            if not where and not _from_house(current, trust):
                return "", ""
            names = current.issuer.native
            return str(names.get("common_name") or current.issuer.human_friendly), where
        current = issuer
    return "", ""


def _from_house(certificate: "x509.Certificate", trust: "Anchors") -> bool:
    """Whether the issuer's organisation is that of a trusted root."""
    house = certificate.issuer.native.get("organization_name")
    return bool(house) and any(house == root.subject.native.get("organization_name") for root in trust.roots)


def _where(certificate: "x509.Certificate") -> str:
    """Where the certificate says its issuer's can be had; empty when it doesn't say."""
    for place in certificate.authority_information_access_value or ():
        if place["access_method"].native == "ca_issuers":
            location = place["access_location"]
            if location.name == "uniform_resource_identifier":
                return str(location.native)
    return ""


def _issued_by(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    if not same_name(certificate.issuer, issuer.subject):
        return False
    wanted, held = certificate.authority_key_identifier, issuer.key_identifier
    return wanted is None or held is None or wanted == held
