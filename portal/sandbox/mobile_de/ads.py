"""The ads and their books: what is online, what was, and how often it changed."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from portal.sandbox.database import Database, now

Json = dict[str, Any]
FIRST_ID = 300_000_001
"""Where ids begin: they look like the platform's, nine digits."""


@dataclass(frozen=True)
class Ad:
    ad_id: str
    seller_id: str
    internal_number: str | None
    generation: int
    revision: int
    body: Json
    created_at: str
    modified_at: str
    deleted_at: str | None

    @property
    def images(self) -> list[str]:
        """References of its pictures, in display order."""
        return [entry["ref"] for entry in self.body.get("images", ())]

    def as_json(self) -> Json:
        """With its books, as the control endpoints show it."""
        return {
            "adId": self.ad_id,
            "sellerId": self.seller_id,
            "internalNumber": self.internal_number,
            "generation": self.generation,
            "revision": self.revision,
            "createdAt": self.created_at,
            "modifiedAt": self.modified_at,
            "deletedAt": self.deleted_at,
            "body": self.body,
        }


class Ads:
    def __init__(self, database: Database) -> None:
        self._database = database
        with database.transaction() as connection:
            if connection.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'ad'").fetchone() is None:
                connection.execute("INSERT INTO sqlite_sequence VALUES ('ad', ?)", (FIRST_ID - 1,))

    def inserted(self, seller_id: str, insertion_id: str) -> str | None:
        """The ad that an insertion id has made, deleted or not."""
        statement = "SELECT ad_id FROM insertion WHERE seller_id = ? AND insertion_id = ?"
        row = self._database.row(statement, seller_id, insertion_id)
        return str(row["ad_id"]) if row else None

    def create(self, seller_id: str, body: Json, insertion_id: str | None) -> tuple[str, bool]:
        """The ad's id and whether it is new: of two simultaneous requests with the same insertion id
        only one makes an ad."""
        with self._database.transaction() as connection:
            if insertion_id and (first := self.inserted(seller_id, insertion_id)):
                return first, False
            ad_id = _insert(connection, seller_id, body)
            if insertion_id:
                connection.execute("INSERT INTO insertion VALUES (?, ?, ?)", (seller_id, insertion_id, ad_id))
            return str(ad_id), True

    def replace(self, seller_id: str, ad_id: str, body: Json) -> bool:
        """Replaces everything; pictures stay when the body does not name them. False: no such ad."""
        with self._database.transaction() as connection:
            old = self.find(seller_id, ad_id)
            if old is None:
                return False
            kept = old.body.get("images")
            new = {**body, "images": kept} if "images" not in body and kept else body
            connection.execute(
                "UPDATE ad SET body = ?, internal_number = ?, modified_at = ?, revision = revision + 1"
                " WHERE ad_id = ?",
                (_dump(new), new.get("internalNumber"), now(), ad_id),
            )
            return True

    def make_leasing_there(self, ad_id: str, offer: Json | None) -> None:
        """As the dealer makes a leasing offer in the dealer area, or takes it back."""
        if offer is None:
            self._database.run("DELETE FROM own_leasing WHERE ad_id = ?", ad_id)
        else:
            self._database.run("INSERT OR REPLACE INTO own_leasing VALUES (?, ?)", ad_id, _dump(offer))

    def own_leasing(self, ad_id: str) -> Json | None:
        row = self._database.row("SELECT offer FROM own_leasing WHERE ad_id = ?", ad_id)
        offer: Json | None = json.loads(row["offer"]) if row else None
        return offer

    def delete(self, seller_id: str, ad_id: str) -> bool:
        statement = "UPDATE ad SET deleted_at = ? WHERE ad_id = ? AND seller_id = ? AND deleted_at IS NULL"
        return self._database.run(statement, now(), ad_id, seller_id) == 1

    def find(self, seller_id: str, ad_id: str) -> Ad | None:
        """An ad that is online."""
        ad = self.find_any(ad_id)
        return ad if ad and ad.seller_id == seller_id and ad.deleted_at is None else None

    def find_any(self, ad_id: str) -> Ad | None:
        """An ad, deleted or not."""
        row = self._database.row("SELECT * FROM ad WHERE ad_id = ?", ad_id)
        return _ad(row) if row else None

    def internal_number(self, ad_id: str) -> str | None:
        row = self._database.row("SELECT internal_number FROM ad WHERE ad_id = ?", ad_id)
        return row["internal_number"] if row else None

    def online(self, seller_id: str) -> list[Ad]:
        statement = "SELECT * FROM ad WHERE seller_id = ? AND deleted_at IS NULL ORDER BY ad_id"
        return [_ad(row) for row in self._database.rows(statement, seller_id)]

    def counts(self) -> dict[str, int]:
        """Ads online for each seller id."""
        statement = "SELECT seller_id, count(*) AS n FROM ad WHERE deleted_at IS NULL GROUP BY seller_id"
        return {row["seller_id"]: row["n"] for row in self._database.rows(statement)}

    def everything(self, seller_id: str | None = None) -> list[Ad]:
        """All ads there ever were, the deleted ones too."""
        statement = "SELECT * FROM ad WHERE seller_id = coalesce(?, seller_id) ORDER BY ad_id"
        return [_ad(row) for row in self._database.rows(statement, seller_id)]

    def forget(self) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM insertion")
            connection.execute("DELETE FROM own_leasing")
            connection.execute("DELETE FROM ad")


def _insert(connection: sqlite3.Connection, seller_id: str, body: Json) -> int:
    number = body.get("internalNumber")
    earlier = connection.execute(
        "SELECT count(*) FROM ad WHERE seller_id = ? AND internal_number = ?", (seller_id, number)
    ).fetchone()[0]
    moment = now()
    cursor = connection.execute(
        "INSERT INTO ad (seller_id, internal_number, generation, body, created_at, modified_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (seller_id, number, earlier + 1, _dump(body), moment, moment),
    )
    assert cursor.lastrowid is not None  # noqa: S101
    return cursor.lastrowid


def _dump(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False)


def _ad(row: sqlite3.Row) -> Ad:
    return Ad(
        str(row["ad_id"]),
        row["seller_id"],
        row["internal_number"],
        row["generation"],
        row["revision"],
        json.loads(row["body"]),
        row["created_at"],
        row["modified_at"],
        row["deleted_at"],
    )
