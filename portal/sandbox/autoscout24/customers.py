"""The data provider's account, and the customers that it may act for."""

from __future__ import annotations

import hmac
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.sandbox.database import Database

DATA = Path(__file__).parent / "data"

ENRICHMENTS = ("by-vin", "success", "fail", "silent")
"""How a listing with missing values goes on: by its VIN (a valid one finds them), always, never, or without
an end."""
MOBILE_EXPORTS = ("none", "selective", "all")
CUSTOMERS = (
    "SELECT *, customer_id NOT IN (SELECT customer_id FROM as24_without_evaluation) AS rates_prices"
    " FROM as24_customer"
)


@dataclass(frozen=True)
class Customer:
    """`mobile_export`: what AutoScout24 itself exports to mobile.de for the customer: nothing, the listings
    with the channel `mobile_de`, or all of them. `rates_prices`: its price evaluation is switched on."""

    customer_id: str
    sell_id: str
    company_name: str
    authorised: bool
    tier: bool
    mobile_export: str
    enrichment: str
    enrichment_seconds: float
    rates_prices: bool


class Customers:
    def __init__(self, database: Database) -> None:
        self._database = database
        if database.row("SELECT 1 FROM as24_customer") is None:
            self.seed()

    def seed(self) -> None:
        """Accounts and customers as on the first start."""
        given = json.loads((DATA / "customers.json").read_text("utf-8"))
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM as24_customer")
            connection.execute("DELETE FROM as24_account")
            connection.execute("DELETE FROM as24_without_evaluation")
            connection.executemany(
                "INSERT INTO as24_account VALUES (:username, :password)", given["accounts"]
            )
            connection.executemany(
                "INSERT INTO as24_customer (customer_id, sell_id, company_name, authorised, tier,"
                " mobile_export) VALUES (:id, :sellId, :companyName, :authorised, :tier, :mobileExport)",
                given["customers"],
            )
            connection.executemany(
                "INSERT INTO as24_without_evaluation VALUES (:id)",
                [one for one in given["customers"] if not one.get("priceEvaluation", True)],
            )

    def knows(self, username: str, password: str) -> bool:
        row = self._database.row("SELECT password FROM as24_account WHERE username = ?", username)
        return row is not None and hmac.compare_digest(row["password"].encode(), password.encode())

    def set_password(self, username: str, password: str) -> bool:
        """False when there is no such account."""
        statement = "UPDATE as24_account SET password = ? WHERE username = ?"
        return self._database.run(statement, password, username) == 1

    def all(self) -> list[Customer]:
        return [_customer(row) for row in self._database.rows(f"{CUSTOMERS} ORDER BY 1")]

    def find(self, customer_id: str) -> Customer | None:
        """By the id that stands in addresses; the number on invoices reaches nothing."""
        row = self._database.row(f"{CUSTOMERS} WHERE customer_id = ?", customer_id)
        return _customer(row) if row else None

    def change(self, customer_id: str, **values: Any) -> None:
        """Columns of the table by their names."""
        columns = ", ".join(f"{name} = ?" for name in values)
        self._database.run(
            f"UPDATE as24_customer SET {columns} WHERE customer_id = ?",  # noqa: S608
            *values.values(),
            customer_id,
        )

    def switch_evaluation(self, customer_id: str, *, on: bool) -> None:
        statement = (
            "DELETE FROM as24_without_evaluation WHERE customer_id = ?"
            if on
            else "INSERT OR IGNORE INTO as24_without_evaluation VALUES (?)"
        )
        self._database.run(statement, customer_id)


def _customer(row: sqlite3.Row) -> Customer:
    return Customer(
        row["customer_id"],
        row["sell_id"],
        row["company_name"],
        bool(row["authorised"]),
        bool(row["tier"]),
        row["mobile_export"],
        row["enrichment"],
        row["enrichment_seconds"],
        bool(row["rates_prices"]),
    )


def as_json(customer: Customer) -> dict[str, Any]:
    """As `GET /customers` shows it."""
    return {
        "id": customer.customer_id,
        "sellId": customer.sell_id,
        "companyName": customer.company_name,
        "canSetMiaRequestedTier": customer.tier,
        "canUseSellOnline": False,
    }
