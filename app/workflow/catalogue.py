"""The catalogue of procedures that a station offers (danh mục thủ tục hành chính)."""

import tomllib
from functools import cache

import resources
from app.domain.errors import StationError, StationFault
from app.domain.procedure import ComponentKind, Decision, Procedure
from app.domain.text import fold, nfc


@cache
def procedures() -> tuple[Procedure, ...]:
    """All procedures of the shipped catalogue. Raises StationError `station.catalogue-bad`."""
    try:
        text = resources.path("catalogues", "procedures.toml").read_text(encoding="utf-8")
        return tuple(_procedure(row) for row in tomllib.loads(text)["procedure"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StationError(StationFault.CATALOGUE_BAD) from error


def procedure(code: str) -> Procedure:
    """The procedure of this code. Raises StationError `station.no-procedure`."""
    for known in procedures():
        if known.code == code:
            return known
    raise StationError(StationFault.NO_PROCEDURE, procedure=code)


def find(typed: str) -> tuple[Procedure, ...]:
    """Procedures whose name or code has every word typed, with or without Vietnamese marks."""
    words = fold(typed).split()
    return tuple(p for p in procedures() if all(word in fold(f"{p.code} {p.name}") for word in words))


def _procedure(row: dict[str, object]) -> Procedure:
    components = row["component"]
    if not isinstance(components, list):
        raise TypeError(components)
    return Procedure(
        code=str(row["code"]),
        name=nfc(str(row["name"])),
        field=nfc(str(row["field"])),
        components=tuple(_component(component) for component in components),
        retention=nfc(str(row.get("retention", ""))),
        profile=str(row.get("profile", "")),
    )


def _component(row: dict[str, object]) -> ComponentKind:
    return ComponentKind(
        key=str(row["key"]),
        name=nfc(str(row["name"])),
        paper_type=nfc(str(row["paper_type"])),
        decision=Decision(str(row["decision"])),
        condition=nfc(str(row.get("condition", ""))),
    )
