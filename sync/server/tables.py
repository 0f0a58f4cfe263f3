"""The schema of the intake's database, the same on SQLite and PostgreSQL (lược đồ cơ sở dữ liệu).

A change here is a step in `schema_steps`: a folder of an older intake must come to the same tables.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table, Text

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

schema = MetaData()

audit = Table(
    "audit",
    schema,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_strict=True,
)

uploads = Table(
    "uploads",
    schema,
    Column("id", Text, primary_key=True),
    Column("submission_id", Text, nullable=False),
    Column("package_sha256", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("length", _NUMBER, CheckConstraint("length >= 0"), nullable=False),
    Column("held", _NUMBER, CheckConstraint("held BETWEEN 0 AND length"), nullable=False),
    Column("expires_at", _NUMBER, nullable=False),
    Column("last_from", _NUMBER, nullable=False, server_default="0"),
    Column("last_crc", _NUMBER, nullable=False, server_default="0"),
    Index("uploads_by_expiry", "expires_at"),
    Index("uploads_by_station", "station"),
    sqlite_strict=True,
)

submissions = Table(
    "submissions",
    schema,
    Column("id", Text, primary_key=True),
    Column("package_sha256", Text, nullable=False),
    Column("package_bytes", _NUMBER, nullable=False),
    Column("station", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("audit_number", _NUMBER, ForeignKey("audit.number"), nullable=False, unique=True),
    Column("last_number", _NUMBER, nullable=False, server_default="0"),
    Column("dossier_code", Text, nullable=False, server_default=""),
    Column("urgent", _NUMBER, nullable=False, server_default="0"),
    Column("lease_id", Text, nullable=False, server_default=""),
    Column("worker", Text, nullable=False, server_default=""),
    Column("lease_until", _NUMBER, nullable=False, server_default="0"),
    Column("attempts", _NUMBER, nullable=False, server_default="0"),
    Column("decided_at", Text, nullable=False, server_default=""),
    Column("decision", Text, nullable=False, server_default=""),
    Index("submissions_by_state", "state", "urgent", "attempts", "audit_number"),
    Index("submissions_by_change", "station", "last_number"),
    Index("submissions_by_day", "station", "received_at"),
    Index("submissions_by_time", "received_at"),
    Index("submissions_by_decision", "state", "decided_at"),
    Index("submissions_by_lease", "lease_id"),
    Index("submissions_by_code", "dossier_code"),
    sqlite_strict=True,
)

signing_keys = Table(
    "signing_keys",
    schema,
    Column("key_id", Text, primary_key=True),
    Column("public_pem", Text, nullable=False),
    sqlite_strict=True,
)

dossier_counters = Table(
    "dossier_counters",
    schema,
    Column("agency", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("last", _NUMBER, nullable=False),
    sqlite_strict=True,
)

schema_version = Table("schema_version", schema, Column("number", _NUMBER, primary_key=True))
"""One row. SQLite has a place of its own for it, `PRAGMA user_version`, which is kept in step."""
