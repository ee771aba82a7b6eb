"""The queue side of the transfer table: recover, plan, claim, give back, write outcomes.

A row is locked *before* its vehicle is read: whoever changes the vehicle locks the same row
(outbox.py), so a change is either seen here or leaves a row that waits.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Update, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.exports.differences import differences
from portal.exports.lease import Lease
from portal.exports.outcomes import Sent, Settled, spell_feedback
from portal.exports.planning import SENT, Planned, Step
from portal.models.base import Base
from portal.models.exports import Listing, ListingState, Transfer, TransferState
from portal.vehicles.standing import NOT_TAKEN

_DUE = or_(Transfer.not_before.is_(None), Transfer.not_before <= func.now())


def recover(session: Session, lease: Lease) -> int:
    """Rows that still say `sending` were left by a worker that died: they wait again.

    Where a newer change waits already, that one stands for both.
    """
    session.execute(_RECOVER_FOLDED, {"activation": lease.activation_id})
    recovered = session.execute(
        update(Transfer)
        .where(Transfer.activation_id == lease.activation_id, Transfer.state == TransferState.SENDING)
        .values(state=TransferState.WAITING, lease_token=None)
        .returning(Transfer.id)
    )
    return len(recovered.all())


_RECOVER_FOLDED = text(
    """
    UPDATE transfer AS t SET state = 'discarded', finished_at = now(), lease_token = NULL
    WHERE t.activation_id = :activation AND t.state = 'sending' AND EXISTS (
        SELECT 1 FROM transfer w
        WHERE w.activation_id = t.activation_id AND w.vehicle_id = t.vehicle_id AND w.state = 'waiting')
    """
)


def due(session: Session, activation_id: UUID) -> list[UUID]:
    """Ids of the transfers that wait and may be sent now, oldest first."""
    statement = (
        select(Transfer.id)
        .where(Transfer.activation_id == activation_id, Transfer.state == TransferState.WAITING, _DUE)
        .order_by(Transfer.id)
    )
    return list(session.scalars(statement))


def lock(session: Session, transfer_ids: Collection[UUID]) -> list[Transfer]:
    """Lock those that still wait; rows that a change holds right now are left for its own ring."""
    statement = (
        select(Transfer)
        .where(Transfer.id.in_(transfer_ids), Transfer.state == TransferState.WAITING)
        .order_by(Transfer.vehicle_id)
        .with_for_update(skip_locked=True, of=Transfer)
    )
    return list(session.scalars(statement))


def write_plan(session: Session, rows: Sequence[Transfer], planned: Iterable[Planned]) -> None:
    """Note on locked rows what will be sent; those with nothing to send disappear,
    their reason (preflight) stays with the publication."""
    by_vehicle = {row.vehicle_id: row for row in rows}
    idle: list[UUID] = []
    for item in planned:
        row = by_vehicle.pop(item.vehicle_id)
        if item.step in (Step.NOTHING, Step.BLOCKED):
            idle.append(row.id)
        elif item.step in SENT:
            row.action = str(item.step)
    idle += [row.id for row in by_vehicle.values()]
    session.flush()
    if idle:
        session.execute(delete(Transfer).where(Transfer.id.in_(idle)))


def forget_trouble(session: Session, activation_id: UUID, planned: Iterable[Planned]) -> None:
    """A refusal or failure is over where the platform has the vehicle as it should be."""
    over = [item.vehicle_id for item in planned if item.as_it_should_be]
    if over:
        session.execute(
            update(Listing)
            .where(
                Listing.activation_id == activation_id,
                Listing.vehicle_id.in_(over),
                Listing.last_result.in_(NOT_TAKEN),
            )
            .values(last_result="", last_feedback=[], last_transfer_id=None, refused_hash=None)
        )


def note_checks(session: Session, activation_id: UUID, planned: Sequence[Planned]) -> None:
    """Keep what preflight found, so that pages show it without asking again."""
    rows = [
        {
            "vehicle_id": item.vehicle_id,
            "activation_id": activation_id,
            "problems": spell_feedback(item.prepared.problems if item.prepared else ()),
            "hints": spell_feedback(item.prepared.hints if item.prepared else ()),
        }
        for item in planned
    ]
    if rows:
        session.execute(_NOTE_CHECKS, {"activation": activation_id, "rows": json.dumps(rows, default=str)})


_NOTE_CHECKS = text(
    """
    UPDATE publication AS p SET problems = r.problems, hints = r.hints, checked_at = now()
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, problems jsonb, hints jsonb)
    WHERE p.activation_id = :activation AND p.vehicle_id = r.vehicle_id
    """
)


def claim(
    session: Session,
    lease: Lease,
    rows: Sequence[Transfer],
    planned: Sequence[Planned],
    labels: Mapping[str, str],
) -> list[Sent]:
    """Turn locked rows into `sending`, creates with their listing's creation_id. Commit before sending."""
    wanted = {item.vehicle_id: item for item in planned if item.step in SENT}
    claimed = [row for row in rows if row.vehicle_id in wanted]
    keys = _creation_ids(session, lease.activation_id, [i for i in wanted.values() if i.step == Step.CREATE])
    changes = _changes(
        session, lease.activation_id, [i for i in wanted.values() if i.step == Step.UPDATE], labels
    )
    attempts = _mark_sending(session, lease, claimed, wanted, changes)
    return [
        Sent(row.id, wanted[row.vehicle_id], keys.get(row.vehicle_id), attempts[row.id])
        for row in claimed
        if row.id in attempts
    ]


