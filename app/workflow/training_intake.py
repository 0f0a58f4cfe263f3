"""The training room's intake as a program of its own: it judges packages as a province's does (tập huấn).

Signatures have to be there and whole; whose they are is not asked, as every training room has a CA of its own
and a drive may come from another room. Run as `python -m app.workflow.training_intake --data FOLDER`.
"""

import sys

from app.workflow.judging import PdfJudge
from app.workflow.judging_worker import WHOLE
from sync.server.__main__ import main as serve


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end; return the exit code."""
    with PdfJudge(WHOLE) as judge:
        # What judging needs is loaded in a process apart while papers are still being scanned.
        return serve(arguments, judge=judge, when_ready=judge.start)


if __name__ == "__main__":
    sys.exit(main())
