"""What lets a signature outlive servers and certificates (lưu trữ lâu dài): ETSI EN 319 142-1 §5.4 and §5.5.

Validation data goes into the document security store, a document time stamp over everything before it. Both
are incremental updates: the bytes that were there stay as they were.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from signing.assurance import Assurance
from signing.durable import appearing, refuse_same_file, sha256_of
from signing.errors import SigningError, SigningFault
from signing.faults import coded
from signing.level import Level
from signing.pdfa import require_pdfa
from signing.timestamps import Stamps, as_timestamper
from signing.verify.document import opened, read
from signing.verify.fields import fields_of
from signing.verify.signature import Reading, reading_of, readings_of
from signing.writing import appending_to

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate

STAMP_STEM = "DauThoiGian"
"""How the fields of document time stamps are called, with a number behind."""

RESERVED = 65_534
"""Hexadecimal characters kept free for a time stamp: authorities vary in size.

PDF/A-2 admits strings of 32,767 bytes (ISO 19005-2 §6.1.13), which is exactly this.
"""


@dataclass(frozen=True)
class ExtendedResult:
    """A file whose signatures were raised to `level`; `timestamped_at` is its newest time stamp (UTC)."""

    path: Path
    sha256: str
    level: Level
    timestamped_at: datetime


def extend_pdf(
    pdf: Path,
    out: Path,
    level: Level,
    *,
    timestamp: Stamps,
    assurance: Assurance | None = None,
) -> ExtendedResult:
    """Raise the signatures of `pdf` to B-T, B-LT or B-LTA and write the result to `out`, whole or not at all.

    `out` may be `pdf` itself: a signature is kept and followed, never changed, and what another program added
    meanwhile isn't lost (`sign.file-changed`). A signature without a time
    stamp gets one over the document, which is how a signature that couldn't wait comes to level B-T. B-LT and
    B-LTA ask the authorities through `assurance`.

    Raises `sign.not-signed`, `sign.tsa-away`, `sign.tsa-refused`, `sign.evidence-missing`, and the faults of
    reading and writing. Nothing is written on a fault.
    """
    if not level.stamped:
        raise ValueError("there is nothing to add for level B-B")
    if pdf != out:
        refuse_same_file(pdf, out)
    if not pdf.is_file():
        raise SigningError(SigningFault.PDF_MISSING)
    require_pdfa(pdf, "before")
    with appearing(out) as draft:
        before = _stand_of(pdf)
        shutil.copyfile(pdf, draft)
        stamped_at = add_proof(draft, level, timestamp, assurance or Assurance())
        require_pdfa(draft, "after")
        digest = sha256_of(draft)
        if pdf == out and _stand_of(pdf) != before:
            raise SigningError(SigningFault.FILE_CHANGED)
    return ExtendedResult(out, digest, level, stamped_at)


def _stand_of(pdf: Path) -> tuple[int, int, int]:
    """What shows that a file is the one it was: its number, size and time of change (ns)."""
    told = pdf.stat()
    return told.st_ino, told.st_size, told.st_mtime_ns


def standing_level(pdf: Path) -> Level:
    """The level that all signatures of `pdf` have, by what the file holds. Raises `sign.not-signed`."""
    held = readings_of(pdf)
    if _newest_of(held) is None:
        return Level.B_B
    last = held[-1]
    end = last.field.coverage.end if last.field.coverage else 0
    with opened(pdf) as document:
        if "/DSS" not in document.pdf.Root:
            return Level.B_T
        if not last.stamping:
            return Level.B_LT
        with read(document.data, document.header, end) as stamped:
            return Level.B_LTA if "/DSS" in stamped.Root else Level.B_LT


def add_proof(draft: Path, level: Level, timestamp: Stamps, assurance: Assurance) -> datetime:
    """Bring the signatures of a file of our own to `level` in place; the time of the newest time stamp."""
    stamped_at = _newest_stamp(draft)
    if stamped_at is None:
        stamped_at = stamp_document(draft, timestamp)
    if level.long_term:
        add_validation_data(draft, assurance)
    if level is Level.B_LTA:
        stamped_at = stamp_document(draft, timestamp)
    return stamped_at


def stamp_document(draft: Path, timestamp: Stamps) -> datetime:
    """Append a time stamp over the whole document (ISO 32000-2 §12.8.5) and check it; its time."""
    from pyhanko.sign.signers import PdfTimeStamper

    name = _free_name(draft)
    with draft.open("r+b") as stream, coded():
        PdfTimeStamper(as_timestamper(timestamp), field_name=name, readable_field_name=name).timestamp_pdf(
            appending_to(stream), "sha256", bytes_reserved=RESERVED, in_place=True
        )
    reading = reading_of(draft, name)
    if reading is None or reading.stamp is None:
        raise SigningError(SigningFault.TSA_REFUSED, reason="no time stamp in the document")
    return reading.stamp.at


def add_validation_data(draft: Path, assurance: Assurance) -> None:
    """Append certificates, OCSP answers and CRLs for every signature and time stamp of the file.

    Raises `sign.evidence-missing`; the file is then as it was.
    """
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    held = readings_of(draft)
    if not held:
        raise SigningError(SigningFault.NOT_SIGNED)
    wanted = [(one, _signers_of(one)) for one in held]
    evidence = {
        certificate.sha256: assurance.evidence(certificate, beside)
        for _, signers in wanted
        for certificate, beside in signers
    }
    with draft.open("r+b") as stream, coded():
        writer = appending_to(stream)
        store: DocumentSecurityStore | None = None
        for one, signers in wanted:
            proofs = [evidence[certificate.sha256] for certificate, _ in signers]
            store = DocumentSecurityStore.supply_dss_in_writer(
                writer,
                one.field.contents.hex().encode(),
                certs=[certificate for proof in proofs for certificate in proof.certificates],
                ocsps=[answer for proof in proofs for answer in proof.answers],
                crls=[listed for proof in proofs for listed in proof.lists],
            )
        if store is not None and store.modified:
            writer.write_in_place()


def _signers_of(held: Reading) -> "list[tuple[Certificate, list[Certificate]]]":
    """The signer's certificate and those of the time stamps around it, each with what lies beside it."""
    found = []
    if held.certificate is not None:
        found.append((held.certificate, list(held.beside)))
    if held.stamp is not None and not held.stamping:
        found.append((held.stamp.authority, list(held.stamp.beside)))
    return found


def _newest_stamp(draft: Path) -> datetime | None:
    """The newest time stamp if every signature has one in it or after it."""
    return _newest_of(readings_of(draft))


def _newest_of(held: list[Reading]) -> datetime | None:
    if not held:
        raise SigningError(SigningFault.NOT_SIGNED)
    times = [one.stamp.at for one in held if one.stamp]
    last = max((one.field.reach for one in held if one.stamp), default=0)
    bare = any(one.stamp is None and one.field.reach > last for one in held)
    return None if bare or not times else max(times)


def _free_name(draft: Path) -> str:
    with opened(draft) as document:
        taken = {one.name for one in fields_of(document.pdf)}
    return next(name for number in range(1, len(taken) + 2) if (name := f"{STAMP_STEM}{number}") not in taken)
