"""What reading is measured by, a section each, with its goal and its peer in the same call.

    .venv/bin/python benchmarks/reading.py [SECTION ...] [--few]

Without a section's name all of them run. `--few` takes a tenth of the pages: a look, not a measurement.
The peer is OCRmyPDF; `pip install -e .[bench]` and `apt-get install ghostscript` bring it. Where it is
missing its figures are left out by name. A section is a file in `reading_sections/` with `measure(few)`.
"""

import argparse
import importlib
import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version

from reading_sections.figures import Figure, told

SECTIONS = ("accuracy", "skew", "orientation", "blank", "speed", "size", "pdfa", "fields")
PACKAGES = ("sohoa", "tesserocr", "opencv-python-headless", "numpy", "pikepdf", "ocrmypdf")


def main() -> None:
    """Runs the sections asked for and ends with every goal that was missed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("section", nargs="*", choices=[[], *SECTIONS], default=[])
    arguments.add_argument("--few", action="store_true")
    given = arguments.parse_args()
    print(
        platform.platform(),
        platform.python_version(),
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    )
    print(", ".join(f"{name} {_version(name)}" for name in PACKAGES))
    missed: list[Figure] = []
    for name in given.section or SECTIONS:
        section = importlib.import_module(f"reading_sections.{name}")
        print(f"\n== {name}: {(section.__doc__ or '').splitlines()[0]}", flush=True)
        began = time.process_time()
        for figure in section.measure(few=given.few):
            print(told(figure), flush=True)
            if figure.met is False:
                missed.append(figure)
        print(f"   ({time.process_time() - began:.0f} s of this process)")
    print(f"\n{len(missed)} goals missed" + "".join(f"\n   {told(figure)}" for figure in missed))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


if __name__ == "__main__":
    main()
