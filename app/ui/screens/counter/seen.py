"""A dossier as the screen reads it from the store (hồ sơ như đang lưu)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.workflow.counter import Counter, DossierView


@dataclass(frozen=True)
class Seen:
    """A dossier as it stands in the store, and which of its pages took the place of another."""

    view: "DossierView"
    rescanned: frozenset[str]


def look_up(counter: "Counter", dossier_id: str) -> Seen:
    """The dossier as it stands in the store now."""
    view = counter.view(dossier_id)
    return Seen(view, frozenset(page.id for page in view.pages if page.replaces is not None))
