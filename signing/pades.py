"""Signing a PDF (ký số): PAdES B-B, B-T, B-LT or B-LTA, as incremental updates (ETSI EN 319 142-1).

The document is copied, the signature appended, the result checked, and only then does it take its name.
The bytes that were there stay as they were.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from signing.appearance.block import Shown
from signing.appearance.drawing import blank_style, stamp_page, stamp_style
from signing.assurance import Assurance, SignerStatus
from signing.attributes import keep_attributes
from signing.certificates import name_of, refuse_unfit
from signing.durable import appearing, refuse_same_file, sha256_of
from signing.errors import SigningError, SigningFault
from signing.faults import coded
from signing.field import field_for
from signing.level import Level
from signing.longterm import RESERVED, add_validation_data, stamp_document
from signing.pdfa import require_pdfa
from signing.placing import Placed, placed, sized
from signing.timestamps import Stamps, as_timestamper
from signing.tokens.contract import TokenSession
from signing.verify.signature import reading_of
from signing.verify.verdict import Integrity
from signing.writing import appending_to

_log = logging.getLogger(__name__)
_BESIDE_CERTIFICATES = 4096
"""Bytes kept free for the signature beside its certificates: the value, the attributes, a margin."""

_LINE_FAULTS = {SigningFault.TSA_AWAY, SigningFault.TSA_REFUSED, SigningFault.EVIDENCE_MISSING}
"""What may be made up for later: the signature itself is whole."""


@dataclass(frozen=True)
class SignedResult:
    """A signed file: where it is, its SHA-256, the field, the PAdES level reached, and who signed.

    `timestamped_at` is the checked time of the newest time stamp (UTC), None at level B-B. `wanted` is the
    level that was asked for: where it is higher, the time stamp is still owed (see `extend_pdf`). `status` is
    what the authorities said of the signer, None when nobody was asked. `box_mm` is the visible block (left,
    top, width, height as seen) on `page` (from 1), None for an invisible signature or a field that was there.
    """

    path: Path
    sha256: str
    field: str
    level: str
    signer: str
    timestamped_at: datetime | None
    box_mm: tuple[float, float, float, float] | None = None
    page: int = 1
    wanted: str = ""
    status: SignerStatus | None = None

    @property
    def stamp_owed(self) -> bool:
        """Whether the file is below the level that was asked for."""
        return bool(self.wanted) and self.wanted != self.level


@dataclass(frozen=True)
class _Look:
    """The field to sign, where it is when it is new (None: invisible), its style, the reason."""

    name: str
    fresh: bool
    placed: Placed | None
    style: Any
    reason: str | None


def sign_pdf(
    pdf: Path,
    out: Path,
    session: TokenSession,
    *,
    appearance: Shown | None,
    timestamp: Stamps | None,
    level: Level | None = None,
    assurance: Assurance | None = None,
    stamp_later: bool = False,
    reason: str | None = None,
    field: str | None = None,
) -> SignedResult:
    """Add an approval signature to `pdf` and write it to `out`, which appears whole or not at all.

    `appearance` is the visible block, moved where something stands; None signs invisibly. `level` is B-T
    with a time-stamp service and B-B without, unless it is given; above B-B `timestamp` is needed.
    `assurance` asks the authorities about the certificate before anything is signed. Where the line fails,
    nothing is written (`sign.tsa-away`, `sign.tsa-refused`, `sign.evidence-missing`), unless `stamp_later`
    lets the document go out at the level that was reached: the result then says that the rest is owed.
    `field` names the field, an empty one of the document or a new one. The file must be PDF/A-2b before and
    stays so. Don't call it inside a running event loop.

    Raises SigningError, among others `sign.certificate-expired`, `sign.certificate-revoked`,
    `sign.certificate-not-for-signing`, `sign.session-closed`, `sign.token-removed`, `sign.no-room`,
    `sign.field-taken`, `sign.changes-forbidden`, `sign.pdfa-broken`, `sign.evidence-missing`,
    `sign.disk-full`.
    """
    wanted = level or (Level.B_T if timestamp else Level.B_B)
    if wanted.stamped and timestamp is None:
        raise ValueError(f"level {wanted} needs a time-stamp service")
    refuse_same_file(pdf, out)
    signer = session.signer
    status = _status(session, signer, assurance)
    require_pdfa(pdf, "before")
    name, fresh = field_for(pdf, field)
    look = _look(pdf, name, fresh, appearance, reason)
    with appearing(out) as draft:
        reached, stamped_at = Level.B_B, None
        if timestamp is not None and wanted.stamped:
            with _owing(stamp_later):
                stamped_at = _signed(pdf, draft, signer, timestamp, look)
                reached = Level.B_T
        if reached is Level.B_B:
            _signed(pdf, draft, signer, None, look)
        if timestamp is not None and wanted.long_term and reached.stamped:
            with _owing(stamp_later):
                add_validation_data(draft, assurance or Assurance())
                reached = Level.B_LT
        if timestamp is not None and wanted is Level.B_LTA and reached.long_term:
            with _owing(stamp_later):
                stamped_at = stamp_document(draft, timestamp)
                reached = Level.B_LTA
        require_pdfa(draft, "after")
        digest = sha256_of(draft)
    box = look.placed.box if look.placed and fresh else None
    return SignedResult(
        out,
        digest,
        name,
        reached.value,
        name_of(signer.signing_cert),
        stamped_at,
        (box.left, box.top, box.width, box.height) if box else None,
        look.placed.page + 1 if look.placed else 1,
        wanted.value,
        status,
    )


def _status(session: TokenSession, signer: Any, assurance: Assurance | None) -> SignerStatus | None:
    if assurance is None:
        refuse_unfit(session.certificate, datetime.now(UTC))
        return None
    return assurance.check(session.certificate, [one for one in signer.cert_registry if one.ca])


@contextmanager
def _owing(allowed: bool) -> Iterator[None]:
    """Pass over a fault of the line where the proof may be added later."""
    try:
        yield
    except SigningError as error:
        if not allowed or error.fault not in _LINE_FAULTS:
            raise
        _log.info("the document goes out below the level asked for: %s", error.code)


def _look(pdf: Path, name: str, fresh: bool, appearance: Shown | None, reason: str | None) -> _Look:
    if appearance is None:
        return _Look(name, fresh, None, blank_style(), reason)
    where = placed(pdf, appearance) if fresh else sized(pdf, appearance)
    return _Look(name, fresh, where, stamp_style(stamp_page(where.shown, where.frame, where.box)), reason)


def _signed(pdf: Path, draft: Path, signer: Any, timestamp: Stamps | None, look: _Look) -> datetime | None:
    """Copy `pdf` to `draft`, sign it there and check it; the time of its time stamp."""
    shutil.copyfile(pdf, draft)
    with draft.open("r+b") as stream, coded():
        _append(stream, signer, timestamp, look)
    return _check(draft, look.name, timestamped=timestamp is not None)


def _append(stream: BinaryIO, signer: Any, timestamp: Stamps | None, look: _Look) -> None:
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    keep_attributes(signer)
    spec = None
    if look.fresh:
        where = look.placed
        box = tuple(round(edge, 3) for edge in where.frame.rectangle_of(where.box)) if where else None
        spec = SigFieldSpec(look.name, on_page=where.page if where else 0, box=box)  # type: ignore[arg-type]
    PdfSigner(
        PdfSignatureMetadata(
            field_name=look.name,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=look.reason,
        ),
        signer,
        timestamper=as_timestamper(timestamp) if timestamp else None,
        stamp_style=look.style,
        new_field_spec=spec,
    ).sign_pdf(
        appending_to(stream),
        in_place=True,
        existing_fields_only=not look.fresh,
        bytes_reserved=RESERVED if timestamp else _reserved_for(signer),
    )


def _reserved_for(signer: Any) -> int:
    """Hexadecimal characters for a signature without a time stamp."""
    certificates = sum(len(certificate.dump()) for certificate in signer.cert_registry)
    return min(2 * (certificates + _BESIDE_CERTIFICATES), RESERVED)


def _check(draft: Path, name: str, *, timestamped: bool) -> datetime | None:
    """Verify what was just made; the time of its checked time stamp.

    A token that returns garbage is found here and not by the receiver.
    """
    reading = reading_of(draft, name)
    if reading is None or reading.verdict.integrity is not Integrity.VALID:
        raise SigningError(SigningFault.SIGNATURE_WRONG, reason=reading.verdict.reason if reading else "")
    if timestamped and reading.stamp is None:
        raise SigningError(SigningFault.TSA_REFUSED, reason="no time stamp in the signature")
    return reading.stamp.at if reading.stamp else None
