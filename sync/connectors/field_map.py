"""Which of our facts goes into which field of a foreign system, as data (bảng ánh xạ trường).

A map is a table of rules, one a foreign field:
`from = "component.code"` takes a fact by its path; `value = …` is the same for all; `length` cuts to so many
characters; `required = true` refuses an empty one; `as` is "text", "integer", "flag" (true and false),
"digits" ("1" and "0") or "time"; `format` writes a time by strftime; `codes` turns one value into another,
with `other` for the rest; `each = "components"` with `fields` makes a list of records.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.errors import Fault, SyncError

Rules = Mapping[str, Mapping[str, object]]
Facts = Mapping[str, object]

_ITEM = {"components": "component", "results": "result", "identities": "identity"}


@dataclass(frozen=True)
class FieldMap:
    """The rules of one kind of record."""

    rules: Rules

    def record(self, facts: Facts) -> dict[str, object]:
        """Fill in a record. Raises SyncError(sync.rejected) for a required field that has no value, and
        ValueError for a rule that is none."""
        return {name: _value(name, rule, facts) for name, rule in self.rules.items()}


def _value(name: str, rule: Mapping[str, object], facts: Facts) -> object:
    if "each" in rule:
        return _records(rule, facts)
    value = rule["value"] if "value" in rule else _fact(str(rule["from"]), facts)
    if "codes" in rule:
        codes = rule["codes"]
        if not isinstance(codes, Mapping):
            raise ValueError(f"codes of {name}")
        value = codes.get(str(value), rule.get("other", value))
    if value in (None, "") and rule.get("required"):
        raise SyncError(Fault.REJECTED, reason="field-missing", name=name)
    value = _shaped(name, value, rule)
    length = rule.get("length")
    if isinstance(value, str) and isinstance(length, int):
        return unicodedata.normalize("NFC", value)[:length]
    return value


def _records(rule: Mapping[str, object], facts: Facts) -> list[dict[str, object]]:
    which, fields = str(rule["each"]), rule["fields"]
    items = _fact(which, facts)
    if not isinstance(fields, Mapping) or not isinstance(items, Sequence | None):
        raise ValueError(f"each {which}")
    inner = FieldMap(fields)
    return [inner.record({**facts, _ITEM[which]: item}) for item in items or ()]


def _fact(path: str, facts: Facts) -> object:
    found: object = facts
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _shaped(name: str, value: object, rule: Mapping[str, object]) -> object:
    kind = str(rule.get("as", "text"))
    if kind == "integer":
        return None if value in (None, "") else int(str(value))
    if kind == "flag":
        return bool(value)
    if kind == "digits":
        return "1" if value else "0"
    if kind == "time":
        return datetime.fromisoformat(str(value)).strftime(str(rule["format"])) if value else ""
    if kind != "text":
        raise ValueError(f"unknown kind of {name}: {kind}")
    return "" if value is None else str(value)
