"""Everything that was tampered with is seen, and for what it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

import signing
from signing import SignatureFinding, SigningError
from tests.signing.forge_people import House
from tests.signing.forge_tampered import ANY, BYTES, CHAIN, CHANGES, TIME, Tampered, tampered_files

SEEN: dict[str, Callable[[tuple[SignatureFinding, ...]], bool]] = {
    BYTES: lambda found: any(one.integrity != "valid" for one in found),
    CHAIN: lambda found: any(one.chain != "trusted" for one in found),
    CHANGES: lambda found: any(one.changes == "suspicious" for one in found),
    TIME: lambda found: any(
        one.time["source"] in {"timestamp-invalid", "timestamp-untrusted"} for one in found
    ),
    ANY: lambda found: any(not one.sound or one.quirks for one in found),
}


def missed(one: Tampered, file: Path, trust: Path) -> str:
    """Empty when the verifier saw it; else what it said."""
    file.write_bytes(one.data)
    try:
        found = signing.verify_pdf(file, trust=[trust])
    except SigningError as error:
        refused = error.code in {"sign.pdf-broken", "sign.pdf-encrypted"}
        return "" if refused else error.code
    chain_right = not one.chain or any(finding.chain == one.chain for finding in found)
    if (
        found
        and SEEN[one.seen](found)
        and chain_right
        and not (one.seen == BYTES and all(f.sound for f in found))
    ):
        return ""
    return f"{one.seen}: " + "; ".join(
        f"{f.field} {f.integrity} {f.chain} {f.changes} {f.time['source']} {f.quirks}" for f in found
    )


def test_every_case_is_seen(house: House, tmp_path: Path, trusted: Path) -> None:
    cases = list(tampered_files(house))
    assert len(cases) >= 300
    told = [f"{one.name}: {answer}" for one in cases if (answer := missed(one, tmp_path / "a.pdf", trusted))]
    assert not told, f"{len(told)} of {len(cases)} missed\n" + "\n".join(told)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(8))
def test_thousands_of_flips(seed: int, house: House, tmp_path: Path, trusted: Path) -> None:
    cases = [one for one in tampered_files(house, seed=100 + seed, more=12) if "-flip/" in one.name]
    told = [f"{one.name}: {answer}" for one in cases if (answer := missed(one, tmp_path / "a.pdf", trusted))]
    assert not told, "\n".join(told)
