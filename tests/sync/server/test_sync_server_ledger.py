"""The intake's memory: an audit chain that shows every touch, a disk that fills, a folder held by one."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from sync import (
    Fault,
    IntakeClient,
    Package,
    PackageFile,
    SyncError,
    UploadState,
    new_submission_id,
    seal_package,
)
from sync.server import Choices, IntakeThread, Limits, serve
from sync.server.audit import first_break
from sync.server.database import Database, sqlite_url
from sync.server.intake import open_ledger
from sync.server.ledger import Ledger
from sync.server.records import Upload
from sync.server.uploads import Uploads

Make = Callable[..., Package]
ClientOf = Callable[..., IntakeClient]
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Filled:
    """A stopped intake that accepted six packages: its data folder, and its database's URL ("": SQLite)."""

    folder: Path
    url: str = ""

    def write(self, *statements: str | tuple[str, tuple[object, ...]]) -> None:
        """Do with the database what somebody would who has its files and no scruples."""
        connection: Any = psycopg.connect(self.url) if self.url else sqlite3.connect(self.sqlite)
        with contextlib.closing(connection) as db:
            if self.url:
                db.execute("SET session_replication_role = replica")  # foreign keys do not stop him
            for statement in statements:
                text, values = (statement, ()) if isinstance(statement, str) else statement
                assert db.execute(text.replace("?", "%s") if self.url else text, values).rowcount > 0
            db.commit()

    def read(self, query: str) -> list[tuple[Any, ...]]:
        connection: Any = psycopg.connect(self.url) if self.url else sqlite3.connect(self.sqlite)
        with contextlib.closing(connection) as db:
            return list(db.execute(query).fetchall())

    @property
    def sqlite(self) -> Path:
        return self.folder / "intake.sqlite"


@pytest.fixture(scope="session")
def filled_postgresql(
    postgresql: Any, filled_once: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The same on PostgreSQL: the data folder and the database's name; copy both before touching them."""
    folder = tmp_path_factory.mktemp("filled-postgresql") / "intake"
    url = postgresql.fresh()
    with IntakeThread(folder, choices=Choices(database=url)) as running, IntakeClient(running.url) as client:
        for number in range(6):
            sealed = folder.parent / f"{number}.zip"
            client.deliver(_sealed(sealed, number), audit_head=f"{number:064x}")
    return folder, url.split("@/")[1].split("?")[0]


def _sealed(path: Path, number: int) -> Package:
    pdf = path.with_suffix(".pdf")
    pdf.write_bytes(b"%PDF-1.7\n" + bytes([number]) * 100)
    sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
    return seal_package(
        path,
        submission_id=new_submission_id(),
        files=[PackageFile(pdf, "data/a.pdf", sha256)],
        metadata={},
        events=[],
        sealed_at=datetime(2026, 3, 2, 8, 30, tzinfo=UTC),
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(tmp_path: Path, request: pytest.FixtureRequest) -> Filled:
    """A stopped intake that accepted six packages, on each database."""
    if request.param == "sqlite":
        folder = request.getfixturevalue("filled_once")
        return Filled(Path(shutil.copytree(folder, tmp_path / "filled")))
    folder, name = request.getfixturevalue("filled_postgresql")
    url = request.getfixturevalue("postgresql").fresh(like=name)
    return Filled(Path(shutil.copytree(folder, tmp_path / "filled")), url)


def _ledger(path: Path) -> Ledger:
    return Ledger(Database(sqlite_url(path)))


def _break_of(filled: Filled, *statements: str) -> int | None:
    filled.write(*statements)
    ledger = open_ledger(filled.folder, filled.url)
    try:
        return first_break(ledger)
    finally:
        ledger.close()


def test_an_untouched_chain_is_whole(filled: Filled) -> None:
    assert _break_of(filled) is None


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit SET entry=replace(entry,'accepted','rejected') WHERE number=3", 3),
        ("UPDATE audit SET hash=replace(hash,substr(hash,1,1),'g') WHERE number=2", 2),
        ("UPDATE audit SET number=60 WHERE number=6", 6),
        ("DELETE FROM audit WHERE number=1", 1),
        ("DELETE FROM audit WHERE number=4", 4),
        ("DELETE FROM audit WHERE number=6", 6),
        ("DELETE FROM audit WHERE number>2", 3),
        ("DELETE FROM audit", 1),
        ("DELETE FROM submissions WHERE audit_number=5", 5),
        ("DELETE FROM submissions WHERE audit_number=6", 6),
        ("UPDATE submissions SET audit_number=70 WHERE audit_number=5", 5),
        ("UPDATE submissions SET receipt=replace(receipt,'sohoa','other') WHERE audit_number=5", 5),
        ("UPDATE submissions SET receipt='{}' WHERE audit_number=5", 5),
        ("UPDATE submissions SET receipt=(SELECT receipt FROM submissions WHERE audit_number=1)"
         " WHERE audit_number=2", 2),
        ("DELETE FROM signing_keys", 1),
    ],
)  # fmt: skip
def test_every_touch_of_the_chain_shows(filled: Filled, statement: str, number: int) -> None:
    assert _break_of(filled, statement) == number


