"""Everything that is noticed has words in both languages, and its facts are those that are told of it."""

import ast
import re
import string
import tomllib
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import scanner
from resources import path
from scanner import FindingCode, NoteCode
from scanner.testpage import Weakness

KINDS: tuple[type[StrEnum], ...] = (FindingCode, NoteCode, Weakness)
MODULES = {FindingCode: "captured.py", NoteCode: "fitting.py", Weakness: "testpage/result.py"}
ROOM = Path(scanner.__file__).parent


@cache
def texts(language: str) -> dict[str, str]:
    return tomllib.loads(path("translations", f"findings.{language}.toml").read_text(encoding="utf-8"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@cache
def documented() -> dict[str, set[str]]:
    """By code: the facts that the docstring under its member lists."""
    found = {}
    for kind, module in MODULES.items():
        tree = ast.parse((ROOM / module).read_text(encoding="utf-8"))
        body = next(n.body for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == kind.__name__)
        lines = [node for node in body if isinstance(node, ast.Assign | ast.Expr)]
        for member, told in pairwise(lines):
            if isinstance(member, ast.Assign) and isinstance(told, ast.Expr):
                listed = re.search(r"\(facts?: ([^)]*)\)", ast.literal_eval(told.value))
                names = listed[1].split(", ") if listed else []
                code = ast.literal_eval(member.value)
                found[code] = {name for name in names if re.fullmatch(r"\w+", name)}
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_code_has_a_sentence_and_every_sentence_a_code(language):
    assert set(texts(language)) == {code.value for kind in KINDS for code in kind} == set(documented())
    for code, text in texts(language).items():
        assert text[0].isupper() or text[0] == "{", code
        assert text.endswith("."), code


def test_both_languages_tell_the_same_facts_and_only_those_there_are():
    for code, text in texts("vi").items():
        assert placeholders(text) == placeholders(texts("en")[code]), code
        assert placeholders(text) <= documented()[code], code


def test_facts_are_given_as_they_are_documented():
    """At every place where a finding or a note is made by its name."""
    seen = set()
    for file in sorted(ROOM.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            named = call.args[0]
            if not isinstance(named, ast.Attribute) or not isinstance(named.value, ast.Name):
                continue
            kind = {"FindingCode": FindingCode, "NoteCode": NoteCode}.get(named.value.id)
            if kind is None:
                continue
            code = kind[named.attr].value
            given = {keyword.arg for keyword in call.keywords}
            assert given == documented()[code], (file.name, call.lineno, code)
            seen.add(code)
    assert len(seen) > 20
