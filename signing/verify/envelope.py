"""What stands in a signature's /Contents: CMS, a time-stamp token, or a bare RSA value (bao chữ ký)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from signing.verify.ber import as_der, contents_of, parts_of
from signing.verify.quirks import Quirk

if TYPE_CHECKING:
    from asn1crypto import cms, x509

BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What asn1crypto raises for bytes that it can't make sense of; it parses values when they are touched."""
_MOST_CERTIFICATES = 64
_MOST_SIGNERS = 8
_ATTRIBUTES_PLACE = 3
_SET_TAG = b"\x31"
_VERSIONS = {"v1", "v3", "v4", "v5"}


@dataclass(frozen=True)
class Envelope:
    """The parts of a CMS SignedData (RFC 5652 §5.1).

    `attributes` are the signed attributes of each signer as they stand (a SET), empty where there are none.
    `content` holds encapsulated octets (None: detached). `bare` is the PKCS#1 value of an
    `adbe.x509.rsa_sha1` signature, which has no CMS at all. `answers` and `lists` are embedded OCSP
    responses and CRLs in DER. `end` is where the value ended in /Contents.
    """

    signers: "tuple[cms.SignerInfo, ...]" = ()
    attributes: tuple[bytes, ...] = ()
    certificates: "tuple[x509.Certificate, ...]" = ()
    content_type: str = "data"
    content: bytes | None = None
    bare: bytes | None = None
    answers: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()
    end: int = 0
    quirks: tuple[Quirk, ...] = ()

    @property
    def stamping(self) -> bool:
        """Whether this is a time-stamp token (RFC 3161 §2.4.2)."""
        return self.content_type == "tst_info"


@dataclass(frozen=True)
class Signatory:
    """The certificate that a SignerInfo means, the others at hand, and what was odd about finding it.

    `certain` is False when the SignerInfo doesn't name the certificate and only the key can tell.
    """

    certificate: "x509.Certificate | None"
    beside: "tuple[x509.Certificate, ...]" = ()
    quirks: tuple[Quirk, ...] = field(default=())
    certain: bool = True


def envelope_of(contents: bytes) -> Envelope:
    """Read /Contents with its padding. Raises ValueError when it is no CMS SignedData with a signer."""
    from asn1crypto import cms, pdf, tsp  # the latter two teach the first their attributes

    _ = pdf, tsp
    der, end, changed = as_der(contents)
    try:
        info = cms.ContentInfo.load(der)
        if info["content_type"].native != "signed_data":
            raise ValueError("no signed data")
        data = info["content"]
        infos = data["signer_infos"]
        if not 0 < len(infos) <= _MOST_SIGNERS:
            raise ValueError("no signer, or far too many")
        signers = tuple(infos)
        inner = data["encap_content_info"]
        content_type = str(inner["content_type"].native)
        answers, lists = _revocations(data, signers)
        for signer in signers:
            _ = (
                signer["sid"].chosen,
                signer["digest_algorithm"]["algorithm"].dotted,
                len(signer["signed_attrs"]),
            )
            _ = signer["signature"].native, signer["signature_algorithm"]["algorithm"].dotted
        return Envelope(
            signers,
            _attributes(der),
            _certificates(data),
            content_type,
            _content(inner),
            answers=answers,
            lists=lists,
            end=end,
            quirks=_oddities(data, signers, ber=changed),
        )
    except BROKEN as error:
        raise ValueError("no CMS") from error


def bare_envelope(contents: bytes, certificates: Iterable[bytes]) -> Envelope:
    """An `adbe.x509.rsa_sha1` signature (ISO 32000-1 §12.8.3.2): an OCTET STRING, certificates in /Cert."""
    from asn1crypto import core

    der, end, changed = as_der(contents)
    try:
        value = bytes(core.OctetString.load(der).native)
    except BROKEN as error:
        raise ValueError("no octet string") from error
    quirks = (Quirk.LEGACY_FORMAT, *((Quirk.BER_ENCODED,) if changed else ()))
    return Envelope(certificates=parsed(certificates), bare=value, end=end, quirks=quirks)


def parsed(ders: Iterable[bytes]) -> "tuple[x509.Certificate, ...]":
    """Those of `ders` that are certificates; what isn't one is left out."""
    found = []
    for der in ders:
        certificate = _certificate(der)
        if certificate is not None:
            found.append(certificate)
        if len(found) == _MOST_CERTIFICATES:
            break
    return tuple(found)


@lru_cache(maxsize=1024)
def _certificate(der: bytes) -> "x509.Certificate | None":
    """The same few certificates come again and again; parsing them is most of the work."""
    from asn1crypto import x509

    try:
        certificate = x509.Certificate.load(der)
        touch(certificate)
    except BROKEN:
        return None
    return certificate


def touch(certificate: "x509.Certificate") -> None:
    """Parse what others will look at, so that a broken certificate shows now. Raises one of BROKEN."""
    _ = certificate.subject.native, certificate.issuer.native, certificate.serial_number
    _ = certificate.public_key.algorithm, certificate.public_key.native, certificate.public_key.sha1
    _ = certificate.ca
    _ = certificate.not_valid_before, certificate.not_valid_after
    _ = certificate.key_usage_value and certificate.key_usage_value.native
    _ = certificate.extended_key_usage_value and certificate.extended_key_usage_value.native
    _ = certificate.key_identifier, certificate.authority_key_identifier


