"""The listings and their books: drafts, what buyers see, what was taken down, what was removed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from portal.sandbox.database import Database, now

Json = dict[str, Any]
ACTIVE, DOWN, REMOVED, DRAFT = "activated", "deactivated", "removed", "draft"
TOP_LIST_DAYS = 7
TOP_LIST_PRICE = 49.0


@dataclass(frozen=True)
class Listing:
    """`attributes` and `images` (keys in display order) are set apart from the body."""

    listing_id: int
    seller_id: int
    external_id: str | None
    seller_vehicle_id: str | None
    status: str
    revision: int
    body: Json
    attributes: list[str]
    images: list[str]
    top_list_from: str | None
    top_list_to: str | None
    top_list_bookings: int
    created_at: str
    updated_at: str
    status_at: str

    @property
    def in_top_list(self) -> bool:
        return self.status == ACTIVE and self.top_list_to is not None and self.top_list_to > now()

    def as_json(self) -> Json:
        """With its books, as the control endpoints show it."""
        return {
            "id": self.listing_id,
            "sellerId": self.seller_id,
            "externalId": self.external_id,
            "sellerVehicleId": self.seller_vehicle_id,
            "status": self.status,
            "revision": self.revision,
            "images": self.images,
            "searchAttributes": self.attributes,
            "inTopList": self.in_top_list,
            "topListBookings": self.top_list_bookings,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "body": self.body,
        }


class Listings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, seller_id: int, body: Json) -> Listing:
        moment = now()
        with self._database.transaction() as connection:
            made = connection.execute(
                "INSERT INTO ch_listing (seller_id, external_id, seller_vehicle_id, body, created_at,"
                " updated_at, status_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    seller_id,
                    body.get("externalId"),
                    body.get("sellerVehicleId"),
                    json.dumps(body, ensure_ascii=False),
                    moment,
                    moment,
                    moment,
                ),
            )
        found = self.find_any(int(made.lastrowid or 0))
        assert found is not None  # noqa: S101
        return found

    def replace(self, listing: Listing, body: Json) -> None:
        """What was fixed when it was made stays."""
        self._database.run(
            "UPDATE ch_listing SET external_id = ?, seller_vehicle_id = ?, body = ?, updated_at = ?,"
            " revision = revision + 1 WHERE listing_id = ?",
            body.get("externalId"),
            body.get("sellerVehicleId"),
            json.dumps(body, ensure_ascii=False),
            now(),
            listing.listing_id,
        )

    def set_status(self, listing_id: int, status: str) -> None:
        statement = "UPDATE ch_listing SET status = ?, status_at = ? WHERE listing_id = ?"
        self._database.run(statement, status, now(), listing_id)

    def set_attributes(self, listing_id: int, attributes: list[str]) -> None:
        statement = "UPDATE ch_listing SET attributes = ?, updated_at = ? WHERE listing_id = ?"
        self._database.run(statement, json.dumps(attributes), now(), listing_id)

    def set_images(self, listing_id: int, keys: list[str]) -> None:
        statement = "UPDATE ch_listing SET images = ?, updated_at = ? WHERE listing_id = ?"
        self._database.run(statement, json.dumps(keys), now(), listing_id)

    def book_top_list(self, listing_id: int) -> None:
        ends = (datetime.now(UTC) + timedelta(days=TOP_LIST_DAYS)).isoformat(timespec="milliseconds")
        self._database.run(
            "UPDATE ch_listing SET top_list_from = ?, top_list_to = ?,"
            " top_list_bookings = top_list_bookings + 1 WHERE listing_id = ?",
            now(),
            ends,
            listing_id,
        )

    def end_top_list(self, listing_id: int) -> None:
        """As if its time had come."""
        self._database.run(
            "UPDATE ch_listing SET top_list_to = top_list_from WHERE listing_id = ?", listing_id
        )

    def find(self, seller_id: int, listing_id: int) -> Listing | None:
        """A listing of the seller; a removed one can still be read."""
        found = self.find_any(listing_id)
        return found if found and found.seller_id == seller_id else None

    def find_any(self, listing_id: int) -> Listing | None:
        row = self._database.row("SELECT * FROM ch_listing WHERE listing_id = ?", listing_id)
        return _listing(row) if row else None

    def by_external_id(self, seller_id: int, external_id: str) -> Listing | None:
        """The oldest, whatever became of it."""
        statement = "SELECT * FROM ch_listing WHERE seller_id = ? AND external_id = ? ORDER BY 1"
        row = self._database.row(statement, seller_id, external_id)
        return _listing(row) if row else None

    def of_seller(self, seller_id: int) -> list[Listing]:
        """Removed ones too."""
        statement = "SELECT * FROM ch_listing WHERE seller_id = ? ORDER BY 1"
        return [_listing(row) for row in self._database.rows(statement, seller_id)]

    def everything(self) -> list[Listing]:
        return [_listing(row) for row in self._database.rows("SELECT * FROM ch_listing ORDER BY 1")]

    def number(self, listing_id: int) -> str | None:
        found = self.find_any(listing_id)
        return found.seller_vehicle_id if found else None

    def forget(self) -> None:
        self._database.run("DELETE FROM ch_listing")
        self._database.run("DELETE FROM ch_image")

    # Pictures belong to one listing.

    def add_image(self, listing_id: int, content: bytes) -> str:
        """The key of the new picture."""
        sha256, key = hashlib.sha256(content).hexdigest(), f"{token_hex(12)}.jpg"
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO picture_file VALUES (?, ?)", (sha256, content))
            connection.execute(
                "INSERT INTO ch_image (key, listing_id, sha256, uploaded_at) VALUES (?, ?, ?, ?)",
                (key, listing_id, sha256, now()),
            )
        return key

    def image_ids(self, listing_id: int) -> dict[str, int]:
        """Ids by key of the pictures that were uploaded to a listing, shown or not."""
        statement = "SELECT key, image_id FROM ch_image WHERE listing_id = ?"
        return {row["key"]: row["image_id"] for row in self._database.rows(statement, listing_id)}

    def image(self, key: str) -> bytes | None:
        statement = "SELECT jpeg FROM ch_image JOIN picture_file USING (sha256) WHERE key = ?"
        row = self._database.row(statement, key)
        return row["jpeg"] if row else None


def _listing(row: sqlite3.Row) -> Listing:
    return Listing(
        **{name: row[name] for name in row.keys() if name not in ("body", "attributes", "images")},  # noqa: SIM118
        body=json.loads(row["body"]),
        attributes=json.loads(row["attributes"]),
        images=json.loads(row["images"]),
    )
