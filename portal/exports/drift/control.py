"""What dealers ask for around a drift check (Bestand prüfen): that it begins, and repairs afterwards."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.mandate import demand_consent
from portal.messages import say
from portal.models.exports import (
    Activation,
    ActivationState,
    Listing,
    ListingState,
    RunKind,
    RunState,
    Trigger,
)
from portal.models.runs import OPEN_RUN, RUN_UNDER_WAY, Run
from portal.models.vehicles import Vehicle
from portal.outbox import note_forced, ring_after_commit
from portal.platforms import APPS
from portal.vehicles.publication import NO_CHOICE, choices_of, publish

CHECKED_STATES = (ActivationState.ACTIVE, ActivationState.LOCKED)
"""Reading is allowed while a lock holds what waits: it helps to judge the lock."""
NO_DRIFT: list[object] = []


def can_check(activation: Activation) -> bool:
    """Whether its stock can be checked now."""
    return activation.state in CHECKED_STATES and APPS[activation.app].kind == "api"


def request_check(session: Session, activation: Activation, user_id: UUID | None, trigger: Trigger) -> UUID:
    """Have the stock checked now; returns the run, also one that is under way already."""
    values = {"activation_id": activation.id, "kind": RunKind.CHECK, "trigger": trigger, "user_id": user_id}
    asked = (
        insert(Run)
        .values(values)
        .on_conflict_do_update(
            index_elements=["activation_id", "kind"],
            index_where=text(OPEN_RUN),
            set_={"not_before": None},
        )
    )
    ring_after_commit(session, [activation.id])
    return session.execute(asked.returning(Run.id)).scalar_one()


def cancel_questions(session: Session, activation_id: UUID) -> None:
    """The app ends: nobody will check its stock or try a vehicle."""
    questions = Run.kind.in_((RunKind.CHECK, RunKind.TRIAL))
    session.execute(
        update(Run)
        .where(Run.activation_id == activation_id, questions, Run.state.in_(RUN_UNDER_WAY))
        .values(
            state=RunState.CANCELLED,
            finished_at=func.now(),
            not_before=None,
            message=say("Abgebrochen, weil die App deaktiviert wurde."),
        )
    )


# Repairs of a listing that is not as it should be.


def drifted_ids(session: Session, activation_id: UUID) -> list[UUID]:
    """Vehicles whose listing differed from what was sent."""
    return list(
        session.scalars(
            select(Listing.vehicle_id).where(
                Listing.activation_id == activation_id, Listing.drift != NO_DRIFT
            )
        )
    )


def send_again(
    session: Session, activation: Activation, vehicle_ids: Collection[UUID], trigger: Trigger
) -> int:
    """Send the data once more, although nothing has changed; returns how many wait now."""
    return note_forced(session, activation.id, trigger, vehicle_ids) if vehicle_ids else 0


def publish_anew(
    session: Session, activation: Activation, vehicle_ids: Collection[UUID], trigger: Trigger
) -> int:
    """Have listings that vanished created again, unless the platform's list has them after all."""
    demand_consent(session)
    vanished = (
        Listing.activation_id == activation.id,
        Listing.vehicle_id.in_(vehicle_ids),
        Listing.state == ListingState.ONLINE,
        Listing.vanished_at.is_not(None),
    )
    ids = session.scalars(select(Listing.vehicle_id).where(*vanished)).all()
    # First the rows that wait, then the listings: the order in which a worker locks them.
    waiting = send_again(session, activation, ids, trigger)
    if waiting:
        session.execute(update(Listing).where(*vanished).values(state=ListingState.MISSING))
    return waiting


def withdraw(session: Session, activation: Activation, vehicle: Vehicle) -> bool:
    """Publish the vehicle there no longer. False: it was not released there any more."""
    choice = choices_of(session, vehicle).get(activation.id, NO_CHOICE)
    return publish(session, vehicle, vehicle.online, {activation.id: replace(choice, released=False)})
