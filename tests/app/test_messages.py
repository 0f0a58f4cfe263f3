"""Every fault of every room has its three sentences, in both languages, and they are fit to be read."""

import ast
import importlib
import inspect
import re
import string
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from app.domain.errors import StationError, StationFault
from app.messages import LANGUAGES, explain, explain_bug, messages

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "scanner", "ocr", "signing", "sync")
PARTS = ("happened", "safe", "next")
WITHOUT_A_FAULT = {"unknown", "bug", "cancelled"}
MISSING = "–"

# Words of other languages that a Vietnamese clerk knows, and names of files, keys and options.
KNOWN_FOREIGN = re.compile(
    r"PDF/A(-2b|-)?|PKCS#11|Tesseract|https?://|signing\.\w+|intake\.\w+"
    r"|\b(PDF|PIN|QR|URL|JPEG|PNG|TIFF|SANE|PEM|DER|USB)\b"
)
ENGLISH = re.compile(
    r"backup|button|check|click|code|data|driver|email|error|file|folder|image|intake|key|link|load|log|login"
    r"|mail|message|module|offline|online|open|page|port|print|receipt|restart|retry|save|scan|scanner|server"
    r"|service|sign|station|sync|time|timeout|token|update|upload|user|warning|window"
)


@cache
def error_modules() -> tuple[ModuleType, ...]:
    """Every `errors` module of the rooms."""
    files = sorted(file for room in ROOMS for file in (ROOT / room).rglob("errors.py"))
    return tuple(importlib.import_module(".".join(f.relative_to(ROOT).with_suffix("").parts)) for f in files)


@cache
def fault_enums() -> tuple[type[StrEnum], ...]:
    """Every enumeration of faults that an `errors` module declares."""
    return tuple(
        kind
        for module in error_modules()
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, StrEnum) and kind.__module__ == module.__name__
    )


@cache
def codes() -> tuple[str, ...]:
    """Every code, as often as it is declared."""
    return tuple(fault.value for kind in fault_enums() for fault in kind)


def texts(language: str) -> Iterator[tuple[str, str, str]]:
    """Every sentence of a language as (code, part, text)."""
    for code, parts in messages(language).items():
        for part, text in parts.items():
            yield code, part, text


