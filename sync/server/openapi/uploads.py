"""The description of /uploads: tus 1.0 (core, creation, checksum, expiration, termination)."""

from typing import Any

from sync.server.openapi.parts import BYTES, COUNT, OPEN, empty_answer, header, path, problems

TUS_HEADER = header("Tus-Resumable", {"type": "string", "const": "1.0.0"})
UPLOAD_PROBLEMS = problems(
    s401="the token is missing or unknown",
    s403="the account is no station's",
    s404="no such upload",
    s410="the upload lapsed",
    s412="another version of tus",
)
OPTIONS = {
    "summary": "What the tus server speaks",
    "security": OPEN,
    "responses": {
        "204": empty_answer(
            "versions and extensions",
            "Tus-Version",
            "Tus-Extension",
            "Tus-Max-Size",
            "Tus-Checksum-Algorithm",
        )
    },
}

PATHS: dict[str, Any] = {
    "/uploads": {
        "options": OPTIONS,
        "post": {
            "summary": "Begin an upload (tus creation)",
            "parameters": [
                TUS_HEADER,
                header("Upload-Length", COUNT),
                header("Upload-Metadata"),
            ],
            "description": "Upload-Metadata carries submission_id (ULID) and sha256 (hex) of the package.",
            "responses": {
                "201": empty_answer("begun", "Location", "Upload-Expires"),
                **problems(
                    s400="a header is missing or malformed",
                    s401="the token is missing or unknown",
                    s403="the account is no station's",
                    s412="another version of tus",
                    s413="larger than this server takes",
                    s429="the station's quota is used up; Retry-After says until when",
                    s507="no space left",
                ),
            },
        },
    },
    "/uploads/{upload_id}": {
        "parameters": [path("upload_id")],
        "options": OPTIONS,
        "head": {
            "summary": "How many bytes are durable",
            "parameters": [TUS_HEADER],
            "responses": {
                "200": empty_answer("the offset", "Upload-Offset", "Upload-Length", "Upload-Expires"),
                **UPLOAD_PROBLEMS,
            },
        },
        "patch": {
            "summary": "Append a chunk; answered when it is on the disk",
            "parameters": [
                TUS_HEADER,
                header("Upload-Offset", COUNT),
                header("Upload-Checksum", required=False),
            ],
            "requestBody": {
                "required": True,
                "content": {"application/offset+octet-stream": {"schema": BYTES}},
            },
            "responses": {
                "204": empty_answer("kept", "Upload-Offset", "Upload-Expires"),
                **UPLOAD_PROBLEMS,
                **problems(
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
            "parameters": [TUS_HEADER],
            "responses": {"204": empty_answer("gone"), **UPLOAD_PROBLEMS},
        },
        "post": {
            "summary": "HEAD, PATCH or DELETE through a proxy that lets none of them pass",
            "parameters": [TUS_HEADER, header("X-HTTP-Method-Override")],
            "responses": {
                "200": empty_answer("as for HEAD"),
                "204": empty_answer("as for PATCH or DELETE"),
                **UPLOAD_PROBLEMS,
                **problems(s405="no such method"),
            },
        },
    },
}
