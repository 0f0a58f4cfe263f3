"""The front door: names, codes, and a cheap import."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import signing
from signing import SigningError, SigningFault
from signing.verify.quirks import Quirk
from signing.verify.reasons import Reason, sentences

HEAVY = {
    "pyhanko",
    "pikepdf",
    "pkcs11",
    "asn1crypto",
    "cryptography",
    "requests",
    "numpy",
    "pypdfium2",
    "segno",
}


def test_import_loads_nothing_heavy() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, signing; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(signing.__file__).parent.parent,
    ).stdout.split()
    assert HEAVY.isdisjoint(name.split(".")[0] for name in told)


def test_every_name_opens() -> None:
    assert all(getattr(signing, name) is not None for name in signing.__all__)
    assert sorted(signing.__all__) == signing.__all__
    assert "TrainingPki" in signing.training.__all__
    with pytest.raises(AttributeError):
        _ = signing.nothing_of_the_kind  # type: ignore[attr-defined]


def test_codes_are_stable_and_explained() -> None:
    values = [fault.value for fault in SigningFault]
    assert len(set(values)) == len(values)
    assert all(value.startswith("sign.") for value in values)
    error = SigningError(SigningFault.NO_ROOM, width_mm=50)
    facts: Mapping[str, object] = error.facts
    assert (error.code, facts, str(error)) == ("sign.no-room", {"width_mm": 50}, "sign.no-room (width_mm=50)")


FACTS = ("at", "since", "until", "issuer", "missing", "where", "revoked", "authority", "claimed", "fields")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_reason_has_a_sentence(language: str) -> None:
    told = sentences(language)
    assert all(told[quirk] for quirk in Quirk)
    assert told.keys() == sentences("vi").keys()
    facts = dict.fromkeys(FACTS, "X")
    for code in told:
        assert "{" not in Reason(code, facts).told(language)


def test_every_code_in_the_verifier_has_a_sentence() -> None:
    """Codes stand in the source as literals of `Judgement(…)`, `ChangedError(…)`, `Later(…)` and the like."""
    folder = Path(signing.__file__).parent / "verify"
    source = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    calls = r'(?:Judgement|ChangedError|Later|Difference|Standing|Reason)\([^()"]*"([a-z0-9-]+)"'
    codes = set(re.findall(calls, source))
    assert {"digest-mismatch", "page-content", "padding", "chain-usage"} <= codes
    assert codes <= sentences("vi").keys()
