"""How many vehicles a dealer's plan lets out, and what happens to those that do not fit.

A vehicle is exported when it is in stock, online, and released at a live app of its location; several apps
count once. A limit refuses or leaves out what is new. It never takes offline what was exported before.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import Session

from portal.messages import Wording, say_count
from portal.models.accounts import Dealer
from portal.models.exports import SERVED, Activation
from portal.models.vehicles import Publication, Vehicle
from portal.outbox import note_changes


def limit_of(session: Session, dealer_id: UUID) -> int | None:
    return session.get_one(Dealer, dealer_id).max_exported_vehicles


def hold(session: Session, dealer_id: UUID) -> None:
    """Where the plan has a limit, nobody else uses up its room until the commit.

    Taken before vehicles are locked: whoever holds a plan waits for vehicles, never the other way round.
    """
    limited = select(Dealer.id).where(Dealer.id == dealer_id, Dealer.max_exported_vehicles.is_not(None))
    session.execute(limited.with_for_update(key_share=True))


def exported(dealer_id: UUID) -> Select[UUID]:
    return select(Vehicle.id).where(_in_stock(dealer_id), Vehicle.online, is_released())


def is_released(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """At a live app of the vehicle's location."""
    return (
        exists()
        .where(
            Publication.vehicle_id == Vehicle.id,
            Publication.released,
            Activation.id == Publication.activation_id,
            Activation.state.in_(SERVED),
            Activation.location_id == Vehicle.location_id,
            *which,
        )
        .correlate(Vehicle)
    )


def _in_stock(dealer_id: UUID) -> ColumnElement[bool]:
    return (Vehicle.dealer_id == dealer_id) & Vehicle.withdrawn_at.is_(None)


def count_exported(session: Session, dealer_id: UUID) -> int:
    return session.scalar(select(func.count()).select_from(exported(dealer_id).subquery())) or 0


def is_exported(session: Session, vehicle: Vehicle) -> bool:
    """Never asked where there is no limit: then it says no."""
    if limit_of(session, vehicle.dealer_id) is None:
        return False
    found = select(Vehicle.id).where(
        Vehicle.id == vehicle.id, Vehicle.withdrawn_at.is_(None), Vehicle.online, is_released()
    )
    return session.scalar(found) is not None


def free_slots(session: Session, dealer_id: UUID) -> int | None:
    """So many vehicles more; None without a limit, and then nothing is asked."""
    most = limit_of(session, dealer_id)
    if most is None:
        return None
    hold(session, dealer_id)
    return max(most - count_exported(session, dealer_id), 0)


def count_becoming(session: Session, dealer_id: UUID, vehicle_ids: Select[UUID]) -> int:
    """How many of these would be exported once they are online, and are not yet."""
    new = select(Vehicle.id).where(
        _in_stock(dealer_id), ~Vehicle.online, Vehicle.id.in_(vehicle_ids), is_released()
    )
    return session.scalar(select(func.count()).select_from(new.subquery())) or 0


def keep_offline(
    session: Session, dealer_id: UUID, vehicle_ids: Collection[UUID] | Select[UUID]
) -> set[UUID]:
    """Of vehicles that have just come online with releases of an earlier time, switch off what does not
    fit: the newest. Returns them."""
    over = _over(session, dealer_id)
    if not over:
        return set()
    last = exported(dealer_id).where(Vehicle.id.in_(vehicle_ids)).order_by(Vehicle.id.desc()).limit(over)
    statement = update(Vehicle).where(Vehicle.id.in_(last)).values(online=False).returning(Vehicle.id)
    held = set(session.scalars(statement.execution_options(synchronize_session="fetch")))
    note_changes(session, held)
    return held


def take_back(session: Session, activation: Activation) -> int:
    """An app that is activated again has releases of its earlier time: keep those that fit."""
    over = _over(session, activation.dealer_id)
    if not over:
        return 0
    only_here = exported(activation.dealer_id).where(
        is_released(Activation.id == activation.id), ~is_released(Activation.id != activation.id)
    )
    last = only_here.order_by(Vehicle.id.desc()).limit(over)
    here = (Publication.activation_id == activation.id, Publication.vehicle_id.in_(last))
    statement = update(Publication).where(*here).values(released=False).returning(Publication.vehicle_id)
    return len(session.scalars(statement).all())


def _over(session: Session, dealer_id: UUID) -> int:
    """So many vehicles more than the plan has."""
    session.flush()
    most = limit_of(session, dealer_id)
    if most is None:
        return 0
    hold(session, dealer_id)
    return max(count_exported(session, dealer_id) - most, 0)


def left_out(count: int) -> Wording:
    """What to say of vehicles that were not released for want of room; empty for none."""
    if not count:
        return ""
    return say_count(
        "1 Fahrzeug wurde nicht freigegeben: Die Zahl der Fahrzeuge in Ihrem Tarif ist erreicht.",
        "{count} Fahrzeuge wurden nicht freigegeben: Die Zahl der Fahrzeuge in Ihrem Tarif ist erreicht.",
        count=count,
    )
