"""When was it signed? The claimed time and the time stamp (thời điểm ký)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from signing.verify.integrity import Integrity, Quirk, digest_name, judge

if TYPE_CHECKING:
    from asn1crypto import cms, x509

VIETNAM = timedelta(hours=7)
_NEAR = timedelta(minutes=15)


@dataclass(frozen=True)
class Stamp:
    """A checked time-stamp token: its time, the authority's certificate and the others in the token."""

    at: datetime
    authority: "x509.Certificate"
    beside: "tuple[x509.Certificate, ...]"


@dataclass(frozen=True)
class Moment:
    """The claimed time (timezone-aware, as it stands in the file), the time stamp, and quirks."""

    claimed: datetime | None
    stamp: Stamp | None
    stamp_broken: bool = False
    quirks: tuple[Quirk, ...] = ()

    @property
    def best(self) -> datetime | None:
        """The time stamp where there is one, else the claim."""
        return self.stamp.at if self.stamp else self.claimed


def moment_of(signer: "cms.SignerInfo", claimed_in_pdf: datetime | None) -> Moment:
    """The times of a signature; `claimed_in_pdf` is the /M entry of its dictionary."""
    stated = _signing_time(signer)
    claimed = stated or claimed_in_pdf
    token = _token_of(signer)
    stamp = None
    if token is not None:
        stamp = _stamp_over(token, signer["signature"].native)
    quirks = _clock_quirks(stated, claimed_in_pdf, stamp)
    return Moment(claimed, stamp, token is not None and stamp is None, quirks)


def stamped(token: "cms.ContentInfo", digest: bytes) -> datetime | None:
    """The time of a token over `digest`, or None when imprint, signature or purpose don't hold."""
    stamp = _checked(token, lambda _name: digest)
    return stamp.at if stamp else None


def stamp_over_document(token: "cms.ContentInfo", digest_by: Any) -> Stamp | None:
    """A document time stamp: `digest_by(name)` gives the digest of the signed bytes."""
    return _checked(token, digest_by)


def _stamp_over(token: "cms.ContentInfo", signature: bytes) -> Stamp | None:
    return _checked(token, lambda name: hashlib.new(name, signature, usedforsecurity=False).digest())


def _checked(token: "cms.ContentInfo", digest_by: Any) -> Stamp | None:
    """RFC 3161 §2.4.2: the imprint is ours, the signature is the authority's, and it may stamp time."""
    try:
        data = token["content"]
        content = data["encap_content_info"]["content"]
        info = content.parsed
        imprint = info["message_imprint"]
        signer = data["signer_infos"][0]
        authority, beside = certificates_of(data)
        at = info["gen_time"].native
        name = str(imprint["hash_algorithm"]["algorithm"].native)
        stated = imprint["hashed_message"].native
        own = digest_name(signer)
        if authority is None or own is None or stated != digest_by(name):
            return None
        extended = authority.extended_key_usage_value
        if extended is None or "time_stamping" not in extended.native:
            return None
        digest = hashlib.new(own, content.contents, usedforsecurity=False).digest()
        if judge(signer, authority, digest).integrity is not Integrity.VALID:
            return None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
    return Stamp(at if at.tzinfo else at.replace(tzinfo=UTC), authority, tuple(beside))


def certificates_of(
    data: "cms.SignedData",
) -> "tuple[x509.Certificate | None, list[x509.Certificate]]":
    """The certificate that the first SignerInfo names, and the others."""
    held = [choice.chosen for choice in (data["certificates"] or ()) if choice.name == "certificate"]
    identity = data["signer_infos"][0]["sid"]
    for certificate in held:
        if identity.name == "issuer_and_serial_number":
            named = identity.chosen
            same = (
                certificate.serial_number == named["serial_number"].native
                and certificate.issuer.dump() == named["issuer"].dump()
            )
        else:
            same = certificate.key_identifier == identity.chosen.native
        if same:
            return certificate, [other for other in held if other is not certificate]
    return None, held


def _signing_time(signer: "cms.SignerInfo") -> datetime | None:
    for attribute in signer["signed_attrs"] or ():
        if attribute["type"].native == "signing_time":
            at = attribute["values"][0].native
            return at if isinstance(at, datetime) else None
    return None


def _token_of(signer: "cms.SignerInfo") -> "cms.ContentInfo | None":
    for attribute in signer["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            found: cms.ContentInfo = attribute["values"][0]
            return found
    return None


def _clock_quirks(stated: datetime | None, in_pdf: datetime | None, stamp: Stamp | None) -> tuple[Quirk, ...]:
    claimed, witness = stated or in_pdf, stamp.at if stamp else in_pdf
    if claimed is None or witness is None:
        return ()
    ahead = claimed - witness
    if stated and abs(ahead - VIETNAM) < _NEAR:
        return (Quirk.LOCAL_TIME_AS_UTC,)
    if stamp and ahead > _NEAR:
        return (Quirk.CLAIMED_AFTER_TIMESTAMP,)
    return ()
