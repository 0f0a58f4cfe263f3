"""The shipped catalogue of procedures is well formed and says no more than is known."""

import json
import re
import tomllib
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from resources import path

TEXT = path("catalogues", "procedures.toml").read_text(encoding="utf-8")
PROCEDURES: list[dict[str, Any]] = tomllib.loads(TEXT)["procedure"]
COMPONENTS = [component for procedure in PROCEDURES for component in procedure["component"]]


def test_codes_and_keys_are_unique() -> None:
    codes = [procedure["code"] for procedure in PROCEDURES]
    keys = [component["key"] for component in COMPONENTS]
    assert len(codes) == len(set(codes)) >= 6
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda procedure: procedure["code"])
def test_a_procedure_is_well_formed(procedure: dict[str, Any]) -> None:
    wanted = {"code", "name", "field", "level", "result", "retention", "component"}
    assert wanted <= procedure.keys() <= wanted | {"valid_from"}
    assert re.fullmatch(r"[1-9]\.\d{6}", procedure["code"])
    assert isinstance(procedure.get("valid_from", date.min), date)
    assert procedure["result"]["name"]
    assert procedure["result"].keys() <= {"name", "code"}
    assert re.fullmatch(r"KQ\.[A-Y]\d{2}\.\d{6}", procedure["result"].get("code", "KQ.G15.000031"))
    keys = [component["key"] for component in procedure["component"]]
    assert keys == [f"{procedure['code']}.{number:02}" for number in range(1, len(keys) + 1)]


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component["key"])
def test_a_component_is_well_formed(component: dict[str, Any]) -> None:
    wanted = {"key", "name", "paper_type", "form", "decision"}
    assert wanted <= component.keys() <= wanted | {"condition", "result_of", "replaced_by"}
    assert re.fullmatch(r"[A-ZĐƯ]{2,6}", component["paper_type"])
    assert component["form"] in {"bản chính", "bản sao", "xuất trình"}
    assert component["decision"] in {"scan", "lookup", "show-only"}
    assert all(re.fullmatch(r"[1-9]\.\d{6}", code) for code in component.get("result_of", []))


def test_what_is_looked_up_has_a_database_and_what_is_shown_is_never_scanned() -> None:
    for component in COMPONENTS:
        if component["decision"] == "lookup":
            assert component["replaced_by"], component["key"]
        if component["form"] == "xuất trình":
            assert component["decision"] != "scan", component["key"]


def test_the_text_is_composed() -> None:
    assert unicodedata.is_normalized("NFC", TEXT)


def test_codes_and_results_are_those_collected(real_data: Path) -> None:
    collected = {row["code"]: row for row in json.loads((real_data / "catalogue.json").read_text("utf-8"))}
    for procedure in PROCEDURES:
        row = collected[procedure["code"]]
        assert procedure["name"] == row["name"]
        assert procedure["field"] == row["field"]
        assert procedure["result"]["name"] == row["result"]["name"]
        assert procedure["result"].get("code") == row["result"]["code"]
        assert len(procedure["component"]) == len(row["components"])
        for ours, theirs in zip(procedure["component"], row["components"], strict=True):
            assert ours["form"] == theirs["form"]
            assert ("condition" in ours) == bool(theirs["condition"])
            assert ("replaced_by" in ours) == bool(theirs["replaced_by"])
