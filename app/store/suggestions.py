"""Fields as read and as confirmed (gợi ý và quyết định của cán bộ)."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.suggestion import FieldSpot, Suggestion, WordChoice
from app.store.database import Database


@dataclass(frozen=True)
class Decision:
    """One decision: the field, its value before and after, when and by whom."""

    name: str
    before: str | None
    after: str
    decided_at: str
    decided_by: str


class Suggestions:
    """Rows of suggestions and decisions. What a person has decided stays when the paper is read anew."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def suggest(self, component_id: str, suggestions: Sequence[Suggestion]) -> None:
        """Puts new suggestions in the place of the undecided ones of this component."""
        with self._database.transaction():
            self._database.write(
                "DELETE FROM suggestion WHERE component_id = ? AND decided_at IS NULL", (component_id,)
            )
            for one in suggestions:
                self._database.write(
                    "INSERT INTO suggestion (component_id, ordinal, name, suggested, confidence, read, doubt,"
                    " spots, choices) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (
                        component_id,
                        one.ordinal,
                        one.name,
                        one.suggested,
                        one.confidence,
                        one.read,
                        one.doubt,
                        json.dumps([[spot.page_id, *spot.box] for spot in one.spots]),
                        json.dumps([[choice.word, *choice.instead] for choice in one.choices]),
                    ),
                )

    def of(self, component_id: str) -> list[Suggestion]:
        """The component's fields in the order of its paper."""
        rows = self._database.rows(
            "SELECT * FROM suggestion WHERE component_id = ? ORDER BY ordinal, name", (component_id,)
        )
        return [_suggestion(row) for row in rows]

    def decide(self, component_id: str, name: str, value: str, *, at: str, by: str) -> Suggestion:
        """Writes down what a person says the field is, and what stood there before. Raises KeyError."""
        with self._database.transaction():
            before = next((one for one in self.of(component_id) if one.name == name), None)
            if before is None:
                raise KeyError(name)
            self._database.write(
                "UPDATE suggestion SET value = ?, decided_at = ?, decided_by = ?"
                " WHERE component_id = ? AND name = ?",
                (value, at, by, component_id, name),
            )
            self._database.write(
                "INSERT INTO field_decision (component_id, name, before, after, decided_at, decided_by)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (component_id, name, before.value if before.decided else before.suggested, value, at, by),
            )
        return next(one for one in self.of(component_id) if one.name == name)

    def decisions(self, component_id: str) -> list[Decision]:
        """Every decision on this component's fields, oldest first."""
        rows = self._database.rows(
            "SELECT name, before, after, decided_at, decided_by FROM field_decision"
            " WHERE component_id = ? ORDER BY n",
            (component_id,),
        )
        return [Decision(**dict(row)) for row in rows]


def _suggestion(row: sqlite3.Row) -> Suggestion:
    values = dict(row)
    values["spots"] = tuple(
        FieldSpot(page_id, (x0, y0, x1, y1)) for page_id, x0, y0, x1, y1 in json.loads(values["spots"])
    )
    values["choices"] = tuple(
        WordChoice(word, tuple(instead)) for word, *instead in json.loads(values["choices"])
    )
    return Suggestion(**values)
