"""CMS signatures and time-stamp tokens of every kind that is in use, and of kinds that aren't sound."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, cms, core, pdf, tsp
from asn1crypto import x509 as asn1x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.signing.forge_people import NOW, Person

_ = pdf  # teaches `cms` Adobe's attribute


@dataclass(frozen=True)
class Recipe:
    """How a CMS signature is to be made; the defaults are a plain PAdES B-B one."""

    person: Person
    digest: str = "sha256"
    named_digest: str = ""
    scheme: str = "pkcs1"
    null: bool = True
    salt: int | None = None
    stated_salt: int | None = None
    oid: str = ""
    certificates: Sequence[Person] | None = None
    shown: Person | None = None
    attributes: bool = True
    order: str = "der"
    content_type: str = "data"
    signing_time: datetime | None = NOW
    binding: str = "v2"
    bound: Person | None = None
    sid: str = "issuer"
    content: bytes | None = None
    stamp: "Callable[[bytes], bytes] | None" = None
    more_signed: Sequence[tuple[str, Any]] = ()
    ber: bool = False
    version: str = "v1"
    flip_value: bool = False
    signers: int = 1
    trailing: bytes = b""

    def but(self, **changed: Any) -> "Recipe":
        return replace(self, **changed)


def certificate_of(person: Person) -> asn1x509.Certificate:
    return asn1x509.Certificate.load(person.der)


def hashed(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()


def signed_data(content: bytes, recipe: Recipe, *, eci: str = "data") -> bytes:
    """A ContentInfo in DER (or BER) over `content`, which is left out unless the recipe has its own."""
    people = [recipe.shown or recipe.person] if recipe.certificates is None else list(recipe.certificates)
    inner: dict[str, Any] = {"content_type": eci}
    if recipe.content is not None:
        inner["content"] = (
            core.OctetString(recipe.content) if eci == "data" else core.ParsableOctetString(recipe.content)
        )
    signer = _signer_info(recipe.content if recipe.content is not None else content, recipe)
    data = cms.SignedData(
        {
            "version": recipe.version if eci == "data" else "v3",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": recipe.named_digest or recipe.digest})],
            "encap_content_info": inner,
            "certificates": [cms.CertificateChoices("certificate", certificate_of(one)) for one in people],
            "signer_infos": [signer] * recipe.signers,
        }
    )
    der = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    return (indefinite(der) if recipe.ber else der) + recipe.trailing


def _signer_info(content: bytes, recipe: Recipe) -> cms.SignerInfo:
    named = recipe.named_digest or recipe.digest
    shown = certificate_of(recipe.shown or recipe.person)
    if recipe.sid == "ski":
        sid = cms.SignerIdentifier("subject_key_identifier", shown.key_identifier)
    else:
        serial = shown.serial_number + (1 if recipe.sid == "wrong" else 0)
        sid = cms.SignerIdentifier(
            "issuer_and_serial_number", {"issuer": shown.issuer, "serial_number": serial}
        )
    digest = hashed(recipe.digest, content)
    attributes = _attributes(digest, recipe) if recipe.attributes else None
    value = signature_value(attributes if attributes is not None else content, recipe)
    if recipe.flip_value:
        value = value[:20] + bytes([value[20] ^ 1]) + value[21:]
    fields: dict[str, Any] = {
        "version": "v3" if recipe.sid == "ski" else "v1",
        "sid": sid,
        "digest_algorithm": {"algorithm": named},
        "signature_algorithm": _algorithm(recipe),
        "signature": value,
    }
    if attributes is not None:
        fields["signed_attrs"] = cms.CMSAttributes.load(attributes)
    if recipe.stamp is not None:
        token = cms.ContentInfo.load(recipe.stamp(value))
        fields["unsigned_attrs"] = [{"type": "signature_time_stamp_token", "values": [token]}]
    return cms.SignerInfo(fields)


def _attributes(digest: bytes, recipe: Recipe) -> bytes:
    """The signed attributes as a SET, in DER order or as the recipe wants them."""
    held: list[tuple[str, Any]] = [("message_digest", digest)]
    if recipe.content_type:
        held.append(("content_type", recipe.content_type))
    if recipe.signing_time is not None:
        held.append(("signing_time", cms.Time("utc_time", recipe.signing_time)))
    bound = certificate_of(recipe.bound or recipe.person)
    if recipe.binding == "v2":
        hashed_certificate = {"cert_hash": hashed("sha256", bound.dump())}
        held.append(("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [hashed_certificate]})))
    elif recipe.binding == "v2-misnamed":
        named = {"hash_algorithm": {"algorithm": "sha512"}, "cert_hash": hashed("sha256", bound.dump())}
        held.append(("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [named]})))
    elif recipe.binding == "v1":
        held.append(("signing_certificate", tsp.SigningCertificate({"certs": [{"cert_hash": bound.sha1}]})))
    held += recipe.more_signed
    parts = [cms.CMSAttribute({"type": kind, "values": [value]}).dump() for kind, value in held]
    parts.sort(reverse=recipe.order == "reverse")
    return tlv(0x31, b"".join(parts))


def signature_value(message: bytes, recipe: Recipe) -> bytes:
    """The raw signature over `message`."""
    key, name = recipe.person.key, recipe.digest
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    algorithm = getattr(hashes, name.upper())()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        der = key.sign(message, ec.ECDSA(algorithm))
        if recipe.scheme != "plain":
            return der
        size = (key.curve.key_size + 7) // 8
        return b"".join(number.to_bytes(size, "big") for number in utils.decode_dss_signature(der))
    if isinstance(key, RSAPrivateKey) and recipe.scheme == "pss":
        salt = algorithm.digest_size if recipe.salt is None else recipe.salt
        return key.sign(message, padding.PSS(padding.MGF1(algorithm), salt), algorithm)
    if isinstance(key, RSAPrivateKey):
        return raw_rsa(key, digest_info(name, hashed(name, message), null=recipe.null))
    return key.sign(message, algorithm)


def digest_info(name: str, value: bytes, *, null: bool = True) -> bytes:
    oid = core.ObjectIdentifier(algos.DigestAlgorithmId(name).dotted).dump()
    return tlv(0x30, tlv(0x30, oid + (b"\x05\x00" if null else b"")) + tlv(0x04, value))


def raw_rsa(key: RSAPrivateKey, block: bytes) -> bytes:
    """PKCS#1 v1.5 over any block, also one that no library would sign."""
    numbers = key.private_numbers()
    size = (key.key_size + 7) // 8
    padded = b"\0\1" + b"\xff" * (size - 3 - len(block)) + b"\0" + block
    whole = pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n)
    return whole.to_bytes(size, "big")


