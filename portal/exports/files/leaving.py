"""Vehicles that must leave a file at once: some platforms take no sold or reserved car even for hours."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.models.exports import Activation, Listing, ListingState, RunKind
from portal.models.runs import Run
from portal.models.vehicles import Vehicle
from portal.platforms import APPS

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def leaving() -> ColumnElement[bool]:
    """Of an activation: since its last run was asked for, or last written, a vehicle of its file went out
    of sale. A file that is held is not written again for the same vehicle."""
    asked = (
        select(func.max(func.greatest(Run.created_at, Run.started_at)))
        .where(Run.activation_id == Activation.id, Run.kind == RunKind.FILE)
        .correlate(Activation)
        .scalar_subquery()
    )
    gone = (
        select(Listing.id)
        .join(Vehicle, Vehicle.id == Listing.vehicle_id)
        .where(
            Listing.activation_id == Activation.id,
            Listing.state != ListingState.ABSENT,
            Vehicle.updated_at > func.coalesce(asked, LONG_AGO),
            _out_of_sale(),
        )
        .correlate(Activation)
        .exists()
    )
    return and_(Activation.app.in_(_apps()), gone)


def is_leaving(session: Session, activation: Activation) -> bool:
    statement = select(Activation.id).where(Activation.id == activation.id, leaving())
    return session.scalar(statement) is not None


def _out_of_sale() -> ColumnElement[bool]:
    return or_(
        ~Vehicle.online,
        Vehicle.withdrawn_at.is_not(None),
        Vehicle.data["reserved"].as_boolean(),
        Vehicle.data["sold"].as_boolean(),
    )


def _apps() -> list[str]:
    return [slug for slug, app in APPS.items() if app.file and app.file.leaves_at_once]
