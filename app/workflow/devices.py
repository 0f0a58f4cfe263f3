"""Scanners without a dossier: which there are, what they can do, pages into a folder (máy quét)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import scanner
from app.settings import Settings
from app.workflow.configured import certificates, every_scanner
from app.workflow.finding import first_device
from app.workflow.profiles import profiles
from app.workflow.starting import await_start


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

    def fitted(self, device_id: str | None, profile: str) -> scanner.Fitted:
        """The request of a profile for this scanner, and what it does otherwise than the profile asks.

        Raises ScanError `scan.profile-bad` where there is no profile of that name.
        """
        known = {one.name: one for one in profiles(self._settings)}
        if profile not in known:
            raise scanner.ScanError(scanner.ScanFault.PROFILE_BAD, field="name", profile=0)
        return known[profile].fitted(self.capabilities(device_id))

    def await_start(self, device_id: str | None, stopped: Callable[[], bool]) -> scanner.Meaning:
        """Waits until paper is put in or a button of the scanner is pressed. Raises ScanError."""
        return await_start(self._backend, self.choose(device_id), stopped)

    def pages(
        self,
        folder: Path,
        device_id: str | None,
        request: scanner.ScanRequest,
        stopped: Callable[[], bool],
        profile: str = "",
    ) -> Iterator[scanner.SpooledPage]:
        """Scans into `folder`; each page is on disk when it is yielded. Raises ScanError."""
        yield from scanner.scan_into(
            scanner.Spool(folder), self._backend, self.choose(device_id), request, stopped, profile=profile
        )

    def backs(
        self,
        folder: Path,
        fronts: Sequence[scanner.SpooledPage],
        device_id: str | None,
        request: scanner.ScanRequest,
        stopped: Callable[[], bool],
    ) -> tuple[Sequence[scanner.SpooledPage], Sequence[scanner.Finding]]:
        """Scans the backs of `fronts` after the stack was turned over, and lays each behind its front.

        They come into a folder of their own first, and stay there alone where the findings say that
        something is wrong. Raises ScanError.
        """
        spool = scanner.Spool(folder)
        side = scanner.Spool(folder / f"backs-{len(list(folder.glob('backs-*'))) + 1}")
        for _ in scanner.scan_into(side, self._backend, self.choose(device_id), request, stopped):
            pass
        found = scanner.look_at_backs(fronts, side.pages())
        if any(finding.code not in _UNTOLD for finding in found):
            return (), found
        return tuple(scanner.lay_backs(spool, fronts, side.pages())), found


_UNTOLD = frozenset({scanner.FindingCode.STACK_UNTOLD, scanner.FindingCode.FLIP_UNTOLD})


@dataclass(frozen=True)
class OptionWords:
    """An option of a scanner in the clerk's words; `sentence` is empty where there is no more to say."""

    name: str
    title: str
    sentence: str
    value: str


def option_words(capabilities: scanner.Capabilities, language: str) -> list[OptionWords]:
    """The options, sensors and buttons of a scanner, in plain words where they are known."""
    return [
        OptionWords(
            name=option.name,
            title=scanner.title_of(option, language),
            sentence=scanner.sentence_of(option, language) or "",
            value="" if option.value is None else f"{option.value} {option.unit.value}".strip(),
        )
        for option in capabilities.options
    ]


def remembered_certificates(settings: Settings) -> list[str]:
    """Network scanners whose certificate is held to. Raises ScanError."""
    return sorted(scanner.PinStore(certificates(settings)).known())


def forget_certificate(settings: Settings, name: str) -> bool:
    """Lets a network scanner show a new certificate once; False where none is remembered for it."""
    pins = scanner.PinStore(certificates(settings))
    if name not in pins.known():
        return False
    pins.forget(name)
    return True


def scan_request(*, source: str, mode: str, dpi: int, page_limit: int | None) -> scanner.ScanRequest:
    """A request from the words of a command line."""
    return scanner.ScanRequest(
        source=scanner.Source(source), mode=scanner.ColorMode(mode), dpi=dpi, page_limit=page_limit
    )
