"""No false alarm: sound files of every structure and kind of signature, each with its quirks by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import signing
from signing.verify.quirks import Quirk
from tests.signing.forge_people import House
from tests.signing.forge_sound import Sound, sound_files


@pytest.fixture(scope="module")
def corpus(house: House) -> dict[str, Sound]:
    return {one.name: one for one in sound_files(house)}


def faults_of(one: Sound, file: Path, trust: Path) -> Iterator[str]:
    """What the verifier says of a sound file that it shouldn't say."""
    file.write_bytes(one.data)
    findings = signing.verify_pdf(file, trust=[trust])
    if len(findings) != one.signatures:
        yield f"{len(findings)} signatures"
    for finding in findings:
        if (finding.integrity, finding.chain) != ("valid", "trusted"):
            yield f"{finding.field}: {finding.integrity} {finding.chain} {finding.why}"
        if finding.changes == "suspicious":
            yield f"{finding.field}: {finding.why}"
    if findings:
        first = findings[0]
        told = {*first.quirks}
        unexpected = told - one.quirks - {Quirk.EXPIRED_SINCE, Quirk.SHA1}
        if not one.quirks <= told or unexpected:
            yield f"quirks {sorted(told)} instead of {sorted(one.quirks)}"
        if (first.changes, first.time["source"]) != (one.changes, one.source):
            yield f"{first.changes} {first.time['source']}"


def test_no_false_alarm(corpus: dict[str, Sound], house: House, tmp_path: Path, trusted: Path) -> None:
    assert len(corpus) >= 200
    alarms = []
    for name, one in corpus.items():
        alarms += [f"{name}: {fault}" for fault in faults_of(one, tmp_path / "a.pdf", trusted)]
    assert not alarms, "\n".join(alarms)
