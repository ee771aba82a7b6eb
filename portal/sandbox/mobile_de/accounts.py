"""API accounts, sellers, and who may act for whom."""

from __future__ import annotations

import hmac
import json
import sqlite3
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from portal.sandbox.database import Database

DATA = Path(__file__).parent / "data"
# A path may name a seller by either number: which of them exist decides between 403 and 404.
_BY_NUMBER = """
    SELECT seller.*, link.username FROM seller
    LEFT JOIN link ON link.seller_id = seller.seller_id AND link.username = ?
    WHERE seller.seller_id = ? OR seller.customer_number = ?
"""


class Access(Enum):
    FULL = auto()
    READ = auto()
    NOT_LINKED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Seller:
    seller_id: str
    customer_number: str
    company_name: str
    readonly: bool
    max_images: int
    max_highlights: int
    video_url: bool
    leasing: bool


class Accounts:
    def __init__(self, database: Database) -> None:
        self._database = database
        if database.row("SELECT 1 FROM seller") is None:
            self.seed()

    def seed(self) -> None:
        """Accounts, sellers and links as on the first start."""
        given = json.loads((DATA / "sellers.json").read_text("utf-8"))
        with self._database.transaction() as connection:
            for table in ("link", "seller", "account"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
            connection.executemany("INSERT INTO account VALUES (:username, :password)", given["accounts"])
            connection.executemany(
                "INSERT INTO seller VALUES (:sellerId, :customerNumber, :companyName, :readonly,"
                " :maxImages, :maxHighlights, :videoUrl, :leasing)",
                given["sellers"],
            )
            connection.executemany("INSERT INTO link VALUES (:username, :sellerId)", given["links"])

    def knows(self, username: str, password: str) -> bool:
        row = self._database.row("SELECT password FROM account WHERE username = ?", username)
        return row is not None and hmac.compare_digest(row["password"].encode(), password.encode())

    def access(self, username: str, number: str) -> tuple[Access, Seller | None]:
        row = self._database.row(_BY_NUMBER, username, number, number)
        if row is None:
            return Access.UNKNOWN, None
        if row["username"] is None:
            return Access.NOT_LINKED, None
        if row["seller_id"] != number:
            # Ads are reached by the seller id only, the customer number is for invoices.
            return Access.UNKNOWN, None
        return (Access.READ if row["readonly"] else Access.FULL), _seller(row)

    def sellers_of(self, username: str) -> list[Seller]:
        statement = "SELECT seller.* FROM seller JOIN link USING (seller_id) WHERE username = ? ORDER BY 1"
        return [_seller(row) for row in self._database.rows(statement, username)]

    def all_sellers(self) -> list[Seller]:
        return [_seller(row) for row in self._database.rows("SELECT * FROM seller ORDER BY seller_id")]

    def find(self, number: str) -> Seller | None:
        """By seller id or customer number."""
        statement = "SELECT * FROM seller WHERE seller_id = ? OR customer_number = ?"
        row = self._database.row(statement, number, number)
        return _seller(row) if row else None

    def links(self) -> dict[str, list[str]]:
        """The accounts that act for each seller id."""
        found: dict[str, list[str]] = {}
        for row in self._database.rows("SELECT seller_id, username FROM link ORDER BY username"):
            found.setdefault(row["seller_id"], []).append(row["username"])
        return found

    def link(self, username: str, seller_id: str, *, linked: bool) -> None:
        if linked:
            self._database.run("INSERT OR IGNORE INTO link VALUES (?, ?)", username, seller_id)
        else:
            self._database.run("DELETE FROM link WHERE username = ? AND seller_id = ?", username, seller_id)

    def set_readonly(self, seller_id: str, *, readonly: bool) -> None:
        self._database.run("UPDATE seller SET readonly = ? WHERE seller_id = ?", readonly, seller_id)

    def set_password(self, username: str, password: str) -> bool:
        """False when there is no such account."""
        statement = "UPDATE account SET password = ? WHERE username = ?"
        return self._database.run(statement, password, username) == 1

    def exists(self, username: str) -> bool:
        return self._database.row("SELECT 1 FROM account WHERE username = ?", username) is not None


def _seller(row: sqlite3.Row) -> Seller:
    return Seller(
        row["seller_id"],
        row["customer_number"],
        row["company_name"],
        bool(row["readonly"]),
        row["max_images"],
        row["max_highlights"],
        bool(row["video_url"]),
        bool(row["leasing"]),
    )


def as_json(seller: Seller) -> dict[str, Any]:
    """As `GET /seller-api/sellers` shows it."""
    return {
        "mobileSellerId": seller.seller_id,
        "customerNumber": seller.customer_number,
        "companyName": seller.company_name,
        "siteId": "GERMANY",
        "readonly": seller.readonly,
        "settings": {
            "maxImages": seller.max_images,
            "maxHighlights": seller.max_highlights,
            "videoUrl": seller.video_url,
            "leasing": seller.leasing,
        },
    }
