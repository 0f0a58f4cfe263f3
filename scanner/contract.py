"""What a scanner is to the rest of the program: a few values and three methods (hợp đồng máy quét)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LEAST_DPI = 200
"""Least resolution of a digitised document (Nghị định 30/2020/NĐ-CP, Phụ lục I; Thông tư 02/2019/TT-BNV)."""

MM_PER_INCH = 25.4

LARGEST_PAGE_BYTES = 512 * 1024 * 1024
"""Raw bytes of one page image beyond which nothing is allocated: A3 in colour at 1000 dpi."""


def never() -> bool:
    """The `stopped` of a call that nobody stops."""
    return False


class Source(StrEnum):
    """Where the paper lies (nguồn giấy)."""

    FLATBED = "flatbed"
    FEEDER = "feeder"
    DUPLEX = "duplex"


class ColorMode(StrEnum):
    """How a page is captured (chế độ màu)."""

    COLOR = "color"
    GREY = "grey"
    BITONAL = "bitonal"


class Connection(StrEnum):
    """How a device is reached (kết nối)."""

    USB = "usb"
    NETWORK = "network"
    FOLDER = "folder"
    VIRTUAL = "virtual"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Device:
    """One scanner. `id` means something to its backend only; `kind` is what the driver calls it."""

    id: str
    backend: str
    maker: str
    model: str
    kind: str
    serial: str | None = None
    address: str | None = None
    connection: Connection = Connection.UNKNOWN


class OptionKind(StrEnum):
    """What sort of value an option of a device takes."""

    SWITCH = "switch"
    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    BUTTON = "button"


class Unit(StrEnum):
    """What the number of an option counts."""

    NONE = ""
    PIXEL = "px"
    BIT = "bit"
    MM = "mm"
    DPI = "dpi"
    PERCENT = "%"
    MICROSECOND = "µs"


OptionValue = bool | int | float | str


@dataclass(frozen=True)
class DeviceOption:
    """One option of a device with its value now and what it may be set to (tùy chọn của máy).

    `choices` holds the values of a CHOICE, or the only numbers that a NUMBER takes; else `least`, `most` and
    `step` bound it where the device says so. A BUTTON has no value. One that is not `settable` is a sensor
    or a button of the device that can only be read.
    """

    name: str
    title: str
    kind: OptionKind
    unit: Unit = Unit.NONE
    value: OptionValue | None = None
    choices: tuple[OptionValue, ...] = ()
    least: float | None = None
    most: float | None = None
    step: float | None = None
    settable: bool = True


@dataclass(frozen=True)
class Capabilities:
    """What a scanner can do. Resolutions in dpi, sorted; a continuous range is given at its usual values.

    The size in mm is that of the largest page of any source.
    """

    sources: tuple[Source, ...]
    modes: tuple[ColorMode, ...]
    resolutions: tuple[int, ...]
    max_width_mm: float
    max_height_mm: float
    options: tuple[DeviceOption, ...] = ()


@dataclass(frozen=True)
class Rescue:
    """Where pages belong that had left the feeder when this program died (nơi cứu trang).

    `folder` is that of the batch's spool, `known` how many pages its history held before the scan; `device`,
    `profile`, `replaces` and `after` are what `Spool.keep` is told of its pages. This program
    keeps every page of the scan in that spool, in order, before it asks for the next.
    """

    folder: str
    known: int
    device: str
    profile: str = ""
    replaces: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class ScanRequest:
    """What to scan: lengths in mm, resolution in dpi, `page_limit` in images (a duplex sheet counts two).

    `options` are further options of the device by name; each is read back after it was set. A driver in a
    process of its own heeds `rescue` when this program is gone, and with `jpeg_quality` (1 to 95) it codes
    there, while the next page comes, what the device gives as raw samples.

    Raises ScanError at once: `scan.resolution-too-low` below 200 dpi, `scan.refused-size` where one page
    would be larger than 512 MiB, `scan.bad-request` for values that make no sense.
    """

    source: Source = Source.FEEDER
    mode: ColorMode = ColorMode.COLOR
    dpi: int = 300
    width_mm: float = 210
    height_mm: float = 297
    page_limit: int | None = None
    options: tuple[tuple[str, OptionValue], ...] = ()
    rescue: Rescue | None = None
    jpeg_quality: int | None = None

    def __post_init__(self) -> None:
        if self.dpi < LEAST_DPI:
            raise ScanError(ScanFault.RESOLUTION_TOO_LOW, dpi=self.dpi, least=LEAST_DPI)
        for name in ("width_mm", "height_mm"):
            length: float = getattr(self, name)
            if not math.isfinite(length) or length <= 0:
                raise ScanError(ScanFault.BAD_REQUEST, field=name, value=str(length))
        if self.page_limit is not None and self.page_limit < 1:
            raise ScanError(ScanFault.BAD_REQUEST, field="page_limit", value=self.page_limit)
        if self.jpeg_quality is not None and not 1 <= self.jpeg_quality <= 95:
            raise ScanError(ScanFault.BAD_REQUEST, field="jpeg_quality", value=self.jpeg_quality)
        if self.page_bytes > LARGEST_PAGE_BYTES:
            raise ScanError(ScanFault.REFUSED_SIZE, bytes=self.page_bytes, most=LARGEST_PAGE_BYTES)

    @property
    def page_bytes(self) -> int:
        """Raw bytes of one page as asked for, at one byte a sample."""
        samples = 3 if self.mode is ColorMode.COLOR else 1
        width, height = (
            math.ceil(length * self.dpi / MM_PER_INCH) for length in (self.width_mm, self.height_mm)
        )
        return width * height * samples


@dataclass(frozen=True, eq=False)
class PageImage:
    """One side of one sheet as the device gave it (ảnh trang).

    `pixels` is (H, W, 3) uint8 RGB or (H, W) uint8, 0 black and 255 white; a bitonal page holds 0 and 255
    only, as far as the device's own compression keeps them. `sheet` counts from 1 within this scan, `side`
    is 1 for the front and 2 for the back. `encoded` is the JPEG the pixels came in, where the device, the
    file or the process of a driver gave one: it is kept as it is. `thumbnail` is a small JPEG of it, where
    one was made on the way.
    """

    pixels: npt.NDArray[np.uint8]
    dpi: int
    sheet: int
    side: int
    encoded: bytes | None = None
    thumbnail: bytes | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """That of `pixels`, told without decoding anything."""
        return self.pixels.shape

    def numbered(self, sheet: int, side: int) -> PageImage:
        """The same image as another side of another sheet."""
        return replace(self, sheet=sheet, side=side)


class Backend(Protocol):
    """One way to reach scanners. Three methods; every fault is a ScanError."""

    def devices(self) -> tuple[Device, ...]:
        """The scanners that are known now; one that is named by an administrator may be switched off."""

    def capabilities(self, device_id: str) -> Capabilities:
        """What the scanner can do. Raises ScanError `scan.no-device` where it is not known."""

    def scan(
        self, device_id: str, request: ScanRequest, stopped: Callable[[], bool] = never
    ) -> Iterator[PageImage]:
        """A stream: every good page arrives, then the ScanError or the end.

        The feeder running empty after a page is the end; before the first page it is `scan.no-documents`.
        When `stopped` says True the stream ends with `scan.cancelled` and yields nothing more.
        """


@dataclass(frozen=True)
class Fed:
    """What a device itself counted of one scan: sheets of paper, or images (số tờ máy tự đếm)."""

    count: int
    sheets: bool


@runtime_checkable
class CountingBackend(Protocol):
    """A way to reach scanners that tells what devices count themselves (máy tự đếm)."""

    def fed(self, device_id: str) -> Fed | None:
        """What the device counted of its last scan, where it tells and the scan came to its own end."""


@runtime_checkable
class SensingBackend(Protocol):
    """A way to reach scanners that can be asked for their sensors and buttons (cảm biến, nút bấm)."""

    def read_sensors(self, device_id: str) -> tuple[DeviceOption, ...]:
        """What the device can be read for now: paper in its feeder, its buttons; may be asked each second.

        Empty where it has nothing of the kind. Raises ScanError.
        """
