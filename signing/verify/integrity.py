"""Do the hash and the key agree with what was signed? (tính toàn vẹn)

The judgement is made on the numbers themselves: the digest in the signed attributes against the digest of
the bytes, and the RSA or ECDSA value against the signer's public key. Deviations from the letter of a
standard that leave both in agreement are named as quirks, they don't turn a genuine signature into a
forged one.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asn1crypto import cms, x509

DIGESTS = ("sha1", "sha224", "sha256", "sha384", "sha512")
_RSA_OIDS = {
    "1.2.840.113549.1.1.1",
    "1.2.840.113549.1.1.5",
    "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.12",
    "1.2.840.113549.1.1.13",
    "1.2.840.113549.1.1.14",
}
_PSS_OID = "1.2.840.113549.1.1.10"
_RSA_PLAIN_OID = "1.2.840.113549.1.1.1"


class Integrity(StrEnum):
    """The verdict on the bytes (toàn vẹn)."""

    VALID = "valid"
    INVALID = "invalid"
    UNDETERMINED = "undetermined"


class Quirk(StrEnum):
    """Deviations seen in genuine documents, by name."""

    DIGEST_INFO_WITHOUT_NULL = "digest-info-without-null"
    """The RSA block holds a DigestInfo whose algorithm has no NULL parameter (RFC 8017 §9.2 note 2)."""
    RSA_OID_WITH_PSS = "rsa-oid-with-pss-parameters"
    """The algorithm is named rsaEncryption but carries RSASSA-PSS parameters."""
    SHA1 = "sha1"
    """The digest is SHA-1, which no longer protects against collisions."""
    JUNK_BEFORE_HEADER = "junk-before-header"
    """Bytes stand before %PDF; the signature counts from %PDF."""
    LATER_REVISIONS = "later-harmless-revisions"
    """Revisions follow that change nothing which the signer saw."""
    CERTIFIED_THEN_SIGNED = "certified-then-changed"
    """A certification forbids later changes, yet (harmless) ones follow."""
    LOCAL_TIME_AS_UTC = "signing-time-local-marked-utc"
    """The claimed signing time is local time marked as UTC: seven hours ahead."""
    CLAIMED_AFTER_TIMESTAMP = "claimed-time-after-timestamp"
    """The claimed time lies after the time stamp."""
    MISSING_MIDDLE_CA = "missing-middle-ca"
    """An issuing certificate between the signer and the root isn't at hand."""
    ALGORITHM_MISNAMED = "algorithm-misnamed"
    """The digest in the RSA block isn't the one the signature names."""
    UNCLEAR_COVERAGE = "unclear-coverage"
    """The signed byte range isn't the file's beginning with only the signature left out."""


@dataclass(frozen=True)
class Judgement:
    """The verdict, the reason of anything but VALID (see `signing.verify.reasons`), the quirks met."""

    integrity: Integrity
    reason: str = ""
    quirks: tuple[Quirk, ...] = ()


def judge(signer: "cms.SignerInfo", certificate: "x509.Certificate", digest: bytes | None) -> Judgement:
    """Judge one SignerInfo (RFC 5652 §5.4) against the digest of its content.

    `digest` is over the signed content with the SignerInfo's digest algorithm; None means unknown algorithm.
    """
    if digest is None:
        return Judgement(Integrity.UNDETERMINED, "digest-unknown")
    try:
        signed, quirks = _signed_bytes(signer, digest)
    except ValueError:
        return Judgement(Integrity.UNDETERMINED, "cms-broken")
    if signed is None:
        return Judgement(Integrity.INVALID, "digest-mismatch", quirks)
    if not _names_certificate(signer, certificate):
        return Judgement(Integrity.INVALID, "certificate-swapped", quirks)
    algorithm = str(signer["digest_algorithm"]["algorithm"].native)
    verdict = _key_agrees(signer, certificate, signed, algorithm)
    return Judgement(verdict.integrity, verdict.reason, (*quirks, *verdict.quirks))


def digest_name(signer: "cms.SignerInfo") -> str | None:
    """The digest algorithm of a SignerInfo as hashlib names it, None for one we don't know."""
    name = str(signer["digest_algorithm"]["algorithm"].native)
    return name if name in DIGESTS else None


def _signed_bytes(signer: "cms.SignerInfo", digest: bytes) -> tuple[bytes | None, tuple[Quirk, ...]]:
    """What the key has signed: the attributes when there are some (None when their digest isn't ours)."""
    quirks = (Quirk.SHA1,) if digest_name(signer) == "sha1" else ()
    attributes = signer["signed_attrs"]
    if not len(attributes):
        raise ValueError("no signed attributes")
    plain = attributes.untag()
    stated = [
        value.native
        for attribute in plain
        if attribute["type"].native == "message_digest"
        for value in attribute["values"]
    ]
    if len(stated) != 1:
        raise ValueError("one message digest is needed")
    return (plain.dump() if stated[0] == digest else None), quirks


