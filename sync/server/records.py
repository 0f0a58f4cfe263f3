"""The rows of the intake's database as values (các bản ghi của máy chủ tiếp nhận)."""

from dataclasses import dataclass

ACCEPTED = "accepted"
"""Taken in, waits for a worker of the province (đã tiếp nhận)."""
PROCESSING = "processing"
"""A worker holds it on a lease (đang xử lý)."""
DONE = "done"
"""Worked off; there is a result (đã có kết quả)."""
REJECTED = "rejected"
"""Sent back with reasons (trả lại, kèm lý do)."""

STATES = (ACCEPTED, PROCESSING, DONE, REJECTED)


@dataclass(frozen=True)
class Upload:
    """An upload under way: `held` of `length` bytes are durable; it lapses at `expires_at` (Unix seconds).

    `last_crc` is the CRC-32 of the bytes from `last_from` to `held`, which were made durable at the same time
    as this row: after a crash it tells whether they were.
    """

    id: str
    submission_id: str
    package_sha256: str
    station: str
    length: int
    held: int
    expires_at: int
    last_from: int = 0
    last_crc: int = 0


@dataclass(frozen=True)
class Submission:
    """An accepted package, the receipt that was given for it (canonical JSON text), and what became of it.

    `audit_number` is the audit row of its acceptance, `last_number` that of what happened last to it.
    `lease_until` is in Unix seconds, `attempts` counts the leases so far. `decision` is canonical JSON of
    the province's word (`at`, `worker`, `reasons`, `result`), or empty.
    """

    id: str
    package_sha256: str
    package_bytes: int
    station: str
    state: str
    received_at: str
    receipt: str
    audit_number: int
    last_number: int
    dossier_code: str = ""
    urgent: int = 0
    lease_id: str = ""
    worker: str = ""
    lease_until: int = 0
    attempts: int = 0
    decided_at: str = ""
    decision: str = ""


@dataclass(frozen=True)
class AuditRow:
    """One link of the audit chain: its number from 1, its canonical JSON, its hash (hex)."""

    number: int
    entry: str
    hash: str


@dataclass(frozen=True)
class Acceptance:
    """What one accepted package adds: the submission and the audit row that speaks of it."""

    submission: Submission
    audit: AuditRow


@dataclass(frozen=True)
class Quota:
    """How much one station may send: packages and bytes a day, uploads under way at once."""

    packages_per_day: int
    bytes_per_day: int
    uploads_at_once: int
