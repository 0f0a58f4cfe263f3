"""Sealing: the files of a dossier become one package that never changes again (đóng gói)."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sync.canonical import canonical_json, readable_json
from sync.durable import durable_file, storage_faults
from sync.errors import Fault, SyncError
from sync.member_names import check_names
from sync.metadata_xml import metadata_xml
from sync.package import (
    BAGIT_TEXT,
    DECLARATION,
    EVENTS,
    INFO,
    MANIFEST,
    METADATA_JSON,
    METADATA_XML,
    PAYLOAD,
    SEALED_FIELD,
    SUBMISSION_FIELD,
    TAG_MANIFEST,
    Package,
    PackageFile,
)
from sync.submission_id import is_submission_id

_PIECE = 256 * 1024
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_OWNER_WRITES = 0o100644 << 16


def seal_package(
    out: Path,
    *,
    submission_id: str,
    files: Sequence[PackageFile],
    metadata: Mapping[str, object],
    events: Sequence[Mapping[str, object]],
    sealed_at: datetime,
) -> Package:
    """Write the package `out` and return it; equal input gives equal bytes, on any machine.

    `files` are read in pieces and hashed again on the way; `metadata` and `events` hold what JSON holds, and
    dates. The name `out` appears only when every byte is on the disk; an older file of that name is replaced.

    Raises SyncError: sync.file-changed, sync.file-unreadable, sync.name-refused, sync.disk-full,
    sync.storage. Raises ValueError for a submission id that is no ULID, a time without a zone, no files, or
    values that JSON cannot hold.
    """
    _check(submission_id, files, sealed_at)
    ordered = sorted(files, key=lambda file: file.name)
    sizes = {file.name: _size(file) for file in ordered}
    tags = _tag_files(
        submission_id=submission_id,
        files=ordered,
        sizes=sizes,
        metadata=metadata,
        events=events,
        sealed_at=sealed_at,
    )
    payload = {file.name: file for file in ordered}
    with storage_faults(), durable_file(out) as stream:
        with ZipFile(stream, "w", ZIP_STORED) as archive:
            for name in sorted([*tags, *payload]):
                if name in tags:
                    archive.writestr(_entry(name, len(tags[name])), tags[name])
                else:
                    _store(archive, payload[name], sizes[name])
        length = stream.seek(0, 2)
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return Package(path=out, sha256=sha256, bytes=length, submission_id=submission_id)


def _check(submission_id: str, files: Sequence[PackageFile], sealed_at: datetime) -> None:
    if not is_submission_id(submission_id):
        raise ValueError("a submission id is a ULID")
    if sealed_at.tzinfo is None:
        raise ValueError("a time without a zone")
    if not files:
        raise ValueError("a package without files")
    check_names(file.name for file in files)
    if not all(file.name.startswith(PAYLOAD) for file in files):
        raise SyncError(Fault.NAME_REFUSED, reason="outside-data")


def _size(file: PackageFile) -> int:
    try:
        return file.path.stat().st_size
    except OSError as error:
        raise SyncError(Fault.FILE_UNREADABLE, name=file.name, errno=error.errno or 0) from error


def _tag_files(
    *,
    submission_id: str,
    files: Sequence[PackageFile],
    sizes: Mapping[str, int],
    metadata: Mapping[str, object],
    events: Sequence[Mapping[str, object]],
    sealed_at: datetime,
) -> dict[str, bytes]:
    """Everything that is not payload; each manifest line is `hash, two blanks, name` (RFC 8493 §2.1.3)."""
    info = (
        f"Bag-Software-Agent: Sohoa\n"
        f"Bagging-Date: {sealed_at.date().isoformat()}\n"
        f"{SUBMISSION_FIELD}: {submission_id}\n"
        f"Payload-Oxum: {sum(sizes.values())}.{len(files)}\n"
        f"{SEALED_FIELD}: {sealed_at.isoformat()}\n"
    )
    tags = {
        INFO: info.encode("utf-8"),
        DECLARATION: BAGIT_TEXT,
        EVENTS: b"".join(canonical_json(event) + b"\n" for event in events),
        MANIFEST: "".join(f"{file.sha256.lower()}  {file.name}\n" for file in files).encode("ascii"),
        METADATA_JSON: readable_json(metadata),
        METADATA_XML: metadata_xml(metadata),
    }
    lines = [f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(tags.items())]
    return {**tags, TAG_MANIFEST: "".join(lines).encode("ascii")}


def _entry(name: str, size: int) -> ZipInfo:
    """One stored entry: compressing would tie the bytes to a version of zlib, and PDFs gain nothing."""
    entry = ZipInfo(name, _ZIP_EPOCH)
    entry.compress_type = ZIP_STORED
    entry.create_system = _UNIX
    entry.external_attr = _OWNER_WRITES
    entry.file_size = size
    return entry


def _store(archive: ZipFile, file: PackageFile, size: int) -> None:
    digest = hashlib.sha256()
    written = 0
    with archive.open(_entry(file.name, size), "w") as target:
        for piece in _pieces(file):
            written += len(piece)
            if written > size:
                break
            digest.update(piece)
            target.write(piece)
    if written != size or digest.hexdigest() != file.sha256.lower():
        raise SyncError(Fault.FILE_CHANGED, name=file.name)


def _pieces(file: PackageFile) -> Iterator[bytes]:
    try:
        source: BinaryIO = file.path.open("rb")
    except OSError as error:
        raise SyncError(Fault.FILE_UNREADABLE, name=file.name, errno=error.errno or 0) from error
    with source:
        while True:
            try:
                piece = source.read(_PIECE)
            except OSError as error:
                raise SyncError(Fault.FILE_UNREADABLE, name=file.name, errno=error.errno or 0) from error
            if not piece:
                return
            yield piece
