"""Rows of scanners (danh sách máy quét)."""

from app.domain.device import KnownDevice
from app.store.database import Database


class Devices:
    """The scanners this station has met."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def meet(self, device: KnownDevice) -> None:
        """Writes who a scanner is and what it can do; what was counted and tested stays."""
        self._database.write(
            "INSERT INTO device (id, maker, model, serial, connection, capabilities)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET maker = excluded.maker, model = excluded.model,"
            " serial = excluded.serial, connection = excluded.connection,"
            " capabilities = CASE excluded.capabilities WHEN '' THEN capabilities"
            " ELSE excluded.capabilities END",
            (device.id, device.maker, device.model, device.serial, device.connection, device.capabilities),
        )

    def count_page(self, device_id: str) -> None:
        """Counts a page of a scanner that was met before."""
        self._database.write("UPDATE device SET pages_scanned = pages_scanned + 1 WHERE id = ?", (device_id,))

    def note_test(self, device_id: str, at: str, result: str) -> None:
        """Notes when a scanner's test page was measured, and what it came to."""
        self._database.write(
            "UPDATE device SET last_test_at = ?, test_result = ? WHERE id = ?", (at, result, device_id)
        )

    def known(self) -> list[KnownDevice]:
        """All scanners, by maker and model."""
        rows = self._database.rows("SELECT * FROM device ORDER BY maker, model, id")
        return [KnownDevice(**dict(row)) for row in rows]
