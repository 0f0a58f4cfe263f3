"""May this certificate sign today? Its chain and revocation, asked before signing (kiểm tra chứng thư).

Nghị định 23/2025 Điều 15: whoever signs checks the certificate, and that of its authority, and signs with
none that has expired or was withdrawn. The answers that were fetched for it also serve levels B-LT and B-LTA.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signing.certificates import refuse_unfit
from signing.errors import SigningError, SigningFault
from signing.verify.anchors import Anchors, anchors

if TYPE_CHECKING:
    from asn1crypto import x509

_log = logging.getLogger(__name__)
_WEAK = {"md2", "md5"}
_CLOCKS_DIFFER = timedelta(minutes=5)
_ASK_AGAIN = timedelta(minutes=5)


class KnownChain(StrEnum):
    """How far the path from the signer's certificate led (chuỗi chứng thư)."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    """It ends at a certificate that isn't at hand, or that nobody here trusts."""


class KnownRevocation(StrEnum):
    """What the authorities said of the certificates on the path (tình trạng thu hồi)."""

    GOOD = "good"
    UNREACHED = "unreached"
    """The authority names a place to ask, and nobody answered there."""
    UNPUBLISHED = "unpublished"
    """The authority names no place to ask."""


@dataclass(frozen=True)
class SignerStatus:
    """What was known of the signer's certificate when it signed, and when that was found out (UTC)."""

    chain: KnownChain
    revocation: KnownRevocation
    checked_at: datetime

    @property
    def complete(self) -> bool:
        """Whether everything that Điều 15 asks for was checked and found good."""
        return self.chain is KnownChain.TRUSTED and self.revocation is KnownRevocation.GOOD


@dataclass(frozen=True)
class Evidence:
    """What proves a certificate good without any server: its path, OCSP answers and CRLs (asn1crypto)."""

    certificates: "tuple[x509.Certificate, ...]"
    answers: tuple[Any, ...]
    lists: tuple[Any, ...]


