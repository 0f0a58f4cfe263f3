"""How long packages need to the province, and what is sent twice, beside `curl -T` and @tus/server.

    .venv/bin/python benchmarks/upload.py [--mb 200] [--thin-mb 6] [--no-thin] [--no-npm]

Three measurements, each against its peer in the same run, alternating:

1. loopback: packages of 25 MB, `--mb` in all, by our client to our intake (a process of its own, fsync
   before every answer), against `curl -T` of the same bytes to a plain server that writes them down;
   and one and the same bare tus client, chunks of 1 MiB, against our intake and against @tus/server.
2. breaks: 50 MB over a line that is cut 20 times at random; the extra bytes of all that was sent.
3. thin line: 1 Mbit/s and 80 ms between two network namespaces that the bench makes (root, TUN, tbf).
   200 MB would take half an hour there, so `--thin-mb` of the same kind are sent; with breaks, as many of
   them as 20 in 50 MB are.
"""

import argparse
import hashlib
import http.client
import json
import os
import platform
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from sync import IntakeClient, Package, PackageFile, SyncError, UploadState, new_submission_id, seal_package

sys.path.insert(0, str(Path(__file__).resolve().parent))
from upload_line.cutting import CuttingLine
from upload_line.thin import SERVER, thin_line

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1_000_000
PACKAGE_MB = 25
TUS = {"Tus-Resumable": "1.0.0"}


