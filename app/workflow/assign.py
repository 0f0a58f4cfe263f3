"""Pages to components: by separator sheets, else by the counts of the checklist (tách thành phần)."""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.dossier import Component
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.workflow.station import Station


def assign_pages(station: Station, dossier_id: str) -> None:
    """Gives every paper page to its component and commits it.

    Pages that a clerk has given to a component stay there. Raises StationError
    `station.unassigned-pages` when separators and counts leave pages over, and
    `station.empty-component` when a component of the checklist got none.
    """
    components = station.store.dossiers.components(dossier_id)
    pages = station.store.dossiers.pages(dossier_id)
    placed = split(pages, components)
    with station.store.transaction():
        for before, after in zip(pages, placed, strict=True):
            if after != before:
                station.store.dossiers.save_page(after)
    papers = [page for page in placed if page.role is PageRole.PAPER]
    loose = [page for page in papers if page.component_id is None]
    if loose:
        raise StationError(StationFault.UNASSIGNED_PAGES, pages=len(loose), first=loose[0].number)
    for component in components:
        if not any(page.component_id == component.id for page in papers):
            raise StationError(StationFault.EMPTY_COMPONENT, component=component.name)


def split(pages: Sequence[Page], components: Sequence[Component]) -> list[Page]:
    """The pages with their components where these can be told; others are left without one."""
    if any(page.role is PageRole.SEPARATOR for page in pages):
        return _by_separators(pages, components)
    return _by_counts(pages, components)


def _by_separators(pages: Sequence[Page], components: Sequence[Component]) -> list[Page]:
    by_key = {component.key: component.id for component in components}
    current: str | None = None
    placed: list[Page] = []
    for page in pages:
        if page.role is PageRole.SEPARATOR:
            current = by_key.get(page.separator_key or "")
            placed.append(page)
        else:
            placed.append(page if page.component_id else replace(page, component_id=current))
    return placed


def _by_counts(pages: Sequence[Page], components: Sequence[Component]) -> list[Page]:
    counts = [component.expected_pages for component in components]
    if len(components) == 1 and counts[0] is None:
        counts = [len(pages)]
    known = [count for count in counts if count is not None]
    if len(known) != len(components) or sum(known) != len(pages):
        return list(pages)
    owners = [component.id for component, count in zip(components, known, strict=True) for _ in range(count)]
    return [
        page if page.component_id else replace(page, component_id=owner)
        for page, owner in zip(pages, owners, strict=True)
    ]