@dataclass(frozen=True)
class _Known:
    chain: KnownChain
    revocation: KnownRevocation
    evidence: Evidence
    since: datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Assurance:
    """Asks the authorities and remembers their answers for `fresh_for`, so a batch asks once.

    `trust` adds certificates to those shipped. Where nobody answers, `offline_allowed` lets the signature go
    ahead and the status says so; without it `sign.status-unreached`. `trusted_only` refuses certificates that
    don't lead to a trusted root (`sign.chain-untrusted`). One question waits at most `timeout_s`.
    """

    trust: Sequence[Path] = ()
    offline_allowed: bool = True
    trusted_only: bool = False
    timeout_s: float = 10
    fresh_for: timedelta = timedelta(hours=1)
    clock: Callable[[], datetime] = _utc_now
    _known: dict[bytes, _Known] = field(default_factory=dict, repr=False)
    _door: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def check(self, certificate: bytes, beside: "Iterable[x509.Certificate]" = ()) -> SignerStatus:
        """The status of a signer's certificate (DER), `beside` being CA certificates that came with it.

        Raises `sign.certificate-expired`, `sign.certificate-not-yet-valid`, `sign.certificate-revoked`,
        `sign.certificate-not-for-signing`, `sign.chain-broken`, and by policy `sign.status-unreached`,
        `sign.chain-untrusted`.
        """
        from asn1crypto import x509

        refuse_unfit(certificate, self.clock())
        known = self._about(x509.Certificate.load(certificate), beside)
        if self.trusted_only and known.chain is not KnownChain.TRUSTED:
            raise SigningError(SigningFault.CHAIN_UNTRUSTED)
        if not self.offline_allowed and known.revocation is KnownRevocation.UNREACHED:
            raise SigningError(SigningFault.STATUS_UNREACHED)
        return SignerStatus(known.chain, known.revocation, known.since)

    def evidence(
        self, certificate: "x509.Certificate", beside: "Iterable[x509.Certificate]" = ()
    ) -> Evidence:
        """Everything that a later check of `certificate` needs. Raises `sign.evidence-missing`."""
        known = self._about(certificate, beside)
        complete = known.chain is KnownChain.TRUSTED and known.revocation is KnownRevocation.GOOD
        if not complete:
            self._known.pop(certificate.sha256, None)  # the line may be back at the next try
            raise SigningError(
                SigningFault.EVIDENCE_MISSING,
                chain=known.chain.value,
                revocation=known.revocation.value,
            )
        return known.evidence

    def _about(self, certificate: "x509.Certificate", beside: "Iterable[x509.Certificate]") -> _Known:
        with self._door:
            now = self.clock()
            known = self._known.get(certificate.sha256)
            good = known is not None and known.revocation is KnownRevocation.GOOD
            fresh_for = self.fresh_for if good else min(self.fresh_for, _ASK_AGAIN)
            if known is None or now - known.since >= fresh_for:
                known = self._ask(certificate, tuple(beside), now)
                self._known[certificate.sha256] = known
            return known

    def _ask(
        self, certificate: "x509.Certificate", beside: "tuple[x509.Certificate, ...]", now: datetime
    ) -> _Known:
        """Ask with every answer required; where that fails for want of answers, judge by those that came."""
        from pyhanko_certvalidator.errors import InsufficientRevinfoError, PathBuildingError

        trust = anchors(self.trust)
        nothing = Evidence((certificate,), (), ())
        try:
            with _refusals():
                evidence = self._validated(certificate, beside, trust, now, mode="hard-fail")
        except PathBuildingError:
            return _Known(KnownChain.UNKNOWN, _published(certificate), nothing, now)
        except InsufficientRevinfoError:
            _log.info("the authority didn't say whether the certificate was withdrawn")
            with _refusals():
                evidence = self._validated(certificate, beside, trust, now, mode="soft-fail")
            return _Known(KnownChain.TRUSTED, KnownRevocation.UNREACHED, evidence, now)
        told = KnownRevocation.GOOD
        if any(_published(one) is KnownRevocation.UNPUBLISHED for one in evidence.certificates[1:]):
            told = KnownRevocation.UNPUBLISHED
        return _Known(KnownChain.TRUSTED, told, evidence, now)

    def _validated(
        self,
        certificate: "x509.Certificate",
        beside: "tuple[x509.Certificate, ...]",
        trust: Anchors,
        now: datetime,
        *,
        mode: str,
    ) -> Evidence:
        from asn1crypto.crl import CertificateList
        from pyhanko_certvalidator import CertificateValidator, ValidationContext
        from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

        context = ValidationContext(
            trust_roots=list(trust.roots),
            other_certs=[*beside, *trust.between],
            moment=now,
            allow_fetching=True,
            fetcher_backend=RequestsFetcherBackend(per_request_timeout=self.timeout_s),
            crls=[CertificateList.load(der) for der in trust.evidence.lists],
            revocation_mode=mode,
            weak_hash_algos=_WEAK,
            time_tolerance=_CLOCKS_DIFFER,
        )
        validator = CertificateValidator(certificate, beside, validation_context=context)
        path = asyncio.run(validator.async_validate_usage(set()))  # type: ignore[no-untyped-call]
        return Evidence(tuple(path), tuple(context.ocsps), tuple(context.crls))


def _published(certificate: "x509.Certificate") -> KnownRevocation:
    """UNREACHED where the certificate names a place to ask for its status, else UNPUBLISHED."""
    named = certificate.ocsp_urls or certificate.crl_distribution_points
    return KnownRevocation.UNREACHED if named else KnownRevocation.UNPUBLISHED


def _whose(error: Any) -> str:
    """`signer` or `authority`: at which certificate of the path the validation ended."""
    return "signer" if error.is_ee_cert else "authority"


class _refusals:  # noqa: N801 - reads as a statement
    """Turns the verdicts that forbid signing into coded faults; what the caller decides on passes through."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from pyhanko_certvalidator.errors import (
            ExpiredError,
            InsufficientRevinfoError,
            NotYetValidError,
            PathBuildingError,
            PathValidationError,
            RevokedError,
            ValidationError,
        )

        if error is None or isinstance(error, PathBuildingError | InsufficientRevinfoError):
            return
        if isinstance(error, RevokedError):
            raise SigningError(
                SigningFault.CERTIFICATE_REVOKED,
                since=error.revocation_dt.isoformat(),
                reason=str(error.reason.native),
                whose=_whose(error),
            ) from error
        if isinstance(error, ExpiredError):
            raise SigningError(
                SigningFault.CERTIFICATE_EXPIRED, since=error.expired_dt.isoformat(), whose=_whose(error)
            ) from error
        if isinstance(error, NotYetValidError):
            raise SigningError(
                SigningFault.CERTIFICATE_NOT_YET_VALID,
                until=error.valid_from.isoformat(),
                whose=_whose(error),
            ) from error
        if isinstance(error, PathValidationError | ValidationError | ValueError | TypeError | KeyError):
            raise SigningError(SigningFault.CHAIN_BROKEN, reason=type(error).__name__) from error