def test_a_chain_made_anew_does_not_fit_the_receipts(filled: Filled) -> None:
    """Whoever can write the database can hash too; the signed receipts are what he cannot make."""
    from sync.server.chain import next_row

    rows = filled.read("SELECT entry FROM audit ORDER BY number")
    statements: list[str | tuple[str, tuple[object, ...]]] = ["DELETE FROM audit"]
    last = None
    for number, (entry,) in enumerate(rows):
        values = json.loads(entry)
        if number == 2:
            values["station"] = "another"
        last = next_row(last, values)
        statements.append(("INSERT INTO audit VALUES (?,?,?)", (last.number, last.entry, last.hash)))
    filled.write(*statements)
    assert _break_of(filled) == 4


def test_the_stations_head_is_countersigned(filled: Filled) -> None:
    rows = filled.read("SELECT receipt FROM submissions ORDER BY audit_number")
    assert [json.loads(row[0])["audit_head"] for row in rows] == [f"{number:064x}" for number in range(6)]


def test_a_full_disk_is_said_and_the_upload_goes_on_when_there_is_room(
    small_disk: Callable[[str], Path], client_of: ClientOf, make_package: Make
) -> None:
    disk = small_disk("4m")
    package = make_package(1_500_000)
    states: list[UploadState] = []
    with IntakeThread(disk / "intake", limits=Limits(reserve_bytes=500_000)) as running:
        client = client_of(running.url, chunk_bytes=65536)
        ballast = disk / "ballast"

        def fill(done: int, _total: int) -> None:
            if done >= 300_000 and not ballast.exists():
                free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                ballast.write_bytes(bytes(free - 700_000))

        with pytest.raises(SyncError) as caught:
            client.deliver(package, remember=states.append, report=fill)
        assert caught.value.fault is Fault.DISK_FULL_SERVER
        assert caught.value.passing
        with pytest.raises(SyncError) as caught:
            client.deliver(make_package(600_000))
        assert caught.value.fault is Fault.DISK_FULL_SERVER
        ballast.unlink()
        resumed: list[int] = []
        receipt = client.deliver(package, resume=states[-1], report=lambda done, _total: resumed.append(done))
        assert receipt.package_sha256 == package.sha256
        assert resumed[0] >= 300_000


@pytest.mark.logs_warnings
def test_a_disk_that_fills_under_the_write_itself(
    small_disk: Callable[[str], Path], client_of: ClientOf, make_package: Make
) -> None:
    """Without a reserve the real ENOSPC comes: still 507, still nothing acknowledged that is not there."""
    disk = small_disk("4m")
    package = make_package(1_500_000)
    states: list[UploadState] = []
    with IntakeThread(disk / "intake", limits=Limits(reserve_bytes=-(10**12))) as running:
        client = client_of(running.url, chunk_bytes=65536)
        ballast = disk / "ballast"

        def fill(done: int, _total: int) -> None:
            if done >= 300_000 and not ballast.exists():
                with ballast.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
                    while stream.write(bytes(4096)):
                        pass

        with pytest.raises(SyncError) as caught:
            client.deliver(package, remember=states.append, report=fill)
        assert caught.value.fault is Fault.DISK_FULL_SERVER
        ballast.unlink()
        receipt = client.deliver(package, resume=states[-1])
        assert receipt.package_sha256 == package.sha256


def test_when_the_disk_will_not_vouch_for_bytes_the_upload_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = _ledger(tmp_path / "db.sqlite")
    (tmp_path / "uploads").mkdir()
    uploads = Uploads(tmp_path / "uploads", ledger, Limits(reserve_bytes=0))
    sid = "01JQ7ZK3V9D2M4N6P8R0S2T4W6"
    upload = uploads.create(length=10, submission_id=sid, package_sha256="0" * 64)

    def refuse(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with uploads.append(upload) as appending:
        appending.write(b"12345")
        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="Input/output"):
            appending.keep()
    assert ledger.upload(upload.id) is None
    assert list((tmp_path / "uploads").iterdir()) == []
    ledger.close()


def test_lapsed_uploads_and_files_of_nobody_are_swept(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path / "db.sqlite")
    (tmp_path / "uploads").mkdir()
    uploads = Uploads(tmp_path / "uploads", ledger, Limits(reserve_bytes=0))
    sid = "01JQ7ZK3V9D2M4N6P8R0S2T4W6"
    old, young = (uploads.create(length=10, submission_id=sid, package_sha256="0" * 64) for _ in range(2))
    ledger.hold(old, 0, int(time.time()) - 1)
    (tmp_path / "uploads" / "left-behind").write_bytes(b"x")
    assert uploads.sweep(time.time()) == 1
    uploads.recover()
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == [young.id]
    ledger.close()


