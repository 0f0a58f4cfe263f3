"""Paper, private SANE configurations, and the two real ways to scan without hardware."""

import os
import select
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from scanner import SaneBackend, VirtualScanner, write_sane_config

A4_300 = (2480, 3508)


def _draw_sheet(path: Path, number: int, size: tuple[int, int] = A4_300, dpi: int = 300) -> Path:
    """A sheet that tells its own number: that many black bars, and a red seal."""
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    width, height = size
    for bar in range(number):
        top = height * (bar + 1) // 16
        pen.rectangle((width // 8, top, width // 2, top + height // 40), fill="black")
    pen.ellipse(
        (width * 5 // 8, height // 8, width * 7 // 8, height * 2 // 8), outline=(200, 20, 30), width=4
    )
    path.parent.mkdir(exist_ok=True)
    image.save(path, quality=92, subsampling=0, dpi=(dpi, dpi))
    return path


@pytest.fixture(scope="session")
def draw_sheet() -> Callable[..., Path]:
    return _draw_sheet


@pytest.fixture(scope="session")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Five A4 sheets at 300 dpi in colour; sheet n has n bars."""
    folder = tmp_path_factory.mktemp("paper")
    return tuple(_draw_sheet(folder / f"to {number}.jpg", number) for number in range(1, 6))


@pytest.fixture(scope="session")
def slips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Five slips of 100 x 60 mm at 200 dpi, for whatever needs paper and not its size."""
    folder = tmp_path_factory.mktemp("slips")
    return tuple(
        _draw_sheet(folder / f"phiếu {number}.jpg", number, (787, 472), 200) for number in range(1, 6)
    )


@pytest.fixture
def virtual(slips: tuple[Path, ...]) -> Iterator[VirtualScanner]:
    """A virtual scanner with three slips in its feeder."""
    with VirtualScanner(slips[:3]) as device:
        yield device


COUNTER = "airscan:e0:Quầy một"


@pytest.fixture
def counter(virtual: VirtualScanner, tmp_path: Path) -> Iterator[SaneBackend]:
    """SANE with the virtual scanner as the network device `COUNTER`."""
    pytest.importorskip("sane")
    folder = write_sane_config(tmp_path / "sane", {"Quầy một": virtual.url})
    with SaneBackend(folder, patience_s=20) as backend:
        yield backend


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., SaneBackend]]:
    """Makes a SANE with its own test device `test:0`; lines of its configuration may be given."""
    pytest.importorskip("sane")
    made: list[SaneBackend] = []

    def make(*lines: str, patience_s: float = 20) -> SaneBackend:
        folder = write_sane_config(tmp_path / f"bench {len(made)}", test_backend=True)
        with (folder / "test.conf").open("a") as conf:
            conf.writelines(f"{line}\n" for line in lines)
        made.append(SaneBackend(folder, patience_s=patience_s))
        return made[-1]

    yield make
    for backend in made:
        backend.close()


@dataclass(frozen=True)
class Place:
    """A backend under the conformance suite. `load` fills its feeder, `emptied` is one with no paper."""

    backend: SaneBackend
    device_id: str
    feeder_holds: int
    load: Callable[[], None]
    emptied: Callable[[], SaneBackend]


@pytest.fixture(params=["sane-airscan", "sane-test"])
def place(request: pytest.FixtureRequest, slips: Sequence[Path]) -> Place:
    """One real way to scan after the other. A new backend adds a row here."""
    if request.param == "sane-airscan":
        device: VirtualScanner = request.getfixturevalue("virtual")
        backend: SaneBackend = request.getfixturevalue("counter")

        def emptied() -> SaneBackend:
            device.load([])
            return backend

        return Place(backend, COUNTER, 3, lambda: device.load(slips[:3]), emptied)
    # SANE's test device draws in ten sheets, however often; its configuration alone makes it empty.
    bench = request.getfixturevalue("bench")
    return Place(bench(), "test:0", 10, lambda: None, lambda: bench('read-status-code "SANE_STATUS_NO_DOCS"'))


@pytest.fixture
def ends() -> Callable[[int, float], bool]:
    """Waits for the end of a process that need not be a child of ours: (pid, seconds) → whether it ended."""

    def wait(pid: int, seconds: float) -> bool:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([handle], [], [], seconds)[0])
        finally:
            os.close(handle)

    return wait