def same_name(one: Any, other: Any) -> bool:
    """Whether two distinguished names are the same (RFC 5280 §7.1).

    Names with characters newer than the rule's Unicode can be compared by their bytes only.
    """
    if one.dump() == other.dump():
        return True
    try:
        return bool(one == other)
    except ValueError:
        return False


def signatory_of(
    signer: "cms.SignerInfo",
    held: "tuple[x509.Certificate, ...]",
    elsewhere: "tuple[x509.Certificate, ...]" = (),
) -> Signatory:
    """The certificate that the SignerInfo names (RFC 5652 §5.3), looked for in `held`, then `elsewhere`."""
    for pool, quirks in ((held, ()), (elsewhere, (Quirk.CERTIFICATE_FROM_ELSEWHERE,))):
        for certificate in pool:
            if _named(signer["sid"], certificate):
                return Signatory(certificate, _others(certificate, held), quirks)
    papers = [certificate for certificate in held if not certificate.ca]
    if len(papers) == 1:
        beside = _others(papers[0], held)
        return Signatory(papers[0], beside, (Quirk.SIGNER_NAMED_WRONGLY,), certain=False)
    return Signatory(None, held)


def _others(
    certificate: "x509.Certificate", held: "tuple[x509.Certificate, ...]"
) -> "tuple[x509.Certificate, ...]":
    own = certificate.sha256
    return tuple({one.sha256: one for one in held if one.sha256 != own}.values())


def _named(identity: Any, certificate: "x509.Certificate") -> bool:
    if identity.name == "issuer_and_serial_number":
        named = identity.chosen
        return bool(
            certificate.serial_number == named["serial_number"].native
            and same_name(certificate.issuer, named["issuer"])
        )
    stated = identity.chosen.native
    return stated in (certificate.key_identifier, certificate.public_key.sha1)


def _certificates(data: Any) -> "tuple[x509.Certificate, ...]":
    choices = [choice for choice in (data["certificates"] or ()) if choice.name == "certificate"]
    return parsed(choice.chosen.dump() for choice in choices)


def _attributes(der: bytes) -> tuple[bytes, ...]:
    """Each signer's attributes as they stand: asn1crypto sorts them once they are looked at."""
    content = contents_of(parts_of(contents_of(der))[1])
    infos = parts_of(contents_of(content))[-1]
    found = []
    for info in parts_of(contents_of(infos)):
        parts = parts_of(contents_of(info))
        tagged = parts[_ATTRIBUTES_PLACE][:1] == b"\xa0"
        found.append(_SET_TAG + parts[_ATTRIBUTES_PLACE][1:] if tagged else b"")
    return tuple(found)


def _content(inner: Any) -> bytes | None:
    content = inner["content"]
    if content.native is None:
        return None
    if hasattr(content, "parsed"):  # ParsableOctetString
        return bytes(content)
    return bytes(content.contents)


def _revocations(
    data: Any, signers: "Iterable[cms.SignerInfo]"
) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """OCSP answers and CRLs: Adobe's signed attribute, the CMS's own field, CAdES revocation values."""
    answers: list[bytes] = []
    lists: list[bytes] = []
    try:
        for choice in data["crls"] or ():
            if choice.name == "crl":
                lists.append(choice.chosen.dump())
            elif choice.chosen["other_rev_info_format"].native == "ocsp_response":
                answers.append(choice.chosen["other_rev_info"].dump())
        for signer in signers:
            for attribute in (*(signer["signed_attrs"] or ()), *(signer["unsigned_attrs"] or ())):
                if attribute["type"].native == "adobe_revocation_info_archival":
                    held = attribute["values"][0]
                    answers += [one.dump() for one in held["ocsp"] or ()]
                    lists += [one.dump() for one in held["crl"] or ()]
    except BROKEN:
        return (), ()
    return tuple(answers), tuple(lists)


def _oddities(data: Any, signers: "tuple[cms.SignerInfo, ...]", *, ber: bool) -> tuple[Quirk, ...]:
    quirks = []
    if ber:
        quirks.append(Quirk.BER_ENCODED)
    if len(signers) > 1:
        quirks.append(Quirk.SEVERAL_SIGNERS)
    named = {algorithm["algorithm"].dotted for algorithm in data["digest_algorithms"]}
    used = {signer["digest_algorithm"]["algorithm"].dotted for signer in signers}
    versions = {data["version"].native, *(signer["version"].native for signer in signers)}
    odd = any(_has_odd_parameters(algorithm) for algorithm in data["digest_algorithms"])
    if odd or not used <= named or not versions <= _VERSIONS:
        quirks.append(Quirk.CMS_INCONSISTENT)
    return tuple(quirks)


def _has_odd_parameters(algorithm: Any) -> bool:
    """Whether a digest algorithm has parameters other than none or NULL (RFC 5754 §2)."""
    return algorithm.contents[len(algorithm["algorithm"].dump()) :] not in (b"", b"\x05\x00")
