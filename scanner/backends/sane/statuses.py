"""The words of SANE turned into faults, once and here only (SANE API 1.06, section 4.2.7)."""

from types import MappingProxyType

from scanner.errors import ScanFault

FAULT_OF_STATUS = MappingProxyType(
    {
        "Operation not supported": ScanFault.UNSUPPORTED,
        "Operation was canceled": ScanFault.CANCELLED,
        "Operation was cancelled": ScanFault.CANCELLED,
        "Device busy": ScanFault.BUSY,
        "Invalid argument": ScanFault.UNSUPPORTED,
        "End of file reached": ScanFault.TRUNCATED,
        "Document feeder jammed": ScanFault.JAMMED,
        "Document feeder out of documents": ScanFault.NO_DOCUMENTS,
        "Scanner cover is open": ScanFault.COVER_OPEN,
        "Error during device I/O": ScanFault.IO,
        "Out of memory": ScanFault.OUT_OF_MEMORY,
        "Access to resource has been denied": ScanFault.ACCESS_DENIED,
        # Statuses of SANE 1.1: libraries of SANE 1.0 have no words for them, some drivers return them.
        "Lamp not ready, please retry": ScanFault.WARMING_UP,
        "Unknown SANE status code 12": ScanFault.WARMING_UP,
        "Scanner mechanism locked for transport": ScanFault.LOCKED,
        "Unknown SANE status code 13": ScanFault.LOCKED,
    }
)
"""python-sane passes on the text of `sane_strstatus` and nothing else."""


def fault_of(text: str) -> ScanFault:
    """The fault that a text of SANE means; `scan.unknown` for any other text."""
    return FAULT_OF_STATUS.get(text.strip(), ScanFault.UNKNOWN)
