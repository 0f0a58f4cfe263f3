"""The process that decodes what is dangerous to decode: `python -m scanner.backends.importing.worker`.

A TIFF, PDF or HEIC file that crashes, hangs or fills its decoder costs this process and nothing else.
Requests come in on standard input: `open` with path and form, `page` with an index from 0. Answers go out on
what was standard output. When standard input ends, so does this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from scanner.backends.importing import wire
from scanner.backends.importing.forms import Form
from scanner.backends.importing.pdf import EncodedPage, PdfDocument
from scanner.backends.importing.raster import RasterDocument
from scanner.errors import ScanError, ScanFault

ADDRESS_SPACE_BYTES = 3 * 1024**3
"""A file that makes its decoder ask for more is refused by the system, not by the machine running dry."""

SECONDS_A_REQUEST = 120
"""Where whoever asked is gone, nobody else ends a decoder that never comes back."""


class Session:
    """One open file at a time."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._document: RasterDocument | PdfDocument | None = None

    def answer(self, request: wire.Message) -> None:
        """Does what one request asks; a fault is an answer too."""
        try:
            if request["verb"] == "open":
                self._open(Path(request["path"]), Form(request["form"]))
            else:
                self._page(int(request["index"]))
        except ScanError as error:
            self._fault(error)
        except MemoryError:
            self._fault(ScanError(ScanFault.OUT_OF_MEMORY))
        except OSError as error:
            self._fault(ScanError(ScanFault.UNREADABLE_FILE, errno=error.errno or 0))
        # Whatever else a decoder raises over a file that anybody may have made means the same thing.
        except Exception as error:
            self._fault(ScanError(ScanFault.UNREADABLE_FILE, reason=type(error).__name__))

    def _open(self, path: Path, form: Form) -> None:
        if self._document is not None:
            self._document.close()
            self._document = None
        self._document = PdfDocument(path) if form is Form.PDF else RasterDocument(path, form)
        wire.write_answer(self._out, {"kind": "opened", "count": self._document.count})

    def _page(self, index: int) -> None:
        import numpy as np

        if self._document is None:
            raise ScanError(ScanFault.UNREADABLE_FILE, reason="not open")
        page = self._document.page(index)
        if isinstance(page, EncodedPage):
            wire.write_answer(self._out, {"kind": "jpeg", "dpi": page.dpi}, page.data)
            return
        samples = np.ascontiguousarray(page.pixels).data.cast("B")
        told = {"kind": "pixels", "shape": list(page.pixels.shape), "dpi": page.dpi}
        wire.write_answer(self._out, told, samples)

    def _fault(self, error: ScanError) -> None:
        wire.write_answer(self._out, {"kind": "fault", "fault": error.code, "facts": error.facts})


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
    # Libraries print; their chatter must not reach the pipe that carries the frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    session = Session(out)
    with contextlib.suppress(BrokenPipeError):
        for line in sys.stdin.buffer:
            if hasattr(signal, "alarm"):
                signal.alarm(SECONDS_A_REQUEST)
            session.answer(json.loads(line))
            if hasattr(signal, "alarm"):
                signal.alarm(0)
    # Nothing that a library left behind must keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
