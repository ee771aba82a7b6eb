"""Claimed transfers: from waiting to `sending`, and from there to their outcome or back. Each step is
committed before the next begins: nothing is sent that the table does not show as being sent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Update, bindparam, text, update
from sqlalchemy.orm import Session

from portal import changes
from portal.audit.differences import differences
from portal.exports.core.lease import Lease
from portal.exports.planning.outcome import InFlight, Transition, serialize_feedback
from portal.exports.planning.plan import SENT_STEPS, Planned, PlanStep
from portal.exports.planning.queue import WaitingRow, carry_over_force, let_settle
from portal.messages import Wording
from portal.models.base import Base
from portal.models.exports import Listing, ListingState, TransferState
from portal.models.prepared import ONCE, array_of


def claim(
    session: Session,
    lease: Lease,
    rows: Sequence[WaitingRow],
    planned: Sequence[Planned],
    labels: Mapping[str, Wording],
) -> list[InFlight]:
    """Turn locked rows into `sending`, creates with their listing's creation_id. Commit before sending."""
    wanted = {item.vehicle_id: item for item in planned if item.step in SENT_STEPS}
    claimed = [row for row in rows if row.vehicle_id in wanted]
    keys = _creation_ids(
        session, lease.activation_id, [i for i in wanted.values() if i.step == PlanStep.CREATE]
    )
    changes = changes_since_sent(
        session, lease.activation_id, [i for i in wanted.values() if i.step == PlanStep.UPDATE], labels
    )
    serialized = [
        {
            "id": row.id,
            "action": str(wanted[row.vehicle_id].step),
            "payload_hash": wanted[row.vehicle_id].payload_hash,
            "bookings": sorted(wanted[row.vehicle_id].bookings),
            "changes": changes.get(row.vehicle_id, []),
        }
        for row in claimed
    ]
    ids = array_of(row.id for row in claimed)
    known = {"ids": ids, "rows": json.dumps(serialized, default=str), "token": lease.token}
    attempts = {row.id: row.attempt_count for row in session.execute(_MARK_SENDING, known)}
    return [
        InFlight(row.id, wanted[row.vehicle_id], keys.get(row.vehicle_id), attempts[row.id])
        for row in claimed
        if row.id in attempts
    ]


_MARK_SENDING = text(
    """
    UPDATE transfer AS t SET state = 'sending', action = r.action, lease_token = :token,
        payload_hash = r.payload_hash, bookings = r.bookings, changes = r.changes,
        sent_at = now(), attempt_count = t.attempt_count + 1
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        id uuid, action text, payload_hash text, bookings text[], changes jsonb)
    WHERE t.id = ANY(CAST(:ids AS uuid[])) AND t.id = r.id RETURNING t.id, t.attempt_count
    """
).execution_options(**ONCE)
"""The ids beside the rows: of rows that a document holds PostgreSQL expects a hundred, and reads a table of
some thousand from end to end for them."""


def changes_since_sent(
    session: Session, activation_id: UUID, updates: Sequence[Planned], labels: Mapping[str, Wording]
) -> dict[UUID, list[dict[str, Any]]]:
    """What differs from the payload that the platform accepted last."""
    planned = {item.vehicle_id: item for item in updates if item.prepared}
    if not planned:
        return {}
    hashes = [item.payload_hash for item in planned.values()]
    known = {"activation": activation_id, "ids": list(planned), "hashes": hashes}
    payloads = {key: item.prepared.payload for key, item in planned.items() if item.prepared}
    rows = session.execute(_DIFFERENT, known)
    return {key: differences(old, payloads[key], labels) for key, old in rows if old}


_DIFFERENT = text(
    """
    SELECT n.vehicle_id, l.sent_payload
    FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS text[])) AS n(vehicle_id, hash) CROSS JOIN LATERAL (
        SELECT sent_payload, sent_hash FROM listing
        WHERE activation_id = :activation AND vehicle_id = n.vehicle_id OFFSET 0) AS l
    WHERE l.sent_hash IS DISTINCT FROM n.hash
    """
).execution_options(**ONCE)
"""OFFSET 0 keeps it a look-up for one vehicle after the other: joined, PostgreSQL reads all of an activation
that it takes for a small one."""


