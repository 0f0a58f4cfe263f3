"""`python -m sync.server --data FOLDER`: the reference intake as a program of its own."""

import argparse
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from sync.errors import SyncError
from sync.server.audit import first_break
from sync.server.intake import Choices, open_ledger
from sync.server.judging import Judge, begins_like_pdf
from sync.server.serving import serve
from sync.server.settings import DEFAULT_MAX_BYTES, Limits

DATABASE_VARIABLE = "SOHOA_INTAKE_DATABASE"
"""Where a URL with a password belongs: a command line can be read by everybody on the machine."""


def main(
    arguments: list[str] | None = None,
    *,
    judge: Judge = begins_like_pdf,
    when_ready: Callable[[], None] = lambda: None,
) -> int:
    """Serve, or check the audit chain; return the exit code: 0 well, 1 a fault (as JSON on stderr).

    `judge` looks at the PDFs of a package; `when_ready` is called once connections are taken.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        if options.check_audit:
            return _check_audit(options.data, options.database)
        _serve(options, judge, when_ready)
    except SyncError as error:
        _say(sys.stderr.fileno(), {"code": error.code, "facts": error.facts})
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync.server", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data folder, made when missing")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--max-bytes", type=int, default=DEFAULT_MAX_BYTES, help="bytes of the largest package"
    )
    parser.add_argument(
        "--database",
        default=os.environ.get(DATABASE_VARIABLE, ""),
        help=f"URL of a PostgreSQL database instead of the folder's SQLite file; also {DATABASE_VARIABLE}",
    )
    parser.add_argument("--agency", default="", help="agency that numbers dossiers, e.g. H18.19")
    parser.add_argument("--json-ready", action="store_true", help='print {"url": …} when ready')
    parser.add_argument("--exit-with-stdin", action="store_true", help="stop when standard input ends")
    parser.add_argument("--check-audit", action="store_true", help="check the audit chain and exit")
    return parser


def _serve(options: argparse.Namespace, judge: Judge, when_ready: Callable[[], None]) -> None:
    stop = threading.Event()

    def ready(url: str) -> None:
        if options.json_ready:
            _say(sys.stdout.fileno(), {"url": url})
        when_ready()

    if options.exit_with_stdin:
        threading.Thread(target=_until_stdin_ends, args=(stop,), daemon=True).start()
    serve(
        options.data,
        options.host,
        options.port,
        ready=ready,
        stop=stop,
        choices=Choices(
            limits=Limits(max_bytes=options.max_bytes),
            database=options.database,
            judge=judge,
            agency=options.agency,
        ),
    )


def _check_audit(data_dir: Path, database: str) -> int:
    ledger = open_ledger(data_dir, database)
    try:
        broken = first_break(ledger)
    finally:
        ledger.close()
    _say(sys.stdout.fileno(), {"first_break": broken})
    return 0 if broken is None else 1


def _until_stdin_ends(stop: threading.Event) -> None:
    # The descriptor itself: a buffered reader would hold its lock when the interpreter ends.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


def _say(descriptor: int, value: object) -> None:
    os.write(descriptor, json.dumps(value).encode("utf-8") + b"\n")


if __name__ == "__main__":
    sys.exit(main())