def _mark_sending(
    session: Session,
    lease: Lease,
    rows: Sequence[Transfer],
    planned: Mapping[UUID, Planned],
    changes: Mapping[UUID, list[dict[str, str]]],
) -> dict[UUID, int]:
    """One statement for all of them; returns the number of each row's attempt."""
    spelled = [
        {
            "id": row.id,
            "action": str(planned[row.vehicle_id].step),
            "payload_hash": planned[row.vehicle_id].payload_hash,
            "bookings": sorted(planned[row.vehicle_id].bookings),
            "changes": changes.get(row.vehicle_id, []),
        }
        for row in rows
    ]
    marked = session.execute(_MARK_SENDING, {"rows": json.dumps(spelled, default=str), "token": lease.token})
    return {row.id: row.attempt_count for row in marked}


_MARK_SENDING = text(
    """
    UPDATE transfer AS t SET state = 'sending', action = r.action, lease_token = :token,
        payload_hash = r.payload_hash, bookings = r.bookings, changes = r.changes,
        sent_at = now(), attempt_count = t.attempt_count + 1
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        id uuid, action text, payload_hash text, bookings text[], changes jsonb)
    WHERE t.id = r.id RETURNING t.id, t.attempt_count
    """
)


def _changes(
    session: Session, activation_id: UUID, updates: Sequence[Planned], labels: Mapping[str, str]
) -> dict[UUID, list[dict[str, str]]]:
    """What differs from the payload that the platform accepted last."""
    payloads = {item.vehicle_id: item.prepared.payload for item in updates if item.prepared}
    if not payloads:
        return {}
    rows = session.execute(
        select(Listing.vehicle_id, Listing.sent_payload).where(
            Listing.activation_id == activation_id, Listing.vehicle_id.in_(payloads)
        )
    )
    return {key: differences(old, payloads[key], labels) for key, old in rows if old}


def _creation_ids(session: Session, activation_id: UUID, creates: Sequence[Planned]) -> dict[UUID, UUID]:
    """Fix the creation_id and the payload of each create before it is sent.

    When an earlier create of unknown outcome carried another payload, nobody knows what the
    platform holds: `pending_hash` becomes NULL and an update follows in any case.
    """
    if not creates:
        return {}
    values = [
        {
            "activation_id": activation_id,
            "vehicle_id": item.vehicle_id,
            "state": ListingState.CREATING,
            "creation_id": item.known.creation_id or uuid4(),
            "pending_hash": _pending_hash(item),
            "internal_number": item.prepared.internal_number if item.prepared else "",
        }
        for item in creates
    ]
    statement = insert(Listing).values(values)
    renewed = ("state", "creation_id", "pending_hash", "internal_number")
    result = session.execute(
        statement.on_conflict_do_update(
            index_elements=["activation_id", "vehicle_id"],
            set_={name: statement.excluded[name] for name in renewed},
        ).returning(Listing.vehicle_id, Listing.creation_id)
    )
    return {vehicle_id: creation_id for vehicle_id, creation_id in result if creation_id}


def _pending_hash(item: Planned) -> str | None:
    known = item.known
    if known.state == ListingState.CREATING and known.pending_hash != item.payload_hash:
        return None
    return item.payload_hash


def release_unsent(session: Session, lease: Lease, transfer_ids: Collection[UUID]) -> None:
    """Claimed rows whose request never went out wait again, without an attempt."""
    session.execute(_RELEASE, {"ids": list(transfer_ids), "token": lease.token})


_RELEASE = text(
    """
    UPDATE transfer AS t SET attempt_count = attempt_count - 1, lease_token = NULL, sent_at = NULL,
        state = CASE WHEN EXISTS (
            SELECT 1 FROM transfer w WHERE w.activation_id = t.activation_id
            AND w.vehicle_id = t.vehicle_id AND w.state = 'waiting') THEN 'discarded' ELSE 'waiting' END
    WHERE t.id = ANY(:ids) AND t.lease_token = :token AND t.state = 'sending'
    """
)


def write_outcomes(session: Session, lease: Lease, settled: Sequence[Settled]) -> list[Settled]:
    """Write outcomes of rows that are still ours; returns those that were written.

    A row that another worker took over in the meantime is left to him, and so is its listing.
    """
    rows = json.dumps([_spell_row(item) for item in settled], default=str)
    written = set(session.scalars(_WRITE_OUTCOMES, {"rows": rows, "token": lease.token}))
    ours = [item for item in settled if item.sent.transfer_id in written]
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
        attempt_count = t.attempt_count - r.unburnt, lease_token = NULL,
        bookings = coalesce(r.bookings, t.bookings),
        finished_at = CASE WHEN r.state = 'waiting' THEN NULL ELSE now() END
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        id uuid, state text, feedback jsonb, attempt jsonb, listing_id text, url text,
        not_before timestamptz, unburnt int, bookings text[])
    WHERE t.id = r.id AND t.lease_token = :token AND t.state = 'sending'
    RETURNING t.id
    """
)


def _spell_row(item: Settled) -> dict[str, Any]:
    return {
        "id": item.sent.transfer_id,
        "state": item.state,
        "feedback": spell_feedback(item.feedback),
        "attempt": [item.attempt],
        "listing_id": item.listing_id,
        "url": item.url,
        "not_before": item.not_before,
        "unburnt": 0 if item.burnt else 1,
        "bookings": list(item.bookings) if item.bookings else None,
    }


def _write_listings(session: Session, activation_id: UUID, settled: Sequence[Settled]) -> None:
    """One statement for each set of columns that change: accepted ones, refused ones, …"""
    groups: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for item in settled:
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
