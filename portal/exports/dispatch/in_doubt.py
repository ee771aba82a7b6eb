"""Listings that may or may not exist: the platform's whole list decides, before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Update, Uuid, cast, column, func, select, true, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from portal.exports.core import remote_list
from portal.exports.core.remote_list import may_be_whole, online_ids, proves_itself, read_again
from portal.exports.dispatch.context import DispatchContext, chunks
from portal.exports.planning.outcome import DRIFT_OVER, GONE
from portal.exports.planning.plan import Planned
from portal.exports.trouble import breaker_state, stopping
from portal.exports.trouble.breaker import PlatformTrouble
from portal.models.base import any_of
from portal.models.exports import Listing, ListingState, Transfer, TransferState
from portal.platforms.contract import Json, RemoteListing, Stop


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
        shown = ShownListings(remote.listings)
        found = {item.vehicle_id: resolve(shown.find(item)) for item in in_doubt}
        absent = {key for key, columns in found.items() if columns["state"] == ListingState.ABSENT}
        undecided, pause = absent, POSTPONED
        if proves_itself(remote, known, len(absent)):
            undecided = set()
        elif may_be_whole(remote, known, len(absent)):
            note_missed(session, dispatch.activation_id, absent)
            undecided = absent - missed_before(session, dispatch.activation_id, absent)
            pause = SECOND_LOOK
        sure = {key: columns for key, columns in found.items() if key not in undecided}
        write_resolved(session, dispatch.activation_id, sure)
        remote_list.note_bookings(session, dispatch.activation_id, asked, adopted(sure, remote.listings))
        postpone(session, dispatch.activation_id, undecided, pause)
        breaker_state.note_answer(session, dispatch.activation_id)
        return True


# Listings of which nobody knows whether they exist: the platform's whole list decides.


POSTPONED = timedelta(minutes=1)
"""Until the list is read again that lacked too much."""
SECOND_LOOK = timedelta(seconds=20)
"""Until it is read again where it may have been whole. Half of it is far enough apart from the first look."""
WRITTEN_AT_ONCE = 500
"""Listings."""


class ShownListings:
    """The whole list, to find listings of ours in: by the platform's id, by our lasting key, or by our number
    where the platform keeps no key. What stands first in the list is the one."""

    def __init__(self, listings: Sequence[RemoteListing]) -> None:
        self._listings = listings
        self._ids: dict[str, int] = {}
        self._keys: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        for position, remote in enumerate(listings):
            self._ids.setdefault(remote.listing_id, position)
            names = (
                (self._keys, remote.our_key) if remote.our_key else (self._numbers, remote.internal_number)
            )
            names[0].setdefault(names[1], position)

    def find(self, planned: Planned) -> RemoteListing | None:
        known = planned.known
        found = [self._keys.get(str(planned.vehicle_id))]
        if known.listing_id is not None:
            found.append(self._ids.get(known.listing_id))
        if known.internal_number:
            found.append(self._numbers.get(known.internal_number))
        positions = [position for position in found if position is not None]
        return self._listings[min(positions)] if positions else None


def resolve(remote: RemoteListing | None) -> dict[str, Any]:
    """Columns of the listing after a look into the whole list: adopted, or gone. Pure.

    An adopted listing has no `sent_hash`: today's data follow as an update. One that is gone
    gets a new creation_id with its next create.
    """
    if remote is not None:
        return {**ADOPTED, "listing_id": remote.listing_id, "url": remote.url}
    return {**GONE}


ADOPTED: Mapping[str, Any] = {
    "state": ListingState.ONLINE,
    "sent_hash": None,
    "pending_hash": None,
    **DRIFT_OVER,
}


def note_missed(session: Session, activation_id: UUID, vehicle_ids: Collection[UUID]) -> None:
    """A list that may not be whole lacked these; the first time counts."""
    if vehicle_ids:
        first = (*_these(activation_id, vehicle_ids), Listing.missed_at.is_(None))
        session.execute(update(Listing).where(*first).values(missed_at=func.now()))


def missed_before(session: Session, activation_id: UUID, vehicle_ids: Collection[UUID]) -> set[UUID]:
    """Those that an earlier list lacked as well, be it a stock check's, and not just now: what could be half
    of one comes again within seconds, and to make anew what is there would be paid twice."""
    if not vehicle_ids:
        return set()
    first = func.least(Listing.vanished_at, Listing.missed_at)  # of those that are known
    long_ago = first <= func.now() - SECOND_LOOK / 2
    these = _these(activation_id, vehicle_ids)
    return set(session.scalars(select(Listing.vehicle_id).where(*these, long_ago)))


def _these(activation_id: UUID, vehicle_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    """By the vehicles alone: no index serves IS NOT DISTINCT FROM."""
    here = Listing.activation_id.is_not_distinct_from(activation_id)
    return any_of(Listing.vehicle_id, vehicle_ids), here


def adopted(
    found: Mapping[UUID, dict[str, Any]], listings: Sequence[RemoteListing]
) -> list[tuple[UUID, RemoteListing]]:
    """The vehicles that the list shows, each with its listing."""
    shown = {listing.listing_id: listing for listing in listings}
    ids = ((key, columns["listing_id"]) for key, columns in found.items())
    return [(key, shown[listing_id]) for key, listing_id in ids if listing_id is not None]


def postpone(session: Session, activation_id: UUID, vehicle_ids: Collection[UUID], pause: timedelta) -> None:
    """The list does not say for sure that these are gone: it is read again later, all others go on."""
    if vehicle_ids:
        session.execute(
            update(Transfer)
            .where(
                any_of(Transfer.vehicle_id, vehicle_ids),
                Transfer.activation_id.is_not_distinct_from(activation_id),
                Transfer.state.is_not_distinct_from(TransferState.WAITING),
            )
            .values(not_before=func.now() + pause)
        )


def write_resolved(session: Session, activation_id: UUID, found: Mapping[UUID, dict[str, Any]]) -> None:
    """Some hundreds in a statement, those that are gone and those that are there apart."""
    gone = [key for key, columns in found.items() if columns["state"] == ListingState.ABSENT]
    for some in chunks(gone, WRITTEN_AT_ONCE):
        here = Listing.activation_id == activation_id, any_of(Listing.vehicle_id, some)
        session.execute(update(Listing).where(*here).values(**GONE))
    there = [
        {"vehicle_id": str(key), "listing_id": columns["listing_id"], "url": columns["url"]}
        for key, columns in found.items()
        if columns["state"] != ListingState.ABSENT
    ]
    for rows in chunks(there, WRITTEN_AT_ONCE):
        session.execute(_adopt(activation_id, rows))


def _adopt(activation_id: UUID, rows: Sequence[Json]) -> Update:
    """OFFSET 0 keeps it a look-up for one vehicle after the other: joined, PostgreSQL reads all of an
    activation that it takes for a small one."""
    columns = column("vehicle_id", Uuid), column("listing_id", String), column("url", String)
    given = func.jsonb_to_recordset(cast(rows, JSONB)).table_valued(*columns).render_derived(with_types=True)
    listing = aliased(Listing)
    same = listing.activation_id == activation_id, listing.vehicle_id == given.c.vehicle_id
    looked_up = select(listing.id).where(*same).correlate(given).offset(0).lateral()
    both = select(looked_up.c.id, given.c.listing_id, given.c.url).select_from(given)
    known = both.join(looked_up, true()).subquery()
    values = {**ADOPTED, "listing_id": known.c.listing_id, "url": known.c.url}
    adopted = update(Listing).where(Listing.id == known.c.id).values(**values)
    return adopted.execution_options(synchronize_session=False)
