"""The request log: what came in, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.sandbox.database import Database, now

_COLUMNS = "at, kind, method, path, status, seller_id, ad_id, internal_number, insertion_id, fault"


@dataclass(frozen=True)
class BookEntry:
    """One request. No status: the connection was cut instead of an answer."""

    kind: str
    method: str
    path: str
    status: int | None
    seller_id: str | None
    ad_id: str | None
    internal_number: str | None
    insertion_id: str | None
    fault: str | None


class Books:
    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, entry: BookEntry) -> None:
        self._database.run(
            f"INSERT INTO request ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            now(),
            entry.kind,
            entry.method,
            entry.path,
            entry.status,
            entry.seller_id,
            entry.ad_id,
            entry.internal_number,
            entry.insertion_id,
            entry.fault,
        )

    def read(self, kind: str | None = None, seller_id: str | None = None) -> list[dict[str, Any]]:
        """In the order of the answers."""
        rows = self._database.rows(
            f"SELECT request_id, {_COLUMNS} FROM request WHERE kind = coalesce(?, kind)"  # noqa: S608
            " AND (? IS NULL OR seller_id = ?) ORDER BY request_id",
            kind,
            seller_id,
            seller_id,
        )
        return [dict(row) for row in rows]

    def forget(self) -> None:
        self._database.run("DELETE FROM request")
