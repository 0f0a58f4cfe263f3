"""Network scanners over eSCL (AirScan, Mopria): HTTP and XML, no driver to install."""

from scanner.backends.escl.backend import EsclBackend
from scanner.backends.escl.pins import PinStore

__all__ = ["EsclBackend", "PinStore"]
