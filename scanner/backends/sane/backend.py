"""Scanners through SANE as a `Backend`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from scanner.backends.sane import wire
from scanner.backends.sane.answers import capabilities_from, device_from, options_from
from scanner.backends.sane.call import SECONDS_AT_REST, SECONDS_TO_PUT_AWAY, Call
from scanner.backends.sane.hearing import sharpened
from scanner.backends.sane.process import Worker
from scanner.coded import CodedPage
from scanner.contract import Capabilities, Device, DeviceOption, Fed, PageImage, ScanRequest, never
from scanner.errors import ScanError, ScanFault

WORKER_IS_SOUND_AFTER = frozenset(
    {
        ScanFault.NO_DOCUMENTS,
        ScanFault.JAMMED,
        ScanFault.COVER_OPEN,
        ScanFault.BUSY,
        ScanFault.WARMING_UP,
        ScanFault.LOCKED,
        ScanFault.UNSUPPORTED,
        ScanFault.REFUSED_SIZE,
        ScanFault.RESOLUTION_TOO_LOW,
    }
)
"""After any other fault the next call starts a new process, so that no error sticks until a restart.

Also after a cancel, and after a page that was broken off for its length: a page of a later scan in the same
process has come with wrong rows at its end (SANE's test driver, about one scan in two hundred), and the
`net` driver loses its place in its protocol.
"""


class SaneBackend:
    """SANE's scanners, driven in a process of their own.

    `config_dir` is a private SANE_CONFIG_DIR (see `write_sane_config`); without it the system's own holds,
    and with `beside_system` it holds for every file that is missing there.
    `patience_s` is how long a driver may show no sign of life before its process is ended.
    One call at a time: `scan.busy` while a scan of this object is under way. Close it, or use it in `with`.
    """

    def __init__(
        self, config_dir: Path | None = None, *, beside_system: bool = False, patience_s: float = 60.0
    ) -> None:
        self._config_dir = config_dir
        self._beside_system = beside_system
        self._patience_s = patience_s
        self._worker: Worker | None = None
        self._last: Call | None = None
        self._in_use = threading.Lock()
        self._scanning = False
        self._serials: dict[str, str] = {}
        self._fed: dict[str, Fed] = {}

    def __enter__(self) -> SaneBackend:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process of the driver. The next call would start a new one."""
        worker, self._worker, self._last = self._worker, None, None
        if worker is not None:
            worker.leave()

    def devices(self) -> tuple[Device, ...]:
        """The scanners that SANE knows now, asked by a new process: drivers remember what they saw at first.

        A network scanner named in the configuration is listed whether it is switched on or not.
        Raises ScanError `scan.no-driver` where SANE is not installed.
        """
        with self._taken():
            self.close()
            answer = self._ask("devices")
        return tuple(device_from(found, self._serials.get(found["id"])) for found in answer["devices"])

    def capabilities(self, device_id: str) -> Capabilities:
        """What the scanner can do. Raises ScanError `scan.no-device`."""
        with self._taken():
            answer = self._ask("capabilities", device=device_id)
        if answer["serial"]:
            self._serials[device_id] = answer["serial"]
        return capabilities_from(answer)

    def read_sensors(self, device_id: str) -> tuple[DeviceOption, ...]:
        """What the device can be read for and not be set to: paper in its feeder, its buttons (cảm biến).

        Empty where it has nothing of the kind. May be asked each second: the device stays open for the next
        time, until another call comes or none for five seconds. Raises ScanError, `scan.busy` during a scan.
        """
        with self._taken():
            answer = self._ask("sensors", device=device_id)
        return options_from(answer["sensors"])

    def scan(
        self, device_id: str, request: ScanRequest, stopped: Callable[[], bool] = never
    ) -> Iterator[PageImage]:
        """The pages as they come, then the fault or the end.

        The driver goes on with the next pages while the caller handles this one; three more at most are
        held, then the driver waits. With a `jpeg_quality` in the request they are coded meanwhile. Leaving
        the iteration early stops the scanner. Each page is whole: what a driver returns after a cancel, or
        with rows missing, is refused. `PageImage.dpi` is what the device really did.
        """
        with self._taken(scanning=True):
            if stopped():
                raise ScanError(ScanFault.CANCELLED)
            call = self._call("scan", stopped, device=device_id, request=asdict(request))
            self._fed.pop(device_id, None)
            try:
                sheets = yield from _pages(call)
                if sheets and request.page_limit is None:
                    self._fed[device_id] = Fed(sheets, sheets=True)
            except ScanError as error:
                call.await_free(SECONDS_AT_REST)
                self._retire_after(error)
                told = sharpened(error, device_id, self._config_dir, request, stopped)
                if told is error:
                    raise
                raise told from error
            finally:
                left_early = call.open
                call.finish()
                call.await_free(SECONDS_AT_REST)
                if left_early:
                    self.close()

    def fed(self, device_id: str) -> Fed | None:
        """The sheets by which a counter of the device rose in its last scan, where it has one that moves."""
        return self._fed.get(device_id)

    def _ask(self, verb: str, **fields: object) -> wire.Message:
        call = self._call(verb, never, **fields)
        try:
            answer = call.receive()
        except ScanError as error:
            self._retire_after(error)
            raise
        call.done()
        return answer

    def _call(self, verb: str, stopped: Callable[[], bool], **fields: object) -> Call:
        """Asks the worker; where the one at hand has died or hangs over its last scan, a new one."""
        worker, last = self._worker, self._last
        if worker is not None and not (
            worker.is_alive() and (last is None or last.await_free(SECONDS_TO_PUT_AWAY))
        ):
            worker.kill()
            self._worker = self._last = None
        if self._worker is None:
            self._worker = Worker(self._config_dir, beside_system=self._beside_system)
        try:
            self._last = Call(self._worker, stopped, self._patience_s, verb, **fields)
        except ScanError:
            self.close()
            raise
        return self._last

    def _retire_after(self, error: ScanError) -> None:
        broken_off = "rows" in error.facts
        if broken_off or error.fault not in WORKER_IS_SOUND_AFTER:
            self.close()

    @contextmanager
    def _taken(self, *, scanning: bool = False) -> Iterator[None]:
        """One call at a time. A short one is waited for; a scan, which may last an hour, is not."""
        if self._scanning or not self._in_use.acquire(timeout=self._patience_s):
            raise ScanError(ScanFault.BUSY)
        self._scanning = scanning
        try:
            yield
        finally:
            self._scanning = False
            self._in_use.release()


def _pages(call: Call) -> Generator[PageImage, None, int | None]:
    """The pages of one scan; returns how many sheets the device counted, where it counts."""
    given = 0
    while True:
        message = call.receive()
        match message["kind"]:
            case "page":
                page = _received(call, message)
                if call.stopping:
                    continue
                yield page
                given += 1
                call.taken(given)
            case "end":
                call.done()
                sheets = message.get("sheets")
                return sheets if isinstance(sheets, int) and sheets >= 0 else None


def _received(call: Call, message: wire.Message) -> PageImage:
    """The page that the message announced, raw or coded."""
    width, height, channels = message["width"], message["height"], message["channels"]
    about = {name: message[name] for name in ("dpi", "sheet", "side")}
    if not message["coded"]:
        return PageImage(pixels=call.receive_pixels(width, height, channels), **about)
    shape = (height, width) if channels == 1 else (height, width, channels)
    coded, thumbnail = call.receive_coded(shape, message["dpi"])
    return CodedPage(coded, shape, **about, thumbnail=thumbnail)
