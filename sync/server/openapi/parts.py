"""The small pieces that the description is made of (OpenAPI 3.1, JSON Schema 2020-12)."""

from collections.abc import Mapping
from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
ULID: dict[str, Any] = {"type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"}
SHA256: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
FLAG: dict[str, Any] = {"type": "boolean"}


def object_of(properties: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def schema_of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def json_answer(description: str, schema: str, kind: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema_of(schema)}}}


def empty_answer(description: str, *headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": description}
    if headers:
        answer["headers"] = {name: {"schema": TEXT} for name in headers}
    return answer


def problems(**descriptions: str) -> dict[str, Any]:
    return {
        code.removeprefix("s"): json_answer(text, "Problem", "application/problem+json")
        for code, text in descriptions.items()
    }


def header(name: str, schema: Mapping[str, Any] = TEXT, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": dict(schema)}


def path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": ULID}


def body(schema: str, *, required: bool = True) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema_of(schema)}}}


def query(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": dict(schema)}


OPEN: list[Any] = []
SENDER_PROBLEMS = problems(s401="the token is missing or unknown", s403="the account is no station's")
