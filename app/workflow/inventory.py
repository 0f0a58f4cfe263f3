"""The list of scanners, and the test page that tells how good they are (kiểm kê, kiểm tra máy quét)."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import scanner
import scanner.testpage
from app.domain.device import KnownDevice
from app.settings import Settings
from app.store import Store
from app.store.durable import write_file
from app.workflow.devices import Scanners
from app.workflow.station import vietnam_now


def write_test_page(out: Path) -> None:
    """Writes the test page as a PDF, to be printed at 100 %. Raises ScanError when the disk refuses."""
    scanner.testpage.write_target(out)


def test_scanner(
    settings: Settings, scanners: Scanners, device_id: str | None, stopped: Callable[[], bool]
) -> scanner.testpage.TestResult:
    """Scans the printed test page, measures it, and notes the result in the list.

    Raises ScanError; `scan.no-test-page` where what was scanned is no test page.
    """
    with Store(settings.work_folder()) as store:
        return measured(store, scanners, device_id, stopped)


def measured(
    store: Store, scanners: Scanners, device_id: str | None, stopped: Callable[[], bool]
) -> scanner.testpage.TestResult:
    """As `test_scanner`, into a store that is open."""
    device = scanners.choose(device_id)
    image = scanners.first_page(device, stopped)
    result = scanner.testpage.measure(image.pixels, image.dpi)
    _meet(store, scanners, device)
    words = ", ".join(weakness.value for weakness in result.weaknesses) or result.verdict.value
    store.devices.note_test(device, vietnam_now().isoformat(), words)
    return result


def inventory(settings: Settings, scanners: Scanners | None) -> list[KnownDevice]:
    """The scanners this station has met, with those that answer now brought up to date."""
    with Store(settings.work_folder()) as store:
        if scanners is not None:
            meet_all(store, scanners)
        return store.devices.known()


def meet_all(store: Store, scanners: Scanners) -> None:
    """Brings the list up to date with those that answer now. Raises ScanError."""
    for device in scanners.devices():
        _meet(store, scanners, device.id)


def write_csv(devices: list[KnownDevice], settings: Settings, out: Path) -> None:
    """Writes the list as CSV that a Vietnamese spreadsheet opens; the place is this station."""
    table = scanner.to_csv(
        [
            scanner.InventoryRow(
                maker=device.maker,
                model=device.model,
                serial=device.serial,
                connection=scanner.Connection(device.connection),
                capabilities=device.capabilities,
                pages_scanned=device.pages_scanned,
                last_test=datetime.fromisoformat(device.last_test_at) if device.last_test_at else None,
                test_result=device.test_result,
                place=f"{settings.agency_code} {settings.station}",
            )
            for device in devices
        ]
    )
    write_file(out, table)


def _meet(store: Store, scanners: Scanners, device_id: str) -> None:
    found = next((d for d in scanners.devices() if d.id == device_id), None)
    if found is None:
        return
    try:
        summary = scanner.summary(scanners.capabilities(device_id))
    except scanner.ScanError:  # switched off, or busy: what was known of it stays
        summary = ""
    store.devices.meet(
        KnownDevice(
            id=found.id,
            maker=found.maker,
            model=found.model,
            serial=found.serial or "",
            connection=found.connection.value,
            capabilities=summary,
        )
    )
