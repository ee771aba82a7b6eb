"""The listings and their books: what is online, what waits for missing values, what was."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from portal.sandbox.database import Database, now

Json = dict[str, Any]


@dataclass(frozen=True)
class Enrichment:
    """A search for missing values that has begun: how it will end, and when."""

    result: str
    due: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """`body` as it was stored, `marketing` what was asked for. `enrichment_status` as of now."""

    listing_id: str
    customer_id: str
    offer_reference_id: str | None
    cross_reference_id: str | None
    testmode: bool
    generation: int
    revision: int
    body: Json
    marketing: Json
    status: str
    enrichment_status: str | None
    missing: tuple[str, ...]
    protected: bool
    created_at: str
    updated_at: str
    activated_at: str | None
    deleted_at: str | None

    @property
    def images(self) -> list[str]:
        return [entry["id"] for entry in self.body.get("images", ())]

    @property
    def is_public(self) -> bool:
        return self.status == "Active" and not self.testmode and self.deleted_at is None

    def is_exported(self, mobile_export: str) -> bool:
        """Whether AutoScout24 itself lists the vehicle at mobile.de as well, by the customer's choice."""
        channels = {channel["id"] for channel in self.body["publication"]["channels"]}
        chosen = mobile_export == "selective" and "mobile_de" in channels
        return self.is_public and (mobile_export == "all" or chosen)


class Listings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, customer_id: str, body: Json, marketing: Json, enrichment: Enrichment | None, *, testmode: bool
    ) -> Listing:
        listing_id, moment = str(uuid4()), now()
        number = body.get("offerReferenceId")
        with self._database.transaction() as connection:
            earlier = connection.execute(
                "SELECT count(*) FROM as24_listing WHERE customer_id = ? AND offer_reference_id = ?",
                (customer_id, number),
            ).fetchone()[0]
            connection.execute(
                "INSERT INTO as24_listing (listing_id, customer_id, offer_reference_id, cross_reference_id,"
                " testmode, generation, body, marketing, wished_status, enrichment_status,"
                " enrichment_result, enrichment_due, missing, created_at, updated_at, activated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    listing_id,
                    customer_id,
                    number,
                    body.get("crossReferenceId"),
                    testmode,
                    earlier + 1,
                    *_written(body, marketing, enrichment),
                    moment,
                    moment,
                    moment if _is_active(body, enrichment) else None,
                ),
            )
        return self._get(listing_id)

    def replace(self, listing_id: str, body: Json, marketing: Json, enrichment: Enrichment | None) -> Listing:
        self._database.run(
            "UPDATE as24_listing SET offer_reference_id = ?, cross_reference_id = ?, body = ?, marketing = ?,"
            " wished_status = ?, enrichment_status = ?, enrichment_result = ?, enrichment_due = ?,"
            " missing = ?, updated_at = ?, revision = revision + 1,"
            " activated_at = CASE WHEN ? THEN coalesce(activated_at, ?) ELSE activated_at END"
            " WHERE listing_id = ?",
            body.get("offerReferenceId"),
            body.get("crossReferenceId"),
            *_written(body, marketing, enrichment),
            now(),
            _is_active(body, enrichment),
            now(),
            listing_id,
        )
        return self._get(listing_id)

    def delete(self, listing_id: str) -> None:
        self._database.run("UPDATE as24_listing SET deleted_at = ? WHERE listing_id = ?", now(), listing_id)

    def protect(self, listing_id: str, *, protected: bool) -> bool:
        """As the dealer does in the dealer area. False: no such listing."""
        statement = "UPDATE as24_listing SET protected = ? WHERE listing_id = ? AND deleted_at IS NULL"
        return self._database.run(statement, protected, listing_id) == 1

    def find(self, customer_id: str, listing_id: str, *, testmode: bool) -> Listing | None:
        """One that exists; test listings are seen in test mode only, and nothing else is then."""
        listing = self.find_any(listing_id)
        if listing is None or listing.deleted_at or listing.customer_id != customer_id:
            return None
        return listing if listing.testmode == testmode else None

    def find_any(self, listing_id: str) -> Listing | None:
        """A listing, deleted or not, real or a test."""
        row = self._database.row("SELECT * FROM as24_listing WHERE listing_id = ?", listing_id)
        return _listing(row) if row else None

    def of_customer(self, customer_id: str, *, testmode: bool) -> list[Listing]:
        statement = (
            "SELECT * FROM as24_listing WHERE customer_id = ? AND testmode = ? AND deleted_at IS NULL"
            " ORDER BY created_at, listing_id"
        )
        return [_listing(row) for row in self._database.rows(statement, customer_id, testmode)]

    def number(self, listing_id: str) -> str | None:
        statement = "SELECT offer_reference_id AS number FROM as24_listing WHERE listing_id = ?"
        row = self._database.row(statement, listing_id)
        return row["number"] if row else None

    def counts(self) -> dict[str, int]:
        """Listings that buyers see, for each customer."""
        statement = (
            "SELECT customer_id, count(*) AS n FROM as24_listing"
            " WHERE deleted_at IS NULL AND NOT testmode GROUP BY customer_id"
        )
        return {row["customer_id"]: row["n"] for row in self._database.rows(statement)}

    def everything(self, customer_id: str | None = None) -> list[Listing]:
        """All listings there ever were, the deleted ones and tests too."""
        statement = (
            "SELECT * FROM as24_listing WHERE customer_id = coalesce(?, customer_id)"
            " ORDER BY created_at, listing_id"
        )
        return [_listing(row) for row in self._database.rows(statement, customer_id)]

    def referenced(self, customer_id: str) -> set[str]:
        """Ids of the pictures that some listing shows."""
        statement = "SELECT body FROM as24_listing WHERE customer_id = ? AND deleted_at IS NULL"
        bodies = (json.loads(row["body"]) for row in self._database.rows(statement, customer_id))
        return {entry["id"] for body in bodies for entry in body.get("images", ())}

    def forget(self) -> None:
        self._database.run("DELETE FROM as24_listing")

    def _get(self, listing_id: str) -> Listing:
        listing = self.find_any(listing_id)
        assert listing is not None  # noqa: S101
        return listing


