"""Labels of the command line: both languages complete, every one of them used."""

import re
import string
import tomllib
import unicodedata
from pathlib import Path

import pytest

import resources
from app import messages

ROOT = Path(__file__).resolve().parents[2]
TABLES = {
    language: tomllib.loads(resources.path("translations", f"phrases.{language}.toml").read_text("utf-8"))
    for language in messages.LANGUAGES
}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    assert TABLES["vi"].keys() == TABLES["en"].keys()
    for key, text in TABLES["vi"].items():
        assert fields(text) == fields(TABLES["en"][key]), key
        assert unicodedata.is_normalized("NFC", text)


def test_every_label_asked_for_is_there_and_every_one_there_is_asked_for() -> None:
    source = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("cli", "workflow")
        for file in (ROOT / "app" / folder).rglob("*.py")
    ) + (ROOT / "app" / "main.py").read_text(encoding="utf-8")
    asked = set(re.findall(r'say\(\s*"([^"{]+)"', source)) | set(re.findall(r'"(doctor\.[a-z.]+)"', source))
    families = (*re.findall(r'f"([a-z.]+\.)\{', source), "integrity.", "chain.", "changes.", "verify.")
    assert asked <= TABLES["vi"].keys(), asked - TABLES["vi"].keys()
    unused = [key for key in TABLES["vi"] if key not in asked and not key.startswith(families)]
    assert not unused


def test_facts_are_filled_in() -> None:
    assert messages.say("scan.kept", "en", number=3, file="p.jpg") == "Page 3 kept: p.jpg"
    assert messages.say("scan.kept", "xx", number=3) == "Trang 3 đã lưu: –"
    with pytest.raises(KeyError):
        messages.say("no such label")
