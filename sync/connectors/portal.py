"""The national public-service portal: DongBoHoSoMC, then CapNhatTienDoHoSoMC (Cổng Dịch vụ công quốc gia).

Files go by address, so each signed file is placed in the province's file store first (its answer names it
and its hash), then the dossier is announced, then its progress. A dossier that the portal knows (TraCuuHoSo)
is announced as an update (`isUpdating`), which it takes any number of times under one dossier code.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from sync.body import Body
from sync.connectors.contract import Acknowledgement, Errand, Greeting
from sync.connectors.field_map import FieldMap
from sync.connectors.foreign import Memory, OpenedPackage, Paper, fault_of, json_object, opened
from sync.connectors.portal_session import Login, PortalSession
from sync.errors import Fault, SyncError
from sync.package import Package
from sync.verdict import Verdict
from sync.wire import Wire

_ANNOUNCED, _PROGRESS, _LOOK_UP = "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"
_NOBODYS_CODE = "SOHOA-PING"


class PortalConnector:
    """Announces a package's dossier to the portal; paths, fields and answer codes come from its map."""

    system = "portal"

    def __init__(self, wire: Wire, field_map: Mapping[str, object], login: Login = lambda: ("", "")) -> None:
        self._wire = wire
        self._portal = PortalSession(wire, _rules(field_map, "service"), login)
        self._files = _table(field_map, "files")
        self._dossier = FieldMap(_rules(field_map, "dossier"))
        self._progress = FieldMap(_rules(field_map, "progress"))

    def greet(self, *, stopped: Callable[[], bool] = lambda: False) -> Greeting:
        """Look for a dossier that nobody has: the portal answers in its own JSON."""
        with self._wire.watched(stopped):
            self._portal.look_up(_LOOK_UP, mahoso=_NOBODYS_CODE)
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
            facts = {**content.facts, "components": placed, "identities": _identities(content.facts)}
            code = _dossier_code(content.facts) or package.submission_id
            self._announce(code, facts, memory)
            self._portal.call(_PROGRESS, data=[self._progress.record(facts)])
        errand.report(total, total)
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

    def _announce(self, code: str, facts: Mapping[str, object], memory: Memory) -> None:
        record = self._dossier.record(facts)
        known = "announced" in memory.done or bool(self._portal.look_up(_LOOK_UP, mahoso=code))
        # "False" and it is there: an answer was lost, or the look-up lags behind. The same as an update.
        if not self._told(record, updating=known) and not known:
            self._told(record, updating=True)
        memory.note("announced", at=datetime.now(UTC).isoformat(timespec="seconds"))

    def _told(self, record: Mapping[str, object], *, updating: bool) -> bool:
        return self._portal.call(_ANNOUNCED, isUpdating=str(updating), data=[record])


def _dossier_code(facts: Mapping[str, object]) -> str:
    dossier = facts.get("dossier")
    return str(dossier.get("code") or "") if isinstance(dossier, Mapping) else ""


def _identities(facts: Mapping[str, object]) -> list[dict[str, object]]:
    """The applicant's number with how many digits it has: twelve are a citizen's, nine an old card's."""
    dossier = facts.get("dossier")
    number = str(dossier.get("applicant_id") or "") if isinstance(dossier, Mapping) else ""
    return [{"number": number, "digits": str(len(number))}] if number else []


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
