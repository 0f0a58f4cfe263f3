"""Codes as data: parts in, code out, parts back; what doesn't fit is refused."""

import tomllib
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.code_template import CodeTemplate, templates_from
from app.domain.codes import CodeError, DocumentCode
from resources import path as resource

SHIPPED = templates_from(tomllib.loads(resource("codes", "templates.toml").read_text(encoding="utf-8")))
DAY = date(2026, 5, 20)

owners = st.one_of(st.just(""), st.from_regex(r"[0-9]{12}", fullmatch=True), st.just("0100109106-001"))


@given(
    st.from_regex(r"[A-Y][0-9]{2}(\.[0-9A-Z]{1,5}){0,3}", fullmatch=True),
    st.text("ABCDEGHKLMNOPQRSTUVXYĐ", min_size=1, max_size=8),
    st.integers(1, 99_999_999),
    st.integers(1, 99),
)
def test_document_codes_are_those_that_the_dossiers_carry(
    agency: str, kind: str, number: int, version: int
) -> None:
    template = SHIPPED["document"]
    code = template.make({"agency": agency, "kind": kind, "sequence": number, "version": version})
    assert code.text == str(DocumentCode(agency, kind, number, version))
    assert dict(template.parse(code.text).parts) == dict(code.parts)


@given(owners, st.from_regex(r"KQ\.[A-Y][0-9]{2}\.[0-9]{6}", fullmatch=True), st.sampled_from(["", 2, 14]))
def test_result_codes_come_apart_as_they_were_put_together(owner: str, kind: str, repeat: str | int) -> None:
    template = SHIPPED["result"]
    code = template.make({"owner": owner, "type": kind, "sequence": repeat})
    assert code.text.startswith(f"{owner}.{kind}")
    assert dict(template.parse(code.text).parts) == dict(code.parts)
    assert (code.parts["owner"], code.parts["type"]) == (owner, kind)


@pytest.mark.parametrize(
    ("template", "parts", "text"),
    [
        ("result", {"owner": "011201001234", "type": "KQ.G15.000031"}, "011201001234.KQ.G15.000031"),
        ("result", {"type": "KQ.G15.000031"}, ".KQ.G15.000031"),
        (
            "component",
            {"owner": "011201001234", "procedure": "1.004222", "component": "CT01"},
            "011201001234.1.004222.CT01",
        ),
        ("document", {"agency": "G06.01", "kind": "CV", "sequence": 21}, "G06.01_CV_000021_V1"),
    ],
)
def test_the_printed_forms(template: str, parts: dict[str, str | int], text: str) -> None:
    assert SHIPPED[template].make(parts).text == text


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("document", {"agency": "Z18", "kind": "CV", "sequence": 1}),
        ("document", {"agency": "H18", "kind": "cv", "sequence": 1}),
        ("document", {"agency": "H18", "kind": "CV"}),
        ("document", {"agency": "H18", "kind": "CV", "sequence": "1 OR 1"}),
        ("document", {"agency": "H18", "kind": "CV", "sequence": "१२३४५६"}),
        ("document", {"agency": "H18", "kind": "CV", "sequence": 1, "owner": "x"}),
        ("result", {"owner": "12345", "type": "KQ.G15.000031"}),
        ("result", {"owner": "011201001234", "type": "KQ.G15.31"}),
        ("result", {"owner": "011201001234", "type": ""}),
    ],
)
def test_parts_that_do_not_fit(template: str, parts: dict[str, str | int]) -> None:
    with pytest.raises(CodeError):
        SHIPPED[template].make(parts)


@pytest.mark.parametrize("text", ["", "H18_CV_21_V1", "H18_CV_000021_V1x", "H18_CV_000021", "\n", "a" * 5000])
def test_texts_that_are_no_code(text: str) -> None:
    for template in SHIPPED.values():
        with pytest.raises(CodeError):
            template.parse(text)


def test_file_names_hold_no_person() -> None:
    document = SHIPPED["document"]
    code = document.make({"agency": "H18.19", "kind": "QĐ", "sequence": 21})
    assert (
        document.file_name(code, DAY, "Quyết định hỗ trợ nhà ở")
        == "H18.19_QD_000021_V1_20260520_quyet-dinh-ho-tro-nha-o.pdf"
    )
    assert document.file_name(code, DAY) == "H18.19_QD_000021_V1_20260520.pdf"
    result = SHIPPED["result"]
    owned = result.make({"owner": "011201001234", "type": "KQ.G15.000031"})
    for dossier in ("", "H18.19-260520-0001"):
        name = result.file_name(owned, DAY, "Lò Thị Ví Dụ", dossier)
        assert name.isascii()
        assert "011201001234" not in name
        assert "lo-thi" not in name
    assert result.file_name(owned, DAY, dossier="../../etc/passwd") == "etcpasswd.20260520.pdf"


def described(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "title": "Mã thử",
        "form": "{a}-{n}",
        "sequence": "n",
        "counted_by": ["a"],
        "parts": {"a": {"title": "A", "pattern": "[A-Z]+"}, "n": {"title": "N", "digits": 3}},
    }
    return {"thu": {**told, **changes}}


def test_a_station_may_describe_codes_of_its_own() -> None:
    template: CodeTemplate = templates_from(described())["thu"]
    assert template.make({"a": "KHO", "n": 7}).text == "KHO-007"
    assert template.series({"a": "KHO"}) == "KHO"
    assert isinstance(template.parse("KHO-007").parts, MappingProxyType)


@pytest.mark.parametrize(
    "changes",
    [
        {"form": "{a}"},
        {"form": "{a}-{n}-{x}"},
        {"form": 7},
        {"parts": {}},
        {"parts": {"a": {"title": "A", "pattern": "["}, "n": {"title": "N", "digits": 3}}},
        {"sequence": "m"},
        {"counted_by": ["b"]},
        {"file": "{owner}"},
        {"title": None, "parts": None},
    ],
)
def test_descriptions_that_describe_nothing(changes: dict[str, object]) -> None:
    with pytest.raises(CodeError):
        templates_from(described(**changes))


def test_parts_that_would_be_read_back_otherwise_are_refused() -> None:
    loose = {"a": {"title": "A", "pattern": "[A-Z-]+"}, "n": {"title": "N", "pattern": "[A-Z-]+"}}
    template = templates_from(described(parts=loose, sequence="", counted_by=[]))["thu"]
    with pytest.raises(CodeError):
        template.make({"a": "A", "n": "B-C"})
