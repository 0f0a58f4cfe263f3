"""Serving the reference intake in the foreground (chạy máy chủ tiếp nhận)."""

from collections.abc import Callable
from pathlib import Path

import sync.server


def serve_intake(data: Path, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serves `data` until the process is asked to end; `ready` is told the URL. Raises SyncError."""
    sync.server.serve(data, host=host, port=port, ready=ready, stop=None)
