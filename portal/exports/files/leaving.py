"""Vehicles that must leave a file at once: some platforms take no sold or reserved car even for hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Interval, ScalarSelect, and_, case, func, literal, select, text
from sqlalchemy.orm import Session

from portal.models.exports import Activation, Listing, ListingState, RunKind, RunState
from portal.models.runs import Run
from portal.models.vehicles import OUT_OF_SALE, Vehicle
from portal.platforms import APPS

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
OVERTAKEN = timedelta(hours=1)
"""So long a change may take from its beginning, which `updated_at` says, to its commit: an import is one."""


def leaving() -> ColumnElement[bool]:
    """Of an activation: a vehicle of its file went out of sale since its last run was asked for or written.

    A file that was published meanwhile may have been overtaken by the change and still hold the vehicle. One
    that is held, or could not be delivered, is not written again for the same vehicle.
    """
    listed = (
        select(Listing.id)
        .where(
            Listing.activation_id == Activation.id,
            Listing.vehicle_id == Vehicle.id,
            Listing.state != ListingState.ABSENT,
        )
        .correlate(Activation, Vehicle)
        .exists()
    )
    gone = (
        select(Vehicle.id)
        .where(
            Vehicle.dealer_id == Activation.dealer_id,
            Vehicle.updated_at > func.coalesce(_looked_at(), LONG_AGO),
            text(f"({OUT_OF_SALE})"),
            listed,
        )
        .correlate(Activation)
        .exists()
    )
    return and_(Activation.app.in_(_apps()), gone)


def _looked_at() -> ScalarSelect[datetime]:
    """Up to when changes are in the newest run's file, or were a reason for it."""
    published = Run.state.in_((RunState.DONE, RunState.PARTIAL))
    earlier = case((published, literal(OVERTAKEN, Interval)), else_=literal(timedelta(), Interval))
    return (
        select(func.greatest(Run.created_at, Run.started_at) - earlier)
        .where(Run.activation_id == Activation.id, Run.kind == RunKind.FILE)
        .order_by(Run.id.desc())
        .limit(1)
        .correlate(Activation)
        .scalar_subquery()
    )


def is_leaving(session: Session, activation: Activation) -> bool:
    statement = select(Activation.id).where(Activation.id == activation.id, leaving())
    return session.scalar(statement) is not None


def _apps() -> list[str]:
    return [slug for slug, app in APPS.items() if app.file and app.file.leaves_at_once]
