"""Do the hash and the key agree with what was signed? (tính toàn vẹn)

The judgement is made on the numbers themselves: the digest in the signed attributes against the digest of
the bytes, and the signature value against the signer's public key (`signing.verify.keys`).
"""

import hashlib
from typing import TYPE_CHECKING, Any

from signing.verify.ber import contents_of, parts_of
from signing.verify.envelope import BROKEN
from signing.verify.keys import DIGESTS, SignedBytes, agrees, digest_by_oid
from signing.verify.quirks import Quirk
from signing.verify.verdict import Integrity, Judgement

if TYPE_CHECKING:
    from asn1crypto import cms, x509

_SIGNING_AS_DIGEST = {
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.113549.1.1.14": "sha224",
}
"""Signature algorithms that some programs write where the digest's name belongs."""
_WEAK = {"sha1": Quirk.SHA1, "md5": Quirk.MD5}


def judge(
    signer: "cms.SignerInfo",
    standing: bytes,
    certificate: "x509.Certificate",
    content: SignedBytes,
    content_type: str = "data",
) -> Judgement:
    """Judge one SignerInfo (RFC 5652 §5.4) against its content, which is of `content_type`.

    `standing` are its signed attributes as a SET, byte for byte as they stand in the file.
    """
    name, quirks = digest_name(signer)
    if name is None or content.digest(name) is None:
        return Judgement(Integrity.UNDETERMINED, "digest-unknown")
    attributes = signer["signed_attrs"]
    try:
        if not len(attributes):
            verdict = agrees(
                certificate, signer["signature"].native, content, name, signer["signature_algorithm"]
            )
            quirks = (*quirks, Quirk.NO_SIGNED_ATTRIBUTES)
            return Judgement(verdict.integrity, verdict.reason, (*quirks, *verdict.quirks))
        stated = _message_digest(attributes)
        odd = _attribute_quirks(signer, attributes, content_type)
    except BROKEN:
        return Judgement(Integrity.UNDETERMINED, "cms-broken")
    digest_used = _digest_of(stated, name, content)
    if digest_used is None:
        return Judgement(Integrity.INVALID, "digest-mismatch", quirks)
    if digest_used != name:
        quirks = (*quirks, Quirk.ALGORITHM_MISNAMED)
    named, unclear = _names_certificate(attributes, certificate)
    quirks = (*quirks, *odd, *unclear)
    if not named:
        return Judgement(Integrity.INVALID, "certificate-swapped", quirks)
    verdict = _attributes_agree(signer, certificate, name, standing)
    return Judgement(verdict.integrity, verdict.reason, tuple(dict.fromkeys((*quirks, *verdict.quirks))))


def judge_bare(value: bytes, certificate: "x509.Certificate", content: SignedBytes) -> Judgement:
    """Judge a bare PKCS#1 value over the document's digest (`adbe.x509.rsa_sha1`)."""
    verdict = agrees(certificate, value, content, "sha1", None)
    shown = [quirk for quirk in verdict.quirks if quirk is not Quirk.ALGORITHM_MISNAMED]
    weak = [] if Quirk.ALGORITHM_MISNAMED in verdict.quirks else [Quirk.SHA1]
    return Judgement(verdict.integrity, verdict.reason, (Quirk.NO_SIGNED_ATTRIBUTES, *weak, *shown))


def digest_name(signer: "cms.SignerInfo") -> tuple[str | None, tuple[Quirk, ...]]:
    """hashlib's name of a SignerInfo's digest, None for one we don't know; and what is odd about it."""
    dotted = signer["digest_algorithm"]["algorithm"].dotted
    name = digest_by_oid(dotted)
    quirks: tuple[Quirk, ...] = ()
    if name is None and dotted in _SIGNING_AS_DIGEST:
        name, quirks = _SIGNING_AS_DIGEST[dotted], (Quirk.ALGORITHM_MISNAMED,)
    if name in _WEAK:
        quirks = (*quirks, _WEAK[name])
    return name, quirks


