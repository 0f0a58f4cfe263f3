"""One signature, read and judged by itself: hash, key, claims and time stamps (một chữ ký)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signing.verify.document import OpenedPdf, SignedField, content_of, opened, signed_fields
from signing.verify.envelope import (
    BROKEN,
    Envelope,
    Signatory,
    bare_envelope,
    envelope_of,
    parsed,
    signatory_of,
)
from signing.verify.integrity import judge, judge_bare
from signing.verify.keys import SignedBytes
from signing.verify.moment import NO_CLAIM, Claim, claim_of
from signing.verify.quirks import Quirk
from signing.verify.revocation import NO_EVIDENCE, Evidence
from signing.verify.stamps import Stamp, authority_of, checked, stamps_of
from signing.verify.verdict import Integrity, Judgement

if TYPE_CHECKING:
    from asn1crypto import cms, x509

_BARE = "/adbe.x509.rsa_sha1"
_PADES = "/ETSI.CAdES.detached"


@dataclass(frozen=True)
class Reading:
    """What a signature says by itself; chain and later changes are judged elsewhere.

    `stamps` are its sound time stamps, earliest first; `own_stamp` the one that it is, for a document time
    stamp. `padded` tells of bytes hidden behind its value.
    """

    field: SignedField
    verdict: Judgement
    certificate: "x509.Certificate | None" = None
    beside: "tuple[x509.Certificate, ...]" = ()
    claim: Claim = NO_CLAIM
    stamps: tuple[Stamp, ...] = ()
    stamp_broken: bool = False
    stamping: bool = False
    evidence: Evidence = NO_EVIDENCE
    padded: bool = False

    @property
    def stamp(self) -> Stamp | None:
        """The earliest sound time stamp."""
        return self.stamps[0] if self.stamps else None


def readings_of(pdf: Path) -> list[Reading]:
    """Every signature of `pdf` judged by itself, in the order in which they were made.

    Raises `sign.pdf-missing`, `sign.pdf-broken`, `sign.pdf-encrypted`.
    """
    with opened(pdf) as document:
        return [read_signature(document, field) for field in signed_fields(document)]


def reading_of(pdf: Path, name: str) -> Reading | None:
    """The signature of one field judged by itself, None for a field that isn't signed. Raises as above."""
    with opened(pdf) as document:
        found = next((field for field in signed_fields(document) if field.name == name), None)
        return read_signature(document, found) if found else None


def read_signature(
    document: OpenedPdf, field: SignedField, elsewhere: "tuple[x509.Certificate, ...]" = ()
) -> Reading:
    """Judge a signature by itself; `elsewhere` are certificates that it needn't carry itself.

    Whatever its bytes are, this doesn't raise: what can't be read is undetermined.
    """
    try:
        if field.sub_filter == _BARE:
            envelope = bare_envelope(field.contents, field.certificates)
        else:
            envelope = envelope_of(field.contents)
        return _read(document, field, envelope, (*parsed(field.certificates), *elsewhere))
    except BROKEN:
        return Reading(
            field,
            Judgement(Integrity.UNDETERMINED, "cms-broken"),
            claim=claim_of(None, field.claimed, None),
        )


def _read(
    document: OpenedPdf, field: SignedField, envelope: Envelope, elsewhere: "tuple[x509.Certificate, ...]"
) -> Reading:
    evidence = Evidence(envelope.answers, envelope.lists)
    padded = len(set(field.contents[envelope.end :])) > 1
    if envelope.stamping:
        return _read_stamp(document, field, envelope, elsewhere, padded=padded)
    signer = envelope.signers[0] if envelope.signers else None
    if signer is None:
        signatory = Signatory(
            envelope.certificates[0] if envelope.certificates else None, envelope.certificates[1:]
        )
    else:
        signatory = signatory_of(signer, envelope.certificates, elsewhere)
    verdict = _judged(document, field, envelope, signatory, elsewhere)
    stamps, broken = stamps_of(signer, elsewhere) if signer is not None else ([], False)
    claim = claim_of(signer, field.claimed, stamps[0].at if stamps else None)
    for stamp in stamps:
        evidence += stamp.evidence
    return Reading(
        field,
        verdict,
        signatory.certificate,
        signatory.beside,
        claim,
        tuple(stamps),
        broken,
        evidence=evidence,
        padded=padded,
    )


