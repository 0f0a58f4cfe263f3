"""The made-up applicant that training starts with, fitting the papers that ship with it (hồ sơ ví dụ)."""

from app.domain.person import Person
from resources import specimens

APPLICANT = Person("Lò Thị Ví Dụ", "011301001234")


def procedure_code() -> str:
    """The procedure that the example papers belong to."""
    return specimens.demo_papers()[0].component.rpartition(".")[0]


def component_keys() -> tuple[str, ...]:
    """The components of the checklist that the example papers are."""
    return tuple(paper.component for paper in specimens.demo_papers())
