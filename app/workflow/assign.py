"""Pages to components: by separator sheets, else by the counts of the checklist (tách thành phần)."""

from collections.abc import Sequence
from dataclasses import replace

import scanner
from app.domain.dossier import Component
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.workflow.account import captured, is_second_image
from app.workflow.request import profile_of
from app.workflow.station import Station

_BY_NAMES_ALONE = scanner.Separation()
_WITHOUT_NAMES = frozenset({scanner.SeparateBy.COUNT, scanner.SeparateBy.BLANK})


def assign_pages(station: Station, dossier_id: str) -> None:
    """Gives every paper page to its component and commits it.

    Pages that a clerk has given to a component stay there. Raises StationError
    `station.unassigned-pages` when separators and counts leave pages over, and
    `station.empty-component` when a component of the checklist got none.
    """
    components = station.store.dossiers.components(dossier_id)
    pages = station.store.dossiers.pages(dossier_id)
    placed = split(pages, components, profile_of(station, dossier_id).separation)
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


def split(
    pages: Sequence[Page],
    components: Sequence[Component],
    separation: scanner.Separation = _BY_NAMES_ALONE,
) -> list[Page]:
    """The pages with their components where these can be told; others are left without one.

    Separator sheets that were found decide; else the profile's own way, where it counts pages or sheets or
    goes by blank sheets; else the counts of the checklist.
    """
    pages = with_backs_of_separators(pages)
    if any(page.role is PageRole.SEPARATOR for page in pages):
        return _by_separators(pages, components)
    if separation.by in _WITHOUT_NAMES:
        return _by_parts(pages, components, separation)
    return _by_counts(pages, components)


def with_backs_of_separators(pages: Sequence[Page]) -> list[Page]:
    """The blank other side of a separator sheet belongs to it and to no paper; a written one stays paper."""
    seen = captured(pages)
    leaves = {one.leaf for one in seen if one.separator}
    blank = {one.number for one in seen if one.leaf in leaves and one.blank}
    return [replace(page, role=PageRole.SEPARATOR) if page.number in blank else page for page in pages]


def _by_separators(pages: Sequence[Page], components: Sequence[Component]) -> list[Page]:
    by_key = {component.key: component.id for component in components}
    current: str | None = None
    placed: list[Page] = []
    for page in pages:
        if page.role is PageRole.SEPARATOR:
            # The back of a separator sheet carries no name.
            current = by_key.get(page.separator_key) if page.separator_key else current
            placed.append(page)
        else:
            placed.append(page if page.component_id else replace(page, component_id=current))
    return placed


def _by_parts(
    pages: Sequence[Page], components: Sequence[Component], separation: scanner.Separation
) -> list[Page]:
    """One part a component, in the order of the checklist, where there are as many; blank sheets between
    them are separators.
    """
    parts = [part for part in scanner.split(captured(pages), separation).parts if part.pages]
    if len(parts) != len(components):
        return list(pages)
    owners = {
        page.number: owner.id for part, owner in zip(parts, components, strict=True) for page in part.pages
    }
    between = {page.number for part in parts for page in part.separators}
    return [
        replace(page, role=PageRole.SEPARATOR)
        if page.number in between
        else page
        if page.component_id
        else replace(page, component_id=owners.get(page.number))
        for page in pages
    ]


def _by_counts(pages: Sequence[Page], components: Sequence[Component]) -> list[Page]:
    counts = [component.expected_pages for component in components]
    if len(components) == 1 and counts[0] is None:
        counts = [sum(not is_second_image(page) for page in pages)]
    known = [count for count in counts if count is not None]
    counted = sum(not is_second_image(page) for page in pages)
    if len(known) != len(components) or sum(known) != counted:
        return list(pages)
    owners = iter(c.id for c, count in zip(components, known, strict=True) for _ in range(count))
    placed: list[Page] = []
    owner, open_page = "", False
    for page in pages:
        # An image that shows a note and the one without it are the same page.
        owner = owner if open_page else next(owners, owner)
        open_page = is_second_image(page)
        placed.append(page if page.component_id else replace(page, component_id=owner))
    return placed