def _names_certificate(signer: "cms.SignerInfo", certificate: "x509.Certificate") -> bool:
    """Whether the signed signing-certificate attribute (RFC 5035), if any, means this certificate."""
    der = certificate.dump()
    for attribute in signer["signed_attrs"]:
        kind = attribute["type"].native
        if kind not in {"signing_certificate", "signing_certificate_v2"}:
            continue
        for value in attribute["values"]:
            first = value["certs"][0]
            stated = first["cert_hash"].native
            name = "sha1"
            if kind == "signing_certificate_v2":
                name = str(first["hash_algorithm"]["algorithm"].native)
            if name not in DIGESTS or hashlib.new(name, der, usedforsecurity=False).digest() != stated:
                return False
    return True


def _key_agrees(
    signer: "cms.SignerInfo", certificate: "x509.Certificate", signed: bytes, digest: str
) -> Judgement:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(certificate.public_key.dump())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return Judgement(Integrity.UNDETERMINED, "key-unknown")
    signature = signer["signature"].native
    algorithm = signer["signature_algorithm"]
    if isinstance(key, RSAPublicKey):
        return _rsa_agrees(key, signature, signed, digest, algorithm)
    if isinstance(key, EllipticCurvePublicKey):
        return _ecdsa_agrees(key, signature, signed, digest)
    return Judgement(Integrity.UNDETERMINED, "key-unknown")


def _rsa_agrees(key: Any, signature: bytes, signed: bytes, digest: str, algorithm: Any) -> Judgement:
    oid = algorithm["algorithm"].dotted
    parameters = algorithm.contents[len(algorithm["algorithm"].dump()) :]
    has_pss = parameters[:1] == b"\x30"
    if oid == _PSS_OID or (oid == _RSA_PLAIN_OID and has_pss):
        quirks = (Quirk.RSA_OID_WITH_PSS,) if oid == _RSA_PLAIN_OID else ()
        pss = _pss_agrees(key, signature, signed, parameters)
        if pss.integrity is Integrity.VALID or oid == _PSS_OID:
            return Judgement(pss.integrity, pss.reason, quirks)
        plain = _pkcs1_agrees(key, signature, signed, digest)
        return Judgement(plain.integrity, plain.reason, (*quirks, *plain.quirks))
    if oid not in _RSA_OIDS:
        return Judgement(Integrity.UNDETERMINED, "key-unknown")
    return _pkcs1_agrees(key, signature, signed, digest)


def _pkcs1_agrees(key: Any, signature: bytes, signed: bytes, digest: str) -> Judgement:
    """RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2): the DigestInfo in the block must hold exactly our digest."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding

    try:
        block = key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
    except (InvalidSignature, ValueError):
        return Judgement(Integrity.INVALID, "key-mismatch")
    for name in (digest, *(other for other in DIGESTS if other != digest)):
        value = hashlib.new(name, signed, usedforsecurity=False).digest()
        misnamed = () if name == digest else (Quirk.ALGORITHM_MISNAMED,)
        if block == _digest_info(name, value, null=True):
            return Judgement(Integrity.VALID, quirks=misnamed)
        if block == _digest_info(name, value, null=False):
            return Judgement(Integrity.VALID, quirks=(Quirk.DIGEST_INFO_WITHOUT_NULL, *misnamed))
    return Judgement(Integrity.INVALID, "key-mismatch")


def _digest_info(name: str, value: bytes, *, null: bool) -> bytes:
    """The DER of a DigestInfo, with or without NULL; it is compared whole, so nothing can trail it."""
    from asn1crypto import algos, core

    identifier = algos.DigestAlgorithmId(name).dump() + (core.Null().dump() if null else b"")
    inner = b"\x30" + bytes([len(identifier)]) + identifier
    body: bytes = inner + core.OctetString(value).dump()
    return b"\x30" + bytes([len(body)]) + body


def _pss_agrees(key: Any, signature: bytes, signed: bytes, parameters: bytes) -> Judgement:
    from asn1crypto import algos
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    known: dict[str, hashes.HashAlgorithm] = {
        "sha1": hashes.SHA1(),  # noqa: S303
        "sha224": hashes.SHA224(),
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    try:
        given = algos.RSASSAPSSParams.load(parameters or b"\x30\x00")
        main = known[str(given["hash_algorithm"]["algorithm"].native)]
        mask = known[str(given["mask_gen_algorithm"]["parameters"]["algorithm"].native)]
        salt = int(given["salt_length"].native)
    except (ValueError, TypeError, KeyError):
        return Judgement(Integrity.UNDETERMINED, "key-unknown")
    try:
        key.verify(signature, signed, padding.PSS(padding.MGF1(mask), salt), main)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return Judgement(Integrity.INVALID, "key-mismatch")
    return Judgement(Integrity.VALID)


def _ecdsa_agrees(key: Any, signature: bytes, signed: bytes, digest: str) -> Judgement:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    value = hashlib.new(digest, signed, usedforsecurity=False).digest()
    sizes = {
        20: hashes.SHA1(),  # noqa: S303
        28: hashes.SHA224(),
        32: hashes.SHA256(),
        48: hashes.SHA384(),
        64: hashes.SHA512(),
    }
    try:
        key.verify(signature, value, ec.ECDSA(utils.Prehashed(sizes[len(value)])))
    except (InvalidSignature, ValueError):
        return Judgement(Integrity.INVALID, "key-mismatch")
    return Judgement(Integrity.VALID)
