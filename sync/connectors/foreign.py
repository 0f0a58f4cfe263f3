"""What connectors to foreign systems share: a package's files as facts, and JSON answers read with care."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from sync.answers import retry_after_s
from sync.connectors.contract import Errand
from sync.errors import Fault, SyncError
from sync.package import Package
from sync.package_reading import PackageContents, PackedFile, open_package
from sync.wire import Answer

_BY_STATUS = {
    401: Fault.UNAUTHORISED,
    403: Fault.UNAUTHORISED,
    408: Fault.TIMEOUT,
    413: Fault.TOO_LARGE,
    429: Fault.SERVER_BUSY,
    502: Fault.SERVER_BUSY,
    503: Fault.SERVER_BUSY,
    504: Fault.TIMEOUT,
    507: Fault.DISK_FULL_SERVER,
    511: Fault.CAPTIVE_PORTAL,
}


@dataclass(frozen=True)
class Paper:
    """One signed file of a package with the facts that its metadata tells about it."""

    file: PackedFile
    facts: Mapping[str, object]

    @property
    def code(self) -> str:
        """Its document code (mã tài liệu), which names it for ever."""
        return str(self.facts.get("code") or "")


class OpenedPackage:
    """A package whose bytes were checked, and what it says of itself."""

    def __init__(self, contents: PackageContents, papers: Sequence[Paper]) -> None:
        self.contents = contents
        self.papers = papers

    @property
    def facts(self) -> dict[str, object]:
        """The facts that field maps draw from."""
        metadata = self.contents.metadata
        return {
            **metadata,
            "components": [paper.facts for paper in self.papers],
            "package": {
                "submission_id": self.contents.submission_id,
                "sha256": self.contents.package.sha256,
                "sealed_at": self.contents.sealed_at.isoformat(),
                "system": "Sohoa",
            },
        }

    @contextmanager
    def stream(self, paper: Paper) -> Iterator[BinaryIO]:
        """The file's bytes, read straight from the package."""
        with self.contents.open(paper.file.name) as stream:
            yield cast("BinaryIO", stream)


def opened(package: Package) -> OpenedPackage:
    """Open and check a package. Raises SyncError: sync.package-damaged, sync.file-unreadable."""
    try:
        contents = open_package(package.path)
    except SyncError as error:
        if error.fault is Fault.STORAGE:
            raise SyncError(Fault.FILE_UNREADABLE, errno=error.facts.get("errno", 0)) from error
        raise
    if (contents.package.sha256, contents.submission_id) != (package.sha256, package.submission_id):
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="hash")
    described = contents.metadata.get("components")
    by_name = {
        str(item.get("file")): item
        for item in (described if isinstance(described, list) else ())
        if isinstance(item, Mapping)
    }
    papers = [
        Paper(
            file,
            {
                "code": file.name.rsplit("/", 1)[-1].rsplit(".", 1)[0],
                **by_name.get(file.name, {}),
                "file_name": file.name.rsplit("/", 1)[-1],
                "bytes": file.bytes,
                "sha256": file.sha256,
            },
        )
        for file in contents.files
    ]
    papers.sort(key=lambda paper: (int(str(paper.facts.get("ordinal") or 0)), paper.file.name))
    return OpenedPackage(contents, papers)


def fault_of(answer: Answer) -> SyncError:
    """The fault that an unexpected answer of a foreign system stands for."""
    fault = _BY_STATUS.get(answer.status)
    if fault is None and 300 <= answer.status < 400:
        fault = Fault.CAPTIVE_PORTAL
    if fault is None:
        fault = Fault.REJECTED if 400 <= answer.status < 500 else Fault.SERVER_FAULT
    return SyncError(fault, retry_after_s=retry_after_s(answer), status=answer.status)


def json_object(answer: Answer) -> dict[str, object]:
    """The JSON object of an answer, whatever type it claims. Raises SyncError(sync.captive-portal)."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise SyncError(Fault.CAPTIVE_PORTAL, status=answer.status)
    return value


class Memory:
    """What was done already for one package, remembered across passes as JSON text."""

    def __init__(self, package: Package, errand: Errand) -> None:
        self._package = package
        self._errand = errand
        self.done: dict[str, dict[str, str]] = self._read(errand.resume)

    def note(self, name: str, **facts: str) -> None:
        """Remember one step before the next is begun."""
        self.done[name] = facts
        state = {"package": self._package.sha256, "done": self.done}
        self._errand.remember(json.dumps(state, sort_keys=True))

    def _read(self, text: str | None) -> dict[str, dict[str, str]]:
        try:
            state = json.loads(text or "{}")
            if not isinstance(state, dict) or state.get("package") != self._package.sha256:
                return {}
            return {str(k): {str(a): str(b) for a, b in v.items()} for k, v in state["done"].items()}
        except (ValueError, KeyError, AttributeError):
            return {}
