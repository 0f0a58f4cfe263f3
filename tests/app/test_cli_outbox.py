"""The queue, the data folder and the secrets from the command line."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.queue_line import clock_time, words
from app.cli.root import program
from app.domain.dossier import Dossier
from app.domain.outbox import OutboxEntry, Priority
from app.domain.states import Digitisation, Synchronisation
from app.settings import Settings, load
from app.store import Store
from app.workflow.happenings import QueueProgress

SUBMISSION = "01JQ7ZK3V9D2M4N6P8R0S2T4W6"


@pytest.fixture(autouse=True)
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A station with a province's server that is not there."""
    monkeypatch.setenv("SOHOA_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("SOHOA_ADMIN_SETTINGS", str(tmp_path / "admin.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text(
        f'[station]\ndata_folder = "{tmp_path}/data"\n[intake]\nurl = "http://127.0.0.1:9"\n'
    )
    return tmp_path / "data"


@pytest.fixture
def stuck(station: Path, dossier: Dossier, noon: datetime) -> Path:
    """One dossier that needs a look."""
    with Store(station) as store, store.transaction():
        blob = store.blobs.put(b"no package")
        store.dossiers.save(
            replace(
                dossier,
                digitisation=Digitisation.SEALED,
                synchronisation=Synchronisation.STUCK,
                submission_id=SUBMISSION,
            )
        )
        entry = OutboxEntry(SUBMISSION, "D1", dossier.code, blob, 10, Synchronisation.QUEUED, noon)
        store.outbox.add(entry)
        store.outbox.save(
            replace(
                entry,
                state=Synchronisation.STUCK,
                attempts=1,
                last_error="sync.conflict",
                error_facts='{"reason": "conflict"}',
            )
        )
        store.audit.add("sealed", "D1", actor="QUAY1", at=noon)
    return station


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(program, list(arguments), input=typed)


def state_of(station: Path) -> OutboxEntry:
    with Store(station) as store:
        return store.outbox.get(SUBMISSION)


def test_the_queue_tells_how_it_is(stuck: Path) -> None:
    told = json.loads(run("outbox", "status", "--json").stdout)
    assert (told["stuck"], told["waiting"], told["paused"]) == (1, 0, False)
    (entry,) = json.loads(run("outbox", "list", "--json").stdout)
    assert (entry["last_error"], entry["error_facts"]) == ("sync.conflict", {"reason": "conflict"})


def test_what_needed_a_look_goes_back_and_goes_first(stuck: Path) -> None:
    assert run("outbox", "retry", SUBMISSION).exit_code == 0
    assert state_of(stuck).state is Synchronisation.QUEUED
    assert run("outbox", "priority", SUBMISSION, "urgent").exit_code == 0
    assert state_of(stuck).priority is Priority.URGENT
    for command in (("retry", "01JQ7ZK3V9D2M4N6P8R0S2T4W7"), ("priority", "nobody", "urgent")):
        assert run("outbox", *command).exit_code == 2


def test_a_dead_line_is_told_in_three_parts_and_in_the_status(stuck: Path) -> None:
    run("outbox", "retry", SUBMISSION)
    sent = run("outbox", "send")
    assert sent.exit_code == 1
    assert "[sync.offline]" in sent.stderr
    status = run("outbox", "status")
    assert "[sync.offline]" in status.stderr
    assert state_of(stuck).state is Synchronisation.QUEUED


def test_pausing_and_going_on(stuck: Path) -> None:
    run("outbox", "retry", SUBMISSION)
    assert run("outbox", "pause").exit_code == 0
    assert json.loads(run("outbox", "status", "--json").stdout)["paused"]
    assert run("outbox", "send").exit_code == 0  # sends nothing
    assert state_of(stuck).attempts == 1
    assert run("outbox", "resume").exit_code == 0
    assert run("outbox", "send").exit_code == 1
    assert state_of(stuck).attempts == 2


def test_answers_and_mending_of_what_was_never_sent(stuck: Path) -> None:
    assert run("outbox", "answers", "--json").stdout.strip() == "[]"
    mended = run("outbox", "mend", SUBMISSION)
    assert mended.exit_code == 1
    assert "[station.not-rejected]" in mended.stderr


def test_a_drive_is_prepared_and_filled(stuck: Path, tmp_path: Path) -> None:
    drive = tmp_path / "usb"
    drive.mkdir()
    exported = run("outbox", "export", str(drive))
    assert exported.exit_code == 0, exported.stderr
    assert (drive / "packages" / f"{SUBMISSION}.zip").read_bytes() == b"no package"
    assert run("outbox", "receipts", str(drive)).exit_code == 0
    carried = run("outbox", "carry", str(drive))
    assert carried.exit_code == 1
    assert "[sync.package-damaged]" in carried.stderr
    assert run("outbox", "receipts", str(tmp_path)).exit_code == 1


def test_the_data_folder_is_examined_and_made_anew(stuck: Path) -> None:
    assert json.loads(run("data", "check", "--json", "--every-byte").stdout)["good"]
    with closing(sqlite3.connect(stuck / "sohoa.db")) as opened, opened:
        opened.execute("DROP TRIGGER audit_is_never_changed")
        opened.execute("UPDATE audit SET actor = 'nobody'")
    broken = run("data", "check", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["audit_break"] == 1
    (stuck / "sohoa.db").write_bytes(b"harmed")
    assert run("data", "check").exit_code == 1
    rebuilt = run("data", "rebuild", "--json")
    assert rebuilt.exit_code == 0, rebuilt.stderr
    told = json.loads(rebuilt.stdout)
    assert (told["good"], told["submissions"]) == (True, 1)


def test_secrets_are_kept_and_never_shown(station: Path) -> None:
    import keyring
    from keyring.backends import fail

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        kept = run("secret", "set", "token", typed="ma-5417\n")
        assert kept.exit_code == 0
        listed = run("secret", "list")
        assert "token" in listed.stderr
        assert "5417" not in kept.output + listed.output
        assert run("secret", "forget", "token").exit_code == 0
        assert "token" not in run("secret", "list").stderr
        assert run("secret", "set", "pin", typed="1\n").exit_code == 2
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("text", "good"),
    [("", True), ("07:30-11:30=64", True), ("07:30-11:30=64 13:00-17:00=0", True), ("25:00-26:00=1", False)],
)
def test_caps_are_checked_when_the_settings_are_read(tmp_path: Path, text: str, good: bool) -> None:
    from app.domain.errors import StationError

    (tmp_path / "settings.toml").write_text(f'[sending]\ncaps = "{text}"\n')
    if good:
        assert load().send_caps == text
    else:
        with pytest.raises(StationError):
            load()


def test_each_kind_of_system_is_connected_to(tmp_path: Path) -> None:
    from app.domain.errors import StationError
    from app.workflow.configured import configured_intake

    for kind in ("intake", "documents", "portal", "folder"):
        connector = configured_intake(
            Settings(data_folder=str(tmp_path), intake_url="http://127.0.0.1:9", intake_kind=kind)
        )
        assert connector.system == kind
        connector.close()
    with pytest.raises(StationError):
        configured_intake(
            Settings(intake_url="http://127.0.0.1:9", intake_kind="portal", intake_fields="/nowhere.toml")
        )


def test_progress_in_words() -> None:
    assert clock_time(None) == "–"
    assert clock_time(3725.4) == "1:02:05"
    told = words(QueueProgress(3, 2_500_000, 64_000, 39.0))
    assert "0:00:39" in told
    assert "2.5" in told


def test_the_next_upload_is_found_by_its_index(station: Path, noon: datetime) -> None:
    """However many wait: SQLite reads rows in the order of their turn and stops at the first."""
    with Store(station) as store:
        plans = []
        store._database._connection.set_trace_callback(plans.append)
        store.outbox.next_due(noon)
        store.outbox.next_due(noon, above=Priority.NORMAL)
        store.outbox.next_try(noon)
        store._database._connection.set_trace_callback(None)
        for statement in [text for text in plans if "outbox" in text]:
            steps = [row[3] for row in store._database._connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
            assert not any("TEMP B-TREE" in step for step in steps), (statement, steps)
            assert all("INDEX" in step for step in steps), (statement, steps)
