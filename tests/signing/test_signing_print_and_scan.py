"""Stamped pages printed and scanned in simulation: codes and seals read back."""

from pathlib import Path

import pytest

from benchmarks.codes import measured


def test_codes_and_seals_survive_printer_and_scanner(tmp_path: Path) -> None:
    outcome = measured(9, tmp_path)
    assert outcome.missed == []
    assert (outcome.pages, outcome.forged) == ({"code": 6, "seal": 3}, 0)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_five_hundred_pages(tmp_path: Path) -> None:
    outcome = measured(500, tmp_path)
    assert outcome.share >= 0.995, outcome.missed
    assert outcome.forged == 0
