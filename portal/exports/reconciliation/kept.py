"""Listings that the dealer has left at the platform on purpose: they are no surprise to anybody."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from portal.exports.reconciliation.sides import Decision
from portal.models.exports import RunKind
from portal.models.runs import Match, Run

LEFT = (Decision.KEEP, Decision.REFUSED)


def left_there(activation_id: UUID) -> Select[str | None]:
    """Their ids at the platform."""
    return (
        select(Match.listing_id)
        .join(Run, Run.id == Match.run_id)
        .where(
            Run.activation_id == activation_id,
            Run.kind == RunKind.RECONCILIATION,
            Match.decision.in_(LEFT),
        )
    )