def _algorithm(recipe: Recipe) -> algos.SignedDigestAlgorithm:
    key = recipe.person.key
    named = recipe.named_digest or recipe.digest
    if recipe.scheme == "pss":
        size = hashlib.new(recipe.digest).digest_size
        stated = (
            recipe.stated_salt
            if recipe.stated_salt is not None
            else (size if recipe.salt is None else recipe.salt)
        )
        parameters = algos.RSASSAPSSParams(
            {
                "hash_algorithm": {"algorithm": recipe.digest},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": recipe.digest}},
                "salt_length": stated,
            }
        )
        if not recipe.oid:
            return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
        oid = core.ObjectIdentifier(recipe.oid).dump()
        return algos.SignedDigestAlgorithm.load(tlv(0x30, oid + parameters.dump()))
    if recipe.oid:
        return algos.SignedDigestAlgorithm.load(
            tlv(0x30, core.ObjectIdentifier(recipe.oid).dump() + b"\x05\x00")
        )
    if isinstance(key, rsa.RSAPrivateKey):
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return algos.SignedDigestAlgorithm({"algorithm": f"{named}_ecdsa"})
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return algos.SignedDigestAlgorithm({"algorithm": "ed25519"})
    return algos.SignedDigestAlgorithm({"algorithm": f"{named}_dsa"})


@dataclass(frozen=True)
class Stamper:
    """Makes time-stamp tokens; `at` is their time."""

    person: Person
    at: datetime = NOW
    digest: str = "sha256"
    certificates: Sequence[Person] | None = None
    imprint: bytes | None = None
    flip_value: bool = False
    eci: str = "tst_info"
    more: Sequence[tuple[str, Any]] = field(default=())

    def __call__(self, stamped: bytes) -> bytes:
        """A token over `stamped` in DER."""
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3.4",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": self.digest},
                    "hashed_message": self.imprint or hashed(self.digest, stamped),
                },
                "serial_number": 7,
                "gen_time": self.at.astimezone(UTC),
            }
        )
        recipe = Recipe(
            self.person,
            certificates=self.certificates,
            content_type=self.eci,
            content=info.dump(),
            signing_time=None,
            flip_value=self.flip_value,
        )
        return signed_data(b"", recipe, eci=self.eci)


def tlv(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    told = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(told)]) + told + body


def indefinite(der: bytes, depth: int = 4) -> bytes:
    """The outer `depth` layers with indefinite lengths, as some tokens write them."""
    tag = der[0]
    at, count = 2, der[1]
    if count >= 0x80:
        at, count = 2 + (count & 0x7F), int.from_bytes(der[2 : 2 + (count & 0x7F)], "big")
    if not tag & 0x20 or depth == 0 or tag in (0x31, 0xA1):
        return der
    parts, place = b"", at
    while place < at + count:
        size = _size(der[place:])
        parts += indefinite(der[place : place + size], depth - 1)
        place += size
    return bytes([tag, 0x80]) + parts + b"\0\0"


def _size(der: bytes) -> int:
    first = der[1]
    if first < 0x80:
        return 2 + first
    return 2 + (first & 0x7F) + int.from_bytes(der[2 : 2 + (first & 0x7F)], "big")
