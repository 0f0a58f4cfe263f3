"""Files that were scanned elsewhere, behind the contract of a scanner: JPEG, PNG, TIFF, PDF, HEIC."""

from scanner.backends.importing.backend import ImportBackend
from scanner.backends.importing.stack import RefusedFile

__all__ = ["ImportBackend", "RefusedFile"]
