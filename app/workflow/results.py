"""The results of a dossier as files that people can open: PDFs, metadata, receipt (kết quả số hóa).

Copies of what the store keeps, in the folders of a digitised dossier; they can be made again at
any time and never carry personal data in their names.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from app.store.durable import make_folder, write_file
from app.workflow.seal import confidence, fields_of, file_name, metadata, pages_of
from app.workflow.station import Station


@dataclass(frozen=True)
class ComponentResult:
    """One line of the closing table: a component and its signed file."""

    name: str
    code: str
    pages: int
    pdf: Path
    sha256: str
    bytes: int
    ocr_confidence: float
    signature: str


@dataclass(frozen=True)
class DossierResult:
    """A delivered dossier: its components, its receipt and where the files lie."""

    dossier_code: str
    folder: Path
    components: tuple[ComponentResult, ...]
    submission_id: str
    receipt: Path
    package_sha256: str
    server_sha256: str


def write_results(station: Station, dossier_id: str, folder: Path) -> DossierResult:
    """Writes the files of a delivered dossier below `folder` and tells what was written."""
    dossier = station.store.dossiers.get(dossier_id)
    components = station.store.dossiers.components(dossier_id)
    pages = station.store.dossiers.pages(dossier_id)
    entry = station.store.outbox.get(dossier.submission_id or "")
    receipt = json.loads(entry.receipt or "{}")
    place = folder / dossier.code
    papers = place / "1_thanh_phan"
    make_folder(papers)
    results = []
    manifest = []
    for component in components:
        signed = component.signed or ""
        target = papers / file_name(dossier, component)
        data = station.store.blobs.read(signed)
        write_file(target, data)
        manifest.append(f"{signed}  1_thanh_phan/{target.name}\n")
        own = pages_of(component, pages)
        results.append(
            ComponentResult(
                name=component.name,
                code=component.code or "",
                pages=len(own),
                pdf=target.resolve(),
                sha256=hashlib.sha256(data).hexdigest(),
                bytes=len(data),
                ocr_confidence=confidence(own),
                signature=component.signature or "",
            )
        )
    sidecar = json.dumps(
        metadata(dossier, components, pages, fields_of(station, components)), ensure_ascii=False, indent=2
    )
    write_file(place / "metadata.json", sidecar.encode())
    write_file(place / "manifest-sha256.txt", "".join(manifest).encode())
    write_file(place / "receipt.json", (entry.receipt or "").encode())
    return DossierResult(
        dossier_code=dossier.code,
        folder=place.resolve(),
        components=tuple(results),
        submission_id=entry.submission_id,
        receipt=(place / "receipt.json").resolve(),
        package_sha256=entry.package,
        server_sha256=str(receipt["package_sha256"]),
    )
