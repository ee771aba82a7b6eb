"""The stock of each folder, and the book of all files that were imported."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.sandbox.database import Database, now
from portal.sandbox.files.rows import UploadedRow


@dataclass(frozen=True)
class FileArrival:
    """A file under its final name. `via` is SFTP, FTP, FTPS, HTTP or pull."""

    number: str
    folder: str
    name: str
    via: str
    size: int
    sha256: str


@dataclass
class ImportCounts:
    accepted: int = 0
    hinted: int = 0
    rejected: int = 0
    created: int = 0
    changed: int = 0
    deleted: int = 0

    @property
    def summary(self) -> str:
        taken = f"{self.accepted} accepted, {self.hinted} hinted"
        return f"{taken}, {self.rejected} rejected, {self.deleted} deleted"


class UploadedStock:
    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, arrival: FileArrival, rows: Sequence[UploadedRow]) -> ImportCounts:
        """What is not among the rows that are taken is deleted."""
        counts = ImportCounts()
        taken = {row.number: json.dumps(row.fields) for row in rows if row.is_taken}
        for row in rows:
            if not row.is_taken:
                counts.rejected += 1
            elif row.findings:
                counts.hinted += 1
            else:
                counts.accepted += 1
        with self._database.transaction() as connection:
            generation = _write(connection, arrival, None)
            _apply(connection, arrival, generation, taken, counts)
            connection.execute(
                "UPDATE file_generation SET accepted = :accepted, hinted = :hinted, rejected = :rejected,"
                " created = :created, changed = :changed, deleted = :deleted"
                " WHERE generation_id = :generation",
                {**vars(counts), "generation": generation},
            )
        return counts

    def refuse(self, arrival: FileArrival, code: str) -> None:
        """The file was unreadable: the stock stays as it is."""
        with self._database.transaction() as connection:
            _write(connection, arrival, code)

    def generations(self, number: str, folder: str | None = None) -> list[dict[str, Any]]:
        """Oldest first."""
        rows = self._database.rows(
            "SELECT * FROM file_generation WHERE customer_number = ? AND folder = coalesce(?, folder)"
            " ORDER BY generation_id",
            number,
            folder,
        )
        return [dict(row) for row in rows]

    def vehicles(self, number: str, folder: str = "") -> dict[str, list[str]]:
        """What is online: number → fields."""
        rows = self._database.rows(
            "SELECT number, fields FROM file_vehicle"
            " WHERE customer_number = ? AND folder = ? AND deleted_in IS NULL ORDER BY number",
            number,
            folder,
        )
        return {row["number"]: json.loads(row["fields"]) for row in rows}

    def forget(self) -> None:
        with self._database.transaction() as connection:
            for table in ("file_vehicle", "file_generation", "file_key"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608


def _write(connection: sqlite3.Connection, arrival: FileArrival, refused: str | None) -> int:
    cursor = connection.execute(
        "INSERT INTO file_generation (customer_number, folder, name, via, size, sha256, received_at, refused)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            arrival.number,
            arrival.folder,
            arrival.name,
            arrival.via,
            arrival.size,
            arrival.sha256,
            now(),
            refused,
        ),
    )
    return cursor.lastrowid or 0


def _apply(
    connection: sqlite3.Connection,
    arrival: FileArrival,
    generation: int,
    taken: dict[str, str],
    counts: ImportCounts,
) -> None:
    place = (arrival.number, arrival.folder)
    online = {
        row["number"]: row["fields"]
        for row in connection.execute(
            "SELECT number, fields FROM file_vehicle"
            " WHERE customer_number = ? AND folder = ? AND deleted_in IS NULL",
            place,
        )
    }
    created = [number for number in taken if number not in online]
    changed = [number for number in taken if number in online and online[number] != taken[number]]
    deleted = [number for number in online if number not in taken]
    connection.executemany(
        "INSERT INTO file_vehicle (customer_number, folder, number, fields, created_in)"
        " VALUES (?, ?, ?, ?, ?)",
        [(*place, number, taken[number], generation) for number in created],
    )
    where = "WHERE customer_number = ? AND folder = ? AND number = ? AND deleted_in IS NULL"
    connection.executemany(
        f"UPDATE file_vehicle SET fields = ? {where}",  # noqa: S608
        [(taken[number], *place, number) for number in changed],
    )
    connection.executemany(
        f"UPDATE file_vehicle SET deleted_in = ? {where}",  # noqa: S608
        [(generation, *place, number) for number in deleted],
    )
    counts.created, counts.changed, counts.deleted = len(created), len(changed), len(deleted)
