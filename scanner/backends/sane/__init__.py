"""Scanners through SANE, the scanning library of Linux, in a process of its own."""

from scanner.backends.sane.backend import SaneBackend
from scanner.backends.sane.config import write_sane_config, write_shared_scanners

__all__ = ["SaneBackend", "write_sane_config", "write_shared_scanners"]
