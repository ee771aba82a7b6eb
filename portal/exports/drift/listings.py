"""What a drift check makes of a list that only names its listings: which of them have to be read whole, and
which the dealer has locked there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.exports.core.runtime import Runtime
from portal.models.exports import Listing, ListingState, Trigger
from portal.outbox import note_forced
from portal.platforms.contract import RemoteListing

CLOCKS_APART = timedelta(minutes=2)
"""A change that the platform dates so shortly after ours is ours."""


def changed_elsewhere(runtime: Runtime, activation_id: UUID, listings: Sequence[RemoteListing]) -> set[str]:
    """Ids of our listings that the platform says were changed after we sent them last."""
    with runtime.sessions() as session:
        rows = session.execute(
            select(Listing.listing_id, Listing.sent_at).where(
                Listing.activation_id == activation_id, Listing.listing_id.is_not(None)
            )
        )
        sent = {row.listing_id: row.sent_at for row in rows}
    return {
        one.listing_id
        for one in listings
        if one.changed_at is not None
        and (ours := sent.get(one.listing_id)) is not None
        and one.changed_at > ours + CLOCKS_APART
    }


def note_protection(
    session: Session, activation_id: UUID, began: datetime, listings: Sequence[RemoteListing]
) -> None:
    """Locks by dealers that the list shows: nothing is sent for these. Where one is gone, what waited for it
    is sent."""
    locked = [one.listing_id for one in listings if one.protected]
    here = (Listing.activation_id == activation_id, Listing.state == ListingState.ONLINE)
    sent_before = func.coalesce(Listing.sent_at < began, True)
    session.execute(
        update(Listing)
        .where(*here, Listing.listing_id.in_(locked), Listing.protected_at.is_(None), sent_before)
        .values(protected_at=began)
    )
    free = select(Listing.vehicle_id).where(
        *here, Listing.protected_at < began, Listing.listing_id.not_in(locked)
    )
    vehicle_ids = list(session.scalars(free))
    if vehicle_ids:
        # First the rows that wait, then the listings: the order in which a worker locks them.
        note_forced(session, activation_id, Trigger.SCHEDULE, vehicle_ids)
        session.execute(
            update(Listing)
            .where(*here, Listing.vehicle_id.in_(vehicle_ids))
            .values(protected_at=None, last_result="", last_feedback=[], last_transfer_id=None)
        )
