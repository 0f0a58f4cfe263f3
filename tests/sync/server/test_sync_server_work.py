"""The province's work: each submission goes to one worker, comes back decided, and says so to its station."""

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from sync import Package, PackageFile, new_submission_id, seal_package, verify_receipt
from sync.server import Choices, first_break, open_ledger
from sync.server.database import Database, checked_url, sqlite_url
from sync.server.ledger import Ledger
from sync.server.tables import submissions

Make = Callable[..., Package]
Open = Callable[..., Any]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Seal a small package; `dossier` goes into its metadata."""

    def seal(**dossier: object) -> Package:
        submission_id = new_submission_id()
        pdf = tmp_path / f"{submission_id}.pdf"
        pdf.write_bytes(b"%PDF-1.7\n" + submission_id.encode())
        sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
        return seal_package(
            tmp_path / f"{submission_id}.zip",
            submission_id=submission_id,
            files=[PackageFile(pdf, "data/a.pdf", sha256)],
            metadata={"dossier": dossier},
            events=[],
            sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
        )

    return seal


def _lapse(province: Any, submission_id: str) -> None:
    """Let the lease of a submission have ended long ago."""
    url = province.database
    database = Database(checked_url(url) if url else sqlite_url(province.data_dir / "intake.sqlite"))
    with database.changing() as db:
        db.execute(update(submissions).where(submissions.c.id == submission_id).values(lease_until=1))
    database.close()


def test_a_submission_is_worked_off_and_its_station_hears_of_it(province: Any, make: Make) -> None:
    package = make()
    receipt = province.deliver(package)
    assert receipt.dossier_code.startswith("H18.19-")
    status, lease = province.worker.ask("POST", "/leases", {"seconds": 60})
    assert (status, lease["submission_id"], lease["attempt"]) == (201, package.submission_id, 1)
    assert province.station.ask("GET", f"/submissions/{package.submission_id}")[1]["state"] == "processing"
    status, body = province.worker.ask("GET", "/" + lease["package"])
    assert hashlib.sha256(body).hexdigest() == package.sha256
    assert province.worker.ask("POST", f"/leases/{lease['lease_id']}/heartbeat", {"seconds": 600})[0] == 200
    decision = {"result": {"Số giấy khai sinh": "12/2026"}}
    status, done = province.worker.ask("POST", f"/leases/{lease['lease_id']}/done", decision)
    assert (status, done["state"], done["result"]) == (200, "done", decision["result"])
    assert province.worker.ask("POST", f"/leases/{lease['lease_id']}/done", decision) == (200, done)
    other = province.worker.ask("POST", f"/leases/{lease['lease_id']}/done", {"result": {"a": "b"}})
    assert (other[0], other[1]["reason"]) == (409, "decided")
    for question in ("heartbeat", "reject"):
        reasons = {"reasons": [{"code": "x"}]} if question == "reject" else None
        assert province.worker.ask("POST", f"/leases/{lease['lease_id']}/{question}", reasons)[0] == 409
    assert province.station.ask("GET", f"/submissions/{package.submission_id}")[1] == done
    assert done["dossier_code"] == receipt.dossier_code


def test_reasons_come_back_for_each_component_and_the_new_version_keeps_the_code(
    province: Any, make: Make
) -> None:
    receipt = province.deliver(make())
    lease = province.worker.ask("POST", "/leases")[1]
    reasons = [
        {"component": 2, "code": "mo-khong-doc-duoc", "text": "Ảnh mờ, không đọc được số định danh."},
        {"component": 0, "code": "thieu-giay-to", "text": "Thiếu giấy chứng sinh."},
    ]
    status, said = province.worker.ask("POST", f"/leases/{lease['lease_id']}/reject", {"reasons": reasons})
    assert (status, said["state"], said["reasons"]) == (200, "rejected", reasons)
    with province.client() as client:
        verdict = client.verdict_of(receipt.submission_id)
    assert verdict is not None
    assert [reason.component for reason in verdict.reasons] == [2, 0]
    by_code = province.deliver(make(code=receipt.dossier_code))
    by_id = province.deliver(make(code="TMP-1-X", replaces=receipt.submission_id))
    assert by_code.dossier_code == by_id.dossier_code == receipt.dossier_code
    stranger = province.client(token="tram-2")
    with stranger:
        assert stranger.deliver(make(code=receipt.dossier_code)).dossier_code == ""


def test_codes_are_numbered_without_a_gap_and_signed(province: Any, make: Make) -> None:
    packages = [make() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        receipts = list(pool.map(province.deliver, packages))
    with province.client() as client:
        key = client.hello().public_key_pem
    for receipt in receipts:
        verify_receipt(receipt, key)
    numbers = sorted(int(receipt.dossier_code.rsplit("-", 1)[1]) for receipt in receipts)
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_workers_never_get_the_same_submission(province: Any, make: Make) -> None:
    expected = {province.deliver(make()).submission_id for _ in range(12)}
    got: list[str] = []
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        while True:
            status, lease = province.worker.ask("POST", "/leases")
            if status == 204:
                return
            got.append(lease["submission_id"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(expected)


def test_urgent_first_then_those_least_tried_then_the_oldest(province: Any, make: Make) -> None:
    slow, old, urgent = (province.deliver(one).submission_id for one in (make(), make(), make(urgent=True)))
    taken = [province.worker.ask("POST", "/leases")[1] for _ in range(2)]
    assert [one["submission_id"] for one in taken] == [urgent, slow]
    _lapse(province, slow)
    after = [province.worker.ask("POST", "/leases")[1] for _ in range(2)]
    assert [(one["submission_id"], one["attempt"]) for one in after] == [(old, 1), (slow, 2)]
    late = province.worker.ask("POST", f"/leases/{taken[1]['lease_id']}/heartbeat")
    assert (late[0], late[1]["reason"]) == (404, "lease-unknown")
    assert province.worker.ask("DELETE", f"/leases/{after[1]['lease_id']}")[0] == 204
    again = province.worker.ask("POST", "/leases")[1]
    assert (again["submission_id"], again["attempt"]) == (slow, 3)


def test_the_feed_of_changes_leaves_nothing_out_and_tells_nothing_twice(province: Any, make: Make) -> None:
    ids = [province.deliver(make()).submission_id for _ in range(5)]
    with province.client(token="tram-2") as other:
        other.deliver(make())
    seen, after = [], 0
    while changes := (page := province.station.ask("GET", f"/changes?after={after}&limit=2")[1])["changes"]:
        seen += [change["submission_id"] for change in changes]
        after = page["next"]
    assert seen == ids
    lease = province.worker.ask("POST", "/leases")[1]
    assert province.station.ask("GET", f"/changes?after={after}")[1]["changes"] == []
    province.worker.ask("POST", f"/leases/{lease['lease_id']}/done")
    page = province.station.ask("GET", f"/changes?after={after}")[1]
    assert [(one["submission_id"], one["state"]) for one in page["changes"]] == [(ids[0], "done")]
    for query in ("after=-1", "after=x", "limit=0", "after=" + "9" * 30):
        assert province.station.ask("GET", f"/changes?{query}")[0] == 400


def test_a_station_sees_its_bounds_and_its_head_last_countersigned(province: Any, make: Make) -> None:
    assert province.station.ask("GET", "/station")[1]["last_audit_head"] == ""
    package = make()
    province.deliver(package, audit_head="ab" * 32)
    said = province.station.ask("GET", "/station")[1]
    assert (said["station"], said["agency"], said["last_audit_head"]) == ("xa-1", "H18.19", "ab" * 32)
    assert said["today"] == {"packages": 1, "bytes": package.bytes}


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "{}"},
        {"state": "rejected"},
        {"state": "accepted"},
        {"last_number": 1},
        {"decision": "", "state": "accepted", "last_number": 1},
    ],
)
def test_a_decision_that_was_tampered_with_shows(
    province: Any, make: Make, change: dict[str, object]
) -> None:
    province.deliver(make())
    lease = province.worker.ask("POST", "/leases")[1]
    province.worker.ask("POST", f"/leases/{lease['lease_id']}/done", {"result": {"a": "b"}})
    ledger: Ledger = open_ledger(province.data_dir, province.database)
    try:
        assert first_break(ledger) is None
        with ledger.database.changing() as db:
            db.execute(update(submissions).values(change))
        assert first_break(ledger) == 2
    finally:
        ledger.close()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"seconds": 1}),
        ("", {"seconds": 10**9}),
        ("", {"seconds": True}),
        ("", {"more": 1}),
        ("/done", {"result": []}),
        ("/done", {"result": {"a": 1}}),
        ("/done", {"result": {"a": "\u0000"}}),
        ("/done", {"result": {"a": "\ud800"}}),
        ("/done", {"result": {"": "x"}}),
        ("/done", {"result": {str(n): "" for n in range(51)}}),
        ("/done", {"dossier_code": "a b"}),
        ("/done", {"x": 1}),
        ("/reject", {}),
        ("/reject", {"reasons": []}),
        ("/reject", {"reasons": [{}]}),
        ("/reject", {"reasons": ["x"]}),
        ("/reject", {"reasons": [{"code": "Có Dấu"}]}),
        ("/reject", {"reasons": [{"code": "x", "component": -1}]}),
        ("/reject", {"reasons": [{"code": "x", "component": True}]}),
        ("/reject", {"reasons": [{"code": "x", "text": "\u0007"}]}),
        ("/reject", {"reasons": [{"code": "x"}] * 201}),
    ],
)
def test_a_malformed_word_of_a_worker_changes_nothing(
    busy: tuple[Any, str], path: str, body: dict[str, object]
) -> None:
    province, lease_id = busy
    target = f"/leases/{lease_id}{path}" if path else "/leases"
    assert province.worker.ask("POST", target, body)[0] == 400
    assert province.worker.ask("GET", f"/leases/{lease_id}")[0] == 200


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An intake whose worker holds a lease, for all malformed words."""
    import contextlib

    from sync import IntakeClient
    from sync.server import Account, IntakeThread, Role, hash_of_token, write_accounts

    folder = tmp_path_factory.mktemp("busy")
    write_accounts(folder, {"tinh": Account("tinh", hash_of_token("xu-ly"), role=Role.WORKER)})
    pdf = folder / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7\n")
    package = seal_package(
        folder / "a.zip",
        submission_id=new_submission_id(),
        files=[PackageFile(pdf, "data/a.pdf", hashlib.sha256(pdf.read_bytes()).hexdigest())],
        metadata={},
        events=[],
        sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    with IntakeThread(folder, choices=Choices()) as running, IntakeClient(running.url) as client:
        client.deliver(package)
        asker = _Worker(running.url)
        with contextlib.closing(asker):
            yield asker, asker.worker.ask("POST", "/leases")[1]["lease_id"]


class _Worker:
    """A worker alone."""

    def __init__(self, url: str) -> None:
        import requests

        self._url = url
        self._session = requests.Session()
        self.worker = self

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": "Bearer xu-ly"}
        data = None if body is None else json.dumps(body)
        answer = self._session.request(method, self._url + path, data=data, headers=headers, timeout=120)
        return answer.status_code, answer.json()

    def close(self) -> None:
        self._session.close()
