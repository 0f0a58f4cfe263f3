"""Certificates of network scanners, trusted at first sight and held to from then on (ghim chứng thư).

A scanner on the office network signs its own certificate, so no authority can vouch for it. What can be had
is that the scanner of today is the scanner of yesterday: its SHA-256 is remembered, as ssh does with hosts.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scanner.errors import ScanError, ScanFault

_SHA256 = re.compile(r"[0-9a-f]{64}")
LARGEST_FILE = 4 * 1024 * 1024
SECONDS_FOR_A_TURN = 10.0


class PinStore:
    """Remembered certificates by the name of their device; without a `path`, for the life of this object.

    The file is JSON: name to SHA-256 in hexadecimal. Programs that share it take turns.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._pins: dict[str, str] = {}
        self._guard = threading.Lock()

    def check(self, name: str, sha256: str) -> None:
        """Remembers the certificate of a device seen for the first time.

        Raises ScanError `scan.certificate-changed` where another one is remembered, `scan.pins-damaged` where
        the file can't be read as one, `scan.disk-failed` where it can't be read or written at all.
        """
        with self._guard, self._turn():
            pins = self._read()
            known = pins.get(name)
            if known is None:
                self._write({**pins, name: sha256})
            elif known != sha256:
                raise ScanError(ScanFault.CERTIFICATE_CHANGED, device=name)

    def refuse_plain(self, name: str) -> None:
        """Raises ScanError `scan.certificate-changed` where that device was encrypted before, not now."""
        if name in self.known():
            raise ScanError(ScanFault.CERTIFICATE_CHANGED, device=name)

    def forget(self, name: str) -> None:
        """Lets the device show a new certificate once: after its board or its certificate was replaced."""
        with self._guard, self._turn():
            pins = self._read()
            if pins.pop(name, None) is not None:
                self._write(pins)

    def known(self) -> Mapping[str, str]:
        """Name to SHA-256 of every certificate that is remembered."""
        with self._guard, self._turn():
            return self._read()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The file for one program at a time."""
        if self._path is None:
            yield
            return
        from filelock import FileLock

        lock = FileLock(self._path.with_name(self._path.name + ".lock"))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=SECONDS_FOR_A_TURN)
        except OSError as error:
            raise ScanError(ScanFault.DISK_FAILED, errno=error.errno or 0) from error
        try:
            yield
        finally:
            lock.release()

    def _read(self) -> dict[str, str]:
        if self._path is None:
            return dict(self._pins)
        try:
            if self._path.stat().st_size > LARGEST_FILE:
                raise ScanError(ScanFault.PINS_DAMAGED)
            found = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ScanError(ScanFault.DISK_FAILED, errno=error.errno or 0) from error
        except (ValueError, RecursionError) as error:
            raise ScanError(ScanFault.PINS_DAMAGED) from error
        if not _are_pins(found):
            raise ScanError(ScanFault.PINS_DAMAGED)
        return dict(found)

    def _write(self, pins: dict[str, str]) -> None:
        self._pins = pins
        if self._path is None:
            return
        try:
            _replace(self._path, json.dumps(pins, ensure_ascii=False, indent=1, sort_keys=True).encode())
        except OSError as error:
            raise ScanError(ScanFault.DISK_FAILED, errno=error.errno or 0) from error


def _are_pins(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(name, str) and isinstance(pin, str) and _SHA256.fullmatch(pin)
        for name, pin in found.items()
    )


def _replace(path: Path, content: bytes) -> None:
    """Puts the file there whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    # A folder can't be opened for syncing on Windows, where the rename is journalled.
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
