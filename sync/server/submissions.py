"""Accepting a package: checked, stored under its hash, and acknowledged by a receipt, once (tiếp nhận)."""

import base64
import errno
import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from sync.durable import durable_file, sync_folder
from sync.errors import Fault, SyncError
from sync.package_reading import PackageContents, open_package
from sync.receipt import Receipt
from sync.server.accounts import Account
from sync.server.chain import GENESIS, next_row
from sync.server.dossier_codes import earlier_code, issue_code
from sync.server.judging import Judge
from sync.server.ledger import Ledger
from sync.server.records import ACCEPTED, Acceptance, AuditRow, Submission, Upload
from sync.server.refusal import Refusal
from sync.server.settings import NAME, VIETNAM
from sync.server.signing_key import SigningKey
from sync.server.uploads import Uploads
from sync.submission_id import is_submission_id, new_submission_id

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_HEAD = 128
_MOST_TOLD = 100
# A file system without hard links (exFAT, some network shares) says one of these.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EXDEV})


class Submissions:
    """The accepted packages of one intake: rows in the ledger, bytes in `folder` under their hash.

    All of this blocks, and is called from threads.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        uploads: Uploads,
        key: SigningKey,
        *,
        judge: Judge,
        agency: str = "",
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._uploads = uploads
        self._key = key
        self._judge = judge
        self._agency = agency

    def find(self, submission_id: str, station: str) -> Submission:
        """Return the submission. Raises Refusal 404 when it is unknown, or another station's."""
        found = self._ledger.submission(submission_id)
        if found is None or found.station != station:
            raise Refusal(404, "submission-unknown")
        return found

    def repeated(
        self, submission_id: str, *, package_sha256: str, package_bytes: int, station: str
    ) -> Submission | None:
        """Return the submission if these very bytes were accepted before, or None if nothing was.

        Raises Refusal 409 when the id stands for other bytes: it is never overwritten. For another station
        nothing was: it has to bring the bytes first, as a station does whose courier was quicker, and then
        gets the same receipt.
        """
        found = self._ledger.submission(submission_id)
        if found is None:
            return None
        if (found.package_sha256, found.package_bytes) != (package_sha256, package_bytes):
            raise Refusal(409, "conflict")
        return found if found.station == station else None

    def accept(
        self, upload: Upload, *, package_sha256: str, audit_head: str, account: Account
    ) -> tuple[Submission, bool]:
        """Check the uploaded package to its last byte, store it, and write submission, receipt and audit.

        Returns the submission and whether it is new. Raises Refusal 409 for an upload that is not whole or
        an id that stands for other bytes, 422 for a package that is not what it should be; the bytes of a
        refused package are removed.
        """
        if upload.held != upload.length:
            raise Refusal(409, "upload-incomplete", facts={"held": upload.held})
        try:
            contents = self._checked(upload, package_sha256)
        except Refusal:
            self._uploads.remove(upload.id)
            raise
        package = contents.package
        stored = self._store(upload.id, package.sha256)
        submission, new = self._ledger.accept(
            package.submission_id,
            upload.id,
            lambda db, last: self._acceptance(db, contents, account, audit_head, last),
        )
        if new:
            self._uploads.discard_bytes(upload.id)
        else:
            self._uploads.remove(upload.id)
        if submission.package_sha256 != package.sha256:
            # The bytes carry the id inside, so no other submission can own them.
            stored.unlink(missing_ok=True)
            raise Refusal(409, "conflict")
        return submission, new

    def path(self, package_sha256: str) -> Path:
        """Return where the package of this hash lies."""
        return self._folder / package_sha256[:2] / f"{package_sha256}.zip"

    def _checked(self, upload: Upload, package_sha256: str) -> PackageContents:
        try:
            contents = open_package(self._uploads.path(upload.id))
        except SyncError as error:
            if error.fault not in (Fault.PACKAGE_DAMAGED, Fault.PACKAGE_HOSTILE):
                raise
            self._require_hash(upload, package_sha256)
            raise Refusal(422, error.fault.name.lower().replace("_", "-"), facts=_facts(error)) from error
        if not contents.package.sha256 == package_sha256 == upload.package_sha256:
            raise Refusal(422, "hash-differs", facts={"package_sha256": contents.package.sha256})
        if contents.submission_id != upload.submission_id:
            raise Refusal(422, "other-submission")
        if objections := self._judge(contents):
            first = objections[0]
            components = [asdict(one) for one in objections[:_MOST_TOLD]]
            facts = {"name": first.component, "detail": first.code, "components": components}
            raise Refusal(422, "component-refused", facts=facts)
        return contents

    def _require_hash(self, upload: Upload, package_sha256: str) -> None:
        """A package that does not open may have been harmed on the way here rather than made so."""
        with self._uploads.path(upload.id).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if not found == package_sha256 == upload.package_sha256:
            raise Refusal(422, "hash-differs", facts={"package_sha256": found})

    def _store(self, upload_id: str, package_sha256: str) -> Path:
        """Give the durable upload its second name, so that a crash leaves at least one of the two."""
        uploaded, target = self._uploads.path(upload_id), self.path(package_sha256)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._folder)
        linked = target.with_name(f".{upload_id}.part")
        linked.unlink(missing_ok=True)
        try:
            linked.hardlink_to(uploaded)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _copy(uploaded, target)
            return target
        linked.replace(target)
        # Renaming one name of a file onto another name of it does nothing and leaves both.
        linked.unlink(missing_ok=True)
        sync_folder(target.parent)
        return target

    def _acceptance(
        self,
        db: Connection,
        contents: PackageContents,
        account: Account,
        audit_head: str,
        last: AuditRow | None,
    ) -> Acceptance:
        now = datetime.now(VIETNAM)
        wish = _wish(contents.metadata)
        code = earlier_code(db, account.name, wish.code, wish.replaces)
        if not code and (agency := account.agency or self._agency):
            code = issue_code(db, agency, now.date())
        intake_head = GENESIS if last is None else last.hash
        receipt = self._receipt(contents, now, audit_head=audit_head, intake_head=intake_head, code=code)
        audit = next_row(
            last,
            {
                "event": ACCEPTED,
                "at": receipt.received_at,
                "submission_id": receipt.submission_id,
                "package_sha256": receipt.package_sha256,
                "package_bytes": receipt.package_bytes,
                "receipt_id": receipt.receipt_id,
                "dossier_code": code,
                "station": account.name,
                "station_audit_head": audit_head,
            },
        )
        submission = Submission(
            id=receipt.submission_id,
            package_sha256=receipt.package_sha256,
            package_bytes=receipt.package_bytes,
            station=account.name,
            state=ACCEPTED,
            received_at=receipt.received_at,
            receipt=receipt.to_json(),
            audit_number=audit.number,
            last_number=audit.number,
            dossier_code=code,
            urgent=int(wish.urgent),
        )
        return Acceptance(submission, audit)

    def _receipt(
        self, contents: PackageContents, now: datetime, *, audit_head: str, intake_head: str, code: str
    ) -> Receipt:
        unsigned = Receipt(
            submission_id=contents.submission_id,
            package_sha256=contents.package.sha256,
            package_bytes=contents.package.bytes,
            received_at=now.isoformat(timespec="milliseconds"),
            receipt_id=new_submission_id(),
            server=NAME,
            key_id=self._key.key_id,
            signature="",
            audit_head=audit_head,
            intake_head=intake_head,
            dossier_code=code,
        )
        signature = base64.b64encode(self._key.sign(unsigned.signed_part())).decode("ascii")
        return replace(unsigned, signature=signature)


