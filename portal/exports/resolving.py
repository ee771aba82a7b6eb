"""Listings of which nobody knows whether they exist: the platform's whole list decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from portal.exports.outcomes import SEEN
from portal.exports.planning import Planned
from portal.models.exports import Listing, ListingState, Transfer, TransferState
from portal.platforms.contract import RemoteListing

LATER = timedelta(minutes=1)


def resolve(planned: Planned, listings: Sequence[RemoteListing]) -> dict[str, Any]:
    """Columns of the listing after a look into the whole list: adopted, or gone. Pure.

    An adopted listing has no `sent_hash`: today's data follow as an update. One that is gone
    gets a new creation_id with its next create.
    """
    known = planned.known
    for remote in listings:
        by_number = bool(known.internal_number) and remote.internal_number == known.internal_number
        if remote.listing_id == known.listing_id or by_number:
            return {
                "state": ListingState.ONLINE,
                "listing_id": remote.listing_id,
                "url": remote.url,
                "sent_hash": None,
                "pending_hash": None,
                **SEEN,
            }
    return {
        "state": ListingState.ABSENT,
        "listing_id": None,
        "url": None,
        "creation_id": None,
        "pending_hash": None,
        "sent_hash": None,
        "bookings": [],
        "kept_bookings": [],
        "online_since": None,
        **SEEN,
    }


def divide(
    found: Mapping[UUID, dict[str, Any]], *, certain: bool
) -> tuple[dict[UUID, dict[str, Any]], set[UUID]]:
    """What may be written, and the vehicles that the list only did not show where it is not certain."""
    undecided = {
        key for key, columns in found.items() if columns["state"] == ListingState.ABSENT and not certain
    }
    return {key: columns for key, columns in found.items() if key not in undecided}, undecided


def adopted(
    found: Mapping[UUID, dict[str, Any]], listings: Sequence[RemoteListing]
) -> list[tuple[UUID, RemoteListing]]:
    """The vehicles that the list shows, each with its listing."""
    shown = {listing.listing_id: listing for listing in listings}
    ids = ((key, columns["listing_id"]) for key, columns in found.items())
    return [(key, shown[listing_id]) for key, listing_id in ids if listing_id is not None]


def postpone(session: Session, activation_id: UUID, vehicle_ids: Collection[UUID]) -> None:
    """The list lacked too much to say that these are gone: it is read again later, all others go on."""
    if vehicle_ids:
        session.execute(
            update(Transfer)
            .where(
                Transfer.activation_id == activation_id,
                Transfer.vehicle_id.in_(vehicle_ids),
                Transfer.state == TransferState.WAITING,
            )
            .values(not_before=func.now() + LATER)
        )


def write_resolved(session: Session, activation_id: UUID, found: dict[UUID, dict[str, Any]]) -> None:
    for vehicle_id, columns in found.items():
        session.execute(
            update(Listing)
            .where(Listing.activation_id == activation_id, Listing.vehicle_id == vehicle_id)
            .values(**columns)
        )
