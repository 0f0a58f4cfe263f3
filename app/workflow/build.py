"""Building the documents: PDF/A with text layer, then the document code in its margin (lập PDF/A, cấp mã)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import ocr
import scanner
import signing
from app.domain.codes import DocumentCode
from app.domain.dossier import Component, Dossier
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.domain.states import Digitisation
from app.workflow.codes import document_template, issue
from app.workflow.happenings import ComponentChanged, Tell
from app.workflow.station import Station


def build(station: Station, dossier_id: str, *, stopped: Callable[[], bool], tell: Tell) -> None:
    """Makes the coded PDF/A of every component that has none yet, each durable before the next."""
    dossier = station.store.dossiers.get(dossier_id)
    pages = [p for p in station.store.dossiers.pages(dossier_id) if p.role is PageRole.PAPER]
    for component in station.store.dossiers.components(dossier_id):
        if stopped():
            raise StationError(StationFault.CANCELLED)
        own = [page for page in pages if page.component_id == component.id]
        built = component if component.built else _build_pdf(station, dossier, component, own)
        tell(ComponentChanged(built))
        if built.coded is None:
            tell(ComponentChanged(_stamp(station, dossier, _numbered(station, built))))
    with station.store.transaction():
        dossier = station.store.dossiers.get(dossier_id)
        station.store.dossiers.save(dossier.digitised(Digitisation.BUILT))


def cleaned_pages(station: Station, pages: Sequence[Page]) -> Iterator[ocr.CleanedPage]:
    """The cleaned pages as they were kept, one at a time."""
    for page in pages:
        if page.reading and page.visible:
            read = ocr.ReadPage.from_json(station.store.blobs.read(page.reading).decode())
            visible = station.store.blobs.read(page.visible)
            if station.training:  # what is made for practice says so on every page
                visible = scanner.marked_for_training(visible, read.dpi)
            yield ocr.CleanedPage(read=read, visible=visible)


def _build_pdf(station: Station, dossier: Dossier, component: Component, pages: Sequence[Page]) -> Component:
    out = station.work_folder(dossier.id) / f"{component.ordinal:03d}.pdf"
    made = ocr.write_pdf(
        cleaned_pages(station, pages),
        out,
        title=component.name,
        created=station.clock(),
        profile=station.settings.pdf_profile,
    )
    done = replace(component, built=station.store.blobs.adopt(made.path, made.sha256))
    with station.store.transaction():
        station.store.dossiers.save_component(done)
        station.note("built", dossier.id, component=component.ordinal, sha256=made.sha256, pages=made.pages)
    return done


def _numbered(station: Station, component: Component) -> Component:
    """The component with its document code, taken and written down in one transaction."""
    if component.code is not None:
        return component
    agency = station.settings.agency_code
    with station.store.transaction():
        parts = {"agency": agency, "kind": component.paper_type}
        taken = issue(station.store, document_template(), parts, station.clock())
        done = replace(component, code=taken.code)
        station.store.dossiers.save_component(done)
        station.note("coded", component.dossier_id, component=component.ordinal, code=taken.code)
    return done


def _stamp(station: Station, dossier: Dossier, component: Component) -> Component:
    code = component.code or ""
    out = station.work_folder(dossier.id) / f"{component.ordinal:03d}-coded.pdf"
    stamped = signing.stamp_code(
        station.store.blobs.path(component.built or ""),
        out,
        signing.CodeStamp(code=code, qr_text=code),
        xmp={
            "DocumentCode": code,
            "DossierCode": dossier.code,
            "ProcedureCode": dossier.procedure_code,
            "ComponentKey": component.key,
        },
    )
    done = replace(component, coded=station.store.blobs.adopt(stamped.path, stamped.sha256))
    with station.store.transaction():
        station.store.dossiers.save_component(done)
        station.store.codes.print_on(code, DocumentCode.parse(code).version, stamped.sha256)
        station.note("stamped", dossier.id, component=component.ordinal, sha256=stamped.sha256)
    return done