def placeholders(text: str) -> set[str]:
    """The names in braces. Raises ValueError for braces that do not match."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def placeholders_of(code: str, language: str) -> set[str]:
    """The names in braces of all parts of a message."""
    return set().union(*(placeholders(text) for text in messages(language)[code].values()))


def foreign_words(text: str) -> set[str]:
    """What is no Vietnamese in a Vietnamese sentence: listed English, or no syllable of the language.

    A Vietnamese syllable has at most seven letters and none of f, j, w and z.
    """
    bare = KNOWN_FOREIGN.sub(" ", re.sub(r"\{\w+\}", " ", text))
    words = {word.lower() for word in re.findall(r"[^\W\d_]+", bare)}
    return {word for word in words if ENGLISH.fullmatch(word) or len(word) > 7 or re.search("[fjwz]", word)}


def facts_passed() -> dict[str, list[set[str]]]:
    """By code: the names of the facts at every place where that fault is raised by its name."""
    member_of = {(kind.__name__, fault.name): fault.value for kind in fault_enums() for fault in kind}
    errors = {
        name
        for module in error_modules()
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception)
    }
    found: dict[str, list[set[str]]] = {}
    for file in sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args or _last_name(call.func) not in errors:
                continue
            for named in ast.walk(call.args[0]):
                if isinstance(named, ast.Attribute):
                    code = member_of.get((_last_name(named.value), named.attr))
                    if code is not None:
                        found.setdefault(code, []).append({k.arg for k in call.keywords if k.arg})
    return found


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


class EngineError(Exception):
    """An error as an engine raises it, with any code and facts."""

    def __init__(self, code: str, **facts: str | int | float) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def test_every_room_declares_its_faults() -> None:
    declaring = {kind.__module__.split(".")[0] for kind in fault_enums()}
    assert declaring == set(ROOMS)
    assert all(len(kind) > 1 for kind in fault_enums())


def test_codes_are_well_formed_and_declared_once() -> None:
    assert len(set(codes())) == len(codes())
    assert [code for code in codes() if not re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", code)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_message_and_every_message_a_code(language: str) -> None:
    assert set(messages(language)) == set(codes()) | WITHOUT_A_FAULT


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_three_whole_sentences(language: str) -> None:
    for code, parts in messages(language).items():
        assert tuple(parts) == PARTS, code
    for code, part, text in texts(language):
        assert re.fullmatch(r"\S.*[^\s.!?][.!?]", text), (code, part)
        assert text[0].isupper(), (code, part)
        assert "  " not in text, (code, part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_nfc_and_without_control_characters(language: str) -> None:
    for code, part, text in texts(language):
        assert unicodedata.is_normalized("NFC", text), (code, part)
        assert text.isprintable(), (code, part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_plain_names(language: str) -> None:
    for code, part, text in texts(language):
        for _, name, form, conversion in string.Formatter().parse(text):
            assert name is None or (name.isidentifier() and not form and conversion is None), (code, part)


def test_both_languages_tell_the_same_facts() -> None:
    for code in messages("vi"):
        assert placeholders_of(code, "vi") == placeholders_of(code, "en"), code


def test_facts_in_a_message_are_passed_wherever_its_fault_is_raised() -> None:
    passed = facts_passed()
    with_facts = {code for code in codes() if placeholders_of(code, "vi")}
    assert with_facts
    for code in with_facts:
        assert code in passed, f"{code} tells facts and is raised nowhere by its name"
        for facts in passed[code]:
            assert placeholders_of(code, "vi") <= facts, code


def test_vietnamese_is_vietnamese() -> None:
    found = {(code, part): words for code, part, text in texts("vi") if (words := foreign_words(text))}
    assert found == {}


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Không mở được file {file}.", {"file"}),
        ("Click để thử lại Wi-Fi.", {"click", "wi", "fi"}),
        ("Cần configuration.", {"configuration"}),
        ("Tệp PDF/A-2b, mã PIN, mã QR, PKCS#11, Tesseract, nghiêng.", set()),
    ],
)
def test_foreign_words_are_found(text: str, foreign: set[str]) -> None:
    assert foreign_words(text) == foreign


def test_english_is_english() -> None:
    marked = re.compile("[^\x00-\x7f“”×]")
    assert [(code, part) for code, part, text in texts("en") if marked.search(text)] == []


def test_the_languages_differ() -> None:
    assert [key for key in messages("vi") if messages("vi")[key] == messages("en")[key]] == []


def test_a_bare_dash_stands_for_a_missing_fact_only() -> None:
    for language in LANGUAGES:
        assert [(code, part) for code, part, text in texts(language) if MISSING in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_explain_fills_every_fact_of_every_code(language: str) -> None:
    for code in codes():
        facts = {name: f"<{name}>" for name in placeholders_of(code, language)}
        message = explain(EngineError(code, **facts), language)
        told = str(message)
        assert message.code == code
        assert all(fact in told for fact in facts.values()), code
        assert not re.search("[{}–]", told), code


def test_explain_tells_the_facts_of_an_error() -> None:
    error = StationError(StationFault.UNASSIGNED_PAGES, pages=3, first=7)
    vietnamese = explain(error)
    assert vietnamese.happened == "Còn 3 trang chưa thuộc thành phần hồ sơ nào, bắt đầu từ trang 7."
    assert vietnamese.code == "station.unassigned-pages"
    assert vietnamese.safe == messages("vi")[vietnamese.code]["safe"]
    assert vietnamese.next == messages("vi")[vietnamese.code]["next"]
    assert str(vietnamese) == f"{vietnamese.happened} {vietnamese.safe} {vietnamese.next}"
    assert explain(error, "en").happened.endswith("3, the first is page 7.")


def test_a_missing_fact_becomes_a_dash() -> None:
    told = explain(EngineError("station.unassigned-pages", pages=3)).happened
    assert told == f"Còn 3 trang chưa thuộc thành phần hồ sơ nào, bắt đầu từ trang {MISSING}."


def test_braces_in_a_fact_stay_as_they_are() -> None:
    assert "{x!r}" in explain(EngineError("station.no-procedure", procedure="{x!r}")).happened


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_code_is_named(language: str) -> None:
    message = explain(EngineError("scan.never-heard-of"), language)
    assert message.code == "scan.never-heard-of"
    assert "scan.never-heard-of" in message.happened
    assert message.safe == messages(language)["unknown"]["safe"]


def test_an_unknown_language_is_vietnamese() -> None:
    error = EngineError("scan.jammed")
    assert explain(error, "fr") == explain(error, "vi") != explain(error, "en")


def test_a_bug_points_to_the_log_file() -> None:
    assert "tệp nhật ký" in explain_bug("vi").safe
    assert "log file" in explain_bug("en").safe
    assert explain_bug("vi").code == "bug"


def test_messages_without_a_fault_tell_no_fact_but_the_code() -> None:
    assert {key: placeholders_of(key, "vi") for key in WITHOUT_A_FAULT} == {
        "unknown": {"code"},
        "bug": set(),
        "cancelled": set(),
    }
