"""What the workstation remembers: SQLite rows, content-addressed blobs, outbox, audit chain (kho dữ liệu)."""

from app.store.audit import AuditRow, verify_chain
from app.store.blobs import Blobs
from app.store.secrets import Secrets
from app.store.store import Store

__all__ = ["AuditRow", "Blobs", "Secrets", "Store", "verify_chain"]
