"""Xuất ra USB: the same packages on a drive, delivered from elsewhere, the same receipts brought home."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sync
from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.settings import Settings
from app.store import Secrets
from app.workflow import outbox
from app.workflow.happenings import tell_nobody
from app.workflow.queue import Sender
from app.workflow.station import Desk

from .conftest import COURIER_TOKEN, STATION_TOKEN, Province

Queued = Callable[..., OutboxEntry]
DeskOf = Callable[..., Desk]


def never() -> bool:
    return False


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path, desk_of: DeskOf, queued: Queued) -> tuple[Settings, list[OutboxEntry], Desk]:
    """A station far from any line, with three packages."""
    settings = Settings(data_folder=str(tmp_path / "station"), intake_url="http://127.0.0.1:9")
    desk = desk_of("http://127.0.0.1:9")
    return settings, [queued(desk, number, size=90_000) for number in (1, 2, 3)], desk


def export(settings: Settings, drive: Path) -> list[str]:
    return [e.submission_id for e in outbox.export(settings, drive, stopped=never, tell=tell_nobody)]


def carried(drive: Path, url: str, token: str = COURIER_TOKEN) -> list[sync.Carried]:
    connector = sync.IntakeConnector(sync.IntakeClient(url, token=token, chunk_bytes=65536))
    try:
        return list(sync.carry(drive, connector))
    finally:
        connector.close()


def test_there_and_back(province: Province, home: Any, drive: Path) -> None:
    settings, entries, desk = home
    ids = [entry.submission_id for entry in entries]
    assert export(settings, drive) == ids
    assert export(settings, drive) == ids  # once more changes nothing
    for entry in entries:
        copy = drive / "packages" / f"{entry.submission_id}.zip"
        assert copy.read_bytes() == desk.store.blobs.read(entry.package)
    assert [one.error for one in carried(drive, province.url)] == [None] * 3
    assert carried(drive, province.url) == []
    taken = outbox.take_receipts(settings, drive)
    assert [entry.state for entry in taken] == [Synchronisation.DELIVERED] * 3
    assert outbox.take_receipts(settings, drive) == []
    for entry in entries:
        kept = desk.store.outbox.get(entry.submission_id)
        assert kept.receipt == (drive / "receipts" / f"{entry.submission_id}.json").read_text()
    assert desk.store.receipt_key("sohoa-intake") is not None


def test_a_line_that_comes_meanwhile_brings_the_same_receipt(
    province: Province, home: Any, drive: Path, desk_of: DeskOf
) -> None:
    """The courier and the station itself deliver the same package: one row, one receipt."""
    settings, entries, _ = home
    export(settings, drive)
    carried(drive, province.url)
    online = desk_of(province.url)
    for outcome in Sender(online, stopped=never, tell=tell_nobody).round():
        assert outcome.error is None, outcome.error
    for entry in entries:
        kept = online.store.outbox.get(entry.submission_id).receipt
        assert kept == (drive / "receipts" / f"{entry.submission_id}.json").read_text()


def test_a_courier_goes_on_where_another_was_cut_off(province: Province, home: Any, drive: Path) -> None:
    settings, _, _ = home
    export(settings, drive)
    connector = sync.IntakeConnector(sync.IntakeClient(province.url, token=COURIER_TOKEN, chunk_bytes=65536))
    sent: list[int] = []
    cut = list(
        sync.carry(
            drive,
            connector,
            report=lambda done, _total: sent.append(done),
            stopped=lambda: bool(sent) and sent[-1] > 0,
        )
    )
    connector.close()
    assert [one.error.fault for one in cut if one.error] == [sync.Fault.CANCELLED]
    again: list[int] = []
    connector = sync.IntakeConnector(sync.IntakeClient(province.url, token=COURIER_TOKEN))
    for one in sync.carry(drive, connector, report=lambda done, _total: again.append(done)):
        assert one.error is None
    connector.close()
    assert again[0] == sent[-1]


def harm_package(drive: Path, submission_id: str) -> None:
    path = drive / "packages" / f"{submission_id}.zip"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_package_harmed_on_the_way_keeps_none_of_the_others(
    province: Province, home: Any, drive: Path
) -> None:
    settings, entries, _ = home
    export(settings, drive)
    harm_package(drive, entries[1].submission_id)
    codes = {one.submission_id: one.error.code if one.error else None for one in carried(drive, province.url)}
    assert [codes[e.submission_id] for e in entries] == [None, "sync.package-damaged", None]
    assert len(outbox.take_receipts(settings, drive)) == 2
    with pytest.raises(sync.SyncError) as conflict:  # the harmed copy is not overwritten in silence
        export(settings, drive)
    assert conflict.value.fault is sync.Fault.CONFLICT


@pytest.mark.parametrize("harm", ["other-key", "other-bytes", "not-json", "other-id"])
def test_a_receipt_that_is_not_the_servers_word_counts_for_nothing(
    province: Province, home: Any, drive: Path, tmp_path: Path, harm: str
) -> None:
    settings, entries, desk = home
    export(settings, drive)
    carried(drive, province.url)
    receipts = drive / "receipts"
    first, second, _ = (receipts / f"{entry.submission_id}.json" for entry in entries)
    if harm == "other-key":
        # A station that knows the true key does not take the one that lies beside the receipt.
        outbox.take_receipts(settings, drive)
        with sync.IntakeClient(province.url, token=STATION_TOKEN) as client:
            assert desk.store.receipt_key("sohoa-intake") == client.hello().public_key_pem.decode()
        forged = sync.Greeting("sohoa-intake", receipt_key_pem=b"-----BEGIN PUBLIC KEY-----\n")
        from app.domain.errors import StationError
        from app.workflow.deliver import pinned_key

        with pytest.raises(StationError):
            pinned_key(desk, forged)
        return
    if harm == "other-bytes":
        first.write_text(first.read_text().replace('"package_bytes":', '"package_bytes":1'))
    if harm == "not-json":
        first.write_text("<html>")
    if harm == "other-id":
        shutil.copy(second, first)
    if harm in ("not-json", "other-id"):
        assert len(outbox.take_receipts(settings, drive)) == 2
    else:
        with pytest.raises(sync.SyncError) as caught:
            outbox.take_receipts(settings, drive)
        assert caught.value.fault is sync.Fault.RECEIPT_FORGED
    state = desk.store.outbox.get(entries[0].submission_id)
    assert (state.state, state.receipt) == (Synchronisation.QUEUED, None)


def test_a_drive_that_was_not_prepared_is_not_there(tmp_path: Path, home: Any) -> None:
    settings, _, _ = home
    for act in (
        lambda: outbox.take_receipts(settings, tmp_path),
        lambda: list(sync.carry(tmp_path, sync.FolderConnector(tmp_path))),
        lambda: sync.FolderConnector(tmp_path).greet(),
    ):
        with pytest.raises(sync.SyncError) as caught:
            act()
        assert caught.value.fault is sync.Fault.NOT_MOUNTED


def test_the_courier_uses_the_token_of_its_own_station(
    province: Province, home: Any, drive: Path, tmp_path: Path, file_keyring: None
) -> None:
    settings, entries, _ = home
    export(settings, drive)
    courier = Settings(data_folder=str(tmp_path / "courier"), intake_url=province.url)
    refused = outbox.carry(courier, drive, url="", stopped=never, tell=tell_nobody)
    assert [one.error.code for one in refused if one.error] == ["sync.unauthorised"]
    Secrets(courier.folder()).put("token", COURIER_TOKEN)
    done = outbox.carry(courier, drive, url=province.url, stopped=never, tell=tell_nobody)
    assert [one.error for one in done] == [None] * len(entries)


@pytest.fixture
def file_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without a keyring."""
    import keyring
    from keyring.backends import fail

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)
