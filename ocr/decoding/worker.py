"""The decoder's own process: `python -m ocr.decoding.worker`.

Requests come in on standard input: `open` with a path and how it is to be looked at, `page` with an index
from 0. Answers go out on what was standard output. When standard input ends, so does this process.
"""

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from ocr.decoding import wire
from ocr.decoding.pdf_file import PdfFile
from ocr.decoding.tiff_file import TiffFile
from ocr.decoding.wishes import Wishes
from ocr.errors import OcrError, OcrFault, reading_fault

ADDRESS_SPACE_BYTES = 1_000_000_000
"""A file that makes its decoder ask for more is refused by the system, not by the machine running dry."""

SECONDS_A_REQUEST = 60
"""Where whoever asked is gone, nobody else ends a decoder that never comes back."""


class Session:
    """One open file at a time."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._file: PdfFile | TiffFile | None = None
        self._is_pdf = False

    def answer(self, request: wire.Message) -> None:
        """Does what one request asks; a fault is an answer, too."""
        try:
            if request["verb"] == "open":
                self._open(Path(request["path"]), Wishes(**request["wishes"]), pdf=bool(request["pdf"]))
            else:
                self._page(int(request["index"]))
        except OcrError as error:
            self._fault(error)
        except MemoryError:
            self._fault(OcrError(OcrFault.OUT_OF_MEMORY))
        except OSError as error:
            self._fault(reading_fault(error))
        # Whatever else a decoder raises over a file that anybody may have made means the same thing.
        except Exception as error:
            damaged = OcrFault.DAMAGED_PDF if self._is_pdf else OcrFault.DAMAGED_IMAGE
            self._fault(OcrError(damaged, reason=type(error).__name__))

    def _open(self, path: Path, wishes: Wishes, *, pdf: bool) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._is_pdf = pdf
        self._file = PdfFile(path, wishes) if pdf else TiffFile(path)
        wire.send(
            self._out, {"kind": "opened", "count": self._file.count, "signatures": self._file.signatures}
        )

    def _page(self, index: int) -> None:
        if self._file is None:
            raise OcrError(OcrFault.DAMAGED_PDF, reason="not open")
        page = self._file.page(index)
        head = {
            "kind": "page",
            "dpi": page.dpi,
            "words": page.words,
            "size": page.size_px,
            "has": [page.image is not None, page.copy is not None],
        }
        wire.send(self._out, head, *(part for part in (page.image, page.copy) if part is not None))

    def _fault(self, error: OcrError) -> None:
        wire.send(self._out, {"kind": "fault", "fault": error.code, "facts": error.facts})


def _limit() -> None:
    """No Ctrl-C of the terminal, bounded memory, no core; where the system knows of these."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answers requests until left alone."""
    _limit()
    # Libraries print; their chatter must not reach the pipe that carries the pages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    session = Session(out)
    with contextlib.suppress(BrokenPipeError, wire.BrokenWireError):
        while True:
            request, _ = wire.receive(sys.stdin.buffer)
            if hasattr(signal, "alarm"):
                signal.alarm(SECONDS_A_REQUEST)
            session.answer(request)
            if hasattr(signal, "alarm"):
                signal.alarm(0)
    # Nothing that a library left behind must keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
