"""The data provider's client, the tokens it was given, and the sellers that it may act for."""

from __future__ import annotations

import hmac
import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from portal.sandbox.database import Database, now

DATA = Path(__file__).parent / "data"
GIVEN: dict[str, Any] = json.loads((DATA / "sellers.json").read_text("utf-8"))
COLUMNS = {"authorised": "authorised", "slots": "slots", "topSlots": "top_slots"}


@dataclass(frozen=True)
class Seller:
    """`slots`: listings that may be shown at once, `top_slots`: that may stand in the top list."""

    seller_id: int
    name: str
    zip_code: str
    city: str
    authorised: bool
    slots: int
    top_slots: int

    def as_json(self) -> dict[str, Any]:
        return {"id": self.seller_id, "name": self.name, "zipCode": self.zip_code, "city": self.city}


class Clients:
    def __init__(self, database: Database) -> None:
        self._database = database
        if database.row("SELECT 1 FROM ch_seller") is None:
            self.seed()

    def seed(self) -> None:
        """As on the first start."""
        with self._database.transaction() as connection:
            for table in ("ch_token", "ch_client", "ch_seller"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
            connection.executemany(
                "INSERT INTO ch_client (client_id, client_secret) VALUES (:id, :secret)", GIVEN["clients"]
            )
            connection.executemany(
                "INSERT INTO ch_seller VALUES (:id, :name, :zip, :city, :authorised, :slots, :topSlots)",
                GIVEN["sellers"],
            )

    def token(self, client_id: str, secret: str) -> tuple[str, int] | None:
        """A new token and its seconds. Earlier ones hold until their own end."""
        row = self._database.row("SELECT * FROM ch_client WHERE client_id = ?", client_id)
        if row is None or not hmac.compare_digest(row["client_secret"].encode(), secret.encode()):
            return None
        token, seconds = token_urlsafe(32), int(row["token_seconds"])
        ends = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
        self._database.run("INSERT INTO ch_token VALUES (?, ?, ?, ?)", token, client_id, now(), ends)
        return token, seconds

    def knows(self, token: str) -> bool:
        statement = "SELECT 1 FROM ch_token WHERE token = ? AND expires_at > ?"
        return self._database.row(statement, token, now()) is not None

    def end_tokens(self) -> None:
        """As if their time had come."""
        self._database.run("UPDATE ch_token SET expires_at = issued_at")

    def tokens(self) -> int:
        """How many were given out."""
        row = self._database.row("SELECT count(*) AS n FROM ch_token")
        return int(row["n"]) if row else 0

    def change_client(self, client_id: str, column: str, value: Any) -> bool:
        """False when there is no such client."""
        statement = f"UPDATE ch_client SET {column} = ? WHERE client_id = ?"  # noqa: S608
        return self._database.run(statement, value, client_id) == 1

    def sellers(self) -> list[Seller]:
        return [_seller(row) for row in self._database.rows("SELECT * FROM ch_seller ORDER BY 1")]

    def seller(self, seller_id: int) -> Seller | None:
        row = self._database.row("SELECT * FROM ch_seller WHERE seller_id = ?", seller_id)
        return _seller(row) if row else None

    def change_seller(self, seller_id: int, **values: int) -> None:
        """Columns of the table by their names."""
        columns = ", ".join(f"{name} = ?" for name in values)
        statement = f"UPDATE ch_seller SET {columns} WHERE seller_id = ?"  # noqa: S608
        self._database.run(statement, *values.values(), seller_id)


def _seller(row: sqlite3.Row) -> Seller:
    return Seller(
        row["seller_id"],
        row["name"],
        row["zip_code"],
        row["city"],
        bool(row["authorised"]),
        row["slots"],
        row["top_slots"],
    )
