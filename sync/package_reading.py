"""Opening a package of unknown origin: believed only where its hashes bear it out (mở và kiểm tra gói)."""

import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from sync.durable import storage_faults
from sync.errors import Fault, SyncError
from sync.member_names import check_names
from sync.package import (
    BAGIT_TEXT,
    DECLARATION,
    EVENTS,
    INFO,
    MANIFEST,
    METADATA_JSON,
    PAYLOAD,
    SEALED_FIELD,
    SUBMISSION_FIELD,
    TAG_FILES,
    TAG_MANIFEST,
    Package,
)
from sync.submission_id import is_submission_id
from sync.zip_bounds import check_directory, check_entries

MOST_UNPACKED = 8 * 1024**3
"""Bytes that may come out of one package, by default."""

_LARGEST_TAG_FILE = 32 * 1024 * 1024
_PIECE = 256 * 1024
_MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
# What zipfile raises on bytes that are not as they should be.
_ZIP_TROUBLE = (
    BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


@dataclass(frozen=True)
class PackedFile:
    """A payload file as it lies in the package: name, length in bytes, SHA-256 (hex)."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class PackageContents:
    """A package whose every byte has been checked against its manifests."""

    package: Package
    files: tuple[PackedFile, ...]
    metadata: Mapping[str, object]
    events: tuple[Mapping[str, object], ...]
    sealed_at: datetime

    @property
    def submission_id(self) -> str:
        """The submission that the package was sealed for."""
        return self.package.submission_id

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Yield the payload file `name` for reading. Raises KeyError when there is none."""
        with storage_faults(), ZipFile(self.package.path) as archive, archive.open(name) as stream:
            yield stream


def open_package(path: Path, *, most_unpacked_bytes: int = MOST_UNPACKED) -> PackageContents:
    """Read and check the whole package at `path`; nothing is unpacked to disk, memory stays bounded.

    Raises SyncError: sync.package-damaged when something is missing or does not match (`reason` says what),
    sync.package-hostile for names, sizes and structures that no honest packer makes, sync.storage.
    """
    with storage_faults(), Path(path).open("rb") as stream:
        check_directory(stream)
        length = stream.seek(0, 2)
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        with _damaged_zip(), ZipFile(stream) as archive:
            return _checked(archive, Path(path), sha256, length, most_unpacked_bytes)


def _checked(archive: ZipFile, path: Path, sha256: str, length: int, most_bytes: int) -> PackageContents:
    entries = archive.infolist()
    check_entries(entries, archive.start_dir, most_bytes)
    check_names((entry.orig_filename for entry in entries), Fault.PACKAGE_HOSTILE)
    found = {entry.orig_filename: entry for entry in entries}
    if missing := [name for name in TAG_FILES if name not in found]:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="missing", name=missing[0])
    payload = sorted(name for name in found if name not in TAG_FILES)
    if not payload or not all(name.startswith(PAYLOAD) for name in payload):
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="payload")
    tags = {name: _tag_file(archive, found[name]) for name in TAG_FILES}
    _check_tags(tags)
    files = _check_payload(archive, [found[name] for name in payload], tags[MANIFEST])
    if tags[DECLARATION] != BAGIT_TEXT:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="declaration")
    submission_id, sealed_at = _info(tags[INFO], files)
    return PackageContents(
        package=Package(path=path, sha256=sha256, bytes=length, submission_id=submission_id),
        files=files,
        metadata=_mapping(tags[METADATA_JSON], METADATA_JSON),
        events=tuple(_mapping(line, EVENTS) for line in tags[EVENTS].splitlines()),
        sealed_at=sealed_at,
    )


def _tag_file(archive: ZipFile, entry: ZipInfo) -> bytes:
    if entry.file_size > _LARGEST_TAG_FILE:
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="tag-file-size")
    with archive.open(entry) as stream:
        body = stream.read(entry.file_size + 1)
    if len(body) != entry.file_size:
        raise SyncError(Fault.PACKAGE_HOSTILE, reason="sizes")
    return body


def _check_tags(tags: Mapping[str, bytes]) -> None:
    listed = _manifest(tags[TAG_MANIFEST])
    actual = {name: hashlib.sha256(tags[name]).hexdigest() for name in TAG_FILES if name != TAG_MANIFEST}
    _compare(listed, actual)


def _check_payload(archive: ZipFile, entries: list[ZipInfo], manifest: bytes) -> tuple[PackedFile, ...]:
    files = tuple(_hashed(archive, entry) for entry in entries)
    _compare(_manifest(manifest), {file.name: file.sha256 for file in files})
    return files


def _compare(listed: Mapping[str, str], actual: Mapping[str, str]) -> None:
    if listed.keys() != actual.keys():
        name = min(listed.keys() ^ actual.keys())
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="manifest", name=name)
    for name, sha256 in actual.items():
        if listed[name] != sha256:
            raise SyncError(Fault.PACKAGE_DAMAGED, reason="hash", name=name)


def _manifest(body: bytes) -> dict[str, str]:
    listed: dict[str, str] = {}
    for line in body.decode("ascii").splitlines():
        match = _MANIFEST_LINE.fullmatch(line)
        if match is None or match[2] in listed:
            raise SyncError(Fault.PACKAGE_DAMAGED, reason="manifest")
        listed[match[2]] = match[1]
    return listed


def _hashed(archive: ZipFile, entry: ZipInfo) -> PackedFile:
    digest = hashlib.sha256()
    length = 0
    with archive.open(entry) as stream:
        while piece := stream.read(_PIECE):
            length += len(piece)
            if length > entry.file_size:
                raise SyncError(Fault.PACKAGE_HOSTILE, reason="sizes")
            digest.update(piece)
    if length != entry.file_size:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="truncated", name=entry.orig_filename)
    return PackedFile(name=entry.orig_filename, bytes=length, sha256=digest.hexdigest())


def _info(body: bytes, files: tuple[PackedFile, ...]) -> tuple[str, datetime]:
    fields = dict(line.split(": ", 1) for line in body.decode("utf-8").splitlines())
    submission_id = fields.get(SUBMISSION_FIELD, "")
    oxum = f"{sum(file.bytes for file in files)}.{len(files)}"
    sealed_at = datetime.fromisoformat(fields.get(SEALED_FIELD, ""))
    if not is_submission_id(submission_id) or fields.get("Payload-Oxum") != oxum or sealed_at.tzinfo is None:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="info")
    return submission_id, sealed_at


def _mapping(body: bytes, name: str) -> Mapping[str, object]:
    value = json.loads(body.decode("utf-8"))
    if not isinstance(value, dict):
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="json", name=name)
    return value


@contextmanager
def _damaged_zip() -> Iterator[None]:
    try:
        yield
    except _ZIP_TROUBLE as error:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason=type(error).__name__) from error


def first_bytes(contents: PackageContents, name: str, count: int) -> bytes:
    """Return the first `count` bytes of the payload file `name`."""
    with contents.open(name) as stream:
        return stream.read(count)
