"""The description of /leases: the province's workers."""

from typing import Any

from sync.server.openapi.parts import BYTES, TEXT, body, empty_answer, header, json_answer, path, problems

WORKER: list[Any] = [{"worker": []}]
LEASE_PROBLEMS = problems(
    s401="the token is missing or unknown",
    s403="the account is no worker's",
    s404="no such lease, or another worker has it by now",
    s409="the submission is decided",
)
LEASE_BODY_PROBLEMS = problems(s400="the body is malformed", s408="too slow", s413="the body is too large")
BODY_AND_LEASE = {**LEASE_BODY_PROBLEMS, **LEASE_PROBLEMS}

PATHS: dict[str, Any] = {
    "/leases": {
        "post": {
            "summary": "Take the next submission out of the queue",
            "security": WORKER,
            "requestBody": body("LeaseTime", required=False),
            "responses": {
                "201": json_answer("leased", "Lease"),
                "204": empty_answer("nothing waits", "Retry-After"),
                **LEASE_BODY_PROBLEMS,
                **problems(s401="the token is missing or unknown", s403="the account is no worker's"),
            },
        }
    },
    "/leases/{lease_id}": {
        "parameters": [path("lease_id")],
        "get": {
            "summary": "The lease as it stands",
            "security": WORKER,
            "responses": {"200": json_answer("the lease", "Lease"), **LEASE_PROBLEMS},
        },
        "delete": {
            "summary": "Put the submission back into the queue",
            "security": WORKER,
            "responses": {"204": empty_answer("back"), **LEASE_PROBLEMS},
        },
    },
    "/leases/{lease_id}/heartbeat": {
        "parameters": [path("lease_id")],
        "post": {
            "summary": "Keep the lease",
            "security": WORKER,
            "requestBody": body("LeaseTime", required=False),
            "responses": {"200": json_answer("the lease", "Lease"), **BODY_AND_LEASE},
        },
    },
    "/leases/{lease_id}/package": {
        "parameters": [path("lease_id")],
        "get": {
            "summary": "The package, byte for byte as its station sent it; ranges are served",
            "security": WORKER,
            "parameters": [header("Range", required=False)],
            "responses": {
                "200": {"description": "the bytes", "content": {"application/zip": {"schema": BYTES}}},
                "206": {"description": "a range", "content": {"application/zip": {"schema": BYTES}}},
                "400": {"description": "a malformed range", "content": {"text/plain": {"schema": TEXT}}},
                "416": {"description": "no such range", "content": {"text/plain": {"schema": TEXT}}},
                **LEASE_PROBLEMS,
            },
        },
    },
    "/leases/{lease_id}/done": {
        "parameters": [path("lease_id")],
        "post": {
            "summary": "Worked off, with a result; may be repeated",
            "security": WORKER,
            "requestBody": body("Done", required=False),
            "responses": {"200": json_answer("done", "Submission"), **BODY_AND_LEASE},
        },
    },
    "/leases/{lease_id}/reject": {
        "parameters": [path("lease_id")],
        "post": {
            "summary": "Sent back to the station with reasons per component; may be repeated",
            "security": WORKER,
            "requestBody": body("Rejection"),
            "responses": {
                "200": json_answer("sent back", "Submission"),
                **LEASE_BODY_PROBLEMS,
                **LEASE_PROBLEMS,
            },
        },
    },
}