def _read_stamp(
    document: OpenedPdf,
    field: SignedField,
    envelope: Envelope,
    elsewhere: "tuple[x509.Certificate, ...]",
    *,
    padded: bool,
) -> Reading:
    """A document time stamp (ISO 32000-2 §12.8.5): the token's imprint is over the byte range."""
    signatory = authority_of(envelope, elsewhere)
    stamp, verdict = None, Judgement(Integrity.UNDETERMINED, "coverage")
    if signatory.certificate is None:
        verdict = Judgement(Integrity.UNDETERMINED, "signer-missing")
    elif field.coverage is not None:
        stamp = checked(envelope, content_of(document, field.coverage).digest, elsewhere)
        verdict = _stamp_verdict(envelope, signatory.certificate, whole=stamp is not None)
    return Reading(
        field,
        verdict,
        signatory.certificate,
        signatory.beside,
        stamps=(stamp,) if stamp else (),
        stamp_broken=stamp is None,
        stamping=True,
        evidence=Evidence(envelope.answers, envelope.lists),
        padded=padded,
    )


def _stamp_verdict(envelope: Envelope, authority: "x509.Certificate", *, whole: bool) -> Judgement:
    """Why a document time stamp doesn't hold: its key, or the bytes that it is over."""
    own = judge(
        envelope.signers[0],
        envelope.attributes[0],
        authority,
        SignedBytes.of(envelope.content or b""),
        "tst_info",
    )
    quirks = (*own.quirks, *envelope.quirks)
    if whole:
        return Judgement(Integrity.VALID, quirks=quirks)
    if own.integrity is Integrity.VALID:
        return Judgement(Integrity.INVALID, "digest-mismatch", quirks)
    return Judgement(own.integrity, own.reason, quirks)


def _judged(
    document: OpenedPdf,
    field: SignedField,
    envelope: Envelope,
    signatory: Signatory,
    elsewhere: "tuple[x509.Certificate, ...]",
) -> Judgement:
    quirks = (*envelope.quirks, *signatory.quirks)
    if signatory.certificate is None:
        return Judgement(Integrity.UNDETERMINED, "signer-missing", quirks)
    if field.coverage is None:
        return Judgement(Integrity.UNDETERMINED, "coverage", (*quirks, Quirk.UNCLEAR_COVERAGE))
    quirks = (*quirks, *field.coverage.quirks)
    content = content_of(document, field.coverage)
    if envelope.bare is not None:
        verdict = judge_bare(envelope.bare, signatory.certificate, content)
        return Judgement(verdict.integrity, verdict.reason, (*quirks, *verdict.quirks))
    if envelope.content is not None:
        inner = envelope.content
        if inner not in _imprints(content):
            return Judgement(Integrity.INVALID, "digest-mismatch", quirks)
        quirks = (*quirks, Quirk.LEGACY_FORMAT, *((Quirk.SHA1,) if len(inner) == 20 else ()))
        content = SignedBytes.of(inner)
    verdict = _of_all_signers(envelope, signatory, content, elsewhere)
    if field.sub_filter == _PADES and not _binds_certificate(envelope.signers[0]):
        quirks = (*quirks, Quirk.NO_SIGNING_CERTIFICATE)
    return Judgement(verdict.integrity, verdict.reason, tuple(dict.fromkeys((*quirks, *verdict.quirks))))


def _imprints(content: SignedBytes) -> "tuple[bytes | None, ...]":
    """What an encapsulated digest may be: SHA-1 of the range (`adbe.pkcs7.sha1`), or a later one."""
    return tuple(content.digest(name) for name in ("sha1", "sha256", "sha384", "sha512"))


def _of_all_signers(
    envelope: Envelope,
    signatory: Signatory,
    content: SignedBytes,
    elsewhere: "tuple[x509.Certificate, ...]",
) -> Judgement:
    """The first SignerInfo's verdict, or that of the first one which isn't valid."""
    first: Judgement | None = None
    for signer, attributes in zip(envelope.signers, envelope.attributes, strict=True):
        found = (
            signatory
            if signer is envelope.signers[0]
            else signatory_of(signer, envelope.certificates, elsewhere)
        )
        if found.certificate is None:
            return Judgement(Integrity.UNDETERMINED, "signer-missing")
        verdict = judge(signer, attributes, found.certificate, content, envelope.content_type)
        if verdict.integrity is Integrity.INVALID and verdict.reason == "key-mismatch" and not found.certain:
            return Judgement(Integrity.UNDETERMINED, "signer-missing", verdict.quirks)
        if verdict.integrity is not Integrity.VALID:
            return verdict
        first = first or verdict
    return first or Judgement(Integrity.UNDETERMINED, "cms-broken")


def _binds_certificate(signer: "cms.SignerInfo") -> bool:
    kinds = {attribute["type"].native for attribute in signer["signed_attrs"]}
    return bool(kinds & {"signing_certificate", "signing_certificate_v2"})
