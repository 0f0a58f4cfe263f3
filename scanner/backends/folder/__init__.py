"""The folder into which a multifunction device scans, behind the contract of a scanner (thư mục nóng)."""

from scanner.backends.folder.backend import FolderBackend

__all__ = ["FolderBackend"]
