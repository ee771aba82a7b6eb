"""Outcomes into the transfer and listing tables, only where the row and the token are still ours."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Update, bindparam, text, update
from sqlalchemy.orm import Session

from portal.exports.forcing import hand_on
from portal.exports.lease import Lease
from portal.exports.outcomes import Settled, spell_feedback
from portal.models.base import Base
from portal.models.exports import Listing, TransferState
from portal.outbox import SETTLING


def write_outcomes(session: Session, lease: Lease, transitions: Sequence[Settled]) -> list[Settled]:
    """Write outcomes of rows that are still ours; returns those that were written.

    A row that another worker took over in the meantime is left to him, and so is its listing.
    """
    again = [item.sent.transfer_id for item in transitions if item.state == TransferState.WAITING]
    if again:
        hand_on(session, lease.activation_id, again)
    rows = json.dumps([_serialize(item) for item in transitions], default=str)
    written = set(session.scalars(_WRITE_OUTCOMES, {"rows": rows, "token": lease.token}))
    if again:
        session.execute(_LET_SETTLE, {"ids": again, "settling": SETTLING})
    ours = [item for item in transitions if item.sent.transfer_id in written]
    _write_listings(session, lease.activation_id, ours)
    return ours


_WRITE_OUTCOMES = text(
    """
    UPDATE transfer AS t SET
        state = CASE WHEN r.state = 'waiting' AND EXISTS (
            SELECT 1 FROM transfer w WHERE w.activation_id = t.activation_id
            AND w.vehicle_id = t.vehicle_id AND w.state = 'waiting') THEN 'discarded' ELSE r.state END,
        feedback = r.feedback, attempts = t.attempts || r.attempt,
        listing_id = r.listing_id, url = r.url, not_before = r.not_before,
        attempt_count = t.attempt_count - r.not_counted, lease_token = NULL,
        bookings = coalesce(r.bookings, t.bookings),
        finished_at = CASE WHEN r.state = 'waiting' THEN NULL ELSE now() END
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        id uuid, state text, feedback jsonb, attempt jsonb, listing_id text, url text,
        not_before timestamptz, not_counted int, bookings text[])
    WHERE t.id = r.id AND t.lease_token = :token AND t.state = 'sending'
    RETURNING t.id
    """
)


_LET_SETTLE = text(
    """
    UPDATE transfer AS w SET not_before = greatest(w.not_before, now() + CAST(:settling AS interval))
    FROM transfer AS t WHERE t.id = ANY(:ids) AND t.state = 'discarded'
        AND w.activation_id = t.activation_id AND w.vehicle_id = t.vehicle_id AND w.state = 'waiting'
    """
)
"""The newer change that stands for a row without an answer leaves the request time to settle, too."""


def _serialize(item: Settled) -> dict[str, Any]:
    return {
        "id": item.sent.transfer_id,
        "state": item.state,
        "feedback": spell_feedback(item.feedback),
        "attempt": [item.attempt],
        "listing_id": item.listing_id,
        "url": item.url,
        "not_before": item.not_before,
        "not_counted": 0 if item.counts_as_attempt else 1,
        "bookings": list(item.bookings) if item.bookings else None,
    }


def _write_listings(session: Session, activation_id: UUID, transitions: Sequence[Settled]) -> None:
    """One statement for each set of columns that change: accepted ones, refused ones, …"""
    groups: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for item in transitions:
        values = {f"new_{name}": value for name, value in item.listing.items()}
        groups[tuple(item.listing)].append({"of_vehicle": item.sent.planned.vehicle_id, **values})
    for names, rows in groups.items():
        if names:
            session.connection().execute(_listing_update(activation_id, names), rows)


def _listing_update(activation_id: UUID, names: Iterable[str]) -> Update:
    listing = Base.metadata.tables[Listing.__tablename__]
    return (
        update(listing)
        .where(listing.c.activation_id == activation_id, listing.c.vehicle_id == bindparam("of_vehicle"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
