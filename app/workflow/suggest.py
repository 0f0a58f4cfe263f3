"""Data taken from the papers: suggested by the program, confirmed by the clerk (bóc tách dữ liệu).

TT 01/2023/TT-VPCP Điều 9. A suggestion that nobody confirmed goes along with its confidence and is marked so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ocr
from app.domain.dossier import Component
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.domain.states import Digitisation
from app.domain.suggestion import FieldSpot, Suggestion, WordChoice
from app.domain.text import nfc
from app.workflow.station import Desk

_LONGEST = 2000
_CLOSED = frozenset({Digitisation.SEALED})


def suggest(desk: Desk, dossier_id: str) -> None:
    """Finds the fields of every component whose pages are read, each component durable before the next."""
    dossiers = desk.store.dossiers
    papers = [page for page in dossiers.pages(dossier_id) if page.role is PageRole.PAPER]
    for component in dossiers.components(dossier_id):
        own = [page for page in papers if page.component_id == component.id and page.reading and page.visible]
        if own:
            desk.store.suggestions.suggest(component.id, _found(desk, component, own))


def suggestions(desk: Desk, component_id: str) -> list[Suggestion]:
    """The fields of a component in the order of its paper."""
    return desk.store.suggestions.of(component_id)


@dataclass(frozen=True)
class ShownField:
    """A field of a component as a window shows it: what it is called, and the suggestion."""

    title: str
    suggestion: Suggestion


def shown_fields(desk: Desk, component_id: str) -> tuple[ShownField, ...]:
    """The fields of a component with their titles in the interface language."""
    titles = ocr.field_titles()
    english = desk.settings.language == "en"
    return tuple(
        ShownField(_english(one.name) if english else titles.get(one.name, one.name), one)
        for one in suggestions(desk, component_id)
    )


def _english(name: str) -> str:
    """The names of fields are English words."""
    return name.replace("-", " ").capitalize()


def confirm(desk: Desk, dossier_id: str, component_id: str, *, name: str, value: str, by: str) -> Suggestion:
    """Takes the clerk's word for a field; the value before it stays on record.

    The audit chain tells that a field was confirmed or corrected, not what is in it. Raises StationError
    `station.sealed-already` once the package is sealed, KeyError for an unknown field.
    """
    with desk.store.transaction():
        if desk.store.dossiers.get(dossier_id).digitisation in _CLOSED:
            raise StationError(StationFault.SEALED_ALREADY)
        told = nfc(value.strip())[:_LONGEST]
        before = {one.name: one for one in suggestions(desk, component_id)}[name]
        at = desk.clock().isoformat()
        done = desk.store.suggestions.decide(component_id, name, told, at=at, by=by)
        kept = before.shown == told
        desk.note("field-confirmed" if kept else "field-corrected", dossier_id, field=name)
    return done


def as_metadata(fields: Sequence[Suggestion]) -> dict[str, object]:
    """The fields of a component as they go into the package."""
    return {
        one.name: {
            "value": one.shown or None,
            "confidence": one.confidence,
            "confirmed": one.decided,
            "confirmed_at": one.decided_at,
        }
        for one in fields
    }


def _found(desk: Desk, component: Component, pages: Sequence[Page]) -> list[Suggestion]:
    blobs = desk.store.blobs
    gathering = ocr.FieldGathering()
    for page in pages:
        read = ocr.ReadPage.from_json(blobs.read(page.reading or "").decode())
        gathering.add(read, ocr.look_at(blobs.read(page.visible or "")))
    return [
        Suggestion(
            component_id=component.id,
            ordinal=number,
            name=field.name,
            suggested=field.value,
            confidence=field.confidence,
            read=field.read,
            doubt=field.doubt.value if field.doubt else None,
            spots=tuple(FieldSpot(pages[spot.page - 1].id, spot.box) for spot in field.spots),
            choices=tuple(WordChoice(choice.word, choice.instead) for choice in field.choices),
        )
        for number, field in enumerate(gathering.found().fields, start=1)
    ]
