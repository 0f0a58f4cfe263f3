"""What a network scanner itself says went wrong, where its driver has no word for it (hỏi lại máy quét).

sane-airscan 0.99 knows jams and open covers; two sheets drawn in together it reports as a failed connection.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scanner.backends.sane.config import escl_address
from scanner.contract import ScanRequest, Source
from scanner.errors import ScanError, ScanFault

SECONDS_TO_ASK = 3.0

_ESCL = "airscan:e"


def sharpened(
    error: ScanError,
    device_id: str,
    config_dir: Path | None,
    request: ScanRequest,
    stopped: Callable[[], bool],
) -> ScanError:
    """The fault that the feeder of the device shows on its eSCL status page in place of a bare `scan.io`.

    `error` itself where there is nothing better: another fault, another driver, a scan from the glass, a
    device that isn't named in `config_dir` or doesn't answer.
    """
    if error.fault is not ScanFault.IO or config_dir is None or request.source is Source.FLATBED:
        return error
    address = escl_address(config_dir, device_id.split(":", 2)[-1]) if device_id.startswith(_ESCL) else None
    fault = _shown(address, stopped) if address else None
    return error if fault is None else ScanError(fault, **error.facts)


def _shown(address: str, stopped: Callable[[], bool]) -> ScanFault | None:
    from scanner.backends.escl.address import read_address
    from scanner.backends.escl.line import Line
    from scanner.backends.escl.pins import PinStore
    from scanner.backends.escl.status import read_status

    try:
        with Line(read_address(address), PinStore(), SECONDS_TO_ASK, stopped) as line:
            return read_status(line.document("ScannerStatus")).fault
    except ScanError:
        return None
