"""The waiting side of the transfer table: recover, look, lock, note what will be sent.

A row is locked *before* its vehicle is read: whoever changes the vehicle locks the same row
(portal/outbox), so a change is either seen here or leaves a row that waits.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from portal.exports.lease import Lease
from portal.exports.outcomes import spell_feedback
from portal.exports.planning import Planned, Step
from portal.models.exports import Listing, Transfer, TransferState
from portal.vehicles.standing import NOT_TAKEN

IDLE = (Step.NOTHING, Step.BLOCKED)
_DUE = or_(Transfer.not_before.is_(None), Transfer.not_before <= func.now())


class Waiting(NamedTuple):
    """A locked row that waits."""

    id: UUID
    vehicle_id: UUID


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


def lock(session: Session, transfer_ids: Collection[UUID]) -> list[Waiting]:
    """Lock those that still wait; rows that a change holds right now are left for its own ring."""
    statement = (
        select(Transfer.id, Transfer.vehicle_id)
        .where(Transfer.id.in_(transfer_ids), Transfer.state == TransferState.WAITING)
        .order_by(Transfer.vehicle_id)
        .with_for_update(skip_locked=True, of=Transfer)
    )
    return [Waiting(*row) for row in session.execute(statement)]


def forget_idle(session: Session, rows: Sequence[Waiting], planned: Iterable[Planned]) -> None:
    """Locked rows with nothing to send disappear; why (preflight) stays with the publication."""
    wanted = {item.vehicle_id for item in planned if item.step not in IDLE}
    idle = [row.id for row in rows if row.vehicle_id not in wanted]
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
            "problems": spell_feedback(item.prepared.problems if item.prepared else ()),
            "hints": spell_feedback(item.prepared.hints if item.prepared else ()),
        }
        for item in planned
    ]
    if rows:
        session.execute(_NOTE_CHECKS, {"activation": activation_id, "rows": json.dumps(rows, default=str)})


_NOTE_CHECKS = text(
    """
    UPDATE publication AS p SET problems = r.problems, hints = r.hints
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, problems jsonb, hints jsonb)
    WHERE p.activation_id = :activation AND p.vehicle_id = r.vehicle_id
        AND (p.problems <> r.problems OR p.hints <> r.hints)
    """
)
