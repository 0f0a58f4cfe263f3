"""The description of /submissions, /changes and /station: what a station asks for."""

from typing import Any

from sync.server.openapi.parts import (
    SENDER_PROBLEMS,
    ULID,
    body,
    json_answer,
    path,
    problems,
    query,
)

PATHS: dict[str, Any] = {
    "/submissions": {
        "get": {
            "summary": "The station's submissions by rising id",
            "parameters": [
                query("after", ULID),
                query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
            ],
            "responses": {
                "200": json_answer("a page", "SubmissionPage"),
                **problems(s400="a bound is malformed"),
                **SENDER_PROBLEMS,
            },
        }
    },
    "/changes": {
        "get": {
            "summary": "What happened to the station's submissions behind `after`, oldest first",
            "description": "Keep `next` and ask with it again: nothing is told twice, nothing is left out.",
            "parameters": [
                query("after", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1, "default": 0}),
                query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
            ],
            "responses": {
                "200": json_answer("a page", "ChangePage"),
                **problems(s400="a bound is malformed"),
                **SENDER_PROBLEMS,
            },
        }
    },
    "/station": {
        "get": {
            "summary": "The station that asks: its bounds, today's use, its audit head last countersigned",
            "responses": {"200": json_answer("the station", "Station"), **SENDER_PROBLEMS},
        }
    },
    "/submissions/{submission_id}": {
        "parameters": [path("submission_id")],
        "put": {
            "summary": "Turn a finished upload into a submission; may be repeated",
            "requestBody": body("Commit"),
            "responses": {
                "200": json_answer("was accepted before: the same receipt", "Receipt"),
                "201": json_answer("accepted", "Receipt"),
                **problems(
                    s400="the commit is malformed",
                    s401="the token is missing or unknown",
                    s403="the account is no station's",
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
                "200": json_answer("the state", "Submission"),
                **problems(s404="no such submission"),
                **SENDER_PROBLEMS,
            },
        },
    },
    "/submissions/{submission_id}/receipt": {
        "parameters": [path("submission_id")],
        "get": {
            "summary": "The signed receipt, the same for ever",
            "responses": {
                "200": json_answer("the receipt", "Receipt"),
                **problems(s404="no such submission"),
                **SENDER_PROBLEMS,
            },
        },
    },
}
