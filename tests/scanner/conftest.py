"""Paper, private SANE configurations, and the two real ways to scan without hardware."""

import os
import select
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scanner import (
    Backend,
    Capabilities,
    Device,
    EsclBackend,
    FolderBackend,
    ImportBackend,
    PageImage,
    SaneBackend,
    ScanRequest,
    VirtualScanner,
    never,
    write_sane_config,
)

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

    backend: Backend
    device_id: str
    feeder_holds: int
    load: Callable[[], None]
    emptied: Callable[[], Backend]


def _folder_place(folder: Path, slips: Sequence[Path]) -> Place:
    """A hot folder with three slips in it, and an empty one."""

    def emptied() -> FolderBackend:
        (folder / "empty").mkdir()
        return FolderBackend({"Máy A": folder / "empty"}, settle_s=0.02, patience_s=0.1)

    def load() -> None:
        for left in folder.glob("*.jpg"):
            left.unlink()
        for slip in slips[:3]:
            shutil.copy(slip, folder)

    load()
    return Place(FolderBackend({"Máy A": folder}, settle_s=0.02), "folder:Máy A", 3, load, emptied)


def _escl_place(device: VirtualScanner, slips: Sequence[Path]) -> Place:
    """eSCL without SANE, with three slips in the feeder of the virtual scanner."""
    backend = EsclBackend({"Quầy một": device.url}, discover=False, patience_s=20)

    def emptied() -> EsclBackend:
        device.load([])
        return backend

    return Place(backend, backend.devices()[0].id, 3, lambda: device.load(slips[:3]), emptied)


@pytest.fixture(params=["sane-airscan", "sane-test", "net", "pnm", "folder", "import", "escl"])
def place(request: pytest.FixtureRequest, slips: Sequence[Path], tmp_path: Path) -> Place:
    """One real way to scan after the other. A new backend adds a row here."""
    if request.param == "escl":
        return _escl_place(request.getfixturevalue("virtual"), slips)
    if request.param == "folder":
        return _folder_place(tmp_path, slips)
    if request.param == "import":
        return Place(ImportBackend(slips[:3]), "import:files", 3, lambda: None, lambda: ImportBackend([]))
    if request.param == "sane-airscan":
        device: VirtualScanner = request.getfixturevalue("virtual")
        backend: SaneBackend = request.getfixturevalue("counter")

        def emptied() -> SaneBackend:
            device.load([])
            return backend

        return Place(backend, COUNTER, 3, lambda: device.load(slips[:3]), emptied)
    if request.param == "net":
        share: Callable[..., Shared] = request.getfixturevalue("share")
        shared = share()

        def emptied_there() -> SaneBackend:
            return share('read-status-code "SANE_STATUS_NO_DOCS"', host=shared.host).backend

        return Place(shared.backend, shared.device_id, 10, lambda: None, emptied_there)
    if request.param == "pnm":
        if request.function.__name__ not in HOLDS_FOR_ONE_IMAGE_ON_A_GLASS:
            pytest.skip("the device has one image on its glass, and nothing to set")
        served: Backend = request.getfixturevalue("served")(slips[0])
        return Place(served, "pnm:0", 0, lambda: None, lambda: served)
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


HOLDS_FOR_ONE_IMAGE_ON_A_GLASS = frozenset(
    {
        "test_devices_lists_the_scanner_once",
        "test_every_source_and_mode_offered_works",
        "test_the_glass_gives_one_page_however_often",
        "test_an_unknown_device_is_no_device",
        "test_a_scan_stopped_before_it_began_gives_nothing",
    }
)


class Serving:
    """SANE's `pnm` device with the file that it serves, as a backend that needs no more options."""

    def __init__(self, backend: SaneBackend, image: Path) -> None:
        self._backend = backend
        self._image = image

    def devices(self) -> tuple[Device, ...]:
        return self._backend.devices()

    def capabilities(self, device_id: str) -> Capabilities:
        return self._backend.capabilities(device_id)

    def scan(
        self, device_id: str, request: ScanRequest, stopped: Callable[[], bool] = never
    ) -> Iterator[PageImage]:
        file = (("filename", str(self._image)),)
        return self._backend.scan(device_id, replace(request, options=file + request.options), stopped)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[[Path], Serving]]:
    """Makes a scanner of one image: its pixels arrive as they are."""
    pytest.importorskip("sane")
    with SaneBackend(write_sane_config(tmp_path / "pnm", pnm_backend=True), patience_s=20) as backend:

        def serve(image: Path) -> Serving:
            file = tmp_path / f"{len(list(tmp_path.iterdir()))}.pnm"
            Image.open(image).save(file)
            return Serving(backend, file)

        yield serve


