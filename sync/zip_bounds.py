"""What must hold of a ZIP before its directory may be read into memory, and before an entry is unpacked."""

import stat
import struct
from collections.abc import Sequence
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from sync.errors import Fault, SyncError

MOST_ENTRIES = 10_000
LARGEST_DIRECTORY = 4 * 1024 * 1024
"""Bytes of the central directory: 10,000 entries with the longest names fit."""
HIGHEST_RATIO = 200
"""Unpacked to packed; text of a dossier stays below 30, deflate's own limit is 1,032."""
_ALWAYS_ALLOWED = 1024 * 1024

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000


def check_directory(stream: BinaryIO) -> None:
    """Raise SyncError unless the end record stands at the very end and announces a directory of sane size.

    The end records are those of APPNOTE.TXT 6.3 §4.3.14–16; a package has no archive comment.
    """
    length = stream.seek(0, 2)
    if length < _END.size:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="not-a-zip")
    signature, *_, entries, size, _offset, comment = _END.unpack(_at(stream, length - _END.size, _END.size))
    if signature != b"PK\x05\x06" or comment:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="not-a-zip")
    longer = length - _END.size - _LOCATOR.size - _END64.size
    if longer >= 0:
        record = _END64.unpack(_at(stream, longer, _END64.size))
        locator = _LOCATOR.unpack(_at(stream, longer + _END64.size, _LOCATOR.size))
        if locator[0] == b"PK\x06\x07" and record[0] == b"PK\x06\x06":
            entries, size = record[7], record[8]
    if entries > MOST_ENTRIES or size > LARGEST_DIRECTORY:
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="directory-size")


def check_entries(entries: Sequence[ZipInfo], directory_at: int, most_bytes: int) -> None:
    """Raise SyncError(sync.package-hostile) for bombs, overlaps, links, folders and encrypted entries.

    `directory_at` is the offset of the central directory, `most_bytes` the most that may come out in all.
    """
    if len(entries) > MOST_ENTRIES:
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="directory-size")
    if sum(entry.file_size for entry in entries) > most_bytes:
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="bomb")
    for entry in entries:
        _check_entry(entry)
    _check_places(sorted(entries, key=lambda entry: entry.header_offset), directory_at)


def _check_entry(entry: ZipInfo) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.is_dir() or kind not in (0, stat.S_IFREG):
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="not-a-file")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="encoding")
    if entry.compress_type == ZIP_STORED and entry.file_size != entry.compress_size:
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="sizes")
    if entry.file_size > max(_ALWAYS_ALLOWED, HIGHEST_RATIO * entry.compress_size):
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="bomb")


def _check_places(entries: Sequence[ZipInfo], directory_at: int) -> None:
    """Entries start at the first byte and lie one after the other: overlaps make small bombs big."""
    free_from = 0
    for number, entry in enumerate(entries):
        if entry.header_offset < free_from or (number == 0 and entry.header_offset != 0):
            raise SyncError(Fault.PACKAGE_HOSTILE, reason="overlap")
        free_from = (
            entry.header_offset + _LOCAL_HEADER + len(entry.orig_filename.encode()) + entry.compress_size
        )
    if free_from > directory_at:
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="overlap")


def _at(stream: BinaryIO, offset: int, size: int) -> bytes:
    stream.seek(offset)
    return stream.read(size)
