"""Whom do we trust? The certificates shipped and those added by the administrator (chứng thư gốc tin cậy)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from resources import path as resource
from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    from asn1crypto import crl, x509

_ENDINGS = {".pem", ".crt", ".cer", ".der"}
_LARGEST_BYTES = 1 << 20
_LARGEST_CRL_BYTES = 1 << 25


@dataclass(frozen=True)
class Anchors:
    """Self-signed certificates are trusted as roots, the others only help to build chains."""

    roots: "tuple[x509.Certificate, ...]"
    between: "tuple[x509.Certificate, ...]"
    revocations: "tuple[crl.CertificateList, ...]" = ()


def anchors(added: Sequence[Path] = ()) -> Anchors:
    """The shipped certificates and those of `added`: files or folders (`.pem .crt .cer .der .crl`).

    Raises `sign.trust-broken` for a file that holds neither certificates nor a revocation list.
    """
    files = [*_files_of(resource("trust")), *(file for path in added for file in _files_of(path))]
    certificates: dict[bytes, x509.Certificate] = {}
    revocations: list[crl.CertificateList] = []
    for file in files:
        if file.suffix.lower() == ".crl":
            revocations.append(_revocations_in(file))
            continue
        for certificate in _certificates_in(file, file.stat().st_mtime_ns):
            certificates[certificate.sha256] = certificate
    held = certificates.values()
    return Anchors(
        tuple(one for one in held if one.self_issued and one.ca),
        tuple(one for one in held if not one.self_issued),
        tuple(revocations),
    )


def _files_of(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise SigningError(SigningFault.TRUST_BROKEN, file=path.name)
    yield from sorted(file for file in path.iterdir() if file.suffix.lower() in {*_ENDINGS, ".crl"})


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
            _ = one.subject.native, one.public_key.algorithm, one.self_issued, one.ca
    except (ValueError, TypeError, KeyError) as error:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name) from error
    if not found:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name)
    return found


def _revocations_in(file: Path) -> "crl.CertificateList":
    from asn1crypto import crl, pem

    data = _read(file, _LARGEST_CRL_BYTES)
    try:
        if pem.detect(data):
            _, _, data = pem.unarmor(data)
        found = crl.CertificateList.load(data, strict=True)
        _ = found.issuer.native
    except (ValueError, TypeError, KeyError) as error:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name) from error
    return found


def _read(file: Path, largest: int) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(largest + 1)
    except OSError as error:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name) from error
    if len(data) > largest:
        raise SigningError(SigningFault.TRUST_BROKEN, file=file.name)
    return data
