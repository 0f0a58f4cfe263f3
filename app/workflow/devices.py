"""Scanners without a dossier: which there are, what they can do, pages into a folder (máy quét)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import scanner
from app.settings import Settings
from app.workflow.configured import every_scanner
from app.workflow.finding import first_device


@contextmanager
def open_scanners(settings: Settings, virtual: Path | None = None) -> Iterator["Scanners"]:
    """The scanners of this system, or the virtual one that feeds the images of the folder `virtual`."""
    with ExitStack() as closing:
        if virtual is None:
            yield Scanners(closing.enter_context(every_scanner(settings)), settings)
        else:
            paper = closing.enter_context(scanner.VirtualScanner(virtual))
            folder = Path(closing.enter_context(TemporaryDirectory(prefix="sohoa-sane-")))
            config = scanner.write_sane_config(folder, {"Sohoa Virtual": paper.url})
            yield Scanners(closing.enter_context(scanner.SaneBackend(config)), settings)


class Scanners:
    """The scanners that one backend reaches."""

    def __init__(self, backend: scanner.Backend, settings: Settings) -> None:
        self._backend = backend
        self._settings = settings

    def devices(self) -> Sequence[scanner.Device]:
        """All scanners that answer."""
        return self._backend.devices()

    def capabilities(self, device_id: str | None) -> scanner.Capabilities:
        """What a scanner can do. Raises ScanError `scan.no-device`."""
        return self._backend.capabilities(self.choose(device_id))

    def choose(self, device_id: str | None) -> str:
        """The scanner named, else the one of the settings, else the first that answers."""
        return device_id or self._settings.scanner or first_device(self._backend)

    def first_page(self, device_id: str, stopped: Callable[[], bool]) -> scanner.PageImage:
        """One A4 page in colour from wherever the scanner takes it first: its feeder, else its glass."""
        sources = self._backend.capabilities(device_id).sources
        source = scanner.Source.FEEDER if scanner.Source.FEEDER in sources else scanner.Source.FLATBED
        request = scanner.ScanRequest(source=source, page_limit=1)
        return next(iter(self._backend.scan(device_id, request, stopped)))

    def pages(
        self, folder: Path, device_id: str | None, request: scanner.ScanRequest, stopped: Callable[[], bool]
    ) -> Iterator[scanner.SpooledPage]:
        """Scans into `folder`; each page is on disk when it is yielded. Raises ScanError."""
        yield from scanner.scan_into(
            scanner.Spool(folder), self._backend, self.choose(device_id), request, stopped
        )


def scan_request(*, source: str, mode: str, dpi: int, page_limit: int | None) -> scanner.ScanRequest:
    """A request from the words of a command line."""
    return scanner.ScanRequest(
        source=scanner.Source(source), mode=scanner.ColorMode(mode), dpi=dpi, page_limit=page_limit
    )
