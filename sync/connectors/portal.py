"""The national public-service portal: DongBoHoSoMC, then CapNhatTienDoHoSoMC (Cổng Dịch vụ công quốc gia).

Files go by address, so each signed file is placed in the province's file store first (its answer names it
and its hash), then the dossier is announced, then its progress. Asked again, the dossier is announced as an
update (`isUpdating`), which the portal takes any number of times under one dossier code.
"""

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

_ANNOUNCED, _PROGRESS = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"


class PortalConnector:
    """Announces a package's dossier to the portal; paths, fields and answer codes come from its map."""

    system = "portal"

    def __init__(self, wire: Wire, field_map: Mapping[str, object]) -> None:
        self._wire = wire
        self._service = _table(field_map, "service")
        self._files = _table(field_map, "files")
        self._dossier = FieldMap(_rules(field_map, "dossier"))
        self._progress = FieldMap(_rules(field_map, "progress"))

    def greet(self, *, stopped: Callable[[], bool] = lambda: False) -> Greeting:
        """Ask for the progress of no dossier: the portal answers in its own JSON."""
        with self._wire.watched(stopped):
            self._call(_PROGRESS, [], updating=False)
        return Greeting("DVCQG", clock_skew_s=self._wire.clock_skew_s)

    def deliver(self, package: Package, errand: Errand) -> Acknowledgement:
        """Place the files, announce the dossier, tell its progress; each step once in effect."""
        content = opened(package)
        memory = Memory(package, errand)
        total = sum(paper.file.bytes for paper in content.papers)
        done = 0
        placed: list[dict[str, object]] = []
        with self._wire.watched(errand.stopped):
            for paper in content.papers:
                errand.report(done, total)
                errand.check()
                placed.append({**paper.facts, **self._placed(content, paper, memory)})
                done += paper.file.bytes
            errand.check()
            facts = {**content.facts, "components": placed}
            self._announce(facts, memory)
            self._call(_PROGRESS, [self._progress.record(facts)], updating=False)
        errand.report(total, total)
        dossier = content.facts.get("dossier")
        code = str(dossier.get("code")) if isinstance(dossier, Mapping) else package.submission_id
        return Acknowledgement(
            system=self.system,
            submission_id=package.submission_id,
            package_sha256=package.sha256,
            package_bytes=package.bytes,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            references=(code, *(str(one["file_id"]) for one in placed)),
        )

    def verdicts(
        self,
        submission_ids: Sequence[str],  # noqa: ARG002
        *,
        stopped: Callable[[], bool] = lambda: False,  # noqa: ARG002
    ) -> list[Verdict]:
        """The portal is told of progress; it decides nothing itself."""
        return []

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def _placed(self, content: OpenedPackage, paper: Paper, memory: Memory) -> dict[str, str]:
        """The file's name and address in the store. The store names a file by its hash, so a second try
        after a lost answer finds the first."""
        known = memory.done.get(f"file {paper.file.sha256}")
        if known is not None:
            return known
        name = quote(str(paper.facts["file_name"]), safe="")
        with content.stream(paper) as stream:
            answer = self._wire.exchange(
                "PUT",
                self._wire.address(f"{self._files['path']}/{paper.file.sha256}/{name}"),
                headers={"Content-Type": "application/pdf"},
                body=Body((stream, paper.file.bytes)),
            )
        if answer.status not in (200, 201):
            raise fault_of(answer)
        fields = json_object(answer)
        if str(fields.get(self._files["hash"], "")).lower() != paper.file.sha256:
            raise SyncError(Fault.SERVER_HASH_DIFFERS, name=paper.code)
        where = {
            "file_id": str(fields.get(self._files["id"], "")),
            "file_url": str(fields.get(self._files["url"], "")),
        }
        if not all(where.values()):
            raise SyncError(Fault.SERVER_FAULT, reason="file")
        memory.note(f"file {paper.file.sha256}", **where)
        return where

    def _announce(self, facts: Mapping[str, object], memory: Memory) -> None:
        record = self._dossier.record(facts)
        before = "announced" in memory.done
        code = self._call(_ANNOUNCED, [record], updating=before, also=self._service["exists"])
        if code == self._service["exists"]:
            # An answer that was lost, or an earlier version of this dossier: the same record as an update.
            self._call(_ANNOUNCED, [record], updating=True)
        memory.note("announced", at=datetime.now(UTC).isoformat(timespec="seconds"))

    def _call(self, service: str, records: list[dict[str, object]], *, updating: bool, also: str = "") -> str:
        """Call a service; the portal's answer code, which is "well" or `also`. Raises SyncError."""
        body = {
            "service": service,
            **({"isUpdating": updating} if service == _ANNOUNCED else {}),
            "data": records,
        }
        answer = self._wire.exchange(
            "POST",
            self._wire.address(self._service["path"]),
            headers={"Content-Type": "application/json; charset=utf-8"},
            body=json.dumps(body, ensure_ascii=False).encode(),
        )
        if answer.status != 200:
            raise fault_of(answer)
        fields = json_object(answer)
        code = str(fields.get(self._service["code"], ""))
        if code == "":
            raise SyncError(Fault.CAPTIVE_PORTAL, status=answer.status)
        if code == self._service["session_over"]:
            raise SyncError(Fault.UNAUTHORISED, reason="session")
        if code not in (self._service["well"], also):
            detail = str(fields.get(self._service["detail"], ""))[:200]
            raise SyncError(Fault.REJECTED, reason=code, detail=detail)
        return code


def _table(field_map: Mapping[str, object], name: str) -> dict[str, str]:
    table = field_map[name]
    if not isinstance(table, Mapping):
        raise ValueError(f"the map has no table `{name}`")
    return {str(key): str(value) for key, value in table.items()}


def _rules(field_map: Mapping[str, object], name: str) -> Mapping[str, Mapping[str, object]]:
    table = field_map[name]
    if not isinstance(table, Mapping):
        raise ValueError(f"the map has no table `{name}`")
    return table
