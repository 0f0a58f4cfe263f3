"""Both databases that an intake may stand on; PostgreSQL is started here, by and for the test run."""

import contextlib
import itertools
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from sync import IntakeClient, Package
from sync.server import Account, Choices, IntakeThread, Role, hash_of_token, write_accounts

STATION_TOKEN, OTHER_TOKEN, WORKER_TOKEN, OPERATOR_TOKEN = "tram-1", "tram-2", "xu-ly", "van-hanh"
_PROGRAMS = Path("/usr/lib/postgresql")


class PostgreSql:
    """A PostgreSQL server in a folder of its own, reached through a socket in that folder."""

    def __init__(self, folder: Path, programs: Path, *, fsync: bool = False) -> None:
        self._folder = folder
        self._programs = programs
        self._fsync = "on" if fsync else "off"
        self._numbers = itertools.count()
        # The server refuses to run as root.
        self._user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
        if os.geteuid() == 0:
            os.chown(folder, self._user, -1)

    def start(self) -> None:
        """Make the cluster and start the server; it is ready when this returns."""
        data = str(self._folder / "data")
        # Locale C and no file of the system's: the same everywhere.
        self._run("initdb", "-D", data, "-U", "sohoa", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.resume()

    def resume(self) -> None:
        """Start the server over the cluster that is there."""
        data = str(self._folder / "data")
        options = f"-k {self._folder} -c listen_addresses= -c max_connections=120 -c fsync={self._fsync}"
        self._run("pg_ctl", "-D", data, "-l", str(self._folder / "log"), "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")

    def url(self, name: str) -> str:
        """Return the URL of one database."""
        return f"postgresql://sohoa@/{name}?host={self._folder}"

    def fresh(self, like: str = "template1") -> str:
        """Make a database that is like another one (an empty one by default) and return its URL."""
        name = f"intake{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if program == "initdb" else subprocess.DEVNULL,
            user=self._user,
            cwd=self._folder,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )
        assert done.returncode == 0, (program, done.stdout)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    """A running PostgreSQL; the test is skipped where Debian's package is not installed."""
    found = sorted(_PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    # Its socket's path must stay below 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="sohoa-pg-"))
    server = PostgreSql(folder, found[-1].parent)
    try:
        server.start()
        yield server
    finally:
        with contextlib.suppress(AssertionError):
            server.stop()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once of each kind; "" is the SQLite file of the data folder."""
    return fresh_database(request)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(request: pytest.FixtureRequest) -> str:
    """The same for all tests of one file."""
    return fresh_database(request)


def fresh_database(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return ""
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.fresh()


class Asker:
    """Plain HTTP questions to one intake under one token."""

    def __init__(self, url: str, token: str | None = None) -> None:
        import requests

        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Return (status, JSON or bytes)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        answer = self._session.request(method, self._url + path, data=data, headers=named, timeout=120)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json else answer.content

    def close(self) -> None:
        self._session.close()


class Province:
    """An intake with two stations, a worker and an operator, on one database."""

    def __init__(self, running: IntakeThread, data_dir: Path, database: str) -> None:
        self.url = running.url
        self.data_dir = data_dir
        self.database = database
        self.port = urlsplit(running.url).port
        self.station = Asker(self.url, STATION_TOKEN)
        self.other = Asker(self.url, OTHER_TOKEN)
        self.worker = Asker(self.url, WORKER_TOKEN)
        self.operator = Asker(self.url, OPERATOR_TOKEN)
        self.nobody = Asker(self.url)

    def client(self, token: str = STATION_TOKEN) -> IntakeClient:
        """Return a client of a station; the caller closes it."""
        return IntakeClient(self.url, token=token)

    def deliver(self, package: Package, **options: Any) -> Any:
        """Deliver as the first station and return the receipt."""
        with self.client() as client:
            return client.deliver(package, **options)

    def close(self) -> None:
        for asker in (self.station, self.other, self.worker, self.operator, self.nobody):
            asker.close()


def accounts(**changes: Any) -> dict[str, Account]:
    """Two stations (the first with an agency; `changes` are its quotas), a worker, an operator."""
    return {
        "xa-1": Account("xa-1", hash_of_token(STATION_TOKEN), agency="H18.19", **changes),
        "xa-2": Account("xa-2", hash_of_token(OTHER_TOKEN)),
        "tinh": Account("tinh", hash_of_token(WORKER_TOKEN), role=Role.WORKER),
        "truc": Account("truc", hash_of_token(OPERATOR_TOKEN), role=Role.OPERATOR),
    }


@pytest.fixture
def open_province(tmp_path: Path) -> Iterator[Callable[..., Province]]:
    """Open an intake with accounts over a database; `quotas` are the first station's."""
    with contextlib.ExitStack() as stack:

        def make(database: str, *, choices: Choices | None = None, **quotas: int) -> Province:
            data_dir = tmp_path / "province"
            data_dir.mkdir()
            write_accounts(data_dir, accounts(**quotas))
            chosen = choices or Choices(database=database)
            running = stack.enter_context(IntakeThread(data_dir, choices=chosen))
            return stack.enter_context(contextlib.closing(Province(running, data_dir, database)))

        yield make


@pytest.fixture
def province(open_province: Callable[..., Province], database: str) -> Province:
    """An intake with accounts, on each database."""
    return open_province(database)
