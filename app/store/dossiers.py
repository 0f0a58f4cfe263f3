"""Rows of dossiers, components and pages (hồ sơ, thành phần, trang)."""

import json
import sqlite3
from dataclasses import asdict, fields
from datetime import datetime

from app.domain.arrangement import FeedCount
from app.domain.dossier import Component, Dossier
from app.domain.page import Page, PageRole
from app.domain.person import Person
from app.domain.states import Archiving, Business, Digitisation, Synchronisation
from app.store.database import Database

_COMPONENT_COLUMNS = tuple(field.name for field in fields(Component))
_PAGE_COLUMNS = tuple(field.name for field in fields(Page))


class Dossiers:
    """Dossiers with their components and pages; each `save` writes a whole row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, dossier: Dossier) -> None:
        """Writes a dossier, new or changed."""
        self._upsert("dossier", _dossier_row(dossier))

    def get(self, dossier_id: str) -> Dossier:
        """The dossier of this id. Raises KeyError."""
        row = self._database.row("SELECT * FROM dossier WHERE id = ?", (dossier_id,))
        if row is None:
            raise KeyError(dossier_id)
        return _dossier(row)

    def by_submission(self, submission_id: str) -> Dossier:
        """The dossier sealed under this submission id. Raises KeyError."""
        row = self._database.row("SELECT * FROM dossier WHERE submission_id = ?", (submission_id,))
        if row is None:
            raise KeyError(submission_id)
        return _dossier(row)

    def has_code(self, code: str) -> bool:
        """True when a dossier here bears this code."""
        return self._database.row("SELECT 1 FROM dossier WHERE code = ?", (code,)) is not None

    def any_real(self) -> bool:
        """True when a dossier here is no practice."""
        return self._database.row("SELECT 1 FROM dossier WHERE training = 0 LIMIT 1") is not None

    def unfinished(self, limit: int = -1) -> list[Dossier]:
        """Dossiers without a receipt, oldest first; at most `limit` when it is not negative."""
        rows = self._database.rows(
            "SELECT * FROM dossier WHERE synchronisation <> 'delivered' ORDER BY received_at, id LIMIT ?",
            (limit,),
        )
        return [_dossier(row) for row in rows]

    def save_component(self, component: Component) -> None:
        """Writes a component, new or changed."""
        self._upsert("component", {name: getattr(component, name) for name in _COMPONENT_COLUMNS})

    def components(self, dossier_id: str) -> list[Component]:
        """The dossier's components in the order of its checklist."""
        rows = self._database.rows(
            "SELECT * FROM component WHERE dossier_id = ? ORDER BY ordinal", (dossier_id,)
        )
        return [Component(**dict(row)) for row in rows]

    def save_page(self, page: Page) -> None:
        """Writes a page, new or changed."""
        row: dict[str, object] = {name: getattr(page, name) for name in _PAGE_COLUMNS}
        row["role"] = page.role.value
        row["flags"] = json.dumps(page.flags)
        self._upsert("page", row)

    def page(self, page_id: str) -> Page:
        """The page of this id as it stands now. Raises KeyError."""
        row = self._database.row("SELECT * FROM page WHERE id = ?", (page_id,))
        if row is None:
            raise KeyError(page_id)
        return _page(row)

    def other_side(self, page: Page) -> Page | None:
        """The page on the other side of its sheet, which stands right beside it; None without one."""
        step, side = (1, 2) if page.side == 1 else (-1, 1)
        row = self._database.row(
            "SELECT other.* FROM page AS own JOIN page AS other ON other.dossier_id = own.dossier_id"
            " AND other.place = own.place + ? AND other.sheet = own.sheet AND other.side = ?"
            " WHERE own.id = ?",
            (step, side, page.id),
        )
        return _page(row) if row else None

    def pages(self, dossier_id: str) -> list[Page]:
        """The dossier's images in the order they are read, without those that were replaced."""
        rows = self._database.rows(
            "SELECT * FROM page WHERE dossier_id = ? AND place IS NOT NULL ORDER BY place", (dossier_id,)
        )
        return [_page(row) for row in rows]

    def all_pages(self, dossier_id: str) -> list[Page]:
        """Every image that was ever scanned for the dossier, in the order of scanning (lịch sử trang)."""
        rows = self._database.rows("SELECT * FROM page WHERE dossier_id = ? ORDER BY number", (dossier_id,))
        return [_page(row) for row in rows]

    def save_feed_count(self, count: FeedCount) -> None:
        """Writes what a device counted of a feed."""
        self._database.write(
            "INSERT OR REPLACE INTO feed_count (dossier_id, first_page, unit, fed, kept)"
            " VALUES (:dossier_id, :first_page, :unit, :fed, :kept)",
            asdict(count),
        )

    def feed_counts(self, dossier_id: str) -> list[FeedCount]:
        """What devices counted of the dossier's feeds, where they did."""
        rows = self._database.rows(
            "SELECT * FROM feed_count WHERE dossier_id = ? ORDER BY first_page", (dossier_id,)
        )
        return [FeedCount(**dict(row)) for row in rows]

    def _upsert(self, table: str, row: dict[str, object]) -> None:
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        changes = ", ".join(f"{name} = :{name}" for name in row if name != "id")
        self._database.write(
            f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - names of our own columns
            f" ON CONFLICT (id) DO UPDATE SET {changes}",
            row,
        )


def _dossier_row(dossier: Dossier) -> dict[str, object]:
    return {
        "id": dossier.id,
        "code": dossier.code,
        "procedure_code": dossier.procedure_code,
        "procedure_name": dossier.procedure_name,
        "applicant_name": dossier.applicant.full_name,
        "applicant_id": dossier.applicant.personal_id,
        "received_at": dossier.received_at.isoformat(),
        "business": dossier.business.value,
        "digitisation": dossier.digitisation.value,
        "synchronisation": dossier.synchronisation.value,
        "archiving": dossier.archiving.value,
        "submission_id": dossier.submission_id,
        "sheets_expected": dossier.sheets_expected,
        "training": int(dossier.training),
        "arrangement_confirmed": dossier.arrangement_confirmed,
    }


def _dossier(row: sqlite3.Row) -> Dossier:
    return Dossier(
        id=row["id"],
        code=row["code"],
        procedure_code=row["procedure_code"],
        procedure_name=row["procedure_name"],
        applicant=Person(row["applicant_name"], row["applicant_id"]),
        received_at=datetime.fromisoformat(row["received_at"]),
        business=Business(row["business"]),
        digitisation=Digitisation(row["digitisation"]),
        synchronisation=Synchronisation(row["synchronisation"]),
        archiving=Archiving(row["archiving"]),
        submission_id=row["submission_id"],
        sheets_expected=row["sheets_expected"],
        training=bool(row["training"]),
        arrangement_confirmed=row["arrangement_confirmed"],
    )


def _page(row: sqlite3.Row) -> Page:
    values = dict(row)
    values["role"] = PageRole(values["role"])
    values["flags"] = tuple(json.loads(values["flags"]))
    return Page(**values)