def _is_active(body: Json, enrichment: Enrichment | None) -> bool:
    return enrichment is None and body["publication"]["status"] == "Active"


def _written(body: Json, marketing: Json, enrichment: Enrichment | None) -> tuple[Any, ...]:
    return (
        json.dumps(body, ensure_ascii=False),
        json.dumps(marketing, ensure_ascii=False),
        body["publication"]["status"],
        "Processing" if enrichment else None,
        enrichment.result if enrichment else None,
        enrichment.due if enrichment else None,
        json.dumps(enrichment.missing if enrichment else ()),
    )


def _listing(row: sqlite3.Row) -> Listing:
    enrichment = _enrichment_now(row)
    inactive = enrichment in ("Processing", "Fail")
    return Listing(
        row["listing_id"],
        row["customer_id"],
        row["offer_reference_id"],
        row["cross_reference_id"],
        bool(row["testmode"]),
        row["generation"],
        row["revision"],
        json.loads(row["body"]),
        json.loads(row["marketing"]),
        "Inactive" if inactive else row["wished_status"],
        enrichment,
        tuple(json.loads(row["missing"])) if enrichment == "Fail" else (),
        bool(row["protected"]),
        row["created_at"],
        row["updated_at"],
        row["activated_at"],
        row["deleted_at"],
    )


def _enrichment_now(row: sqlite3.Row) -> str | None:
    """Time decides: nothing runs in the background."""
    if row["enrichment_status"] is None:
        return None
    over = datetime.now(UTC) >= datetime.fromisoformat(row["enrichment_due"])
    return str(row["enrichment_result"]) if over and row["enrichment_result"] != "silent" else "Processing"
