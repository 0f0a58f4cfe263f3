"""The outside judge of PDF/A, veraPDF, built once from `verapdf/` into a cache and called as a program of its
own. Without Maven, a JDK or the registry, its tests are skipped, and say which of them was missing."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from filelock import FileLock

CACHE_VARIABLE = "SOHOA_CONFORMANCE_CACHE"
PROJECT = Path(__file__).resolve().parent / "verapdf"
MAIN_CLASS = "sohoa.conformance.Judge"
PROGRAMS = ("mvn", "java", "javac")

# A short run gains nothing from the second compiler or a parallel collector.
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx768m", "-Dfile.encoding=UTF-8")

_BUILD_SECONDS = 600
_JUDGE_SECONDS = 180
_UNREACHABLE = re.compile(
    r"could not transfer|failed to transfer|failure to transfer|in offline mode", re.IGNORECASE
)

Verdict = dict[str, Any]
"""`file`, `flavour`, `compliant`, and `failures`: a list of `clause`, `test`, `description`, `count`."""

Judge = Callable[..., list[Verdict]]


@pytest.fixture(scope="session")
def judge() -> Judge:
    """`judge(*files, flavour="2b")`: veraPDF's verdict on each file, in their order."""
    home = _built()
    class_path = os.pathsep.join((str(home / "classes"), str(home / "lib" / "*")))

    def verdicts(*files: Path, flavour: str = "2b") -> list[Verdict]:
        command = [*JAVA, "-cp", class_path, MAIN_CLASS, "--flavour", flavour, *map(str, files)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=_JUDGE_SECONDS, check=False)
        assert run.returncode == 0, f"veraPDF broke down:\n{run.stderr}"
        found = [json.loads(line) for line in run.stdout.splitlines()]
        assert [verdict["file"] for verdict in found] == [str(file) for file in files]
        return found

    return verdicts


def _built() -> Path:
    """The folder of the built judge, with `classes` and `lib`, under a name that changes with its sources."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"veraPDF not asked: {', '.join(missing)} not installed")
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / f"verapdf-{_digest()}"
    with FileLock(cache / "verapdf.lock", timeout=_BUILD_SECONDS):
        if not home.is_dir():
            _build(home)
    return home


def _cache() -> Path:
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("sohoa") / "conformance"


def _digest() -> str:
    sources = sorted(path for path in PROJECT.rglob("*") if path.is_file())
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def _build(home: Path) -> None:
    """Maven fetches and compiles into a draft, which takes its name only when whole."""
    draft = home.with_name(f"{home.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    # -U: a fetch that failed once is tried again.
    command = ["mvn", "-B", "-ntp", "-U", "-f", str(PROJECT / "pom.xml"), f"-Djudge.build={draft}", "compile"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"veraPDF not asked: the Maven registry did not deliver in {_BUILD_SECONDS} s")
    if run.returncode and _UNREACHABLE.search(run.stdout):
        pytest.skip("veraPDF not asked: the Maven registry can't be reached")
    assert run.returncode == 0, f"the judge can't be built:\n{run.stdout}{run.stderr}"
    draft.rename(home)
