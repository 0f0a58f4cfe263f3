"""Outside judges written in Java: veraPDF of PDF/A, the EU's Digital Signature Service (DSS) of PAdES.

Each is built once from its folder here into a cache and called as a program of its own. Without Maven, a JDK
or the registry, their tests are skipped, and say which of them was missing.
"""

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
HERE = Path(__file__).resolve().parent
PROGRAMS = ("mvn", "java", "javac")

# A short run gains nothing from the second compiler or a parallel collector.
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx768m", "-Dfile.encoding=UTF-8")

_BUILD_SECONDS = 600
_JUDGE_SECONDS = 180
_UNREACHABLE = re.compile(
    r"could not transfer|failed to transfer|failure to transfer|in offline mode", re.IGNORECASE
)

Verdict = dict[str, Any]
"""veraPDF: `file`, `flavour`, `compliant`, `failures`: a list of `clause`, `test`, `description`, `count`.

DSS: `file` and `signatures`: a list of `level`, `indication`, `sub_indication`, `errors`.
"""

Judge = Callable[..., list[Verdict]]


@pytest.fixture(scope="session")
def judge() -> Judge:
    """`judge(*files, flavour="2b")`: veraPDF's verdict on each file, in their order."""
    home = _built("verapdf")

    def verdicts(*files: Path, flavour: str = "2b") -> list[Verdict]:
        return _asked(home, "sohoa.conformance.Judge", ["--flavour", flavour], files)

    return verdicts


@pytest.fixture(scope="session")
def signature_judge() -> Judge:
    """`signature_judge(*files, trust=…, lists=())`: DSS's verdict on each file, nothing fetched."""
    home = _built("dss")

    def verdicts(*files: Path, trust: Path, lists: tuple[Path, ...] = ()) -> list[Verdict]:
        told = ["--trust", str(trust), *(word for one in lists for word in ("--crl", str(one)))]
        return _asked(home, "sohoa.conformance.SignatureJudge", told, files)

    return verdicts


def _asked(home: Path, main_class: str, told: list[str], files: tuple[Path, ...]) -> list[Verdict]:
    class_path = os.pathsep.join((str(home / "classes"), str(home / "lib" / "*")))
    command = [*JAVA, "-cp", class_path, main_class, *told, *map(str, files)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=_JUDGE_SECONDS, check=False)
    assert run.returncode == 0, f"the judge broke down:\n{run.stderr}"
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert [verdict["file"] for verdict in found] == [str(file) for file in files]
    return found


def _built(name: str) -> Path:
    """The folder of the built judge, with `classes` and `lib`, under a name that changes with its sources."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{name} not asked: {', '.join(missing)} not installed")
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / f"{name}-{_digest(HERE / name)}"
    with FileLock(cache / f"{name}.lock", timeout=_BUILD_SECONDS):
        if not home.is_dir():
            _build(home, HERE / name)
    return home


def _cache() -> Path:
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("sohoa") / "conformance"


def _digest(project: Path) -> str:
    sources = sorted(path for path in project.rglob("*") if path.is_file())
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def _build(home: Path, project: Path) -> None:
    """Maven fetches and compiles into a draft, which takes its name only when whole."""
    draft = home.with_name(f"{home.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    # -U: a fetch that failed once is tried again.
    command = ["mvn", "-B", "-ntp", "-U", "-f", str(project / "pom.xml"), f"-Djudge.build={draft}", "compile"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{project.name} not asked: the Maven registry did not deliver in {_BUILD_SECONDS} s")
    if run.returncode and _UNREACHABLE.search(run.stdout):
        pytest.skip(f"{project.name} not asked: the Maven registry can't be reached")
    assert run.returncode == 0, f"the judge can't be built:\n{run.stdout}{run.stderr}"
    draft.rename(home)
