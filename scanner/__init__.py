"""Paper to page images (quét): devices, their streams of pages, and the spool that loses none of them.

with SaneBackend() as scanners:
    device = scanners.devices()[0]
    spool = Spool(folder)
    for page in scanners.scan(device.id, ScanRequest()):
        spool.keep(page, device.id)
"""

from typing import TYPE_CHECKING

from scanner.backends.sane import SaneBackend, write_sane_config
from scanner.contract import (
    Backend,
    Capabilities,
    ColorMode,
    Connection,
    Device,
    DeviceOption,
    OptionKind,
    OptionValue,
    PageImage,
    ScanRequest,
    Source,
    Unit,
    never,
)
from scanner.errors import ScanError, ScanFault
from scanner.journal import SpooledPage
from scanner.spool import Spool

if TYPE_CHECKING:
    from scanner.backends.virtual import Fault, FaultKind, VirtualScanner

__all__ = [
    "Backend",
    "Capabilities",
    "ColorMode",
    "Connection",
    "Device",
    "DeviceOption",
    "Fault",
    "FaultKind",
    "OptionKind",
    "OptionValue",
    "PageImage",
    "SaneBackend",
    "ScanError",
    "ScanFault",
    "ScanRequest",
    "Source",
    "Spool",
    "SpooledPage",
    "Unit",
    "VirtualScanner",
    "never",
    "write_sane_config",
]

_ONLY_FOR_TRAINING = frozenset({"Fault", "FaultKind", "VirtualScanner"})


def __getattr__(name: str) -> object:
    """The virtual scanner brings an HTTP server along, which a counter with real scanners never needs."""
    if name in _ONLY_FOR_TRAINING:
        from scanner.backends import virtual

        return getattr(virtual, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
