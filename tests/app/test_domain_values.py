"""Applicants, procedures, retention, and what the domain may import."""

import ast
import sys
from pathlib import Path

import pytest

from app.domain.person import Person, masked
from app.domain.procedure import Procedure
from app.domain.retention import Retention, longest

DOMAIN = Path(__file__).resolve().parents[2] / "app" / "domain"


def test_the_domain_needs_nothing_but_the_standard_library() -> None:
    for file in DOMAIN.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                assert top in sys.stdlib_module_names or name.startswith("app.domain"), (file.name, name)


def test_a_person_is_tidied_and_checked() -> None:
    person = Person("  Lò  Thị Ví Dụ ", "011 301 001234")
    assert person == Person("Lò Thị Ví Dụ", "011301001234")
    with pytest.raises(ValueError, match="12 digits"):
        Person("Lò Thị Ví Dụ", "01130100123")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("011301001234", "011******234"), ("123456789", "123***789"), ("123", "***"), ("", "")],
)
def test_lists_show_masked_numbers(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_a_procedure_needs_a_code() -> None:
    with pytest.raises(ValueError, match="procedure code"):
        Procedure(code="1193", name="", field="", components=())


def test_retention() -> None:
    assert not Retention().decided
    assert longest((Retention(20), Retention(70))) == Retention(70)
    assert longest((Retention(20), Retention(permanent=True))).permanent
    assert not longest((Retention(20), Retention())).decided
    assert not longest(()).decided
    with pytest.raises(ValueError, match="2 to 70"):
        Retention(71)
    with pytest.raises(ValueError, match="permanent"):
        Retention(20, permanent=True)
