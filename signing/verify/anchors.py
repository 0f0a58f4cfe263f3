"""Whom do we trust? The certificates shipped and those added by the administrator (chứng thư gốc tin cậy)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from resources import path as resource
from signing.errors import SigningError, SigningFault
from signing.verify.envelope import BROKEN, touch
from signing.verify.revocation import NO_EVIDENCE, Evidence

if TYPE_CHECKING:
    from asn1crypto import x509

_ENDINGS = {".pem", ".crt", ".cer", ".der"}
_ANSWER_ENDING = ".ors"
"""An OCSP response in DER (RFC 6960 §C.2)."""
_LARGEST_BYTES = 1 << 20
_LARGEST_CRL_BYTES = 1 << 25


@dataclass(frozen=True)
class Anchors:
    """Self-signed CA certificates are trusted as roots, the others only help to build chains.

    `holders` are self-signed certificates of no CA: they are trusted for their own signatures only.
    """

    roots: "tuple[x509.Certificate, ...]"
    between: "tuple[x509.Certificate, ...]"
    holders: "tuple[x509.Certificate, ...]" = ()
    evidence: Evidence = NO_EVIDENCE

    @cached_property
    def by_name(self) -> frozenset[bytes]:
        """SHA-256 fingerprints of the certificates that were put among the trusted themselves."""
        return frozenset(one.sha256 for one in (*self.roots, *self.holders))


def anchors(added: Sequence[Path] = ()) -> Anchors:
    """The shipped certificates and those of `added`: files or folders (`.pem .crt .cer .der .crl .ors`).

    Raises `sign.trust-broken` for a file that holds neither certificates nor a revocation list.
    """
    files = [*_files_of(resource("trust")), *(file for path in added for file in _files_of(path))]
    certificates: dict[bytes, x509.Certificate] = {}
    answers: list[bytes] = []
    lists: list[bytes] = []
    for file in files:
        ending = file.suffix.lower()
        if ending == ".crl":
            lists.append(_revocations_in(file, _age(file)))
        elif ending == _ANSWER_ENDING:
            answers.append(_read(file, _LARGEST_BYTES))
        else:
            for certificate in _certificates_in(file, _age(file)):
                certificates[certificate.sha256] = certificate
    held = certificates.values()
    return Anchors(
        tuple(one for one in held if one.self_issued and _may_issue(one)),
        tuple(one for one in held if not one.self_issued),
        tuple(one for one in held if one.self_issued and not _may_issue(one)),
        Evidence(tuple(answers), tuple(lists)),
    )


def _age(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError as error:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name) from error


def _may_issue(certificate: "x509.Certificate") -> bool:
    """A CA's certificate, or one of version 1, which can't say that it is one."""
    return bool(certificate.ca) or certificate["tbs_certificate"]["version"].native == "v1"


def _files_of(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise SigningError(SigningFault.TRUST_BROKEN, file=path.name)
    yield from sorted(
        file for file in path.iterdir() if file.suffix.lower() in {*_ENDINGS, ".crl", _ANSWER_ENDING}
    )


@lru_cache(maxsize=64)
def _certificates_in(file: Path, _changed_ns: int) -> "tuple[x509.Certificate, ...]":
    from asn1crypto import pem, x509

    data = _read(file, _LARGEST_BYTES)
    try:
        if pem.detect(data):
            blocks = [der for kind, _, der in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE"]
        else:
            blocks = [data]
        found = tuple(x509.Certificate.load(der, strict=True) for der in blocks)
        for one in found:
            touch(one)
            _ = one.self_issued
    except BROKEN as error:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name) from error
    if not found:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name)
    return found


@lru_cache(maxsize=16)
def _revocations_in(file: Path, _changed_ns: int) -> bytes:
    from asn1crypto import crl, pem

    data = _read(file, _LARGEST_CRL_BYTES)
    try:
        if pem.detect(data):
            _, _, data = pem.unarmor(data)
        _ = crl.CertificateList.load(data, strict=True).issuer.native
    except (ValueError, TypeError, KeyError) as error:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name) from error
    return data


def _read(file: Path, largest: int) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(largest + 1)
    except OSError as error:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name) from error
    if len(data) > largest:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name)
    return data