def sealed(folder: Path, megabytes: float, seed: int) -> Package:
    """A package of about that size, of bytes that no line can shorten."""
    pdf = folder / f"{seed}.pdf"
    pdf.write_bytes(b"%PDF-1.7\n" + random.Random(seed).randbytes(int(megabytes * MEGABYTE)))
    submission_id = new_submission_id()
    package = seal_package(
        folder / f"{submission_id}.zip",
        submission_id=submission_id,
        files=[PackageFile(pdf, "data/a.pdf", hashlib.sha256(pdf.read_bytes()).hexdigest())],
        metadata={},
        events=[],
        sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    pdf.unlink()
    return package


@contextmanager
def intake(folder: Path, before: tuple[str, ...] = (), host: str = "127.0.0.1") -> Iterator[str]:
    """Our intake as a process of its own; yields its address."""
    command = [*before, sys.executable, "-m", "sync.server", "--data", str(folder), "--host", host]
    process = subprocess.Popen(
        [*command, "--json-ready", "--exit-with-stdin"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["url"])
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


_SINK = """
import http.server, sys
class Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        if self.headers.get("Expect"):
            self.send_response_only(100); self.end_headers()
        with open(sys.argv[1], "wb") as out:
            while left:
                piece = self.rfile.read(min(left, 262144)); out.write(piece); left -= len(piece)
        self.send_response(201); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer((sys.argv[2], 0), Sink)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@contextmanager
def sink(folder: Path, before: tuple[str, ...] = (), host: str = "127.0.0.1") -> Iterator[str]:
    """A plain server for `curl -T`, which writes what comes to a file; yields its address."""
    command = [*before, sys.executable, "-c", _SINK, str(folder / "sink"), host]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield f"http://{host}:{int(process.stdout.readline())}/put"
        process.kill()


@contextmanager
def npm_server(folder: Path, *, wanted: bool) -> Iterator[str | None]:
    """@tus/server over a folder, or None where it is not wanted or npm cannot fetch it."""
    if not wanted:
        yield None
        return
    cache = Path(os.environ.get("SOHOA_CONFORMANCE_CACHE", Path.home() / ".cache" / "sohoa" / "conformance"))
    homes = sorted(cache.glob("tus-npm-*/node_modules"))
    if homes:
        home = homes[-1].parent
    else:
        home = cache / "tus-npm-bench"
        home.mkdir(parents=True, exist_ok=True)
        for path in (ROOT / "tests" / "conformance" / "tus").glob("*.[jm]*"):
            shutil.copy(path, home)
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        if shutil.which("npm") is None or subprocess.run(install, cwd=home, check=False).returncode:
            yield None
            return
    folder.mkdir()
    with subprocess.Popen(
        ["node", "server.mjs", str(folder)], cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/files"
        process.kill()


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def deliver(url: str, package: Package) -> None:
    """One package by our client, from the first question to the verified receipt."""
    with IntakeClient(url) as client:
        client.deliver(package)


def curl(url: str, package: Package, before: tuple[str, ...] = ()) -> None:
    """The same bytes by `curl -T`."""
    subprocess.run(
        [*before, "curl", "-sS", "--fail", "-o", "/dev/null", "-T", str(package.path), url], check=True
    )


def bare_tus(url: str, package: Package) -> None:
    """Create and fill an upload, chunks of 1 MiB without checksum: what both servers understand."""
    from base64 import b64encode

    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    pairs = {"submission_id": new_submission_id(), "sha256": package.sha256}
    metadata = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items())
    line.request(
        "POST", parts.path, headers={**TUS, "Upload-Length": str(package.bytes), "Upload-Metadata": metadata}
    )
    answer = line.getresponse()
    answer.read()
    target = f"{parts.path}/{answer.headers['Location'].rsplit('/', 1)[1]}"
    offset = 0
    with package.path.open("rb") as stream:
        while chunk := stream.read(1024 * 1024):
            headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
            line.request("PATCH", target, chunk, {**TUS, **headers})
            answer = line.getresponse()
            answer.read()
            assert answer.status == 204, answer.status
            offset = int(answer.headers["Upload-Offset"])
    assert offset == package.bytes
    line.close()


def loopback(folder: Path, megabytes: int, with_npm: bool) -> dict[str, object]:
    """Part 1."""
    packages = [sealed(folder, PACKAGE_MB, seed) for seed in range(max(1, megabytes // PACKAGE_MB))]
    total = sum(package.bytes for package in packages) / MEGABYTE
    ours: list[float] = []
    curls: list[float] = []
    bare: list[float] = []
    npm: list[float] = []
    with (
        intake(folder / "intake") as url,
        sink(folder) as put,
        npm_server(folder / "npm", wanted=with_npm) as tus,
    ):
        for package in packages:
            ours.append(timed(lambda: deliver(url, package)))  # noqa: B023
            curls.append(timed(lambda: curl(put, package)))  # noqa: B023
            if tus is not None:
                bare.append(timed(lambda: bare_tus(url + "/uploads", package)))  # noqa: B023
                npm.append(timed(lambda: bare_tus(tus, package)))  # noqa: B023
    found: dict[str, object] = {
        "total_mb": round(total, 1),
        "ours_s": round(sum(ours), 2),
        "curl_s": round(sum(curls), 2),
        "ours_to_curl": round(sum(ours) / sum(curls), 2),
        "ours_mb_s": round(total / sum(ours), 1),
    }
    if npm:
        pairs = [theirs / mine for mine, theirs in zip(bare, npm, strict=True)]
        found |= {
            "bare_tus_ours_mb_s": round(total / sum(bare), 1),
            "bare_tus_npm_mb_s": round(total / sum(npm), 1),
            "throughput_to_npm_median": round(statistics.median(pairs), 2),
        }
    return found


def with_breaks(url: str, package: Package, breaks: int) -> dict[str, object]:
    """Part 2: `package` over a line that is cut `breaks` times."""
    plan = random.Random(package.bytes)
    cuts = sorted(plan.randrange(100_000, package.bytes - 100_000) for _ in range(breaks))
    parts = urlsplit(url)
    line = CuttingLine((parts.hostname or "", parts.port or 0), cuts)
    state: list[UploadState] = []
    begun = time.monotonic()
    passes = 0
    while True:
        passes += 1
        try:
            with IntakeClient(f"http://127.0.0.1:{line.port}") as client:
                client.deliver(package, resume=state[-1] if state else None, remember=state.append)
            break
        except SyncError as error:
            if not error.passing:
                raise
    line.close()
    return {
        "package_mb": round(package.bytes / MEGABYTE, 1),
        "breaks": breaks - line.cuts_left,
        "passes": passes,
        "seconds": round(time.monotonic() - begun, 1),
        "extra_bytes_percent": round(100 * (line.sent - package.bytes) / package.bytes, 2),
    }


def thin(folder: Path, megabytes: float) -> dict[str, object]:
    """Part 3: at the station's end of a thin line, this very program in its own namespace."""
    package = sealed(folder, megabytes, 99)
    broken = sealed(folder, megabytes, 100)
    with thin_line(rate="1mbit", round_trip_s=0.08) as (station, server):
        at = tuple(server)
        with intake(folder / "thin", at, SERVER) as url, sink(folder, at, SERVER) as put:
            curl_s = timed(lambda: curl(put, package, tuple(station)))
            asked = {"url": url, "package": str(package.path), "broken": str(broken.path)}
            asked["breaks"] = max(1, round(20 * megabytes / 50))
            program = [sys.executable, str(Path(__file__).resolve())]
            command = [*station, *program, "--station", json.dumps(asked)]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if run.returncode:
                raise SystemExit(run.stderr)
            said = json.loads(run.stdout)
    return {
        "round_trip_ms": said["round_trip_ms"],
        "thin_mb": round(package.bytes / MEGABYTE, 1),
        "curl_s": round(curl_s, 1),
        "ours_s": said["ours_s"],
        "ours_to_curl": round(said["ours_s"] / curl_s, 3),
        "with_breaks": said["with_breaks"],
    }


def station_end(asked: dict[str, str]) -> None:
    """What the station does on the thin line; runs in its namespace."""
    from sync import open_package

    package, broken = (open_package(Path(asked[name])).package for name in ("package", "broken"))
    parts = urlsplit(asked["url"])
    where = (parts.hostname or "", parts.port or 0)
    round_trip = min(timed(lambda: socket.create_connection(where).close()) for _ in range(3))
    ours = timed(lambda: deliver(asked["url"], package))
    print(
        json.dumps(
            {
                "round_trip_ms": round(1000 * round_trip),
                "ours_s": round(ours, 1),
                "with_breaks": with_breaks(asked["url"], broken, int(asked["breaks"])),
            }
        )
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mb", type=int, default=200)
    parser.add_argument("--thin-mb", type=float, default=6)
    parser.add_argument("--no-thin", action="store_true")
    parser.add_argument("--no-npm", action="store_true")
    parser.add_argument("--station", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.station:
        station_end(json.loads(options.station))
        return
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in ("starlette", "uvicorn", "sqlalchemy", "requests"):
        print(f"{name} {version(name)}", end=", ")
    told = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True)
    print(told.stdout.split(" (")[0])
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        folder = Path(name)
        print("loopback", json.dumps(loopback(folder, options.mb, not options.no_npm)), flush=True)
        with intake(folder / "breaks") as url:
            print("breaks", json.dumps(with_breaks(url, sealed(folder, 50, 77), 20)), flush=True)
        if options.no_thin or os.geteuid() or not Path("/dev/net/tun").exists():
            print("thin line: left out (asked for, or no root, or no TUN device)")
        else:
            print("thin line", json.dumps(thin(folder, options.thin_mb)), flush=True)


if __name__ == "__main__":
    main()
