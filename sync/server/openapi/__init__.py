"""The description of the intake's routes (OpenAPI 3.1), as it is served at /openapi.json."""

from typing import Any

from sync.server.openapi import general, leases, submissions, uploads
from sync.server.openapi.schemas import SCHEMAS
from sync.server.settings import NAME, VERSION

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": NAME, "version": VERSION, "description": "Máy chủ tiếp nhận hồ sơ số hóa"},
    "security": [{"station": []}, {}],
    "paths": {**general.PATHS, **uploads.PATHS, **submissions.PATHS, **leases.PATHS},
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {
            "station": {"type": "http", "scheme": "bearer", "description": "a station's token"},
            "worker": {"type": "http", "scheme": "bearer", "description": "a worker's token"},
            "operator": {"type": "http", "scheme": "basic", "description": "an operator's name and token"},
        },
    },
}
"""True to the routes: every path and method of the application is here, and nothing else."""
