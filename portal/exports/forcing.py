"""What a transfer that is given up for a newer one hands on to it.

Quick changes fold: where a newer row waits, it stands for both. When the older one had to be sent in any
case (full transfer, sent again by hand), the newer one has to be as well, and belongs to its run.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


def hand_on(session: Session, activation_id: UUID, transfer_ids: Collection[UUID] | None = None) -> None:
    """Before rows that are being sent (these, or all of the activation) are put back to waiting."""
    session.execute(
        _HAND_ON,
        {"activation": activation_id, "all": transfer_ids is None, "ids": list(transfer_ids or ())},
    )


_HAND_ON = text(
    """
    WITH folded AS (
        UPDATE transfer AS t SET run_id = NULL, forced = false
        FROM transfer AS w
        WHERE t.activation_id = :activation AND t.state = 'sending' AND t.forced
            AND (:all OR t.id = ANY(:ids))
            AND w.activation_id = t.activation_id AND w.vehicle_id = t.vehicle_id AND w.state = 'waiting'
        RETURNING w.id, old.run_id)
    UPDATE transfer AS w SET forced = true, run_id = coalesce(f.run_id, w.run_id)
    FROM folded AS f WHERE w.id = f.id
    """
)
