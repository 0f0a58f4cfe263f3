"""What to remember of an upload that may have to be taken up again tomorrow."""

import json
from dataclasses import asdict, dataclass

SMALLEST_CHUNK = 64 * 1024
FIRST_CHUNK = 256 * 1024
LARGEST_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class UploadState:
    """An upload begun: its address at the server, and how far it was acknowledged, in bytes.

    The offset is for showing; the server's own is the truth when the upload goes on. `submission_id` and
    `package_sha256` tell which package it carries, `chunk_bytes` the chunk that suited the line last.
    """

    url: str
    offset: int
    submission_id: str = ""
    package_sha256: str = ""
    chunk_bytes: int = FIRST_CHUNK

    def to_json(self) -> str:
        """Return the state as JSON text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "UploadState":
        """Read what `to_json` wrote. Raises ValueError for anything else."""
        fields = json.loads(text)
        if not isinstance(fields, dict):
            raise ValueError("not an upload state")
        try:
            state = cls(**fields)
        except TypeError as error:
            raise ValueError("not an upload state") from error
        texts = (state.url, state.submission_id, state.package_sha256)
        numbers = (state.offset, state.chunk_bytes)
        if not all(isinstance(text, str) for text in texts) or not all(type(n) is int for n in numbers):
            raise ValueError("not an upload state")
        return state
