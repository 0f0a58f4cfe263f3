"""Rows of scanners (danh sách máy quét)."""

import sqlite3

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
        return [_device(row) for row in rows]

    def known_as(self, device_id: str) -> KnownDevice | None:
        """The scanner that goes or went by this id."""
        return next(
            (known for known in self.known() if device_id == known.id or device_id in known.formerly), None
        )

    def move(self, old_id: str, new_id: str) -> None:
        """The scanner `old_id` is found under another id now; what is known of both is one scanner's."""
        with self._database.transaction():
            old = self.known_as(old_id)
            if old is None or old.id == new_id:
                return
            new = next((known for known in self.known() if known.id == new_id), None)
            self._database.write("DELETE FROM device WHERE id = ?", (new_id,))
            latest = max((old, new or old), key=lambda known: known.last_test_at or "")
            names = dict.fromkeys((*old.formerly, *(new.formerly if new else ()), old.id))
            self._database.write(
                "UPDATE device SET id = ?, pages_scanned = ?, last_test_at = ?, test_result = ?, formerly = ?"
                " WHERE id = ?",
                (
                    new_id,
                    old.pages_scanned + (new.pages_scanned if new else 0),
                    latest.last_test_at,
                    latest.test_result,
                    "\n".join(name for name in names if name != new_id),
                    old.id,
                ),
            )


def _device(row: sqlite3.Row) -> KnownDevice:
    fields = dict(row)
    fields["formerly"] = tuple(fields["formerly"].splitlines())
    return KnownDevice(**fields)