def _creation_ids(session: Session, activation_id: UUID, creates: Sequence[Planned]) -> dict[UUID, UUID]:
    """Fix the creation_id and the payload of each create before it is sent.

    When an earlier create of unknown outcome carried another payload, nobody knows what the
    platform holds: `pending_hash` becomes NULL and an update follows in any case.
    """
    if not creates:
        return {}
    rows = [
        {
            "vehicle_id": item.vehicle_id,
            "creation_id": item.known.creation_id or uuid4(),
            "pending_hash": None if item.may_exist_otherwise else item.payload_hash,
            "internal_number": item.prepared.internal_number if item.prepared else "",
        }
        for item in creates
    ]
    known = {"activation": activation_id, "state": ListingState.CREATING}
    result = session.execute(_FIX_CREATIONS, {"rows": json.dumps(rows, default=str), **known})
    return {vehicle_id: creation_id for vehicle_id, creation_id in result if creation_id}


# One text for any number of rows: SQLAlchemy writes a list of values anew for each window, which took a fifth
# of the time of sending.
_FIX_CREATIONS = text(
    """
    INSERT INTO listing (activation_id, vehicle_id, state, creation_id, pending_hash, internal_number)
    SELECT :activation, r.vehicle_id, :state, r.creation_id, r.pending_hash, r.internal_number
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        vehicle_id uuid, creation_id uuid, pending_hash text, internal_number text)
    ON CONFLICT (activation_id, vehicle_id) DO UPDATE SET state = excluded.state,
        creation_id = excluded.creation_id, pending_hash = excluded.pending_hash,
        internal_number = excluded.internal_number
    RETURNING vehicle_id, creation_id
    """
).execution_options(**ONCE)


def release_unsent(session: Session, lease: Lease, transfer_ids: Collection[UUID]) -> None:
    """Claimed rows whose request never went out wait again, without an attempt.

    Where a newer change waits already, that one stands for both: a row that never was sent disappears.
    """
    carry_over_force(session, lease.activation_id, transfer_ids)
    ours = {"ids": list(transfer_ids), "token": lease.token}
    session.execute(_FORGET_UNSENT, ours)
    session.execute(_RELEASE, ours)


_NEWER_WAITS = """EXISTS (
    SELECT 1 FROM transfer w WHERE w.vehicle_id = t.vehicle_id
    AND w.activation_id IS NOT DISTINCT FROM t.activation_id
    AND w.state IS NOT DISTINCT FROM 'waiting' OFFSET 0)"""
"""By the vehicle alone: IS NOT DISTINCT FROM keeps PostgreSQL from reading all that waits there."""
_FORGET_UNSENT = text(
    f"""
    DELETE FROM transfer AS t WHERE t.id = ANY(:ids) AND t.lease_token = :token
        AND t.state IS NOT DISTINCT FROM 'sending' AND t.attempts = '[]' AND {_NEWER_WAITS}
    """  # noqa: S608
)
_RELEASE = text(
    f"""
    UPDATE transfer AS t SET attempt_count = attempt_count - 1, lease_token = NULL, sent_at = NULL,
        state = CASE WHEN {_NEWER_WAITS} THEN 'discarded' ELSE 'waiting' END
    WHERE t.id = ANY(:ids) AND t.lease_token = :token AND t.state IS NOT DISTINCT FROM 'sending'
    """  # noqa: S608
)


# Outcomes into the transfer and listing tables, only where the row and the token are still ours.


