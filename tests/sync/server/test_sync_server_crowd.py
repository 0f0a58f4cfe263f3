"""A power cut ends, and every station of a province knocks within the same minute."""

import asyncio
import base64
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from sync import PackageFile, Receipt, new_submission_id, seal_package, verify_receipt
from sync.server import Account, first_break, hash_of_token, open_ledger, write_accounts

ROOT = Path(__file__).resolve().parents[3]
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Crowd:
    """What the stations saw: seconds of each request, and everything that was not as it should be."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    receipts: dict[str, str] = field(default_factory=dict)

    def percentile(self, share: float) -> float:
        return statistics.quantiles(self.seconds, n=1000)[int(share * 1000) - 1]


@dataclass(frozen=True)
class Station:
    """One station with half a package already at the server: its token, its upload, the rest of its bytes."""

    token: str
    submission_id: str
    body: bytes
    sha256: str


def _stations(folder: Path, count: int, size: int) -> list[Station]:
    found = []
    for number in range(count):
        submission_id = new_submission_id()
        pdf = folder / "paper.pdf"
        pdf.write_bytes(b"%PDF-1.7\n" + random.Random(number).randbytes(size))
        package = seal_package(
            folder / "package.zip",
            submission_id=submission_id,
            files=[PackageFile(pdf, "data/a.pdf", hashlib.sha256(pdf.read_bytes()).hexdigest())],
            metadata={},
            events=[],
            sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
        )
        found.append(Station(f"token-{number}", submission_id, package.path.read_bytes(), package.sha256))
    return found


class Line:
    """A station's line: one kept connection, every answer timed."""

    def __init__(self, address: tuple[str, int], station: Station, crowd: Crowd) -> None:
        self._address = address
        self._station = station
        self._crowd = crowd

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(*self._address)

    async def ask(
        self, method: str, path: str, expected: int, body: bytes = b"", **headers: str
    ) -> tuple[dict[str, str], bytes]:
        begun = time.monotonic()
        lines = [f"{method} {path} HTTP/1.1", "Host: intake", f"Content-Length: {len(body)}"]
        lines += [f"Authorization: Bearer {self._station.token}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        pairs = (line.split(": ", 1) for line in head[1:] if ": " in line)
        found = {name.lower(): value for name, value in pairs}
        length = 0 if method == "HEAD" else int(found.get("content-length", 0))
        text = await self._reader.readexactly(length)
        self._crowd.seconds.append(time.monotonic() - begun)
        if status != expected:
            raise ValueError(f"{method} {path.split('/')[1]}: {status} {text[:200]!r}")
        return found, text

    def close(self) -> None:
        self._writer.close()


async def _come_back(address: tuple[str, int], station: Station, crowd: Crowd, after_s: float) -> None:
    """What a station does when the line is there again: who are you, how far was I, the rest, the receipt."""
    await asyncio.sleep(after_s)
    line = Line(address, station, crowd)
    try:
        await line.open()
        await line.ask("GET", "/info", 200)
        pairs = {"submission_id": station.submission_id, "sha256": station.sha256}
        coded = ((key, base64.b64encode(text.encode()).decode()) for key, text in pairs.items())
        metadata = ",".join(f"{key} {text}" for key, text in coded)
        created, _ = await line.ask(
            "POST", "/uploads", 201, Tus_Resumable="1.0.0",
            Upload_Length=str(len(station.body)), Upload_Metadata=metadata,
        )  # fmt: skip
        path = "/" + created["location"]
        offset = 0
        while offset < len(station.body):
            chunk = station.body[offset : offset + 128 * 1024]
            digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
            answer, _ = await line.ask(
                "PATCH", path, 204, chunk, Tus_Resumable="1.0.0", Upload_Offset=str(offset),
                Content_Type="application/offset+octet-stream", Upload_Checksum=f"sha256 {digest}",
            )  # fmt: skip
            offset = int(answer["upload-offset"])
            told, _ = await line.ask("HEAD", path, 200, Tus_Resumable="1.0.0")
            if told.get("upload-offset") != str(offset):
                crowd.errors.append(f"HEAD tells {told.get('upload-offset')} after {offset}")
        commit = {"package_sha256": station.sha256, "bytes": len(station.body), "upload": path}
        await line.ask("PUT", f"/submissions/{station.submission_id}", 201, json.dumps(commit).encode())
        _, receipt = await line.ask("GET", f"/submissions/{station.submission_id}/receipt", 200)
        crowd.receipts[station.submission_id] = receipt.decode()
        await line.ask("GET", "/changes?after=0", 200)
    except (OSError, EOFError, ValueError) as error:
        crowd.errors.append(repr(error))
    finally:
        line.close()


async def _all(address: tuple[str, int], stations: list[Station], within_s: float) -> Crowd:
    crowd = Crowd()
    plan = random.Random(1)
    async with asyncio.TaskGroup() as group:
        for station in stations:
            group.create_task(_come_back(address, station, crowd, plan.uniform(0, within_s)))
    return crowd


@pytest.fixture
def served(tmp_path: Path, database: str) -> Iterator[tuple[str, Path, str]]:
    """An intake as a process of its own with 300 accounts; its address, its folder, its database."""
    folder = tmp_path / "crowd"
    folder.mkdir()
    names = [f"xa-{number}" for number in range(300)]
    tokens = {name: f"token-{number}" for number, name in enumerate(names)}
    write_accounts(
        folder, {name: Account(name, hash_of_token(tokens[name]), agency="H18.19") for name in names}
    )
    command = [sys.executable, "-m", "sync.server", "--data", str(folder), "--database", database]
    with subprocess.Popen(
        [*command, "--json-ready", "--exit-with-stdin"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"], folder, database
        process.stdin.close()
        assert process.wait(60) == 0


def _knock(served: tuple[str, Path, str], count: int, size: int, within_s: float) -> Crowd:
    url, folder, database = served
    parts = urlsplit(url)
    with tempfile.TemporaryDirectory() as name:
        stations = _stations(Path(name), count, size)
    crowd = asyncio.run(_all((parts.hostname or "", parts.port or 0), stations, within_s))
    assert crowd.errors == []
    assert crowd.receipts.keys() == {station.submission_id for station in stations}
    ledger = open_ledger(folder, database)
    try:
        keys = ledger.signing_keys()
        for station in stations:
            receipt = Receipt.from_json(crowd.receipts[station.submission_id])
            verify_receipt(receipt, keys[receipt.key_id].encode())
            assert receipt.package_sha256 == station.sha256
        codes = [Receipt.from_json(text).dossier_code for text in crowd.receipts.values()]
        assert len(set(codes)) == count
        assert first_break(ledger) is None
    finally:
        ledger.close()
    return crowd


def test_forty_stations_at_once_are_all_served(served: tuple[str, Path, str]) -> None:
    """The short form: everything arrives, once, whoever waits for whom."""
    _knock(served, 40, 100_000, 1.0)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_three_hundred_stations_within_a_minute(
    served: tuple[str, Path, str], capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    """300 stations reconnect within a minute: p95 of all requests below 2 s, no error."""
    if served[2]:
        with psycopg.connect(served[2], autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = on")
            connection.execute("SELECT pg_reload_conf()")
    crowd = _knock(served, 300, 1_000_000, 60.0)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{request.node.name} on {os.cpu_count()} cores: {len(crowd.seconds)} requests,"
            f" p50 {crowd.percentile(0.5):.3f} s, p95 {crowd.percentile(0.95):.3f} s,"
            f" p99 {crowd.percentile(0.99):.3f} s, most {max(crowd.seconds):.3f} s"
        )
    assert crowd.percentile(0.95) < 2.0
