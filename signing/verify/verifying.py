"""Opening a PDF and judging each of its signatures (kiểm tra chữ ký trong PDF)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signing.certificates import name_of
from signing.errors import SigningError
from signing.verify.anchors import Anchors, anchors
from signing.verify.chain import Chain, Standing, standing_of
from signing.verify.changes import Changes, compare, items_of
from signing.verify.document import OpenedPdf, SignedField, covers, digest_of, opened, reach, signed_fields
from signing.verify.finding import SignatureFinding
from signing.verify.integrity import Integrity, Judgement, Quirk, digest_name, judge
from signing.verify.moment import Moment, certificates_of, moment_of, stamp_over_document
from signing.verify.reading import reader_of, unreadable
from signing.verify.reasons import sentence
from signing.verify.window import opened_window

if TYPE_CHECKING:
    from asn1crypto import cms, x509

_log = logging.getLogger(__name__)
_PIECE = 1 << 20


def verify_pdf(
    pdf: Path, *, trust: Sequence[Path] = (), at: datetime | None = None
) -> tuple[SignatureFinding, ...]:
    """Judge every signature of `pdf`, in the order in which they were made.

    `trust` adds certificates (files or folders, PEM or DER) to those shipped; `at` judges chains at that time
    instead of the time of signing. An unsigned file gives an empty tuple. Raises `sign.pdf-missing`,
    `sign.pdf-broken`, `sign.pdf-encrypted`, `sign.trust-broken`.
    """
    known = anchors(trust)
    with opened(pdf) as document:
        signatures = sorted(signed_fields(document.reader), key=reach)
        return tuple(_judged(document, signature, known, at) for signature in signatures)


def judge_field(pdf: Path, field: str) -> tuple[Judgement, Moment]:
    """Hash, key and time stamp of one signature of `pdf`, without its chain or what follows."""
    with opened(pdf) as document:
        found = next((one for one in signed_fields(document.reader) if one.field == field), None)
        if found is None or found.data is None or not covers(document, found):
            return Judgement(Integrity.UNDETERMINED, "cms-broken"), Moment(None, None)
        signer = found.data["signer_infos"][0]
        certificate, _ = certificates_of(found.data)
        if certificate is None:
            return Judgement(Integrity.UNDETERMINED, "signer-missing"), Moment(None, None)
        digest = digest_of(document, found, digest_name(signer))
        return judge(signer, certificate, digest), _moment(found, signer)


def _judged(
    document: OpenedPdf, signature: SignedField, trust: Anchors, at: datetime | None
) -> SignatureFinding:
    if signature.data is None:
        return _unreadable(document, signature)
    try:
        return _judged_readable(document, signature, signature.data, trust, at=at)
    except unreadable():
        _log.info("a signature couldn't be read to its end")
        return _unreadable(document, signature)


def _judged_readable(
    document: OpenedPdf,
    signature: SignedField,
    data: "cms.SignedData",
    trust: Anchors,
    *,
    at: datetime | None,
) -> SignatureFinding:
    covered = covers(document, signature)
    signer = data["signer_infos"][0]
    try:
        certificate, beside = certificates_of(data)
    except unreadable():
        certificate, beside = None, []
    stamping = data["encap_content_info"]["content_type"].native == "tst_info"
    if certificate is None:
        verdict, moment = Judgement(Integrity.UNDETERMINED, "signer-missing"), Moment(None, None)
    elif stamping:
        verdict, moment = _judge_document_stamp(document, signature)
    else:
        verdict = judge(signer, certificate, digest_of(document, signature, digest_name(signer)))
        moment = _moment(signature, signer)
    if not covered and verdict.integrity is Integrity.VALID:
        quirks = (*verdict.quirks, Quirk.UNCLEAR_COVERAGE)
        verdict = Judgement(Integrity.UNDETERMINED, "coverage", quirks)
    standing, stamp_stands = _standings(certificate, beside, trust, moment, at=at, signer=signer)
    changes, change = _changes(document, signature, covered=covered)
    case = _Case(verdict, moment, standing, stamp_stands, changes, change)
    quirks = _all_quirks(document, signature, case)
    return SignatureFinding(
        field=signature.field,
        signer=name_of(certificate) if certificate else "",
        issuer=_issuer(certificate),
        kind="timestamp" if stamping else "signature",
        integrity=verdict.integrity,
        chain=standing.chain,
        time=_time(moment, stamp_stands=stamp_stands),
        changes=changes,
        quirks=tuple(str(quirk) for quirk in quirks),
        why=_why(case, quirks),
    )


@dataclass(frozen=True)
class _Case:
    """Everything found out about one signature."""

    verdict: Judgement
    moment: Moment
    standing: Standing
    stamp_stands: bool
    changes: Changes
    change: str


def _unreadable(document: OpenedPdf, signature: SignedField) -> SignatureFinding:
    changes, change = _changes(document, signature, covered=covers(document, signature))
    reasons = ("cms-broken", "chain-untrusted", "time-unknown", change or f"changes-{changes}")
    return SignatureFinding(
        signature.field,
        "",
        Integrity.UNDETERMINED,
        Chain.UNTRUSTED,
        _time(Moment(None, None)),
        changes,
        why=tuple(sentence(reason) for reason in reasons),
    )


def _judge_document_stamp(document: OpenedPdf, signature: SignedField) -> tuple[Judgement, Moment]:
    """A document time stamp (ISO 32000-2 §12.8.5): the token's imprint is over the byte range."""
    from asn1crypto import cms

    token = cms.ContentInfo.load(signature.contents)
    stamp = stamp_over_document(token, lambda name: digest_of(document, signature, name))
    if stamp is None:
        return Judgement(Integrity.INVALID, "digest-mismatch"), Moment(None, None, True)
    return Judgement(Integrity.VALID), Moment(None, stamp)


