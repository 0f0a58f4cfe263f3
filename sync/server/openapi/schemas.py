"""The shapes of all bodies."""

from typing import Any

from sync.server.openapi.parts import COUNT, FLAG, SHA256, TEXT, TIME, ULID, object_of, schema_of
from sync.server.records import STATES
from sync.server.settings import NAME
from sync.server.work_routes import (
    LONGEST_LEASE_S,
    LONGEST_TEXT,
    MOST_REASONS,
    SHORTEST_LEASE_S,
    USUAL_LEASE_S,
)

REASON = object_of(
    {
        "component": {"type": "integer", "minimum": 0, "maximum": 9999},
        "code": {"type": "string", "maxLength": 64, "pattern": "^[a-z0-9]+([.-][a-z0-9]+)*$"},
        "text": {"type": "string", "maxLength": LONGEST_TEXT},
    },
    optional=("component", "text"),
)
RESULT: dict[str, Any] = {
    "type": ["object", "null"],
    "additionalProperties": {"type": "string", "maxLength": LONGEST_TEXT},
}
DOSSIER_CODE: dict[str, Any] = {"type": "string", "pattern": "^([0-9A-Z][0-9A-Z.\\-]{0,63})?$"}

SUBMISSION = {
    "submission_id": ULID,
    "state": {"type": "string", "enum": list(STATES)},
    "package_sha256": SHA256,
    "package_bytes": COUNT,
    "received_at": TIME,
    "dossier_code": DOSSIER_CODE,
    "decided_at": TEXT,
    "reasons": {"type": "array", "items": schema_of("Reason")},
    "result": RESULT,
}

SCHEMAS: dict[str, Any] = {
    "Health": object_of({"name": {"type": "string", "const": NAME}, "status": TEXT}),
    "Info": object_of(
        {
            "name": TEXT,
            "version": TEXT,
            "time": TIME,
            "max_bytes": COUNT,
            "key_id": TEXT,
            "public_key_pem": TEXT,
            "keys": {"type": "object", "additionalProperties": TEXT},
        }
    ),
    "Commit": object_of(
        {"package_sha256": SHA256, "bytes": COUNT, "upload": TEXT, "audit_head": TEXT},
        optional=("audit_head",),
    ),
    "Receipt": object_of(
        {
            "submission_id": ULID,
            "package_sha256": SHA256,
            "package_bytes": COUNT,
            "received_at": TIME,
            "receipt_id": ULID,
            "server": TEXT,
            "key_id": TEXT,
            "signature": {"type": "string", "contentEncoding": "base64"},
            "audit_head": TEXT,
            "intake_head": SHA256,
            "dossier_code": DOSSIER_CODE,
        },
        optional=("dossier_code",),
    ),
    "Submission": object_of(SUBMISSION),
    "Change": object_of({**SUBMISSION, "number": COUNT}),
    "ChangePage": object_of({"changes": {"type": "array", "items": schema_of("Change")}, "next": COUNT}),
    "Station": object_of(
        {
            "station": TEXT,
            "agency": TEXT,
            "today": object_of({"packages": COUNT, "bytes": COUNT}),
            "quota": object_of({"packages_per_day": COUNT, "bytes_per_day": COUNT, "uploads_at_once": COUNT}),
            "last_submission": TEXT,
            "last_audit_head": TEXT,
        }
    ),
    "LeaseTime": object_of(
        {
            "seconds": {
                "type": "integer",
                "minimum": SHORTEST_LEASE_S,
                "maximum": LONGEST_LEASE_S,
                "default": USUAL_LEASE_S,
            }
        },
        optional=("seconds",),
    ),
    "Lease": object_of(
        {
            "lease_id": ULID,
            "lease_until": TIME,
            "attempt": COUNT,
            "urgent": FLAG,
            "station": TEXT,
            "submission_id": ULID,
            "package_sha256": SHA256,
            "package_bytes": COUNT,
            "received_at": TIME,
            "dossier_code": DOSSIER_CODE,
            "package": TEXT,
        }
    ),
    "Reason": REASON,
    "Rejection": object_of(
        {
            "reasons": {
                "type": "array",
                "items": schema_of("Reason"),
                "minItems": 1,
                "maxItems": MOST_REASONS,
            },
            "dossier_code": DOSSIER_CODE,
        },
        optional=("dossier_code",),
    ),
    "Done": object_of({"result": RESULT, "dossier_code": DOSSIER_CODE}, optional=("result", "dossier_code")),
    "SubmissionPage": object_of(
        {
            "submissions": {"type": "array", "items": schema_of("Submission")},
            "next": {"type": ["string", "null"]},
        }
    ),
    "Problem": object_of({"type": TEXT, "status": COUNT, "reason": TEXT}),
}
