"""The description of the intake's routes (OpenAPI 3.1), as it is served at /openapi.json."""

from collections.abc import Mapping
from typing import Any

from sync.server.settings import NAME, VERSION

_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_ULID: dict[str, Any] = {"type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"}
_SHA256: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}


def _object(properties: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def _schema(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(description: str, schema: str, kind: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": _schema(schema)}}}


def _empty(description: str, *headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": description}
    if headers:
        answer["headers"] = {name: {"schema": _TEXT} for name in headers}
    return answer


def _problems(**descriptions: str) -> dict[str, Any]:
    return {
        code.removeprefix("s"): _json(text, "Problem", "application/problem+json")
        for code, text in descriptions.items()
    }


def _header(name: str, schema: Mapping[str, Any] = _TEXT, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": dict(schema)}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _ULID}


def _query(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": dict(schema)}


_OPEN: list[Any] = []
_TUS_HEADER = _header("Tus-Resumable", {"type": "string", "const": "1.0.0"})
_UPLOAD_PROBLEMS = _problems(
    s401="the token is missing or unknown",
    s404="no such upload",
    s410="the upload lapsed",
    s412="another version of tus",
)
_OPTIONS = {
    "summary": "What the tus server speaks",
    "security": _OPEN,
    "responses": {
        "204": _empty(
            "versions and extensions",
            "Tus-Version",
            "Tus-Extension",
            "Tus-Max-Size",
            "Tus-Checksum-Algorithm",
        )
    },
}

_PATHS: dict[str, Any] = {
    "/": {
        "get": {
            "summary": "A page for people, in Vietnamese",
            "security": _OPEN,
            "responses": {"200": {"description": "HTML", "content": {"text/html": {"schema": _TEXT}}}},
        }
    },
    "/health": {
        "get": {
            "summary": "Alive, with a database that answers",
            "security": _OPEN,
            "responses": {"200": _json("alive", "Health")},
        }
    },
    "/info": {
        "get": {
            "summary": "Name, version, time, bounds and signing keys",
            "security": _OPEN,
            "responses": {"200": _json("who answers", "Info")},
        }
    },
    "/openapi.json": {
        "get": {
            "summary": "This description",
            "security": _OPEN,
            "responses": {
                "200": {
                    "description": "OpenAPI",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        }
    },
    "/uploads": {
        "options": _OPTIONS,
        "post": {
            "summary": "Begin an upload (tus creation)",
            "parameters": [
                _TUS_HEADER,
                _header("Upload-Length", _COUNT),
                _header("Upload-Metadata"),
            ],
            "description": "Upload-Metadata carries submission_id (ULID) and sha256 (hex) of the package.",
            "responses": {
                "201": _empty("begun", "Location", "Upload-Expires"),
                **_problems(
                    s400="a header is missing or malformed",
                    s401="the token is missing or unknown",
                    s412="another version of tus",
                    s413="larger than this server takes",
                    s507="no space left",
                ),
            },
        },
    },
    "/uploads/{upload_id}": {
        "parameters": [_path("upload_id")],
        "options": _OPTIONS,
        "head": {
            "summary": "How many bytes are durable",
            "parameters": [_TUS_HEADER],
            "responses": {
                "200": _empty("the offset", "Upload-Offset", "Upload-Length", "Upload-Expires"),
                **_UPLOAD_PROBLEMS,
            },
        },
        "patch": {
            "summary": "Append a chunk; answered when it is on the disk",
            "parameters": [
                _TUS_HEADER,
                _header("Upload-Offset", _COUNT),
                _header("Upload-Checksum", required=False),
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}
                },
            },
            "responses": {
                "204": _empty("kept", "Upload-Offset", "Upload-Expires"),
                **_UPLOAD_PROBLEMS,
                **_problems(
                    s400="a header is missing or malformed, or the chunk broke off",
                    s408="too slow",
                    s409="another offset is expected",
                    s413="past the announced end",
                    s415="another content type",
                    s423="another request took the upload over",
                    s460="the bytes do not match their checksum",
                    s507="no space left",
                ),
            },
        },
        "delete": {
            "summary": "Take an upload back (tus termination)",
            "parameters": [_TUS_HEADER],
            "responses": {"204": _empty("gone"), **_UPLOAD_PROBLEMS},
        },
        "post": {
            "summary": "HEAD, PATCH or DELETE through a proxy that lets none of them pass",
            "parameters": [_TUS_HEADER, _header("X-HTTP-Method-Override")],
            "responses": {
                "200": _empty("as for HEAD"),
                "204": _empty("as for PATCH or DELETE"),
                **_UPLOAD_PROBLEMS,
                **_problems(s405="no such method"),
            },
        },
    },
    "/submissions": {
        "get": {
            "summary": "The station's submissions by rising id",
            "parameters": [
                _query("after", _ULID),
                _query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
            ],
            "responses": {
                "200": _json("a page", "SubmissionPage"),
                **_problems(s400="a bound is malformed", s401="the token is missing or unknown"),
            },
        }
    },
    "/submissions/{submission_id}": {
        "parameters": [_path("submission_id")],
        "put": {
            "summary": "Turn a finished upload into a submission; may be repeated",
            "requestBody": {"required": True, "content": {"application/json": {"schema": _schema("Commit")}}},
            "responses": {
                "200": _json("was accepted before: the same receipt", "Receipt"),
                "201": _json("accepted", "Receipt"),
                **_problems(
                    s400="the commit is malformed",
                    s401="the token is missing or unknown",
                    s404="no such upload",
                    s408="too slow",
                    s409="the id stands for other bytes, or the upload is not whole",
                    s410="the upload lapsed",
                    s413="the commit is too large",
                    s422="the package is not what it should be; reason says why",
                    s507="no space left",
                ),
            },
        },
        "get": {
            "summary": "The state of one submission",
            "responses": {
                "200": _json("the state", "Submission"),
                **_problems(s401="the token is missing or unknown", s404="no such submission"),
            },
        },
    },
    "/submissions/{submission_id}/receipt": {
        "parameters": [_path("submission_id")],
        "get": {
            "summary": "The signed receipt, the same for ever",
            "responses": {
                "200": _json("the receipt", "Receipt"),
                **_problems(s401="the token is missing or unknown", s404="no such submission"),
            },
        },
    },
}

_SUBMISSION = _object(
    {
        "submission_id": _ULID,
        "state": {"type": "string", "enum": ["accepted"]},
        "package_sha256": _SHA256,
        "package_bytes": _COUNT,
        "received_at": _TIME,
    }
)

_SCHEMAS: dict[str, Any] = {
    "Health": _object({"name": {"type": "string", "const": NAME}, "status": _TEXT}),
    "Info": _object(
        {
            "name": _TEXT,
            "version": _TEXT,
            "time": _TIME,
            "max_bytes": _COUNT,
            "key_id": _TEXT,
            "public_key_pem": _TEXT,
            "keys": {"type": "object", "additionalProperties": _TEXT},
        }
    ),
    "Commit": _object(
        {"package_sha256": _SHA256, "bytes": _COUNT, "upload": _TEXT, "audit_head": _TEXT},
        optional=("audit_head",),
    ),
    "Receipt": _object(
        {
            "submission_id": _ULID,
            "package_sha256": _SHA256,
            "package_bytes": _COUNT,
            "received_at": _TIME,
            "receipt_id": _ULID,
            "server": _TEXT,
            "key_id": _TEXT,
            "signature": {"type": "string", "contentEncoding": "base64"},
            "audit_head": _TEXT,
            "intake_head": _SHA256,
        }
    ),
    "Submission": _SUBMISSION,
    "SubmissionPage": _object(
        {
            "submissions": {"type": "array", "items": _schema("Submission")},
            "next": {"type": ["string", "null"]},
        }
    ),
    "Problem": _object({"type": _TEXT, "status": _COUNT, "reason": _TEXT}),
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": NAME, "version": VERSION, "description": "Máy chủ tiếp nhận hồ sơ số hóa"},
    "security": [{"station": []}, {}],
    "paths": _PATHS,
    "components": {
        "schemas": _SCHEMAS,
        "securitySchemes": {"station": {"type": "http", "scheme": "bearer"}},
    },
}
"""True to the routes: every path and method of the application is here, and nothing else."""