def _moment(signature: SignedField, signer: "cms.SignerInfo") -> Moment:
    from pyhanko.pdf_utils import generic

    written = None
    try:
        if "/M" in signature.dictionary:
            written = generic.parse_pdf_date(signature.dictionary["/M"], strict=False)
    except unreadable():
        written = None
    if written is not None and written.tzinfo is None:
        written = written.replace(tzinfo=UTC)
    return moment_of(signer, written)


def _standings(
    certificate: "x509.Certificate | None",
    beside: "list[x509.Certificate]",
    trust: Anchors,
    moment: Moment,
    *,
    at: datetime | None,
    signer: "cms.SignerInfo",
) -> tuple[Standing, bool]:
    """The signer's standing at the best known time, and whether the time stamp's authority is trusted.

    A time stamp of an authority that isn't trusted is shown but isn't leant on.
    """
    stamp_stands = True
    when = moment.claimed
    if moment.stamp:
        authority, more = moment.stamp.authority, moment.stamp.beside
        stands = standing_of(authority, [*more, *beside], trust, moment.stamp.at)
        stamp_stands = stands.chain is Chain.TRUSTED
        when = moment.stamp.at if stamp_stands or when is None else when
    if certificate is None:
        return Standing(Chain.UNTRUSTED), stamp_stands
    judged_at = at or when or datetime.now(UTC)
    return standing_of(certificate, beside, trust, judged_at, signer), stamp_stands


def _changes(document: OpenedPdf, signature: SignedField, *, covered: bool) -> tuple[Changes, str]:
    if not covered:
        return Changes.SUSPICIOUS, "coverage"
    end = signature.span[2] + signature.span[3]
    document.stream.seek(end)
    if not document.stream.read(_PIECE).strip(b"\r\n\t \x00") and document.length - end < _PIECE:
        return Changes.NONE, ""
    try:
        with opened_window(document.path, document.start, end) as window:
            difference = compare(reader_of(window), document.reader)
    except SigningError:
        return Changes.SUSPICIOUS, "unreadable"
    except unreadable():
        return Changes.SUSPICIOUS, "unreadable"
    return (Changes.SUSPICIOUS, difference) if difference else (Changes.HARMLESS, "")


def _all_quirks(document: OpenedPdf, signature: SignedField, case: _Case) -> tuple[Quirk, ...]:
    quirks = [*case.verdict.quirks, *case.moment.quirks]
    if document.junk:
        quirks.append(Quirk.JUNK_BEFORE_HEADER)
    if case.standing.chain is Chain.INCOMPLETE:
        quirks.append(Quirk.MISSING_MIDDLE_CA)
    if case.changes is Changes.HARMLESS:
        quirks.append(Quirk.LATER_REVISIONS)
        if _forbids_changes(signature.dictionary):
            quirks.append(Quirk.CERTIFIED_THEN_SIGNED)
    return tuple(quirks)


def _forbids_changes(dictionary: Any) -> bool:
    """Whether this is a certification with DocMDP level 1 (ISO 32000-1 §12.8.2.2)."""
    try:
        for reference in items_of(dictionary.get("/Reference")):
            if reference["/TransformMethod"] == "/DocMDP":
                parameters = reference["/TransformParams"]
                return bool("/P" in parameters and parameters["/P"] == 1)
    except unreadable():
        return False
    return False


def _issuer(certificate: "x509.Certificate | None") -> str:
    if certificate is None:
        return ""
    names = certificate.issuer.native
    return str(names.get("common_name") or certificate.issuer.human_friendly)


def _time(moment: Moment, *, stamp_stands: bool = True) -> dict[str, str | None]:
    stamp = moment.stamp.at if moment.stamp else None
    source = "claimed" if moment.claimed else "none"
    if stamp:
        source = "timestamp" if stamp_stands else "timestamp-untrusted"
    return {
        "claimed": moment.claimed.isoformat() if moment.claimed else None,
        "timestamp": stamp.isoformat() if stamp else None,
        "source": source,
    }


def _why(case: _Case, quirks: tuple[Quirk, ...]) -> tuple[str, ...]:
    moment = case.moment
    told = [
        sentence(case.verdict.reason or "integrity-valid"),
        sentence(f"chain-{case.standing.chain}", missing=case.standing.missing),
    ]
    if moment.stamp_broken:
        told.append(sentence("time-broken"))
    if moment.stamp:
        told.append(sentence("time-stamped" if case.stamp_stands else "stamp-chain"))
    else:
        told.append(sentence("time-claimed" if moment.claimed else "time-unknown"))
    told.append(sentence(case.change or f"changes-{case.changes}"))
    told += [sentence(quirk) for quirk in quirks]
    return tuple(dict.fromkeys(told))