@pytest.mark.parametrize(
    ("harm", "held"),
    [
        (lambda _path: None, 300),
        (lambda path: os.truncate(path, 250), 200),
        (lambda path: path.write_bytes(path.read_bytes()[:200] + bytes(100)), 200),
        (lambda path: path.write_bytes(path.read_bytes() + b"more"), 300),
        # A disk that lied: what it had vouched for before is gone too.
        pytest.param(lambda path: os.truncate(path, 150), 150, marks=pytest.mark.logs_warnings),
    ],
)
def test_after_a_power_cut_only_what_reached_the_disk_counts(
    tmp_path: Path, harm: Callable[[Path], None], held: int
) -> None:
    """The row and the bytes go to the disk side by side: a cut may leave the row without its bytes."""
    ledger = _ledger(tmp_path / "db.sqlite")
    (tmp_path / "uploads").mkdir()
    uploads = Uploads(tmp_path / "uploads", ledger, Limits(reserve_bytes=0))
    sid = "01JQ7ZK3V9D2M4N6P8R0S2T4W6"
    upload = uploads.create(length=1000, submission_id=sid, package_sha256="0" * 64)
    for piece in (b"a" * 200, b"b" * 100):
        with uploads.append(upload) as appending:
            appending.write(piece)
            upload = appending.keep()
    harm(uploads.path(upload.id))
    uploads.close()
    again = Uploads(tmp_path / "uploads", ledger, Limits(reserve_bytes=0))
    again.recover()
    found = again.find(upload.id, "")
    assert found.held == held
    with again.append(found) as appending:
        appending.write(b"c" * 10)
        assert appending.keep().held == held + 10
    assert again.path(upload.id).read_bytes()[:held] == (b"a" * 200 + b"b" * 100)[:held]
    again.close()
    ledger.close()


def test_the_ledger_refuses_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(SyncError) as caught:
        _ledger(tmp_path / "db.sqlite")
    assert caught.value.fault is Fault.INTAKE_DATA
    with contextlib.closing(sqlite3.connect(tmp_path / "newer.sqlite")) as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(SyncError) as caught:
        _ledger(tmp_path / "newer.sqlite")
    assert caught.value.facts["reason"] == "newer"


def test_a_failed_change_leaves_nothing_behind(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path / "db.sqlite")
    upload = Upload("A" * 26, "B" * 26, "0" * 64, "", 10, 0, 1)
    ledger.add_upload(upload)
    with pytest.raises(IntegrityError):
        ledger.add_upload(upload)
    with pytest.raises(IntegrityError):
        ledger.hold(upload, 11, 1)
    assert ledger.upload(upload.id) == upload
    ledger.add_upload(replace(upload, id="C" * 26))
    ledger.close()


def test_one_folder_has_one_intake(tmp_path: Path) -> None:
    with IntakeThread(tmp_path / "one") as first:
        with pytest.raises(SyncError) as caught, IntakeThread(tmp_path / "one"):
            pass
        assert caught.value.fault is Fault.INTAKE_RUNNING
        port = int(first.url.rsplit(":", 1)[1])
        with pytest.raises(SyncError) as caught, IntakeThread(tmp_path / "two", port=port):
            pass
        assert caught.value.fault is Fault.INTAKE_ADDRESS_TAKEN
    with IntakeThread(tmp_path / "one"):
        pass


def test_serving_ends_when_told(tmp_path: Path) -> None:
    stop = threading.Event()
    urls: list[str] = []

    def ready(url: str) -> None:
        urls.append(url)
        stop.set()

    serve(tmp_path / "brief", ready=ready, stop=stop)
    assert urls[0].startswith("http://127.0.0.1:")


def test_the_program_ends_with_its_standard_input(intake_process: Any) -> None:
    assert intake_process.finish() == 0


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_the_program_ends_in_good_order_on_a_signal(intake_process: Any, kind: signal.Signals) -> None:
    intake_process.process.send_signal(kind)
    assert intake_process.process.wait(20) == 0
    assert "Traceback" not in intake_process.stderr()


def test_the_program_says_its_faults_as_json(tmp_path: Path) -> None:
    (tmp_path / "stations.json").write_text("not json")
    command = [sys.executable, "-m", "sync.server", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=30)
    assert done.returncode == 1
    assert json.loads(done.stderr) == {"code": "sync.intake-data", "facts": {"reason": "stations"}}


def test_the_program_checks_its_audit_chain(filled: Filled) -> None:
    command = [sys.executable, "-m", "sync.server", "--data", str(filled.folder), "--check-audit"]
    command += ["--database", filled.url]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=30)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"first_break": None})


def test_the_idle_program_is_small(intake_process: Any) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("no /proc")
    status = Path(f"/proc/{intake_process.process.pid}/status").read_text()
    kilobytes = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    assert kilobytes < 70_000
