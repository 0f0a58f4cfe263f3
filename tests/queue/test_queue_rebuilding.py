"""The database is gone or harmed: made anew from its sidecars, or from the sealed packages alone, whole."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.device import KnownDevice
from app.domain.errors import StationError, StationFault
from app.domain.outbox import OutboxEntry
from app.settings import Settings
from app.store import Store
from app.store import journal as journals
from app.store.journal import Journal, Mark
from app.store.rebuilding import DATABASE, SIDECARS
from app.workflow import rebuild
from app.workflow.happenings import tell_nobody
from app.workflow.queue import Sender
from app.workflow.station import Desk

from .conftest import NOW, Province

Queued = Callable[..., OutboxEntry]
DeskOf = Callable[..., Desk]


def rows_of(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the journal's own mark."""
    with closing(sqlite3.connect(folder / DATABASE)) as opened:
        tables = [
            name
            for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name != "journal_mark"
        ]
        return {name: sorted(opened.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}  # noqa: S608


def lose(folder: Path) -> None:
    for path in folder.glob(f"{DATABASE}*"):
        path.unlink()


def worked(province: Province, desk_of: DeskOf, queued: Queued) -> Desk:
    """A station that met a scanner, sent two dossiers, and has one waiting and one stuck."""
    desk = desk_of(province.url)
    desk.store.devices.meet(KnownDevice("d", "Canon", "DR", "1", "usb", ""))
    desk.store.devices.count_page("d")
    desk.store.next_number("H18.19_TK")
    for number in (1, 2):
        queued(desk, number, papers=2)
    for outcome in Sender(desk, stopped=lambda: False, tell=tell_nobody).round():
        assert outcome.error is None
    queued(desk, 3)
    desk.store.outbox.set_fact("paused", NOW.isoformat())
    return desk


def test_a_deleted_database_comes_back_whole_when_the_program_starts(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = worked(province, desk_of, queued)
    folder = desk.store.folder
    desk.store.close()
    before = rows_of(folder)
    assert all(before[name] for name in ("dossier", "component", "page", "outbox", "audit", "device"))
    lose(folder)
    with Store(folder) as store:
        assert store.audit.head() == before["audit"][-1][-1] or store.audit.rows()
    assert rows_of(folder) == before
    with Store(folder) as store, store.work_lock():
        store.next_number("H18.19_TK")
    lose(folder)
    with Store(folder) as store:
        assert store.next_number("H18.19_TK") == 3


def test_rebuilding_on_demand_puts_the_old_one_aside_and_examines_the_new(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = worked(province, desk_of, queued)
    folder = desk.store.folder
    desk.store.close()
    before = rows_of(folder)
    data = bytearray((folder / DATABASE).read_bytes())
    data[4096:12000] = bytes(12000 - 4096)
    (folder / DATABASE).write_bytes(data)
    result = rebuild.rebuild(Settings(data_folder=str(folder), intake_url=province.url))
    assert result.check.good, result.check
    assert (result.check.dossiers, result.check.submissions) == (3, 3)
    assert result.set_aside is not None
    assert (folder / result.set_aside).exists()
    after = rows_of(folder)
    assert after["audit"][: len(before["audit"])] == before["audit"]
    assert {k: v for k, v in after.items() if k != "audit"} == {
        k: v for k, v in before.items() if k != "audit"
    }


def test_from_sealed_packages_alone_every_dossier_comes_back_and_nothing_is_sent_twice(
    province: Province, desk_of: DeskOf, queued: Queued, tmp_path: Path
) -> None:
    desk = worked(province, desk_of, queued)
    folder = desk.store.folder
    receipts = {e.submission_id: e.receipt for e in desk.store.outbox.entries()}
    desk.store.close()
    lose(folder)
    for path in (folder / SIDECARS).iterdir():
        path.unlink()
    result = rebuild.rebuild(Settings(data_folder=str(folder), intake_url=province.url))
    assert result.from_packages == 3
    assert result.check.good, result.check
    with Store(folder) as store:
        again = replace(desk, store=store)
        assert sorted(d.applicant.full_name for d in store.dossiers.unfinished()) == ["Lò Thị Ví Dụ"] * 3
        for outcome in Sender(again, stopped=lambda: False, tell=tell_nobody).round():
            assert outcome.error is None
        for entry in store.outbox.entries():
            expected = receipts[entry.submission_id]
            assert expected in (None, entry.receipt)
            assert entry.receipt is not None
        # The chain that was lost is missed: the server signed heads that nobody here knows any more.
        assert len(rebuild.examine(store).unknown_heads) == 2
    with closing(sqlite3.connect(province.data / "intake.sqlite")) as opened:
        assert opened.execute("SELECT COUNT(*) FROM submissions").fetchone()[0] == 3


def test_a_program_that_finds_blobs_alone_takes_them_up_by_itself(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    from app.workflow.outbox import desk_at_work

    desk = worked(province, desk_of, queued)
    folder = desk.store.folder
    desk.store.close()
    lose(folder)
    for path in (folder / SIDECARS).iterdir():
        path.unlink()
    with desk_at_work(Settings(data_folder=str(folder), intake_url=province.url)) as again:
        assert again.store.outbox.unsent() == 3
    with desk_at_work(Settings(data_folder=str(folder), intake_url=province.url)) as later:
        assert later.store.outbox.unsent() == 3


def test_with_nothing_left_there_is_nothing_to_make_it_from(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StationError) as caught:
        rebuild.rebuild(Settings(data_folder=str(tmp_path / "empty"), intake_url="http://127.0.0.1:9"))
    assert caught.value.fault is StationFault.SIDECARS_MISSING


def test_a_database_from_before_the_journal_gets_a_base_at_the_next_start(tmp_path: Path) -> None:
    """Rows that were never written to the journal are held by the snapshot that is made then."""
    from app.store.database import Database

    folder = tmp_path / "old"
    folder.mkdir()
    old = Database(folder / DATABASE, schema=3)
    old.write("INSERT INTO sequence (name, next) VALUES ('H18', 7)")
    old.write(
        "INSERT INTO dossier VALUES ('D1','T','p','n','Lò Thị','','2026-05-20T08:00:00+07:00',"
        "'2','open','none','not-due',NULL,NULL,0)"
    )
    old.close()
    with Store(folder) as store, store.work_lock():
        store.next_number("H18")
    lose(folder)
    with Store(folder) as store:
        assert store.next_number("H18") == 8
        assert store.dossiers.get("D1").code == "T"


def test_steps_of_the_schema_are_numbered_without_a_gap_or_a_twin() -> None:
    """Two steps of one number would each be left out somewhere."""
    from app.store.database import _MIGRATIONS

    numbers = sorted(int(path.name[:4]) for path in _MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_long_journals_are_folded_into_snapshots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "LARGEST_SEGMENT", 600)
    folder = tmp_path / "station"
    for start in range(12):
        with Store(folder) as store, store.work_lock():
            for number in range(6):
                assert store.next_number("H18") == start * 6 + number + 1
    sidecars = sorted(path.name for path in (folder / SIDECARS).iterdir())
    assert len([name for name in sidecars if name.startswith("snapshot")]) == 2
    assert len([name for name in sidecars if name.startswith("journal")]) < 20
    lose(folder)
    with Store(folder) as store:
        assert store.next_number("H18") == 73
    # The newest snapshot is harmed: the one before it and the lines since do as well.
    newest = max((folder / SIDECARS).glob("snapshot-*.db"))
    data = bytearray(newest.read_bytes())
    data[100 : len(data) // 2] = bytes(len(data) // 2 - 100)
    newest.write_bytes(data)
    lose(folder)
    with Store(folder) as store:
        assert store.next_number("H18") == 74


def _number_and_fail(store: Store) -> None:
    with store.transaction():
        store.next_number("H18")
        raise RuntimeError


def test_what_was_rolled_back_never_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "station"
    with Store(folder) as store:
        store.next_number("H18")
        with pytest.raises(RuntimeError):
            _number_and_fail(store)
        store.next_number("H19")
    lose(folder)
    with Store(folder) as store:
        assert store.next_number("H18") == 2
        assert store.next_number("H19") == 2


def test_a_journal_whose_disk_stumbled_leaves_out_what_was_not_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    folder = tmp_path / "station"
    with Store(folder) as store:
        store.next_number("H18")
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", _stumbles)
            with pytest.raises(StationError) as caught:
                store.next_number("H18")
            assert caught.value.fault is StationFault.DISK_FAULT
        assert store.next_number("H18") == 2  # no restart
    assert len(list((folder / SIDECARS).glob("journal-*.lines"))) == 2
    lose(folder)
    with Store(folder) as store:
        assert store.next_number("H18") == 3


def _stumbles(_descriptor: int) -> None:
    raise OSError(5, "Input/output error")


def test_sidecars_somebody_removed_are_replaced_by_a_snapshot(tmp_path: Path) -> None:
    folder = tmp_path / "station"
    with Store(folder) as store, store.work_lock():
        store.next_number("H18")
        for path in (folder / SIDECARS).iterdir():
            path.unlink()
        store.next_number("H18")
    with Store(folder) as store, store.work_lock():
        pass
    assert list((folder / SIDECARS).glob("snapshot-*.db"))
    lose(folder)
    with Store(folder) as store:
        assert store.next_number("H18") == 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(max_size=40), min_size=1, max_size=8),
    cut=st.floats(0, 1),
)
def test_lines_come_back_up_to_the_first_that_is_torn(
    texts: list[str], cut: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal"))
    mark, ends = Mark(1, 0), [0]
    for text in texts:
        mark, unbroken = journal.append(mark, 4, [("INSERT", [text, 1, None])])
        assert unbroken
        ends.append(mark.bytes)
    journal.close()
    path = journal.folder / "journal-000001.lines"
    size = int(cut * mark.bytes)
    path.write_bytes(path.read_bytes()[:size])
    whole = sum(end <= size for end in ends[1:])
    found = [change.writes[0][1] for change in journal.changes(Mark(1, 0))]
    assert found == [[text, 1, None] for text in texts[:whole]]
