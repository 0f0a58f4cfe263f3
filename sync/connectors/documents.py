"""A document service by CV 7197/BKHCN-CĐSQG: each paper under its document code (dịch vụ tài liệu).

`POST /api/v1/documents/import`, `GET /api/v1/documents/{DocCode}`, `GET …/documents/download/{DocCode}`.
The code is the idempotency key: what is there under it is compared, never sent again and never overwritten.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from sync.body import Body
from sync.connectors.contract import Acknowledgement, Errand, Greeting
from sync.connectors.field_map import FieldMap
from sync.connectors.foreign import Memory, OpenedPackage, Paper, fault_of, json_object, opened
from sync.errors import Fault, SyncError
from sync.package import Package
from sync.verdict import Verdict
from sync.wire import Wire

_BOUNDARY = "sohoa-7c2f1e9a4b"


class DocumentsConnector:
    """Puts the papers of a package into a document service. `fields` is the table `document` of its map."""

    system = "documents"

    def __init__(self, wire: Wire, field_map: Mapping[str, object]) -> None:
        self._wire = wire
        fields = field_map["document"]
        if not isinstance(fields, Mapping):
            raise ValueError("the map has no table `document`")
        self._fields = FieldMap(fields)
        self._hash_field = str(field_map.get("hash_field", ""))

    def greet(self, *, stopped: Callable[[], bool] = lambda: False) -> Greeting:
        """Ask for a code that nobody has: whoever says "not found" in JSON speaks our language."""
        with self._wire.watched(stopped):
            answer = self._wire.exchange("GET", self._of("SOHOA_PING"))
        if answer.status not in (200, 404):
            raise fault_of(answer)
        json_object(answer)
        return Greeting("CV 7197", clock_skew_s=self._wire.clock_skew_s)

    def deliver(self, package: Package, errand: Errand) -> Acknowledgement:
        """Send what is not there yet, paper by paper, and see each back by its hash."""
        content = opened(package)
        memory = Memory(package, errand)
        done = 0
        total = sum(paper.file.bytes for paper in content.papers)
        with self._wire.watched(errand.stopped):
            for paper in content.papers:
                errand.report(done, total)
                errand.check()
                self._settle(content, paper, memory)
                done += paper.file.bytes
        errand.report(total, total)
        return Acknowledgement(
            system=self.system,
            submission_id=package.submission_id,
            package_sha256=package.sha256,
            package_bytes=package.bytes,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            references=tuple(paper.code for paper in content.papers),
        )

    def verdicts(
        self,
        submission_ids: Sequence[str],  # noqa: ARG002
        *,
        stopped: Callable[[], bool] = lambda: False,  # noqa: ARG002
    ) -> list[Verdict]:
        """The service stores papers; it decides nothing about them."""
        return []

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def _settle(self, content: OpenedPackage, paper: Paper, memory: Memory) -> None:
        if memory.done.get(paper.code, {}).get("sha256") == paper.file.sha256:
            return
        if not self._is_there(paper):
            self._send(content, paper)
            if not self._is_there(paper):
                raise SyncError(Fault.SERVER_FAULT, reason="not-kept")
        memory.note(paper.code, sha256=paper.file.sha256)

    def _is_there(self, paper: Paper) -> bool:
        """True when these very bytes are there. Raises SyncError(sync.conflict) when others are."""
        answer = self._wire.exchange("GET", self._of(paper.code))
        if answer.status == 404:
            json_object(answer)
            return False
        if answer.status != 200:
            raise fault_of(answer)
        known = str(_found(json_object(answer), self._hash_field) or "").lower()
        if not known:
            known = self._downloaded(paper)
        if known != paper.file.sha256:
            raise SyncError(Fault.CONFLICT, name=paper.code)
        return True

    def _downloaded(self, paper: Paper) -> str:
        """The hash of what the service gives back, where it names none itself."""
        digest = hashlib.sha256()
        address = self._wire.address(f"api/v1/documents/download/{quote(paper.code, safe='')}")
        answer = self._wire.exchange("GET", address, sink=digest.update)
        if answer.status != 200:
            raise fault_of(answer)
        return digest.hexdigest()

    def _send(self, content: OpenedPackage, paper: Paper) -> None:
        record = self._fields.record({**content.facts, "component": paper.facts})
        name = str(paper.facts["file_name"])
        head = (
            _part('name="metadata"', "application/json")
            + json.dumps(record, ensure_ascii=False).encode()
            + b"\r\n"
            + _part(f'name="file"; filename="{name}"', "application/pdf")
        )
        tail = f"\r\n--{_BOUNDARY}--\r\n".encode()
        with content.stream(paper) as stream:
            answer = self._wire.exchange(
                "POST",
                self._wire.address("api/v1/documents/import"),
                headers={"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
                body=Body(head, (stream, paper.file.bytes), tail),
            )
        # 409: there already, by an answer that was lost; whether it is ours is looked at next.
        if answer.status not in (200, 201, 409):
            raise fault_of(answer)
        json_object(answer)

    def _of(self, code: str) -> str:
        return self._wire.address(f"api/v1/documents/{quote(code, safe='')}")


def _part(disposition: str, kind: str) -> bytes:
    return (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    ).encode()


def _found(value: Mapping[str, object], path: str) -> object:
    found: object = value
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
