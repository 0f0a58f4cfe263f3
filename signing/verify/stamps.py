"""Time-stamp tokens: are they over these bytes, and from an authority? (dấu thời gian)"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from signing.verify.envelope import BROKEN, Envelope, Signatory, envelope_of, signatory_of
from signing.verify.integrity import judge
from signing.verify.keys import SignedBytes, digest_by_oid
from signing.verify.revocation import NO_EVIDENCE, Evidence
from signing.verify.verdict import Integrity

if TYPE_CHECKING:
    from asn1crypto import cms, x509

_TOKEN_TYPES = {"1.2.840.113549.1.9.16.2.14", "1.3.6.1.4.1.311.3.3.1"}
"""id-aa-signatureTimeStampToken (RFC 3161 Appendix A), and the same by Microsoft's name."""
_MOST_TOKENS = 8


@dataclass(frozen=True)
class Stamp:
    """A checked time-stamp token: its time, the authority's certificate and the others in the token."""

    at: datetime
    authority: "x509.Certificate"
    beside: "tuple[x509.Certificate, ...]"
    evidence: Evidence = NO_EVIDENCE


def stamped(token: "cms.ContentInfo", digest: bytes) -> datetime | None:
    """The time of a token over `digest`, or None when imprint, signature or purpose don't hold."""
    try:
        stamp = checked(envelope_of(token.dump()), lambda _name: digest)
    except BROKEN:
        return None
    return stamp.at if stamp else None


def stamps_of(
    signer: "cms.SignerInfo", elsewhere: "tuple[x509.Certificate, ...]"
) -> tuple[list[Stamp], bool]:
    """The sound time stamps over a signature value, earliest first, and whether there are unsound ones."""
    value = bytes(signer["signature"].native)

    def imprint(name: str) -> bytes:
        return hashlib.new(name, value, usedforsecurity=False).digest()

    sound, broken = [], False
    for token in _tokens(signer):
        try:
            stamp = checked(envelope_of(token), imprint, elsewhere)
        except BROKEN:
            stamp = None
        if stamp is None:
            broken = True
        else:
            sound.append(stamp)
    return sorted(sound, key=lambda stamp: stamp.at), broken


def checked(
    token: Envelope,
    digest_by: Callable[[str], bytes | None],
    elsewhere: "tuple[x509.Certificate, ...]" = (),
) -> Stamp | None:
    """RFC 3161 §2.4.2: the imprint is ours, the signature is the authority's, and it may stamp time."""
    from asn1crypto import tsp

    if not token.stamping or token.content is None or len(token.signers) != 1:
        return None
    try:
        info = tsp.TSTInfo.load(token.content)
        imprint = info["message_imprint"]
        name = digest_by_oid(imprint["hash_algorithm"]["algorithm"].dotted)
        at = info["gen_time"].native
        if name is None or bytes(imprint["hashed_message"].native) != digest_by(name):
            return None
    except BROKEN:
        return None
    signatory = authority_of(token, elsewhere)
    if signatory.certificate is None or not may_stamp(signatory.certificate):
        return None
    verdict = judge(
        token.signers[0],
        token.attributes[0],
        signatory.certificate,
        SignedBytes.of(token.content),
        "tst_info",
    )
    if verdict.integrity is not Integrity.VALID or not isinstance(at, datetime):
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Stamp(aware, signatory.certificate, signatory.beside, Evidence(token.answers, token.lists))


def authority_of(token: Envelope, elsewhere: "tuple[x509.Certificate, ...]" = ()) -> Signatory:
    """The certificate of a token's authority; tokens needn't carry it (RFC 3161 §2.4.1 certReq)."""
    return signatory_of(token.signers[0], token.certificates, elsewhere)


def may_stamp(certificate: "x509.Certificate") -> bool:
    """Whether the certificate is meant for time stamps (extended key usage, RFC 3161 §2.3)."""
    extended = certificate.extended_key_usage_value
    return extended is not None and "time_stamping" in extended.native


def _tokens(signer: Any) -> Iterator[bytes]:
    given = 0
    for attribute in signer["unsigned_attrs"] or ():
        if attribute["type"].dotted not in _TOKEN_TYPES:
            continue
        for value in attribute["values"]:
            yield value.dump()
            given += 1
            if given == _MOST_TOKENS:
                return
