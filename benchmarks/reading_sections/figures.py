"""A measured figure beside its goal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`value` in `unit`; `goal` as text, empty for what has none (a peer's figure); `met` None without a
    goal. `note` says what else should be known."""

    what: str
    value: float
    unit: str = ""
    goal: str = ""
    met: bool | None = None
    note: str = ""


def at_most(what: str, value: float, goal: float, unit: str = "", note: str = "") -> Figure:
    """A figure that should not be above `goal`."""
    return Figure(what, value, unit, f"<= {goal:g}", value <= goal, note)


def at_least(what: str, value: float, goal: float, unit: str = "", note: str = "") -> Figure:
    """A figure that should not be below `goal`."""
    return Figure(what, value, unit, f">= {goal:g}", value >= goal, note)


def told(figure: Figure) -> str:
    """One line for a person."""
    judged = "" if figure.met is None else ("  met" if figure.met else "  MISSED")
    goal = f"  goal {figure.goal}{figure.unit and ' ' + figure.unit}" if figure.goal else ""
    note = f"  ({figure.note})" if figure.note else ""
    return f"   {figure.what}: {figure.value:.4g} {figure.unit}{goal}{judged}{note}"
