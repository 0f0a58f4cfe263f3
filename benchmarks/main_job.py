"""How long the main job takes and how much memory it needs, whole process tree, second run.

    .venv/bin/python benchmarks/main_job.py [RUNS]

Prints machine, versions, and for each run the wall time (s), the peak of the summed memory of all
processes (PSS, MB: pages shared by several processes count once) and that of the largest one.
"""

import json
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("opencv-python-headless", "tesserocr", "pikepdf", "pyhanko", "python-sane")


def run_once(folder: Path) -> dict[str, float]:
    """One dossier from the feeder to the receipt."""
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "app.main", "demo", "--out", str(folder), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        together = largest = 0
        main = psutil.Process(process.pid)
        while process.poll() is None:
            sizes = [_size(one) for one in _tree(main)]
            together, largest = max(together, sum(sizes)), max(largest, *sizes, 0)
            time.sleep(0.05)
        out, err = process.communicate()
    if process.returncode:
        raise SystemExit(err.decode())
    pages = sum(component["pages"] for component in json.loads(out)["components"])
    return {
        "wall_s": round(time.monotonic() - began, 2),
        "peak_all_mb": round(together / 1e6),
        "peak_largest_mb": round(largest / 1e6),
        "pages": pages,
    }


def _tree(main: psutil.Process) -> list[psutil.Process]:
    try:
        return [main, *main.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _size(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def main() -> None:
    """Prepares the room in a first run that does not count, then measures."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(platform.platform(), platform.python_version(), f"{psutil.cpu_count()} cores")
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("first run ", run_once(folder))
        for _ in range(runs):
            print("later run ", run_once(folder))


if __name__ == "__main__":
    main()
