"""Does the key agree with the signed bytes? RSA, ECDSA, EdDSA and DSA on the numbers themselves (khóa).

A deviation from the letter of a standard that leaves hash and key in agreement is named as a quirk; it
doesn't turn a genuine signature into a forged one.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from signing.verify.quirks import Quirk
from signing.verify.verdict import Integrity, Judgement

if TYPE_CHECKING:
    from asn1crypto import x509

DIGESTS = (
    "sha256",
    "sha1",
    "sha384",
    "sha512",
    "sha224",
    "sha3_256",
    "sha3_384",
    "sha3_512",
    "sha3_224",
    "md5",
)
"""The digests that are known, by hashlib's names, the usual ones first."""
_DIGEST_OIDS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sha3_224": "2.16.840.1.101.3.4.2.7",
    "sha3_256": "2.16.840.1.101.3.4.2.8",
    "sha3_384": "2.16.840.1.101.3.4.2.9",
    "sha3_512": "2.16.840.1.101.3.4.2.10",
}
_PSS_OID = "1.2.840.113549.1.1.10"
_RSA_PLAIN_OID = "1.2.840.113549.1.1.1"
_RSA_FAMILY = "1.2.840.113549.1.1."
_LARGEST_RSA_BITS = 16_384
_SHORTEST = {"rsa": 2048, "ec": 224, "dsa": 2048}
_MISMATCH = Judgement(Integrity.INVALID, "key-mismatch")
_UNKNOWN = Judgement(Integrity.UNDETERMINED, "key-unknown")


@dataclass(frozen=True)
class SignedBytes:
    """What the key signed: `digest(name)` of it, None for an unknown digest; and itself where it is short.

    `message` brings the bytes only when they are needed: few keys sign anything but a digest.
    """

    digest: Callable[[str], bytes | None]
    message: Callable[[], bytes] | None = None

    @classmethod
    def of(cls, message: bytes) -> "SignedBytes":
        """A message that is at hand, such as the signed attributes."""
        return cls(lambda name: hashlib.new(name, message, usedforsecurity=False).digest(), lambda: message)


def digest_by_oid(dotted: str) -> str | None:
    """hashlib's name of a digest algorithm, None for one we don't know."""
    return next((name for name, oid in _DIGEST_OIDS.items() if oid == dotted), None)


def agrees(
    certificate: "x509.Certificate", signature: bytes, signed: SignedBytes, digest: str, algorithm: Any
) -> Judgement:
    """Whether `signature` is over `signed` by the certificate's key.

    `digest` is the stated digest's name; `algorithm` a SignedDigestAlgorithm, or None for plain RSA.
    """
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

    key = _key_of(certificate.public_key.dump())
    if isinstance(key, rsa.RSAPublicKey):
        verdict = _rsa(key, signature, signed, digest, algorithm)
        return _with_key_size(verdict, key.key_size, "rsa")
    if isinstance(key, ec.EllipticCurvePublicKey):
        verdict = _one_of(digest, algorithm, lambda name: _ecdsa(key, signature, signed, name))
        return _with_key_size(verdict, key.curve.key_size, "ec")
    if isinstance(key, dsa.DSAPublicKey):
        verdict = _one_of(digest, algorithm, lambda name: _dsa(key, signature, signed, name))
        return _with_key_size(verdict, key.key_size, "dsa")
    if isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        return _edwards(key, signature, signed)
    return _UNKNOWN


@lru_cache(maxsize=256)
def _key_of(spki: bytes) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        return load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _with_key_size(verdict: Judgement, bits: int, kind: str) -> Judgement:
    if bits >= _SHORTEST[kind]:
        return verdict
    return Judgement(verdict.integrity, verdict.reason, (*verdict.quirks, Quirk.SHORT_KEY))


def _rsa(key: Any, signature: bytes, signed: SignedBytes, digest: str, algorithm: Any) -> Judgement:
    if key.key_size > _LARGEST_RSA_BITS:
        return _UNKNOWN
    oid = algorithm["algorithm"].dotted if algorithm is not None else _RSA_PLAIN_OID
    parameters = algorithm.contents[len(algorithm["algorithm"].dump()) :] if algorithm is not None else b""
    if oid == _PSS_OID or parameters[:1] == b"\x30":
        quirks = () if oid == _PSS_OID else (Quirk.RSA_OID_WITH_PSS,)
        pss = _pss(key, signature, signed, digest, parameters)
        if pss.integrity is Integrity.INVALID:
            plain = _pkcs1(key, signature, signed, digest)
            if plain.integrity is Integrity.VALID:
                named = plain.quirks if quirks else (*plain.quirks, Quirk.ALGORITHM_MISNAMED)
                return Judgement(Integrity.VALID, quirks=(*quirks, *named))
        return Judgement(pss.integrity, pss.reason, (*quirks, *pss.quirks))
    verdict = _pkcs1(key, signature, signed, digest)
    if (
        verdict.integrity is Integrity.VALID
        and not oid.startswith(_RSA_FAMILY)
        and digest_by_oid(oid) is None
    ):
        return Judgement(Integrity.VALID, quirks=(*verdict.quirks, Quirk.ALGORITHM_MISNAMED))
    return verdict


