"""What the intake says of a submission, to its station and to the province's worker (trả lời)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.server.records import Submission
from sync.server.settings import VIETNAM


def summary(found: Submission) -> dict[str, object]:
    """Return the state of a submission and, once there is one, the province's word on it."""
    decision = _decision(found)
    return {
        "submission_id": found.id,
        "state": found.state,
        "package_sha256": found.package_sha256,
        "package_bytes": found.package_bytes,
        "received_at": found.received_at,
        "dossier_code": found.dossier_code,
        "decided_at": decision.get("at", ""),
        "reasons": decision.get("reasons", []),
        "result": decision.get("result"),
    }


def lease(found: Submission) -> dict[str, object]:
    """Return what a worker needs to know of the submission that he holds; the bytes lie beside it."""
    until = datetime.fromtimestamp(found.lease_until, VIETNAM)
    return {
        "lease_id": found.lease_id,
        "lease_until": until.isoformat(timespec="seconds"),
        "attempt": found.attempts,
        "urgent": bool(found.urgent),
        "station": found.station,
        "submission_id": found.id,
        "package_sha256": found.package_sha256,
        "package_bytes": found.package_bytes,
        "received_at": found.received_at,
        "dossier_code": found.dossier_code,
        "package": f"leases/{found.lease_id}/package",
    }


def _decision(found: Submission) -> Mapping[str, Any]:
    return dict(json.loads(found.decision)) if found.decision else {}
