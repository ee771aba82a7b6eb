"""Paid extras (Zusatzbuchungen) that run at the platform, as its own list shows them.

An update replaces the whole listing, and one without a running extra may drop what was paid for. So what
runs is noted where the list is read. What was booked from here ends when the dealer does not want it any
more; what was booked at the platform itself is kept, whatever is ticked here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.platforms.contract import RemoteListing


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
    UPDATE listing AS l SET bookings = r.seen, kept_bookings = ARRAY(
        (SELECT unnest(l.kept_bookings) UNION (
            SELECT unnest(r.seen) EXCEPT SELECT unnest(l.bookings) EXCEPT SELECT unnest(p.bookings)))
        INTERSECT SELECT unnest(r.seen) ORDER BY 1)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, seen text[])
    LEFT JOIN publication AS p ON p.activation_id = :activation AND p.vehicle_id = r.vehicle_id
    WHERE l.activation_id = :activation AND l.vehicle_id = r.vehicle_id AND l.state = 'online'
        AND coalesce(l.sent_at < :began, true)
        AND NOT (r.seen = '{}' AND l.bookings = '{}' AND l.kept_bookings = '{}')
    """
)
"""New is what neither ran here before nor is wanted from here; what has ended there is kept no longer."""
