"""Mending what the province sent back: the faulty components in a new version (sửa hồ sơ bị trả lại)."""

from collections.abc import Sequence
from dataclasses import replace

import sync
from app.domain.codes import DocumentCode
from app.domain.dossier import Component
from app.domain.errors import StationError, StationFault
from app.domain.states import Digitisation, Synchronisation
from app.workflow.station import Desk
from app.workflow.verdicts import verdict_of


def reasons(desk: Desk, dossier_id: str) -> tuple[sync.RejectReason, ...]:
    """Why the province sent the dossier back; empty when it did not."""
    for entry in reversed(desk.store.outbox.of_dossier(dossier_id)):
        verdict = verdict_of(entry)
        if verdict is not None and verdict.state is sync.VerdictState.REJECTED:
            return verdict.reasons
    return ()


def mend(desk: Desk, dossier_id: str) -> list[Component]:
    """Opens a dossier that was sent back; the components to be made anew, with their next version's codes.

    Papers that the province did not fault keep their signed files. What was sent stays as it is, under its
    own submission id; sealing gives the new version a new one. Raises StationError `station.not-rejected`.
    """
    dossier = desk.store.dossiers.get(dossier_id)
    if dossier.synchronisation is not Synchronisation.REJECTED:
        raise StationError(StationFault.NOT_REJECTED)
    faulty = {reason.component for reason in reasons(desk, dossier_id)}
    components = desk.store.dossiers.components(dossier_id)
    again = [_next_version(one) for one in components if _concerned(one, faulty, components)]
    with desk.store.transaction():
        opened = dossier.digitised(Digitisation.CAPTURING).synchronised(Synchronisation.NONE)
        desk.store.dossiers.save(replace(opened, submission_id=None))
        for component in again:
            desk.store.dossiers.save_component(component)
        desk.note("mending", dossier_id, components=",".join(str(one.ordinal) for one in again))
    return again


def _concerned(component: Component, faulty: set[int], components: Sequence[Component]) -> bool:
    """Named by a reason; a reason for the dossier as a whole, or for a paper it has not, concerns all."""
    known = {one.ordinal for one in components}
    return component.ordinal in faulty or not faulty or not faulty <= known


def _next_version(component: Component) -> Component:
    code = component.code
    if code is not None:
        parsed = DocumentCode.parse(code)
        code = str(replace(parsed, version=parsed.version + 1))
    return replace(
        component, code=code, built=None, coded=None, signed=None, signature=None, timestamped_at=None
    )
