"""`python -m scanner.backends.virtual FOLDER`: a scanner for a training room (máy quét ảo để tập huấn)."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from scanner.backends.virtual.faults import Fault
from scanner.backends.virtual.server import VirtualScanner
from scanner.errors import ScanError


def main() -> int:
    """Serves until interrupted; the address is the first line on standard output."""
    parser = argparse.ArgumentParser(
        prog="python -m scanner.backends.virtual",
        description="Serves page images as an eSCL scanner on 127.0.0.1.",
    )
    parser.add_argument("folder", type=Path, help="folder of page images (JPEG, PNG)")
    parser.add_argument("--port", type=int, default=8075, help="0 takes any free one (default: %(default)s)")
    parser.add_argument("--name", default="Sohoa Virtual", help="name of the device")
    parser.add_argument("--fault", type=Fault.parse, help="for example jam:3, busy:1, hang:2")
    parser.add_argument("--pages-per-minute", type=float, help="as slow as a real one, for example 40")
    given = parser.parse_args()

    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        with VirtualScanner(
            given.folder,
            name=given.name,
            fault=given.fault,
            pages_per_minute=given.pages_per_minute,
            port=given.port,
        ) as device:
            sys.stdout.write(f"{device.url}\n")
            sys.stdout.flush()
            done.wait()
    except (ScanError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
