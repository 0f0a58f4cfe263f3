"""A network scanner without hardware: real page images served as an eSCL device serves paper."""

from scanner.backends.virtual.faults import Fault, FaultKind
from scanner.backends.virtual.server import VirtualScanner

__all__ = ["Fault", "FaultKind", "VirtualScanner"]
