"""The platform's list, read so that a part of it is not taken for the whole.

A platform that says no count can answer with half a list that looks well. So where one of our listings
is missing the list is read once more: only what is missing twice is not there. A list that lacks most of
what we know counts as a part of it, however often it comes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.messages import say
from portal.models.exports import Activation, Listing, ListingState
from portal.platforms.contract import Client, RemoteList, RemoteListing, Retry, Stop

FEW_MISSING = 10
"""So many may be missing at once, or half of what we know."""


def read_whole(client: Client, known: Collection[str]) -> RemoteList:
    """`known` are the platform's ids of our listings. One or two requests."""
    remote = read_again(client, known)
    return plausible(remote, known) if remote.failure is None else remote


def read_again(client: Client, known: Collection[str]) -> RemoteList:
    """Once, or where something is missing twice; how much of it may be missing is up to the caller."""
    first = client.remote_listings()
    if first.failure is not None or not missing(first, known):
        return first
    second = client.remote_listings()
    return second if second.failure is not None else together(first, second)


def may_be_whole(remote: RemoteList, known: Collection[str], sought: int) -> bool:
    """Whether it shows nearly all that we know, less what is sought: that is new, and a list begins with what
    is old."""
    return len(missing(remote, known)) <= max(1, (len(known) - sought) // 4)


def proves_itself(remote: RemoteList, known: Collection[str], sought: int) -> bool:
    """Whether no half of a list can show so much of what we know, even if all that is sought stands in the
    other half. Half a list may come twice in a row; where as many are sought as are known, it can show all
    that is known, and says nothing about what is not in it."""
    older = len(known) - sought
    return older >= 2 and len(missing(remote, known)) <= older // 4


def read_twice(client: Client) -> RemoteList:
    """Where we know nothing of what must be in it: a list that shows the same listings twice is whole."""
    first = client.remote_listings()
    if first.failure is not None:
        return first
    second = client.remote_listings()
    if second.failure is not None or _ids(first) == _ids(second):
        return second
    return RemoteList(failure=Retry(say("Die Bestandsliste war bei zweimaligem Lesen verschieden.")))


def _ids(remote: RemoteList) -> set[str]:
    return {listing.listing_id for listing in remote.listings}


CONFIRMED_AFTER = timedelta(hours=1)
"""What one stock check did not find is looked for by another one, so much later at least: half a list comes
twice in a row, and then looks whole to the next one who asks."""


def online_ids(session: Session, activation_id: UUID, *, vanished: bool = True) -> set[str]:
    """The platform's ids of our listings that should be in its list; without those that two stock checks
    did not find where `vanished` is false."""
    here = [Listing.activation_id == activation_id, Listing.state == ListingState.ONLINE]
    if not vanished:
        checked_at = select(Activation.checked_at).where(Activation.id == activation_id).scalar_subquery()
        confirmed = Listing.vanished_at <= checked_at - CONFIRMED_AFTER
        here.append(func.coalesce(confirmed, False).is_(False))
    return set(session.scalars(select(Listing.listing_id).where(*here, Listing.listing_id.is_not(None))))


def missing(remote: RemoteList, known: Collection[str]) -> set[str]:
    return set(known) - _ids(remote)


def together(first: RemoteList, second: RemoteList) -> RemoteList:
    """Everything that either shows, as the later one shows it."""
    found = {listing.listing_id: listing for listing in (*first.listings, *second.listings)}
    return RemoteList(tuple(found.values()))


def plausible(remote: RemoteList, known: Collection[str]) -> RemoteList:
    absent = len(missing(remote, known))
    if absent <= max(FEW_MISSING, len(known) // 2):
        return remote
    present = len(known) - absent
    told = say(
        "Die Bestandsliste nennt nur {present} von {known} bekannten Inseraten: Sie gilt als unvollständig.",
        present=present,
        known=len(known),
    )
    return RemoteList(failure=Retry(told))


def with_details(client: Client, remote: RemoteList, wanted: Collection[str]) -> RemoteList:
    """The list with those that are wanted read whole, where it is a summary: a request for each."""
    found = client.details(sorted(wanted)) if wanted else {}
    if isinstance(found, (Retry, Stop)):
        return RemoteList(failure=found)
    return RemoteList(
        tuple(
            replace(found[one.listing_id], protected=one.protected, changed_at=one.changed_at)
            if one.listing_id in found
            else one
            for one in remote.listings
        )
    )


# Paid extras (Zusatzbuchungen) that run at the platform, as its own list shows them.
#
# An update replaces the whole listing, and one without a running extra may drop what was paid for. So what
# runs is noted where the list is read. What was booked from here ends when the dealer does not want it any
# more; what was booked at the platform itself is kept, whatever is ticked here.


def adopt_bookings(session: Session, run_id: UUID) -> None:
    """Of pairs that have just become our listings: what runs and is not wanted from here is kept."""
    session.execute(_ADOPT, {"run": run_id})


_ADOPT = text(
    """
    UPDATE listing AS l SET bookings = m.bookings, kept_bookings = ARRAY(
        SELECT unnest(m.bookings) EXCEPT SELECT unnest(p.bookings) ORDER BY 1)
    FROM match AS m LEFT JOIN publication AS p
        ON p.activation_id = m.activation_id AND p.vehicle_id = m.vehicle_id
    WHERE m.run_id = :run AND m.listing_id IS NOT NULL AND m.bookings IS NOT NULL
        AND l.activation_id = m.activation_id AND l.vehicle_id = m.vehicle_id
    """
)


def note_bookings(
    session: Session,
    activation_id: UUID,
    began: datetime,
    shown: Iterable[tuple[UUID, RemoteListing]],
) -> None:
    """What the list shows of these vehicles' listings. One that was sent since it was asked for keeps
    what the answer said."""
    rows = [
        {"vehicle_id": str(vehicle_id), "seen": listing.bookings}
        for vehicle_id, listing in shown
        if listing.bookings is not None
    ]
    if rows:
        known = {"activation": activation_id, "began": began, "rows": json.dumps(rows)}
        session.execute(_NOTE_SEEN, known)


_NOTE_SEEN = text(
    """
    UPDATE listing AS l SET bookings = n.seen, kept_bookings = ARRAY(
        (SELECT unnest(l.kept_bookings) UNION (
            SELECT unnest(n.seen) EXCEPT SELECT unnest(l.bookings) EXCEPT SELECT unnest(n.wanted)))
        INTERSECT SELECT unnest(n.seen) ORDER BY 1)
    FROM (
        SELECT k.id, r.seen, p.bookings AS wanted
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, seen text[])
        CROSS JOIN LATERAL (
            SELECT id FROM listing WHERE vehicle_id = r.vehicle_id
                AND activation_id IS NOT DISTINCT FROM :activation OFFSET 0) AS k
        LEFT JOIN LATERAL (
            SELECT bookings FROM publication WHERE vehicle_id = r.vehicle_id
                AND activation_id IS NOT DISTINCT FROM :activation OFFSET 0) AS p ON true
        OFFSET 0) AS n
    WHERE l.id = n.id AND l.state = 'online' AND coalesce(l.sent_at < :began, true)
        AND NOT (n.seen = '{}' AND l.bookings = '{}' AND l.kept_bookings = '{}')
    """
)
"""New is what neither ran here before nor is wanted from here; what has ended there is kept no longer.
OFFSET 0 keeps it a look-up for one vehicle after the other, as when drift is written."""
