"""Signing a PDF (ký số): PAdES B-B, or B-T with a time stamp, as an incremental update (ETSI EN 319 142-1).

The document is copied, the signature appended, the result checked, and only then does it take its name.
The bytes that were there stay as they were.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from signing.appearance.block import ClerkBlock, blank_style, size_of, stamp_page, stamp_style
from signing.appearance.frame import Box, Frame
from signing.certificates import name_of, refuse_unfit
from signing.codes.placement import Choice, Zone, viewing
from signing.durable import appearing, refuse_same_file, sha256_of
from signing.errors import SigningError, SigningFault
from signing.pdfa import require_pdfa
from signing.timestamps import TimestampService, as_timestamper
from signing.tokens.contract import TokenSession
from signing.tokens.pkcs11 import fault_of
from signing.verify.integrity import Integrity
from signing.verify.reading import reader_of, unreadable
from signing.verify.verifying import judge_field

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

_BESIDE_CERTIFICATES = 4096
"""Bytes kept free for the signature beside its certificates: the value, the attributes, a margin."""

_RESERVED_WITH_TIMESTAMP = 65_534
"""Hexadecimal characters kept free when a time stamp comes too: authorities vary in size.

PDF/A-2 admits strings of 32,767 bytes (ISO 19005-2 §6.1.13), which is exactly this.
"""

_FIELD_STEM = "ChuKy"
_EDGE_MM = 8.0
_AGENCY_MM = 62.0
"""The top right corner is the last resort: the agency signs its certified copies there."""


@dataclass(frozen=True)
class SignedResult:
    """A signed file: where it is, its SHA-256, the field, the PAdES level reached, and who signed.

    `timestamped_at` is the checked time of the time stamp (UTC), None at level B-B. `box_mm` is the
    visible block on page 1 (left, top, width, height as seen), None for an invisible signature or a field
    that was there.
    """

    path: Path
    sha256: str
    field: str
    level: str
    signer: str
    timestamped_at: datetime | None
    box_mm: tuple[float, float, float, float] | None = None


def sign_pdf(
    pdf: Path,
    out: Path,
    session: TokenSession,
    *,
    appearance: ClerkBlock | None,
    timestamp: TimestampService | None,
    reason: str | None = None,
    field: str | None = None,
) -> SignedResult:
    """Add an approval signature to `pdf` and write it to `out`, which appears whole or not at all.

    `appearance` is the visible block at the top left of page 1, moved where something stands there; None
    signs invisibly. `timestamp` asks for a time stamp (level B-T): without an answer nothing is written
    (`sign.tsa-away`, `sign.tsa-refused`). `field` names the field, an empty one of the document or a new one.
    The file must be PDF/A-2b before and stays so. Don't call it inside a running event loop.

    Raises SigningError, among others `sign.certificate-expired`, `sign.certificate-not-yet-valid`,
    `sign.certificate-not-for-signing`, `sign.session-closed`, `sign.token-absent`, `sign.no-room`,
    `sign.field-taken`, `sign.changes-forbidden`, `sign.pdfa-broken`, `sign.disk-full`.
    """
    refuse_same_file(pdf, out)
    refuse_unfit(session.certificate, datetime.now(UTC))
    signer = session.signer
    require_pdfa(pdf, "before")
    name, fresh = _field_for(pdf, field)
    spot = _spot_for(pdf, appearance, fresh=fresh) if appearance else None
    with appearing(out) as draft:
        shutil.copyfile(pdf, draft)
        with draft.open("r+b") as stream, _faults():
            _append(stream, signer, timestamp, _look(name, fresh, appearance, spot), reason)
        stamped_at = _check(draft, name, timestamped=timestamp is not None)
        require_pdfa(draft, "after")
        digest = sha256_of(draft)
    return SignedResult(
        out,
        digest,
        name,
        "B-T" if timestamp else "B-B",
        name_of(signer.signing_cert),
        stamped_at,
        (spot.box.left, spot.box.top, spot.box.width, spot.box.height) if spot and fresh else None,
    )


@dataclass(frozen=True)
class _Spot:
    frame: Frame
    box: Box


@dataclass(frozen=True)
class _Look:
    """The field to sign, its rectangle when it is new (None: invisible), and its style."""

    name: str
    fresh: bool
    rectangle: tuple[float, float, float, float] | None
    style: Any


def _field_for(pdf: Path, wanted: str | None) -> tuple[str, bool]:
    """The field's name and whether it has to be made."""
    from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
    from pyhanko.sign.validation.pdf_embedded import read_certification_data

    with pdf.open("rb") as stream:
        reader = reader_of(stream)
        try:
            certified = _certification_of(reader, read_certification_data)
            taken = {name: value is not None for name, value, _ in enumerate_sig_fields(reader)}
            names = _all_names(reader)
        except unreadable() as error:
            raise SigningError(SigningFault.PDF_BROKEN, reason="form fields") from error
    if certified is MDPPerm.NO_CHANGES:
        raise SigningError(SigningFault.CHANGES_FORBIDDEN)
    if wanted is None:
        number = next(n for n in range(1, len(names) + 2) if f"{_FIELD_STEM}{n}" not in names)
        return f"{_FIELD_STEM}{number}", True
    if taken.get(wanted, wanted in names):
        raise SigningError(SigningFault.FIELD_TAKEN, field=wanted)
    return wanted, wanted not in names


