"""Judging every signature of a PDF (kiểm tra chữ ký trong PDF): four findings, put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from signing.certificates import name_of
from signing.verify.anchors import anchors
from signing.verify.chain import Standing, standing_of
from signing.verify.document import OpenedPdf, SignedField, opened, signed_fields
from signing.verify.envelope import parsed
from signing.verify.evidence import evidence_of
from signing.verify.finding import SignatureFinding
from signing.verify.later import Later, junk_after_end, later_of
from signing.verify.moment import VIETNAM
from signing.verify.proofs import Proof, Proofs
from signing.verify.quirks import Quirk
from signing.verify.reasons import Reason, clock
from signing.verify.signature import Reading, read_signature
from signing.verify.verdict import Chain, Changes, Integrity

if TYPE_CHECKING:
    from asn1crypto import x509


def verify_pdf(
    pdf: Path, *, trust: Sequence[Path] = (), at: datetime | None = None
) -> tuple[SignatureFinding, ...]:
    """Judge every signature of `pdf`, in the order in which they were made.

    `trust` adds certificates, revocation lists and OCSP answers (files or folders) to those shipped. `at` is
    the moment of looking, now without it: a signature whose time is proven by a time stamp is judged at that
    time; one without is judged at the time it claims, or at `at` where that is given. An unsigned file gives
    an empty tuple. Raises `sign.pdf-missing`, `sign.pdf-broken`, `sign.pdf-encrypted`, `sign.trust-broken`.
    """
    known = anchors(trust)
    with opened(pdf) as document:
        fields = signed_fields(document)
        certificates, evidence = evidence_of(document.pdf)
        beside = parsed(certificates)
        readings = [read_signature(document, field, (*beside, *known.between)) for field in fields]
        pool = _certificates_of(readings, beside)
        proofs = Proofs(readings, known, pool, evidence + known.evidence, at)
        later = later_of(document, fields)
        odd = _file_quirks(document)
        cases = [
            _judged(reading, follows, proofs, odd) for reading, follows in zip(readings, later, strict=True)
        ]
        return tuple(_finding(case, cases) for case in cases)


def _certificates_of(
    readings: Sequence[Reading], beside: "tuple[x509.Certificate, ...]"
) -> "tuple[x509.Certificate, ...]":
    """All certificates that the file brings: what one signature lacks another may have."""
    held = [*beside]
    for reading in readings:
        held += [*reading.beside, *((reading.certificate,) if reading.certificate else ())]
        for stamp in reading.stamps:
            held += [stamp.authority, *stamp.beside]
    return tuple({one.sha256: one for one in held}.values())


@dataclass(frozen=True)
class _Case:
    """Everything found out about one signature."""

    reading: Reading
    standing: Standing
    proof: Proof | None
    judged_at: datetime
    later: Later
    quirks: tuple[Quirk, ...]

    @property
    def field(self) -> SignedField:
        return self.reading.field


def _file_quirks(document: OpenedPdf) -> tuple[Quirk, ...]:
    told = {
        Quirk.JUNK_BEFORE_HEADER: document.header > 0,
        Quirk.JUNK_AFTER_END: junk_after_end(document),
        Quirk.STRUCTURE_REBUILT: document.rebuilt,
        Quirk.ENCRYPTED_FILE: document.encrypted,
    }
    return tuple(quirk for quirk, there in told.items() if there)


def _judged(
    reading: Reading,
    later: Later,
    proofs: Proofs,
    odd: tuple[Quirk, ...],
) -> _Case:
    proof = proofs.of(reading)
    judged_at = proofs.time_of(reading, proof)
    standing = Standing(Chain.UNTRUSTED, "chain-untrusted")
    if reading.certificate is not None:
        standing = standing_of(
            reading.certificate,
            [*reading.beside, *proofs.beside],
            proofs.trust,
            judged_at,
            proven_by=proof.at if proof and proof.trusted else proofs.clock,
            evidence=reading.evidence + proofs.evidence,
            stamping=reading.stamping,
        )
    if reading.padded and later.changes is not Changes.SUSPICIOUS:
        later = Later(Changes.SUSPICIOUS, "padding")
    quirks = [*reading.verdict.quirks, *reading.claim.quirks, *odd, *later.quirks]
    told = {
        Quirk.TIMESTAMP_INVALID: reading.stamp_broken,
        Quirk.FIELD_NOT_IN_FORM: not reading.field.in_form,
        Quirk.MISSING_MIDDLE_CA: standing.chain is Chain.INCOMPLETE,
        Quirk.REVOKED_LATER: standing.chain is Chain.TRUSTED and standing.revoked_at is not None,
        Quirk.STAMP_AUTHORITY_EXPIRED: proofs.lapsed(reading, proof),
        Quirk.EXPIRED_SINCE: standing.chain is Chain.TRUSTED
        and proof is None
        and proofs.past_end_of(reading),
    }
    quirks += [quirk for quirk, there in told.items() if there]
    return _Case(reading, standing, proof, judged_at, later, tuple(dict.fromkeys(quirks)))


def _finding(case: _Case, cases: list[_Case]) -> SignatureFinding:
    certificate = case.reading.certificate
    quirks = case.quirks
    if _stranger_after(case, cases):
        quirks = (*quirks, Quirk.STRANGER_SIGNED_LATER)
    return SignatureFinding(
        field=case.field.name,
        signer=name_of(certificate) if certificate else "",
        integrity=case.reading.verdict.integrity,
        chain=case.standing.chain,
        time=_time(case),
        changes=case.later.changes,
        quirks=tuple(quirk.value for quirk in quirks),
        reasons=_reasons(case, quirks),
        issuer=_issuer(certificate),
        kind="timestamp" if case.reading.stamping else "signature",
    )


def _stranger_after(case: _Case, cases: list[_Case]) -> bool:
    """Whether someone who isn't known to be anyone has drawn a signature on the pages since."""
    doubtful = (Chain.UNTRUSTED, Chain.REVOKED)
    return case.later.changes is Changes.HARMLESS and any(
        other.field.name in case.later.signed
        and (other.standing.chain in doubtful or other.reading.verdict.integrity is not Integrity.VALID)
        for other in cases
    )


