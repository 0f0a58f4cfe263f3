"""Who gets in, as what, and how much: roles, quotas, drives, accounts that change while serving."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync import (
    Errand,
    Fault,
    FolderConnector,
    IntakeClient,
    IntakeConnector,
    Package,
    SyncError,
    carry,
    prepare_share,
    receipts_on,
)
from sync.server import Account, Choices, IntakeThread, Limits, Objection, Role, hash_of_token, write_accounts
from sync.server.accounts import AccountsFile, is_account_name, read_accounts

Make = Callable[..., Package]
Open = Callable[..., Any]


def test_each_role_has_its_doors_and_no_others(province: Any, make_package: Make) -> None:
    package = make_package(100)
    province.deliver(package)
    own = f"/submissions/{package.submission_id}"
    for asker, expected in [
        (province.nobody, (401, 401, 401)),
        (province.station, (200, 200, 403)),
        (province.other, (200, 404, 403)),
        (province.worker, (403, 403, 201)),
        (province.operator, (403, 403, 403)),
    ]:
        found = (
            asker.ask("GET", "/changes")[0],
            asker.ask("GET", own)[0],
            asker.ask("POST", "/leases")[0],
        )
        assert found == expected
    for path in ("/health", "/info", "/openapi.json"):
        assert province.nobody.ask("GET", path)[0] == 200


def test_the_page_asks_for_an_operator_and_names_stations_and_no_person(
    province: Any, make_package: Make
) -> None:
    import requests

    province.deliver(make_package(100))
    lease = province.worker.ask("POST", "/leases")[1]
    text = "Bà Lò Thị Ví Dụ <script>alert(1)</script>"
    reasons = {"reasons": [{"code": "thieu-giay-to", "text": text}]}
    province.worker.ask("POST", f"/leases/{lease['lease_id']}/reject", reasons)
    assert province.nobody.ask("GET", "/")[0] == 401
    assert province.operator.ask("GET", "/")[0] == 401
    for login, status in [
        (("truc", "van-hanh"), 200),
        (("truc", "xu-ly"), 401),
        (("tinh", "xu-ly"), 401),
        (("xa-1", "tram-1"), 401),
        (("", ""), 401),
    ]:
        answer = requests.get(province.url, auth=login, timeout=20)
        assert answer.status_code == status
    page = requests.get(province.url, auth=("truc", "van-hanh"), timeout=20).text
    assert "xa-1" in page
    assert "thieu-giay-to" in page
    assert "Ví Dụ" not in page
    assert "script" not in page


def test_quotas_hold_by_the_day_and_say_until_when(
    open_province: Open, database: str, make_package: Make
) -> None:
    province = open_province(database, packages_per_day=2, bytes_per_day=200_000)
    big = make_package(150_000)
    province.deliver(big)
    with pytest.raises(SyncError) as caught:
        province.deliver(make_package(150_000))
    assert (caught.value.fault, caught.value.facts["reason"]) == (Fault.SERVER_BUSY, "quota-bytes")
    assert 0 < (caught.value.retry_after_s or 0) <= 24 * 3600
    with pytest.raises(SyncError) as caught:
        province.deliver(make_package(300_000))
    assert caught.value.fault is Fault.TOO_LARGE
    province.deliver(make_package(100))
    with pytest.raises(SyncError) as caught:
        province.deliver(make_package(100))
    assert caught.value.facts["reason"] == "quota-packages"
    assert province.deliver(big).submission_id == big.submission_id
    with province.client(token="tram-2") as other:
        other.deliver(make_package(100))


def test_uploads_under_way_are_bounded(open_province: Open, database: str) -> None:
    import base64

    province = open_province(database, uploads_at_once=3)
    sha = base64.b64encode(b"0" * 64).decode()
    sid = base64.b64encode(b"01JQ7ZK3V9D2M4N6P8R0S2T4W6").decode()
    headers = {
        "Tus_Resumable": "1.0.0",
        "Upload_Length": "10",
        "Upload_Metadata": f"submission_id {sid},sha256 {sha}",
    }
    answers = [province.station.ask("POST", "/uploads", **headers)[0] for _ in range(5)]
    assert answers == [201, 201, 201, 429, 429]
    assert len(list((province.data_dir / "uploads").iterdir())) == 3


def test_what_the_judge_objects_to_is_refused_and_leaves_nothing(
    open_province: Open, database: str, make_package: Make
) -> None:
    objections = [
        Objection("data/H18.19_TK_000021_V1.pdf", "unsigned"),
        Objection("data/b.pdf", "pdf-broken"),
    ]
    province = open_province("", choices=Choices(database=database, judge=lambda _contents: objections))
    package = make_package(1000)
    with pytest.raises(SyncError) as caught:
        province.deliver(package)
    assert caught.value.fault is Fault.REJECTED
    facts = caught.value.facts
    assert (facts["reason"], facts["name"], facts["detail"]) == (
        "component-refused",
        "data/H18.19_TK_000021_V1.pdf",
        "unsigned",
    )
    assert not list((province.data_dir / "uploads").iterdir())
    assert not [path for path in (province.data_dir / "packages").rglob("*") if path.is_file()]
    objections.clear()
    assert province.deliver(package).package_sha256 == package.sha256


def test_an_operator_carries_a_drive_for_a_station(province: Any, make_package: Make, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    prepare_share(drive)
    packages = [make_package(100, seed=number) for number in range(3)]
    for package in packages:
        FolderConnector(drive).deliver(package, Errand())
    for station, fault in [("no-such", Fault.UNAUTHORISED), ("tinh", Fault.UNAUTHORISED)]:
        client = IntakeClient(province.url, token="van-hanh", acts_for=station)
        with pytest.raises(SyncError) as caught:
            client.deliver(packages[0])
        assert caught.value.fault is fault
        client.close()
    connector = IntakeConnector(IntakeClient(province.url, token="van-hanh", acts_for="xa-2"))
    carried = list(carry(drive, connector))
    connector.close()
    assert [one.error for one in carried] == [None] * 3
    assert receipts_on(drive).keys() == {package.submission_id for package in packages}
    for package in packages:
        path = f"/submissions/{package.submission_id}/receipt"
        status, receipt = province.other.ask("GET", path)
        assert (status, receipt["package_sha256"]) == (200, package.sha256)
        assert province.station.ask("GET", path)[0] == 404
    pretending = IntakeClient(province.url, token="tram-1", acts_for="xa-2")
    mine = make_package(100)
    pretending.deliver(mine)
    pretending.close()
    assert province.other.ask("GET", f"/submissions/{mine.submission_id}")[0] == 404


def test_an_open_intake_still_lets_no_stranger_take_packages_away(intake: IntakeThread) -> None:
    import requests

    assert requests.post(intake.url + "/leases", timeout=20).status_code == 401
    assert requests.get(intake.url, timeout=20).status_code == 200


def _changed(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def test_accounts_are_read_again_when_they_change_and_never_open_the_intake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sync.server.accounts._LOOK_AGAIN_S", 0.0)
    first = Account("xa-1", hash_of_token("one"))
    write_accounts(tmp_path, {"xa-1": first})
    accounts = AccountsFile(tmp_path)
    assert accounts.refreshed().of_token("one") == first
    write_accounts(tmp_path, {"xa-1": replace(first, closed=True), "b": Account("b", hash_of_token("two"))})
    assert accounts.refreshed().of_token("one") is None
    assert not accounts.refreshed().open
    assert accounts.refreshed().of_token("two") is not None
    (tmp_path / "stations.json").unlink()
    assert not accounts.refreshed().open
    assert (tmp_path / "stations.json").exists() is False


@pytest.mark.logs_warnings
def test_accounts_that_broke_leave_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.server.accounts._LOOK_AGAIN_S", 0.0)
    write_accounts(tmp_path, {"xa-1": Account("xa-1", hash_of_token("one"))})
    accounts = AccountsFile(tmp_path)
    _changed(tmp_path / "stations.json", "{ not json")
    assert accounts.refreshed().of_token("one") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not json",
        '{"a": "short"}',
        '{"a": {"token_sha256": "' + "g" * 64 + '"}}',
        '{"a": {"token_sha256": "' + "0" * 64 + '", "role": "king"}}',
        '{"a": {"token_sha256": "' + "0" * 64 + '", "agency": "../x"}}',
        '{"a": {"token_sha256": "' + "0" * 64 + '", "bytes_per_day": -1}}',
        '{"a": {"token_sha256": "' + "0" * 64 + '", "more": 1}}',
        '{"a:b": "' + "0" * 64 + '"}',
        "[" * 100_000,
    ],
)
def test_a_slip_of_the_pen_in_the_accounts_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "stations.json").write_text(text)
    with pytest.raises(SyncError) as caught:
        read_accounts(tmp_path)
    assert caught.value.facts["reason"] == "stations"


def test_accounts_round_trip_and_keep_no_token(tmp_path: Path) -> None:
    account = Account("Xã Thượng Lâm", hash_of_token("bí mật"), Role.OPERATOR, "H18.19", 5, 6, 7, closed=True)
    write_accounts(tmp_path, {account.name: account})
    assert read_accounts(tmp_path) == {account.name: account}
    assert "bí mật" not in (tmp_path / "stations.json").read_text("utf-8")
    assert (tmp_path / "stations.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "stations.json").write_text(json.dumps({"cũ": hash_of_token("x").upper()}))
    assert read_accounts(tmp_path)["cũ"].token_sha256 == hash_of_token("x")
    assert not any(is_account_name(name) for name in ("", " a", "a:b", "x" * 65, "a\n"))


def test_limits_that_an_account_does_not_name_are_the_intakes() -> None:
    limits = Limits(packages_per_day=1, bytes_per_day=2, uploads_at_once=3)
    quota = limits.quota(Account("a", "0" * 64, bytes_per_day=9))
    assert (quota.packages_per_day, quota.bytes_per_day, quota.uploads_at_once) == (1, 9, 3)