def _message_digest(attributes: Any) -> bytes:
    stated = [
        value.native
        for attribute in attributes
        if attribute["type"].native == "message_digest"
        for value in attribute["values"]
    ]
    if len(stated) != 1:
        raise ValueError("one message digest is needed")
    return bytes(stated[0])


def _digest_of(stated: bytes, name: str, content: SignedBytes) -> str | None:
    """Which digest of the content was stated: the named one, or another one of the same length."""
    others = (other for other in DIGESTS if other != name)
    for candidate in (name, *others):
        size = hashlib.new(candidate, usedforsecurity=False).digest_size
        if size == len(stated) and content.digest(candidate) == stated:
            return candidate
    return None


def _attributes_agree(
    signer: "cms.SignerInfo", certificate: "x509.Certificate", name: str, standing: bytes
) -> Judgement:
    """The key has signed the attributes in DER; a program that didn't sort them signed them as they stand."""
    ordered = _in_order(standing)
    value, algorithm = signer["signature"].native, signer["signature_algorithm"]
    verdict = agrees(certificate, value, SignedBytes.of(ordered), name, algorithm)
    if verdict.integrity is Integrity.INVALID and ordered != standing:
        again = agrees(certificate, value, SignedBytes.of(standing), name, algorithm)
        if again.integrity is Integrity.VALID:
            return Judgement(Integrity.VALID, quirks=(*again.quirks, Quirk.ATTRIBUTES_NOT_DER))
    return verdict


def _in_order(standing: bytes) -> bytes:
    """The attributes as a DER SET OF (X.690 §11.6), with the length octets that they already have."""
    body = contents_of(standing)
    return standing[: len(standing) - len(body)] + b"".join(sorted(parts_of(body)))


def _attribute_quirks(signer: "cms.SignerInfo", attributes: Any, content_type: str) -> tuple[Quirk, ...]:
    quirks = []
    told = [attribute for attribute in attributes if attribute["type"].native == "content_type"]
    if len(told) != 1 or [value.native for value in told[0]["values"]] != [content_type]:
        quirks.append(Quirk.CONTENT_TYPE_WRONG)
    for attribute in attributes:
        if attribute["type"].native != "cms_algorithm_protection":
            continue
        protected = attribute["values"][0]
        own = signer["digest_algorithm"]["algorithm"].dotted
        if protected["digest_algorithm"]["algorithm"].dotted != own:
            quirks.append(Quirk.ALGORITHM_PROTECTION_BROKEN)
    return tuple(quirks)


def _names_certificate(attributes: Any, certificate: "x509.Certificate") -> tuple[bool, tuple[Quirk, ...]]:
    """Whether the signed signing-certificate attributes (RFC 5035), if any, mean this certificate."""
    der = certificate.dump()
    quirks: list[Quirk] = []
    for attribute in attributes:
        kind = attribute["type"].native
        if kind not in {"signing_certificate", "signing_certificate_v2"}:
            continue
        try:
            known = [_stated(one, kind) for value in attribute["values"] for one in value["certs"]]
        except BROKEN:
            quirks.append(Quirk.SIGNING_CERTIFICATE_UNCLEAR)
            continue
        matches = [_matching(stated, name, der) for name, stated in known]
        if not any(matches):
            return False, tuple(quirks)
        if matches[0] != known[0][0]:  # RFC 5035 §5.4.1: the signer's certificate is the first
            quirks.append(Quirk.SIGNING_CERTIFICATE_UNCLEAR)
    return True, tuple(dict.fromkeys(quirks))


def _stated(one: Any, kind: str) -> tuple[str, bytes]:
    name = "sha1"
    if kind == "signing_certificate_v2":
        name = digest_by_oid(one["hash_algorithm"]["algorithm"].dotted) or ""
    return name, bytes(one["cert_hash"].native)


def _matching(stated: bytes, name: str, der: bytes) -> str:
    """Which digest of the certificate was stated, the named one first; empty for none."""
    for candidate in dict.fromkeys((name, *DIGESTS)):
        if candidate and hashlib.new(candidate, der, usedforsecurity=False).digest() == stated:
            return candidate
    return ""