@dataclass(frozen=True)
class Shared:
    """SANE's test device, shared by a `saned` of this machine at `host` and reached over the network."""

    backend: SaneBackend
    host: str

    @property
    def device_id(self) -> str:
        return f"net:{self.host}:test:0"


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Callable[..., Shared]]:
    """Starts a `saned` with lines of configuration for its test device; on the same host it takes over."""
    pytest.importorskip("sane")
    program = shutil.which("saned", path="/usr/sbin:/usr/bin:/sbin")
    if program is None:
        pytest.skip("saned is not installed")
    running: dict[str, subprocess.Popen[str]] = {}
    drains: dict[str, threading.Thread] = {}
    backends: list[SaneBackend] = []

    def end(host: str) -> None:
        daemon = running.pop(host, None)
        if daemon is not None:
            os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()
            drains.pop(host).join()
            assert daemon.stderr is not None
            daemon.stderr.close()

    def start(*lines: str, host: str | None = None) -> Shared:
        # Clients know one port only; an address of our own keeps other runs of the tests apart.
        host = host or f"127.{os.getpid() >> 16 & 255 | 64}.{os.getpid() >> 8 & 255}.{os.getpid() % 250 + 1}"
        end(host)
        folder = write_sane_config(tmp_path / f"saned {len(backends)}", test_backend=True)
        (folder / "saned.conf").write_text("127.0.0.0/8\n")
        with (folder / "test.conf").open("a") as conf:
            conf.writelines(f"{line}\n" for line in lines)
        running[host] = daemon = subprocess.Popen(
            [program, "-l", "-e", "-d5", "-b", host, "-p", "6566"],
            env={**os.environ, "SANE_CONFIG_DIR": str(folder)},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        told = daemon.stderr
        assert told is not None
        assert any("listen ()" in line for line in told)
        # What it tells from now on must not fill the pipe.
        drains[host] = threading.Thread(target=told.read)
        drains[host].start()
        client = write_sane_config(tmp_path / f"client {len(backends)}", net_hosts=[host])
        backends.append(SaneBackend(client, patience_s=20))
        return Shared(backends[-1], host)

    yield start
    for backend in backends:
        backend.close()
    for host in list(running):
        end(host)


@pytest.fixture(scope="session")
def paper_scan() -> Callable[..., NDArray[np.uint8]]:
    """Scans of the specimens at 150 dpi, made anew: name of the paper, words to exchange, the signer's hand.

    `paper_scan("declaration", {"QUÀNG THỊ MẪU": "SÙNG A THỬ"}, hand=9, skew_deg=1.0, …)`; further arguments
    are those of the renderer's `Wear`. `behind` names the paper printed on the other side.
    """
    from resources.specimens.render import dossier, ink, wear
    from resources.specimens.render.dossier import Side
    from resources.specimens.render.paper import Page, print_page

    def exchanged(side: Side, swaps: dict[str, str], hand: int | None) -> Side:
        lines = []
        for line in side.page.lines:
            runs = list(line.runs[:1])
            for run in line.runs[1:]:
                if run.face == runs[-1].face:
                    runs[-1] = replace(runs[-1], text=runs[-1].text + run.text)
                else:
                    runs.append(run)
            for old, new in swaps.items():
                runs = [replace(run, text=run.text.replace(old, new)) for run in runs]
            lines.append(replace(line, runs=tuple(runs)))
        marks = side.marks if hand is None else tuple(replace(mark, seed=hand) for mark in side.marks)
        return Side(Page(tuple(lines), side.page.rules), marks)

    @lru_cache(maxsize=32)
    def printed(name: str, swaps: tuple[tuple[str, str], ...], hand: int | None) -> Image.Image:
        side = Side(Page()) if name == "blank" else getattr(dossier, name)()
        side = exchanged(side, dict(swaps), hand)
        sheet = print_page(side.page, 150)
        for mark in side.marks:
            sheet = ink.lay(sheet, mark, 150)
        return sheet

    def scan(
        name: str, swaps: dict[str, str] | None = None, hand: int | None = None, behind: str = "", **worn: Any
    ) -> NDArray[np.uint8]:
        worn = {"blur_px": 0.5, **worn}
        sheet = printed(name, tuple((swaps or {}).items()), hand)
        reverse = printed(behind, (), None) if behind else None
        return np.asarray(wear.scan(sheet, wear.Wear(**worn), reverse, dpi=150))

    return scan
