"""Codes are given out once: side by side, after kill -9, in new versions."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.errors import StationError, StationFault
from app.settings import Settings
from app.store import Store
from app.workflow.codes import document_template, issue, next_version, template_of, templates

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
PARTS = {"agency": "H18.19", "kind": "QĐ"}
OWNED = {"owner": "011201001234", "type": "KQ.G15.000031"}


def test_numbers_run_on_for_every_agency_and_kind(store: Store) -> None:
    template = document_template()
    first, second = (issue(store, template, PARTS, NOON) for _ in range(2))
    other = issue(store, template, {**PARTS, "kind": "TB"}, NOON)
    assert [one.code for one in (first, second, other)] == [
        "H18.19_QĐ_000001_V1",
        "H18.19_QĐ_000002_V1",
        "H18.19_TB_000001_V1",
    ]
    assert first.parts == {"agency": "H18.19", "kind": "QĐ", "sequence": "000001", "version": "1"}


def test_a_part_that_does_not_fit_uses_no_number_up(store: Store) -> None:
    with pytest.raises(StationError) as refused:
        issue(store, document_template(), {**PARTS, "kind": "quyết định"}, NOON)
    assert refused.value.fault is StationFault.CODE_BAD
    assert refused.value.facts == {"template": "document", "part": "kind"}
    assert issue(store, document_template(), PARTS, NOON).code == "H18.19_QĐ_000001_V1"


def test_a_paper_scanned_anew_keeps_its_number(store: Store) -> None:
    template = document_template()
    issue(store, template, PARTS, NOON)
    second = next_version(store, template, "H18.19_QĐ_000001_V1", NOON)
    third = next_version(store, template, "H18.19_QĐ_000001_V1", NOON)
    assert [second.code, third.code] == ["H18.19_QĐ_000001_V2", "H18.19_QĐ_000001_V3"]
    assert [one.version for one in store.codes.versions(second.base)] == [1, 2, 3]
    assert issue(store, template, PARTS, NOON).code == "H18.19_QĐ_000002_V1"
    with pytest.raises(StationError) as refused:
        next_version(store, template, "H18.19_QĐ_000009_V1", NOON)
    assert refused.value.fault is StationFault.CODE_UNKNOWN


def test_two_papers_of_one_owner_and_kind(store: Store) -> None:
    template = templates(Settings())["result"]
    codes = [issue(store, template, OWNED, NOON).code for _ in range(3)]
    assert codes == [
        "011201001234.KQ.G15.000031",
        "011201001234.KQ.G15.000031.02",
        "011201001234.KQ.G15.000031.03",
    ]
    again = next_version(store, template, codes[0], NOON)
    assert (again.code, again.version) == (codes[0], 2)
    assert [one.version for one in store.codes.of(codes[0])] == [1, 2]
    with pytest.raises(StationError) as refused:
        next_version(store, template, "011201001299.KQ.G15.000031", NOON)
    assert "011201001299" not in str(refused.value.facts)


def test_a_code_that_came_from_elsewhere_is_passed_over(store: Store) -> None:
    template = document_template()
    issue(store, template, {**PARTS, "sequence": 2}, NOON)
    codes = [issue(store, template, PARTS, NOON).code for _ in range(2)]
    assert codes == ["H18.19_QĐ_000001_V1", "H18.19_QĐ_000003_V1"]
    with pytest.raises(StationError) as refused:
        issue(store, template, {**PARTS, "sequence": 2}, NOON)
    assert refused.value.fault is StationFault.CODE_TAKEN


def test_templates_of_the_station(tmp_path: Path) -> None:
    own = tmp_path / "mau.toml"
    own.write_text(
        '[kho]\ntitle = "Mã kho"\nform = "{kho}-{so}"\nsequence = "so"\ncounted_by = ["kho"]\n'
        '[kho.parts]\nkho = { title = "Kho", pattern = "[A-Z]{2}" }\nso = { title = "Số", digits = 4 }\n',
        encoding="utf-8",
    )
    known = templates(Settings(code_templates=str(own)))
    assert {"document", "result", "component", "kho"} <= set(known)
    with Store(tmp_path / "data") as store:
        assert issue(store, known["kho"], {"kho": "DB"}, NOON).code == "DB-0001"
    assert (found := template_of("DB-0001", known)) is not None
    assert found.name == "kho"
    assert template_of("không phải mã", known) is None
    for text in ("[kho]\n", "nonsense", ""):
        own.write_text(text, encoding="utf-8")
        if text:
            with pytest.raises(StationError) as refused:
                templates(Settings(code_templates=str(own)))
            assert refused.value.fault is StationFault.TEMPLATES_BAD
    with pytest.raises(StationError):
        templates(Settings(code_templates=str(tmp_path / "khong-co.toml")))


def test_stores_side_by_side_give_no_number_twice(tmp_path: Path) -> None:
    Store(tmp_path).close()

    def take(_: int) -> list[str]:
        with Store(tmp_path) as store:
            return [issue(store, document_template(), PARTS, NOON).code for _ in range(10)]

    with ThreadPoolExecutor(3) as pool:
        codes = [code for taken in pool.map(take, range(3)) for code in taken]
    assert len(set(codes)) == 30


_GIVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.store import Store
from app.workflow.codes import document_template, issue
with Store(Path(sys.argv[1])) as store:
    while True:
        taken = issue(store, document_template(), {"agency": "H18.19", "kind": "TK"}, datetime.now(UTC))
        print(taken.code, flush=True)
"""


def killed_after(folder: Path, codes: int, wait_more: int) -> list[str]:
    """The codes that a process told before kill -9 came, at a moment that differs from run to run."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", _GIVER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(codes)]
    for _ in range(wait_more):
        pass  # a few thousand cycles further into the next transaction
    process.send_signal(signal.SIGKILL)
    told += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.wait()
    process.stdout.close()
    return told


def test_no_number_comes_again_after_kill_9(tmp_path: Path) -> None:
    told: list[str] = []
    for run in range(int(os.environ.get("SOHOA_KILL_POINTS", "6"))):
        told += killed_after(tmp_path, 3 + run % 4, 7919 * run % 100_000)
    assert len(told) >= 18
    assert len(set(told)) == len(told)
    with Store(tmp_path) as store:
        assert all(store.codes.of(code) for code in told)
        following = issue(store, document_template(), {"agency": "H18.19", "kind": "TK"}, NOON)
        assert following.code not in told
