"""The description of what anybody may ask: page, health, info."""

from typing import Any

from sync.server.openapi.parts import OPEN, TEXT, json_answer, problems

PATHS: dict[str, Any] = {
    "/": {
        "get": {
            "summary": "A page for people, in Vietnamese: queue, today, stations, what was sent back",
            "security": [{"operator": []}, {}],
            "responses": {
                "200": {"description": "HTML", "content": {"text/html": {"schema": TEXT}}},
                **problems(s401="the page asks for the name and the token of an operator"),
            },
        }
    },
    "/health": {
        "get": {
            "summary": "Alive, with a database that answers",
            "security": OPEN,
            "responses": {"200": json_answer("alive", "Health")},
        }
    },
    "/info": {
        "get": {
            "summary": "Name, version, time, bounds and signing keys",
            "security": OPEN,
            "responses": {"200": json_answer("who answers", "Info")},
        }
    },
    "/openapi.json": {
        "get": {
            "summary": "This description",
            "security": OPEN,
            "responses": {
                "200": {
                    "description": "OpenAPI",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        }
    },
}