def _certification_of(reader: "PdfFileReader", read: Any) -> Any:
    """The permission of the document's certification, None for an uncertified one."""
    found = read(reader)
    return found.permission if found else None


def _all_names(reader: "PdfFileReader") -> set[str]:
    from signing.verify.changes import field_names

    return set(field_names(reader.root.get("/AcroForm")))


def _spot_for(pdf: Path, appearance: ClerkBlock, *, fresh: bool) -> _Spot:
    """Where a new field goes; for a field that is there already, only the block's own size counts."""
    width, height = size_of(appearance.lines)
    with viewing(pdf) as page:
        if not fresh:
            return _Spot(page.frame, Box(0, 0, width, height))
        _, box = page.place(_clerk_choices(page.frame, width, height))
        return _Spot(page.frame, box)


def _clerk_choices(frame: Frame, width: float, height: float) -> tuple[Choice, ...]:
    """Top left first (y 4–18 mm, x 8–75 mm), then right, lower, the agency's corner, the bottom margin."""
    across = frame.width_mm - _EDGE_MM
    down = frame.height_mm
    zones = (
        Zone(_EDGE_MM, 4, 75, 18),
        Zone(_EDGE_MM, 4, across - _AGENCY_MM, 18),
        Zone(_EDGE_MM, 18, across - _AGENCY_MM, 40),
        Zone(_EDGE_MM, 4, across, 40),
        Zone(_EDGE_MM, down - 24, across, down - 4),
    )
    return (Choice(width, height, zones),)


def _look(name: str, fresh: bool, appearance: ClerkBlock | None, spot: _Spot | None) -> _Look:
    if appearance is None or spot is None:
        return _Look(name, fresh, None, blank_style())
    style = stamp_style(stamp_page(appearance.lines, spot.frame, spot.box))
    return _Look(name, fresh, spot.frame.rectangle_of(spot.box) if fresh else None, style)


def _append(
    stream: BinaryIO,
    signer: Any,
    timestamp: TimestampService | None,
    look: _Look,
    reason: str | None,
) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    writer = IncrementalPdfFileWriter(stream, strict=False)
    box = tuple(round(edge, 3) for edge in look.rectangle) if look.rectangle else None
    spec = SigFieldSpec(look.name, on_page=0, box=box) if look.fresh else None  # type: ignore[arg-type]
    PdfSigner(
        PdfSignatureMetadata(
            field_name=look.name,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=reason,
        ),
        signer,
        timestamper=as_timestamper(timestamp) if timestamp else None,
        stamp_style=look.style,
        new_field_spec=spec,
    ).sign_pdf(
        writer,
        in_place=True,
        existing_fields_only=not look.fresh,
        bytes_reserved=_RESERVED_WITH_TIMESTAMP if timestamp else _reserved_for(signer),
    )


def _reserved_for(signer: Any) -> int:
    """Hexadecimal characters for a signature without a time stamp."""
    certificates = sum(len(certificate.dump()) for certificate in signer.cert_registry)
    return min(2 * (certificates + _BESIDE_CERTIFICATES), _RESERVED_WITH_TIMESTAMP)


@contextmanager
def _faults() -> Iterator[None]:
    """Errors of the driver and of pyHanko as coded faults; our own pass through."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError as ProcessError

    try:
        yield
    except SigningError:
        raise
    except ProcessError as error:
        raise _translated(error.__cause__ or error) from error
    except PdfError as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__) from error
    except RuntimeError as error:
        raise _translated(error) from error


def _translated(error: BaseException) -> SigningError:
    import pkcs11

    if isinstance(error, SigningError):
        return error
    if isinstance(error, pkcs11.PKCS11Error):
        return SigningError(fault_of(error), reason=type(error).__name__)
    return SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__)


def _check(draft: Path, name: str, *, timestamped: bool) -> datetime | None:
    """Verify what was just made; the time of its checked time stamp.

    A token that returns garbage is found here and not by the receiver.
    """
    verdict, moment = judge_field(draft, name)
    if verdict.integrity is not Integrity.VALID:
        raise SigningError(SigningFault.SIGNATURE_WRONG, reason=verdict.reason)
    if timestamped and moment.stamp is None:
        raise SigningError(SigningFault.TSA_REFUSED, reason="no time stamp in the signature")
    return moment.stamp.at if moment.stamp else None
