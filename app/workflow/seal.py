"""Sealing a dossier: its package, its state and its place in the outbox in one transaction (niêm phong)."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from errno import EIO

import sync
from app.domain.codes import DocumentCode
from app.domain.dossier import Component, Dossier
from app.domain.errors import StationError, StationFault
from app.domain.outbox import OutboxEntry
from app.domain.page import Page, PageRole
from app.domain.states import Digitisation, Synchronisation
from app.store.durable import disk_faults, write_file
from app.workflow.account import require_balance
from app.workflow.arrange import require_arrangement
from app.workflow.station import Desk, Station
from app.workflow.suggest import as_metadata, suggestions


def seal(station: Station, dossier_id: str) -> OutboxEntry:
    """Makes the package and queues it; after this the dossier's files never change.

    The submission id is minted here and written down before the package is made: a run that was cut off
    makes the same package again, byte for byte, and leaves no other behind.
    """
    dossier = station.store.dossiers.get(dossier_id)
    if dossier.submission_id is not None:
        return station.store.outbox.get(dossier.submission_id)
    components = station.store.dossiers.components(dossier_id)
    pages = station.store.dossiers.pages(dossier_id)
    _check_counts(station, components, pages)
    require_balance(station, dossier_id)
    require_arrangement(station, dossier_id)
    submission_id, sealed_at = _sealing(station, dossier_id)
    earlier = station.store.outbox.of_dossier(dossier_id)
    package = sync.seal_package(
        station.work_folder(dossier_id) / "package.zip",
        submission_id=submission_id,
        files=[_file(station, dossier, component) for component in components],
        metadata=metadata(dossier, components, pages, fields_of(station, components))
        | {"station": {"id": station.settings.station, "agency": station.settings.agency_code}}
        | ({"replaces": earlier[-1].submission_id} if earlier else {}),
        events=[
            {**asdict(row), "details": json.loads(row.details)}
            for row in station.store.audit.rows(dossier_id)
        ],
        sealed_at=sealed_at,
    )
    blob = station.store.blobs.adopt(package.path, package.sha256)
    entry = OutboxEntry(
        submission_id=submission_id,
        dossier_id=dossier_id,
        dossier_code=dossier.code,
        package=blob,
        package_bytes=package.bytes,
        state=Synchronisation.QUEUED,
        queued_at=sealed_at,
    )
    sealed = dossier.digitised(Digitisation.SEALED).synchronised(Synchronisation.QUEUED)
    with station.store.transaction():
        station.store.dossiers.save(replace(sealed, submission_id=submission_id))
        station.store.outbox.add(entry)
        station.note("sealed", dossier_id, submission=submission_id, sha256=blob)
    return entry


def _sealing(station: Station, dossier_id: str) -> tuple[str, datetime]:
    """The id and the moment of this sealing, the same ones after a run that was cut off."""
    note = station.work_folder(dossier_id) / "sealing.json"
    with disk_faults(), suppress(FileNotFoundError, ValueError, KeyError):
        told = json.loads(note.read_text(encoding="utf-8"))
        submission_id, at = str(told["submission_id"]), datetime.fromisoformat(told["sealed_at"])
        if sync.is_submission_id(submission_id) and not station.store.outbox.has(submission_id):
            return submission_id, at
    submission_id, at = station.new_id(), station.clock()
    told = {"submission_id": submission_id, "sealed_at": at.isoformat()}
    write_file(note, json.dumps(told).encode())
    return submission_id, at


def fields_of(desk: Desk, components: Sequence[Component]) -> dict[str, dict[str, object]]:
    """The data taken from every component's paper, by the component's id."""
    return {component.id: as_metadata(suggestions(desk, component.id)) for component in components}


def metadata(
    dossier: Dossier,
    components: Sequence[Component],
    pages: Sequence[Page],
    fields: Mapping[str, Mapping[str, object]],
) -> dict[str, object]:
    """What goes into metadata.json: dossier, applicant, components with codes, hashes, fields, confidence."""
    return {
        "dossier": {
            "id": dossier.id,
            "code": dossier.code,
            "procedure_code": dossier.procedure_code,
            "procedure_name": dossier.procedure_name,
            "applicant_name": dossier.applicant.full_name,
            "applicant_id": dossier.applicant.personal_id,
            "received_at": dossier.received_at.isoformat(),
            "training": dossier.training,
        },
        "components": [
            {
                "id": component.id,
                "ordinal": component.ordinal,
                "paper_type": component.paper_type,
                "key": component.key,
                "name": component.name,
                "code": component.code,
                "file": f"data/{file_name(dossier, component)}",
                "sha256": component.signed,
                "signature": component.signature,
                "timestamped_at": component.timestamped_at,
                "pages": len(own := pages_of(component, pages)),
                "ocr_confidence": confidence(own),
                "originals": [page.original for page in own],
                "scanned_at": own[0].scanned_at if own else None,
                "fields": fields[component.id],
            }
            for component in components
        ],
    }


def file_name(dossier: Dossier, component: Component) -> str:
    """Name of a component's signed file: its code and the day of reception, no personal data."""
    return DocumentCode.parse(component.code or "").file_name(dossier.received_at)


def pages_of(component: Component, pages: Sequence[Page]) -> list[Page]:
    """The paper pages of a component, in order."""
    return [p for p in pages if p.component_id == component.id and p.role is PageRole.PAPER]


def confidence(pages: Sequence[Page]) -> float:
    """Mean reading confidence (0–100) over the pages that have text; 0.0 when none has."""
    values = [page.confidence for page in pages if page.confidence]
    return round(sum(values) / len(values), 2) if values else 0.0


def _file(station: Station, dossier: Dossier, component: Component) -> sync.PackageFile:
    signed = component.signed or ""
    return sync.PackageFile(
        path=station.store.blobs.path(signed),
        name=f"data/{file_name(dossier, component)}",
        sha256=signed,
    )


def _check_counts(station: Station, components: Sequence[Component], pages: Sequence[Page]) -> None:
    """Images = pages, in order (TT 01/2023/TT-VPCP Điều 8 khoản 2): every image has its place."""
    loose = [p for p in pages if p.role is PageRole.PAPER and p.component_id is None]
    if loose:
        raise StationError(StationFault.UNASSIGNED_PAGES, pages=len(loose), first=loose[0].number)
    for component in components:
        own = pages_of(component, pages)
        if not own:
            raise StationError(StationFault.EMPTY_COMPONENT, component=component.name)
        printed = _pages_in(station, component.signed or "")
        if printed != len(own):
            raise StationError(StationFault.COUNT_DIFFERS, expected=len(own), found=printed)


def _pages_in(station: Station, blob: str) -> int:
    import pikepdf

    try:
        with disk_faults(), pikepdf.open(station.store.blobs.path(blob)) as opened:
            return len(opened.pages)
    except pikepdf.PdfError as error:
        # A PDF that was whole when it was signed: its bytes were harmed, or the disk did not give them.
        station.store.blobs.check(blob)
        raise StationError(StationFault.DISK_FAULT, errno=EIO) from error