def _issuer(certificate: "x509.Certificate | None") -> str:
    if certificate is None:
        return ""
    names = certificate.issuer.native
    return str(names.get("common_name") or certificate.issuer.human_friendly)


def _source(case: _Case) -> str:
    if case.proof is not None:
        return case.proof.source
    if case.reading.stamp_broken:
        return "timestamp-invalid"
    return "claimed" if case.reading.claim.at else "none"


def _time(case: _Case) -> dict[str, str | None]:
    claim, proof, source = case.reading.claim, case.proof, _source(case)
    signed_at = proof.at if proof and proof.trusted else claim.meant
    return {
        "claimed": claim.at.isoformat() if claim.at else None,
        "timestamp": proof.at.isoformat() if proof else None,
        "source": source,
        "signed_at": signed_at.astimezone(VIETNAM).isoformat() if signed_at else None,
        "authority": name_of(proof.authority) if proof else None,
        "kind": "timestamp" if case.reading.stamping else "signature",
    }


def _reasons(case: _Case, quirks: tuple[Quirk, ...]) -> tuple[Reason, ...]:
    reading, standing = case.reading, case.standing
    told = [Reason(reading.verdict.reason or "integrity-valid"), _chain_reason(case)]
    if standing.chain is Chain.TRUSTED:
        told.append(Reason("revocation-checked" if standing.checked else "revocation-unchecked"))
    told.append(_time_reason(case))
    told.append(Reason(case.later.reason))
    facts = {"fields": ", ".join(case.later.filled)}
    if standing.revoked_at is not None:
        facts["at"] = clock(standing.revoked_at)
    told += [Reason(quirk.value, facts) for quirk in quirks]
    return tuple(told)


def _chain_reason(case: _Case) -> Reason:
    standing, certificate = case.standing, case.reading.certificate
    facts = {"missing": standing.missing, "where": standing.where, "at": clock(case.judged_at)}
    if certificate is not None:
        facts |= {
            "since": clock(certificate.not_valid_before),
            "until": clock(certificate.not_valid_after),
            "issuer": _issuer(certificate),
        }
    if standing.revoked_at is not None:
        facts["revoked"] = clock(standing.revoked_at)
    code = standing.reason
    if code == "chain-incomplete" and not standing.where:
        code = "chain-incomplete-nowhere"
    if certificate is None:
        code = "chain-unknown"
    return Reason(code, facts)


def _time_reason(case: _Case) -> Reason:
    claim, proof = case.reading.claim, case.proof
    facts = {"claimed": clock(claim.meant) if claim.meant else ""}
    if proof is not None:
        facts |= {"at": clock(proof.at), "authority": name_of(proof.authority)}
    return Reason(f"time-{_source(case)}", facts)
