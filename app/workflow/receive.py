"""Receiving an applicant: a dossier with the components that are to be scanned (tiếp nhận hồ sơ)."""

from collections.abc import Sequence

from app.domain.codes import temporary_dossier_code
from app.domain.dossier import Component, Dossier
from app.domain.person import Person
from app.domain.procedure import ComponentKind, Procedure
from app.workflow.station import Station


def receive(
    station: Station,
    procedure: Procedure,
    applicant: Person,
    components: Sequence[ComponentKind],
    *,
    expected_pages: Sequence[int | None] | None = None,
) -> Dossier:
    """Opens a dossier for `applicant` with the components handed in on paper, durably.

    It carries a temporary code: the official one is issued by the province's server only.
    `expected_pages` counts the page sides of each component, where the clerk counted them.
    """
    counts = tuple(expected_pages or (None for _ in components))
    dossier_id = station.new_id()
    dossier = Dossier(
        id=dossier_id,
        code=temporary_dossier_code(station.settings.station, dossier_id),
        procedure_code=procedure.code,
        procedure_name=procedure.name,
        applicant=applicant,
        received_at=station.clock(),
        training=station.training,
    )
    with station.store.transaction():
        station.store.dossiers.save(dossier)
        for ordinal, (kind, count) in enumerate(zip(components, counts, strict=True), start=1):
            station.store.dossiers.save_component(
                Component(
                    id=station.new_id(),
                    dossier_id=dossier_id,
                    ordinal=ordinal,
                    key=kind.key,
                    name=kind.name,
                    paper_type=kind.paper_type,
                    expected_pages=count,
                )
            )
        station.note("received", dossier_id, procedure=procedure.code, components=len(components))
    return dossier
