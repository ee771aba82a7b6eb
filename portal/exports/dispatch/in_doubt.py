"""Listings that may or may not exist: the platform's whole list decides, before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from portal.exports.core import remote_list
from portal.exports.core.remote_list import beyond_doubt, online_ids, read_again
from portal.exports.dispatch.context import DispatchContext
from portal.exports.planning.outcome import DRIFT_OVER
from portal.exports.planning.plan import Planned
from portal.exports.trouble import breaker_state, stopping
from portal.exports.trouble.breaker import PlatformTrouble
from portal.models.exports import Listing, ListingState, Transfer, TransferState
from portal.platforms.contract import RemoteListing, Stop


def resolve_in_doubt(dispatch: DispatchContext, in_doubt: Sequence[Planned]) -> bool:
    """Look into the platform's whole list; False when it could not be read."""
    with dispatch.runtime.sessions() as session:
        known = online_ids(session, dispatch.activation_id, vanished=False)
    asked = dispatch.clock.now()
    remote = read_again(dispatch.client, known)
    with dispatch.runtime.sessions.begin() as session:
        dispatch.context.guard(session, dispatch.lease)
        if remote.failure is not None:
            failure, activation_id = remote.failure, dispatch.activation_id
            if isinstance(failure, Stop):
                stopping.stop(session, activation_id, failure)
            else:
                trouble = PlatformTrouble(failure.reason, failure.after)
                breaker_state.note_failure(session, activation_id, trouble, for_all=failure.platform_wide)
            return False
        found = {item.vehicle_id: resolve(item, remote.listings) for item in in_doubt}
        sure, undecided = divide(found, certain=beyond_doubt(remote, known))
        write_resolved(session, dispatch.activation_id, sure)
        remote_list.note_bookings(session, dispatch.activation_id, asked, adopted(sure, remote.listings))
        postpone(session, dispatch.activation_id, undecided)
        breaker_state.note_answer(session, dispatch.activation_id)
        return True


# Listings of which nobody knows whether they exist: the platform's whole list decides.


POSTPONED = timedelta(minutes=1)


def resolve(planned: Planned, listings: Sequence[RemoteListing]) -> dict[str, Any]:
    """Columns of the listing after a look into the whole list: adopted, or gone. Pure.

    An adopted listing has no `sent_hash`: today's data follow as an update. One that is gone
    gets a new creation_id with its next create.
    """
    known = planned.known
    for remote in listings:
        by_number = bool(known.internal_number) and remote.internal_number == known.internal_number
        by_key = remote.our_key == str(planned.vehicle_id)
        if remote.listing_id == known.listing_id or by_key or (by_number and not remote.our_key):
            return {
                "state": ListingState.ONLINE,
                "listing_id": remote.listing_id,
                "url": remote.url,
                "sent_hash": None,
                "pending_hash": None,
                **DRIFT_OVER,
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
        **DRIFT_OVER,
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
            .values(not_before=func.now() + POSTPONED)
        )


def write_resolved(session: Session, activation_id: UUID, found: dict[UUID, dict[str, Any]]) -> None:
    for vehicle_id, columns in found.items():
        session.execute(
            update(Listing)
            .where(Listing.activation_id == activation_id, Listing.vehicle_id == vehicle_id)
            .values(**columns)
        )