def _pkcs1(key: Any, signature: bytes, signed: SignedBytes, digest: str) -> Judgement:
    """RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2): the DigestInfo in the block must hold exactly our digest."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding

    size = (key.key_size + 7) // 8
    if len(signature) < size:  # some tokens leave leading zeros out
        signature = signature.rjust(size, b"\0")
    try:
        block = key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
    except (InvalidSignature, ValueError):
        return _MISMATCH
    for name in (digest, *(other for other in DIGESTS if other != digest)):
        value = signed.digest(name)
        if value is None or not block.endswith(value):
            continue
        misnamed = () if name == digest else (Quirk.ALGORITHM_MISNAMED,)
        if block == _digest_info(name, value, null=True):
            return Judgement(Integrity.VALID, quirks=misnamed)
        if block == _digest_info(name, value, null=False):
            return Judgement(Integrity.VALID, quirks=(Quirk.DIGEST_INFO_WITHOUT_NULL, *misnamed))
    return _MISMATCH


def _digest_info(name: str, value: bytes, *, null: bool) -> bytes:
    """The DER of a DigestInfo, with or without NULL; it is compared whole, so nothing can trail it."""
    from asn1crypto import core

    identifier = core.ObjectIdentifier(_DIGEST_OIDS[name]).dump() + (core.Null().dump() if null else b"")
    inner = b"\x30" + bytes([len(identifier)]) + identifier
    body: bytes = inner + core.OctetString(value).dump()
    return b"\x30" + bytes([len(body)]) + body


def _pss(key: Any, signature: bytes, signed: SignedBytes, digest: str, parameters: bytes) -> Judgement:
    """RSASSA-PSS as stated; where that fails, with whatever salt and mask digest the block really has."""
    from asn1crypto import algos
    from cryptography.hazmat.primitives.asymmetric import padding

    known = _hashes()
    try:
        given = algos.RSASSAPSSParams.load(parameters or b"\x30\x00")
        main = digest_by_oid(given["hash_algorithm"]["algorithm"].dotted) or ""
        mask = digest_by_oid(given["mask_gen_algorithm"]["parameters"]["algorithm"].dotted) or ""
        salt = int(given["salt_length"].native)
    except (ValueError, TypeError, KeyError):
        main, mask, salt = digest, digest, -1
    if main not in known or mask not in known:
        return _UNKNOWN
    if salt >= 0 and _verifies(key, signature, signed, main, padding.PSS(padding.MGF1(known[mask]), salt)):
        quirks = () if main == digest else (Quirk.ALGORITHM_MISNAMED,)
        return Judgement(Integrity.VALID, quirks=quirks)
    tried = dict.fromkeys(((main, mask), (main, main), (digest, digest), (main, "sha1"), (digest, "sha1")))
    for name, other in tried:
        form = padding.PSS(padding.MGF1(known[other]), padding.PSS.AUTO)
        if _verifies(key, signature, signed, name, form):
            return Judgement(Integrity.VALID, quirks=(Quirk.PSS_PARAMETERS_WRONG,))
    return _MISMATCH


def _verifies(key: Any, signature: bytes, signed: SignedBytes, name: str, form: Any) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    value = signed.digest(name)
    if value is None:
        return False
    try:
        key.verify(signature, value, form, Prehashed(_hashes()[name]))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _one_of(digest: str, algorithm: Any, judged: Callable[[str], Judgement]) -> Judgement:
    """The verdict for the digest that the algorithm names, else for the one that the SignerInfo names."""
    named = _digest_in(algorithm)
    for name in dict.fromkeys((named or digest, digest)):
        verdict = judged(name)
        if verdict.integrity is Integrity.VALID:
            misnamed = () if named in (None, digest) else (Quirk.ALGORITHM_MISNAMED,)
            return Judgement(Integrity.VALID, quirks=(*verdict.quirks, *misnamed))
    return _MISMATCH


def _digest_in(algorithm: Any) -> str | None:
    """The digest that a signature algorithm such as ecdsa-with-SHA384 contains."""
    try:
        name = str(algorithm.hash_algo)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return name if name in DIGESTS else None


def _ecdsa(key: Any, signature: bytes, signed: SignedBytes, name: str) -> Judgement:
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    value = signed.digest(name)
    if value is None:
        return _MISMATCH
    scheme = ec.ECDSA(utils.Prehashed(_hashes()[name]))
    if _holds(key, signature, value, scheme):
        return Judgement(Integrity.VALID)
    size = (key.curve.key_size + 7) // 8
    if len(signature) == 2 * size:
        r, s = (int.from_bytes(half, "big") for half in (signature[:size], signature[size:]))
        if _holds(key, utils.encode_dss_signature(r, s), value, scheme):
            return Judgement(Integrity.VALID, quirks=(Quirk.ECDSA_PLAIN,))
    return _MISMATCH


def _dsa(key: Any, signature: bytes, signed: SignedBytes, name: str) -> Judgement:
    from cryptography.hazmat.primitives.asymmetric import utils

    value = signed.digest(name)
    if value is None or not _holds(key, signature, value, utils.Prehashed(_hashes()[name])):
        return _MISMATCH
    return Judgement(Integrity.VALID)


def _edwards(key: Any, signature: bytes, signed: SignedBytes) -> Judgement:
    """Ed25519 and Ed448 sign the message itself (RFC 8419)."""
    if signed.message is None:
        return _UNKNOWN
    return Judgement(Integrity.VALID) if _holds(key, signature, signed.message()) else _MISMATCH


def _holds(key: Any, signature: bytes, *told: Any) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        key.verify(signature, *told)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


@lru_cache(maxsize=1)
def _hashes() -> dict[str, Any]:
    from cryptography.hazmat.primitives import hashes

    return {name: getattr(hashes, name.upper())() for name in DIGESTS}
