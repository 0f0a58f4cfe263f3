"""SANE as one client sees it, inside the process of the driver (phiên làm việc với máy quét)."""

from __future__ import annotations

import contextlib
import threading
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from scanner.backends.sane import announced, described, further, options, reading, statuses, torn, wire
from scanner.backends.sane.bounded import SECONDS_OF_A_CALL, SECONDS_WHEN_ORPHANED, bounded
from scanner.backends.sane.outgoing import Line, Outgoing
from scanner.backends.sane.waited import Stopwatch
from scanner.contract import ColorMode, Rescue, ScanRequest, Source
from scanner.errors import ScanError, ScanFault
from scanner.rescue import Held, Samples, Untaken

LEAST_SECONDS_BETWEEN_BEATS = 0.2
SECONDS_BETWEEN_CANCELS = 0.1
SECONDS_OF_A_SHEET = 0.1
"""A page that comes sooner had been fetched before, and its sheet had left the feeder: the fastest feeder
needs four times as long."""
MOST_PAGES_AFTERWARDS = 200
"""Pages taken over after the program's end at the most; each is kept while the next is read."""
DRIVERS_THAT_FETCH_AHEAD = ("airscan:", "escl:")


class Session:
    """One thread calls the driver, another one may cancel, or tell what was taken."""

    def __init__(self, out: int) -> None:
        self._line = Line(out)
        self._sane: Any = None
        self._kinds: dict[str, str] = {}
        self._guard = threading.Lock()
        self._left = threading.Event()
        self._device: Any = None
        self._held: Any = None
        self._before: list[further.Before] = []
        self._held_id = ""
        self._number = 0
        self._cancelled: set[int] = set()
        self._last_beat = 0.0
        self._decodes_jpeg = False
        self._fetches_ahead = False
        self.untaken = Untaken()

    def answer(self, request: wire.Message) -> None:
        """Does what one request asks and sends the answer; a fault is an answer too.

        `free` comes last, when the driver has put everything away: some hang in that, long after what
        they had to tell was told.
        """
        self._number = int(request["number"])
        verbs = {
            "devices": self._devices,
            "capabilities": self._capabilities,
            "sensors": self._sensors,
            "scan": self._scan,
        }
        with self._told():
            if request["verb"] != "sensors" or request["device"] != self._held_id:
                self.put_away()
            verbs[request["verb"]](request)
        self._cancelled.discard(self._number)
        self._say("free")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Sends what goes wrong inside as the answer."""
        try:
            yield
        except Exception as error:
            fault = self._as_fault(error)
            self._say("fault", fault=fault.fault.value, facts=fault.facts)

    def cancel(self, number: int) -> None:
        """Called by another thread. The mark comes first: what the driver returns later is not believed.

        The driver is told again and again until it lets go: sane-airscan answers a cancel that finds it
        between two sheets by beginning a new job.
        """
        self._cancelled.add(number)
        while self._cancel_driver(number):
            self._left.wait(SECONDS_BETWEEN_CANCELS)

    def _cancel_driver(self, number: int) -> bool:
        with self._guard:
            if self._device is None or self._number != number:
                return False
            # The driver may report any status for it; the mark alone decides.
            with contextlib.suppress(Exception):
                self._device.cancel()
            return True

    def cancel_all(self) -> None:
        """Stops whatever is going on."""
        self.cancel(self._number)

    def leave(self) -> None:
        """Gives the driver's resources back. No device is open here: closing after the exit would crash."""
        self.put_away()
        if self._sane is not None:
            with self._bounded():
                self._sane.exit()

    @property
    def holds_a_device(self) -> bool:
        """Whether a device is open for its sensors."""
        return self._held is not None

    def put_away(self) -> None:
        """Closes the device that is open for its sensors, so that others may use it."""
        device, self._held, self._held_id = self._held, None, ""
        if device is not None:
            with self._bounded():
                device.close()

    def _bounded(self) -> contextlib.AbstractContextManager[None]:
        """An end to a call that keeps the interpreter; soon, where nobody waits for this process."""
        alone = self.untaken.orphaned.is_set()
        return bounded(SECONDS_WHEN_ORPHANED if alone else SECONDS_OF_A_CALL)

    def _as_fault(self, error: Exception) -> ScanError:
        if self._number in self._cancelled:
            return ScanError(ScanFault.CANCELLED)
        if isinstance(error, ScanError):
            return error
        if isinstance(error, MemoryError):
            return ScanError(ScanFault.OUT_OF_MEMORY)
        fault = statuses.fault_of(str(error))
        if fault is ScanFault.UNKNOWN:
            return ScanError(fault, kind=type(error).__name__)
        return ScanError(fault, status=str(error))

    def _say(self, kind: str, **fields: Any) -> None:
        self._line.say(self._number, kind, **fields)

    def _library(self) -> Any:
        if self._sane is None:
            try:
                import sane
            except ImportError:
                raise ScanError(ScanFault.NO_DRIVER) from None
            with self._bounded():
                sane.init()
            self._sane = sane
        return self._sane

    def _devices(self, _: wire.Message) -> None:
        found = self._library().get_devices()
        self._kinds = {device_id: kind for device_id, _, _, kind in found}
        self._say(
            "devices",
            devices=[
                {"id": device_id, "maker": _text(maker), "model": _text(model), "kind": _text(kind)}
                for device_id, maker, model, kind in found
            ],
        )

    def _capabilities(self, request: wire.Message) -> None:
        with self._opened(request["device"]) as device:
            offered = options.capabilities(device, self._kind(request["device"]))
            self._say("capabilities", **asdict(offered), serial=described.serial_of(device))

    def _sensors(self, request: wire.Message) -> None:
        if self._held is None:
            self._held, self._held_id = self._open(request["device"]), request["device"]
        try:
            sensors = [asdict(sensor) for sensor in described.describe_sensors(self._held)]
        except Exception:
            self.put_away()
            raise
        self._say("sensors", sensors=sensors)

    def _kind(self, device_id: str) -> str:
        return self._kinds.get(device_id, "")

    def _open(self, device_id: str) -> Any:
        try:
            return self._library().open(device_id)
        except Exception as error:
            if statuses.fault_of(str(error)) in (ScanFault.UNSUPPORTED, ScanFault.IO):
                raise ScanError(ScanFault.NO_DEVICE, status=str(error)) from None
            raise

    @contextlib.contextmanager
    def _opened(self, device_id: str) -> Iterator[Any]:
        """The open device. What goes wrong with it is told before it is put away."""
        device = self._open(device_id)
        with self._guard:
            self._device = device
            self._left.clear()
        try:
            with self._told():
                yield device
        finally:
            if self.untaken.orphaned.is_set():
                self.untaken.save()  # before the driver gets a chance not to come back
            # The guard keeps the cancelling thread out: drivers can't bear two cancels at once.
            with self._guard, self._bounded():
                self._device = None
                self._left.set()
                device.cancel()
            with self._bounded():
                further.put_back(device, self._before)
                device.close()

    def _scan(self, message: wire.Message) -> None:
        request = _request(message["request"])
        self._decodes_jpeg = message["device"].startswith(torn.DRIVERS_THAT_DECODE_JPEG)
        self._fetches_ahead = message["device"].startswith(DRIVERS_THAT_FETCH_AHEAD)
        self.untaken.begin(request.rescue)
        with self._opened(message["device"]) as device:
            settled = options.settle(device, request, self._kind(message["device"]), self._before)
            self._say("settled", dpi=settled.dpi)
            most = request.page_limit if settled.feeds else 1
            before = described.sheets_counted(device)
            number, quality = self._number, request.jpeg_quality
            with Outgoing(self._line, number, self.untaken, quality, self._is_cancelled) as outgoing:
                pages = self._feed(device, request, settled.dpi, most, outgoing)
            self._refuse_if_cancelled()
            after = described.sheets_counted(device) if before and settled.feeds else {}
            fed = {after[name] - count for name, count in before.items() if name in after}
            # Counters that don't agree, or that count something else, tell nothing.
            self._say("end", pages=pages, sheets=fed.pop() if len(fed) == 1 else None)

    def _feed(
        self, device: Any, request: ScanRequest, dpi: int, most_pages: int | None, outgoing: Outgoing
    ) -> int:
        """Page after page until the feeder is empty or the limit is reached; returns how many."""
        pages = afterwards = 0
        while (most_pages is None or pages < most_pages) and self._goes_on():
            self._refuse_if_cancelled()
            orphaned, stopwatch = self.untaken.orphaned.is_set(), Stopwatch()
            try:
                device.start()
            except Exception as error:
                if pages and statuses.fault_of(str(error)) is ScanFault.NO_DOCUMENTS:
                    self._refuse_if_cancelled()
                    break
                raise
            # Once the program is gone, the first sheet that was not on its way then is the last one.
            if orphaned:
                afterwards += 1
                waited = stopwatch.waited_s >= SECONDS_OF_A_SHEET
                self._fetches_ahead &= not waited and afterwards < MOST_PAGES_AFTERWARDS
            outgoing.put(self._read_page(device, request, dpi, pages))
            pages += 1
        return pages

    def _goes_on(self) -> bool:
        """Whether another sheet is to be drawn in, or taken over that was drawn in already."""
        return self._fetches_ahead or not self.untaken.orphaned.is_set()

    def _read_page(self, device: Any, request: ScanRequest, dpi: int, before: int) -> Held:
        parameters = device.get_parameters()
        width, height, channels = announced.shape_of(parameters, request)
        row_bytes = width * channels
        if reading.can_read(device, announced.depth_of(parameters), height):
            samples, rows = self._read(device, height, row_bytes)
        else:
            samples, rows = self._snap(device, row_bytes, request)
        self._refuse_if_cancelled()
        if rows < 1 or len(samples) != rows * row_bytes or (height > 0 and rows != height):
            raise ScanError(ScanFault.TRUNCATED, rows=rows, announced_rows=height)
        if self._decodes_jpeg and torn.is_torn(samples, row_bytes):
            raise ScanError(ScanFault.TRUNCATED, rows=rows)
        sides = 2 if request.source is Source.DUPLEX else 1
        leaf = (before // sides + 1, before % sides + 1)
        shape = (rows, width) if channels == 1 else (rows, width, channels)
        return Held(samples, shape, dpi, leaf)

    def _read(self, device: Any, rows: int, row_bytes: int) -> tuple[Samples, int]:
        """One image of a length that is known, and its rows, with signs of life on the way."""
        samples = reading.read_page(device, rows, row_bytes, self._beat)
        return samples.data, len(samples) // row_bytes

    def _snap(self, device: Any, row_bytes: int, request: ScanRequest) -> tuple[Samples, int]:
        """One image out of python-sane, and its rows, with signs of life on the way.

        The call below `SaneDev.snap` hands its buffer over without a second copy, and can leave the feeder
        running. A device that didn't announce a length is stopped where a page can't be longer.
        """
        most_rows = announced.most_bytes(request) // row_bytes
        too_long = False

        def progress(rows: int, _: int) -> None:
            # An exception here would bring the process down inside the driver's binding.
            nonlocal too_long
            with contextlib.suppress(Exception):
                if rows > most_rows and not too_long:
                    too_long = True
                    device.cancel()
                self._beat(rows)

        try:
            samples, width, rows, channels, _ = device.dev.snap(True, False, progress)
        except Exception:
            if too_long:
                raise ScanError(ScanFault.REFUSED_SIZE, rows=most_rows) from None
            raise
        if too_long:
            raise ScanError(ScanFault.REFUSED_SIZE, rows=most_rows)
        if width * channels != row_bytes:
            raise ScanError(ScanFault.TRUNCATED, rows=rows)
        return samples, rows

    def _beat(self, rows: int) -> None:
        """A sign of life, now and then."""
        now = time.monotonic()
        if now - self._last_beat >= LEAST_SECONDS_BETWEEN_BEATS:
            self._last_beat = now
            # Where nobody listens any more, the page is read to its end all the same.
            with contextlib.suppress(OSError):
                self._line.beat(self._number, rows)

    def _refuse_if_cancelled(self) -> None:
        if self._is_cancelled():
            raise ScanError(ScanFault.CANCELLED)

    def _is_cancelled(self) -> bool:
        return self._number in self._cancelled


def _text(raw: str) -> str:
    return unicodedata.normalize("NFC", raw)


def _request(fields: dict[str, Any]) -> ScanRequest:
    return ScanRequest(
        **{
            **fields,
            "source": Source(fields["source"]),
            "mode": ColorMode(fields["mode"]),
            "options": tuple((str(name), value) for name, value in fields["options"]),
            "rescue": Rescue(**fields["rescue"]) if fields["rescue"] else None,
        }
    )