@dataclass(frozen=True)
class _Wish:
    """What a package's metadata asks of the intake: the code it goes on under, what it replaces, haste."""

    code: str
    replaces: str
    urgent: bool


def _wish(metadata: Mapping[str, object]) -> _Wish:
    dossier = metadata.get("dossier")
    values = dossier if isinstance(dossier, Mapping) else {}
    code = str(values.get("code") or "")
    replaces = str(values.get("replaces") or metadata.get("replaces") or "")
    return _Wish(
        code=code if is_audit_head(code) else "",
        replaces=replaces if is_submission_id(replaces) else "",
        urgent=values.get("urgent") is True,
    )


def is_sha256(text: object) -> bool:
    """Tell whether `text` is a SHA-256 in lower-case hex."""
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None


def is_audit_head(text: object) -> bool:
    """Tell whether `text` may stand as a station's audit head: short printable ASCII, or empty."""
    return isinstance(text, str) and len(text) <= _LONGEST_HEAD and text.isascii() and text.isprintable()


def _facts(error: SyncError) -> dict[str, str | int]:
    renamed = {"detail" if key == "reason" else key: value for key, value in error.facts.items()}
    return {key: value for key, value in renamed.items() if isinstance(value, str | int)}


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, durable_file(target) as writing:
        shutil.copyfileobj(reading, writing, 256 * 1024)