def write_outcomes(session: Session, lease: Lease, transitions: Sequence[Transition]) -> list[Transition]:
    """Write outcomes of rows that are still ours; returns those that were written.

    A row that another worker took over in the meantime is left to that one, and so is its listing.
    """
    again = [item.sent.transfer_id for item in transitions if item.state == TransferState.WAITING]
    if again:
        carry_over_force(session, lease.activation_id, again)
    rows = json.dumps([_serialize(item) for item in transitions], default=str)
    ids = array_of(item.sent.transfer_id for item in transitions)
    known = {"ids": ids, "rows": rows, "token": lease.token}
    written = {row.id: row.state for row in session.execute(_WRITE_OUTCOMES, known)}
    ours = [item for item in transitions if item.sent.transfer_id in written]
    # The newer change that stands for a row without an answer leaves the request time to settle, too.
    to_settle = [
        item.sent.planned.vehicle_id
        for item in ours
        if item.state == TransferState.WAITING and written[item.sent.transfer_id] == TransferState.DISCARDED
    ]
    let_settle(session, lease.activation_id, to_settle)
    _write_listings(session, lease.activation_id, ours)
    changes.note(session, changes.ChangeKind.APP, [lease.activation_id])
    changes.note(session, changes.ChangeKind.VEHICLE, [item.sent.planned.vehicle_id for item in ours])
    return ours


_WRITE_OUTCOMES = text(
    f"""
    UPDATE transfer AS t SET
        state = CASE WHEN r.state = 'waiting' AND {_NEWER_WAITS} THEN 'discarded' ELSE r.state END,
        feedback = r.feedback, attempts = t.attempts || r.attempt,
        listing_id = r.listing_id, url = r.url, not_before = r.not_before,
        attempt_count = t.attempt_count - r.not_counted, lease_token = NULL,
        bookings = coalesce(r.bookings, t.bookings),
        poll_at = r.poll_at, poll_until = r.poll_until,
        finished_at = CASE WHEN r.state IN ('waiting', 'pending') THEN NULL ELSE now() END
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        id uuid, state text, feedback jsonb, attempt jsonb, listing_id text, url text,
        not_before timestamptz, poll_at timestamptz, poll_until timestamptz, not_counted int,
        bookings text[])
    WHERE t.id = ANY(CAST(:ids AS uuid[])) AND t.id = r.id
        AND t.lease_token = :token AND t.state IS NOT DISTINCT FROM 'sending'
    RETURNING t.id, t.state
    """  # noqa: S608
).execution_options(**ONCE)


def _serialize(item: Transition) -> dict[str, Any]:
    return {
        "id": item.sent.transfer_id,
        "state": item.state,
        "feedback": serialize_feedback(item.feedback),
        "attempt": [item.attempt],
        "listing_id": item.listing_id,
        "url": item.url,
        "not_before": item.not_before,
        "poll_at": item.poll_at,
        "poll_until": item.poll_until,
        "not_counted": 0 if item.counts_as_attempt else 1,
        "bookings": list(item.bookings) if item.bookings else None,
    }


def _write_listings(session: Session, activation_id: UUID, transitions: Sequence[Transition]) -> None:
    """One statement for each set of columns that change: accepted ones, refused ones, …"""
    groups: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for item in transitions:
        here = {"at_activation": activation_id, "of_vehicle": item.sent.planned.vehicle_id}
        values = {f"new_{name}": value for name, value in item.listing.items()}
        groups[tuple(item.listing)].append(here | values)
    for names, rows in groups.items():
        if names:
            session.connection().execute(_change_listing(names), rows)


@lru_cache(maxsize=50)
def _change_listing(names: tuple[str, ...]) -> Update:
    """On the table, not on the class: many rows in one statement, and no listing is loaded for it."""
    listing = Base.metadata.tables[Listing.__tablename__]
    here = (
        listing.c.activation_id == bindparam("at_activation"),
        listing.c.vehicle_id == bindparam("of_vehicle"),
    )
    change = update(listing).where(*here).values({name: bindparam(f"new_{name}") for name in names})
    return change.execution_options(**ONCE)
