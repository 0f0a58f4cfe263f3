"""The intake's database grows up, goes away, comes back, and loses its server in the middle of everything."""

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from sqlalchemy import text

from sync import Fault, IntakeClient, Package, SyncError, UploadState
from sync.server import Choices, IntakeThread, first_break, open_ledger
from sync.server.database import Database, checked_url, sqlite_url

Make = Callable[..., Package]


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url", "sqlite://", "postgresql+asyncpg://x"])
def test_urls_of_other_databases_are_refused_or_put_right(url: str) -> None:
    if url.startswith("postgresql"):
        assert checked_url(url).drivername == "postgresql+psycopg"
        return
    with pytest.raises(SyncError) as caught:
        checked_url(url)
    assert (caught.value.fault, caught.value.facts["reason"]) == (Fault.INTAKE_DATA, "url")


def test_a_database_that_is_not_there_and_one_that_is_newer_stop_the_start(
    postgresql: Any, tmp_path: Path
) -> None:
    with pytest.raises(SyncError) as caught:
        Database(checked_url(f"postgresql://sohoa@/nowhere?host={tmp_path}"))
    assert caught.value.facts["reason"] == "database"
    url = postgresql.fresh()
    Database(checked_url(url)).close()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE schema_version SET number = 99")
    with pytest.raises(SyncError) as caught:
        Database(checked_url(url))
    assert caught.value.facts["reason"] == "newer"


def test_two_intakes_may_make_the_tables_at_the_same_time(postgresql: Any) -> None:
    url, failures = postgresql.fresh(), []
    together = threading.Barrier(4)

    def open_it() -> None:
        together.wait()
        try:
            Database(checked_url(url)).close()
        except SyncError as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_acknowledged_means_on_the_disk(database: str, tmp_path: Path) -> None:
    """SQLite with FULL, PostgreSQL with synchronous_commit, whatever the server's own setting is."""
    url = checked_url(database) if database else sqlite_url(tmp_path / "db.sqlite")
    opened = Database(url)
    with opened.changing() as db:
        if opened.is_sqlite:
            assert db.execute(text("PRAGMA synchronous")).scalar() == 2
            assert db.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        else:
            assert db.execute(text("SHOW synchronous_commit")).scalar() == "on"
    opened.close()


@pytest.fixture
def own_postgresql(postgresql: Any) -> Iterator[Any]:
    """A PostgreSQL that the test may stop."""
    import shutil

    folder = Path(tempfile.mkdtemp(prefix="sohoa-pg-"))
    server = type(postgresql)(folder, postgresql._programs)
    server.start()
    yield server
    with contextlib.suppress(AssertionError):
        server.stop()
    shutil.rmtree(folder)


@pytest.mark.logs_warnings
def test_a_database_that_goes_away_is_busy_for_its_stations_and_comes_back(
    own_postgresql: Any, tmp_path: Path, make_package: Make
) -> None:
    first, second = make_package(100_000), make_package(100_000, seed=2)
    choices = Choices(database=own_postgresql.fresh())
    with IntakeThread(tmp_path / "intake", choices=choices) as running, IntakeClient(running.url) as client:
        client.deliver(first)
        own_postgresql.stop()
        with pytest.raises(SyncError) as caught:
            client.deliver(second)
        assert caught.value.fault is Fault.SERVER_BUSY
        assert caught.value.passing
        assert (caught.value.retry_after_s or 0) > 0
        assert requests.get(running.url + "/health", timeout=20).status_code == 503
        own_postgresql.resume()
        assert client.deliver(second).package_sha256 == second.sha256
        assert client.deliver(first).package_sha256 == first.sha256


def _kills(database: str, folder: Path, packages: list[Package], kills: int) -> None:
    """Senders that never give up, and a server that is killed and started again under them."""
    root = Path(__file__).resolve().parents[3]
    done = threading.Event()
    receipts: dict[str, str] = {}
    address: list[str] = []

    def start(port: str) -> subprocess.Popen[bytes]:
        import json

        command = [sys.executable, "-m", "sync.server", "--data", str(folder), "--port", port]
        command += ["--database", database, "--json-ready", "--exit-with-stdin"]
        process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        address[:] = [json.loads(process.stdout.readline())["url"]]
        return process

    def send(package: Package) -> None:
        states: list[UploadState] = []
        while not done.is_set():
            try:
                with IntakeClient(address[0], chunk_bytes=65536, read_timeout_s=20) as client:
                    receipt = client.deliver(
                        package, resume=states[-1] if states else None, remember=states.append
                    )
            except SyncError as error:
                assert error.passing, error.facts  # noqa: PT017
                done.wait(0.05)
                continue
            receipts[package.submission_id] = receipt.to_json()
            return

    process = start("0")
    senders = [threading.Thread(target=send, args=(package,)) for package in packages]
    for sender in senders:
        sender.start()
    try:
        for number in range(kills):
            done.wait(0.15 + 0.1 * (number % 4))
            process.kill()
            _end(process)
            process = start(address[0].rsplit(":", 1)[1])
        for sender in senders:
            sender.join(120)
    finally:
        done.set()
        _end(process)
    assert receipts.keys() == {package.submission_id for package in packages}
    ledger = open_ledger(folder, database)
    try:
        assert first_break(ledger) is None
        for package in packages:
            found = ledger.submission(package.submission_id)
            assert found is not None
            assert found.receipt == receipts[package.submission_id]
            stored = folder / "packages" / package.sha256[:2] / f"{package.sha256}.zip"
            assert stored.read_bytes() == package.path.read_bytes()
        assert len(ledger.audit_rows(after=0, limit=1000)) == len(packages)
    finally:
        ledger.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(20)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def test_a_server_that_is_killed_under_its_senders_acknowledges_nothing_that_it_loses(
    database: str, tmp_path: Path, make_package: Make
) -> None:
    packages = [make_package(400_000, seed=number) for number in range(4)]
    _kills(database, tmp_path / "intake", packages, kills=3)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_server_that_is_killed_a_hundred_times(database: str, tmp_path: Path, make_package: Make) -> None:
    packages = [make_package(3_000_000, seed=number) for number in range(12)]
    _kills(database, tmp_path / "intake", packages, kills=100)
