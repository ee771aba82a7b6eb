"""Changes to the stock, each in one place: the row, its problems, and the note for the engine.

The caller commits.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from portal.models.accounts import Dealer, Location
from portal.models.vehicles import Vehicle
from portal.outbox import note_changes
from portal.vehicles import plan
from portal.vehicles.data import VehicleData
from portal.vehicles.days import today
from portal.vehicles.images import add_image
from portal.vehicles.readiness import as_problems
from portal.vehicles.release import apply_presets, locked


def create_vehicle(
    session: Session, dealer: Dealer, location: Location, facts: VehicleData, images: Collection[bytes] = ()
) -> Vehicle:
    """Take a vehicle into the stock, from today unless it says since when, and release it by the presets.

    Raises IntegrityError when its number is taken at this location.
    """
    if facts.stock_date is None:
        facts = facts.model_copy(update={"stock_date": today()})
    vehicle = Vehicle(dealer_id=dealer.id, location_id=location.id, online=dealer.release_new_vehicles)
    _write(vehicle, facts)
    session.add(vehicle)
    session.flush()
    for data in images:
        add_image(session, vehicle, data)
    apply_presets(session, dealer.id, vehicle_ids=[vehicle.id])
    note_changes(session, [vehicle.id])
    return vehicle


def save_vehicle(
    session: Session, vehicle: Vehicle, facts: VehicleData, location: Location | None = None
) -> bool:
    """Take over facts and location; False, and nothing noted, when both are as they were."""
    moved = location is not None and location.id != vehicle.location_id
    if not moved and facts == vehicle.facts():
        return False
    was_exported = moved and plan.is_exported(session, vehicle)
    _write(vehicle, facts)
    if location is not None and moved:
        vehicle.location_id = location.id
    vehicle.updated_at = func.now()
    session.flush()
    if moved and not was_exported:
        plan.keep_offline(session, vehicle.dealer_id, [vehicle.id])
    if moved:
        apply_presets(session, vehicle.dealer_id, vehicle_ids=[vehicle.id])
    note_changes(session, [vehicle.id])
    return True


def withdraw(session: Session, dealer_id: UUID, vehicle_ids: Collection[UUID]) -> int:
    """Out of the stock: listings end, the numbers are free again. Returns how many were in it."""
    in_stock = Vehicle.withdrawn_at.is_(None)
    statement = (
        update(Vehicle)
        .where(Vehicle.id.in_(locked(dealer_id, vehicle_ids, in_stock)))
        .values(withdrawn_at=func.now(), updated_at=func.now())
        .returning(Vehicle.id)
    )
    gone = list(session.scalars(statement))
    note_changes(session, gone)
    return len(gone)


def _write(vehicle: Vehicle, facts: VehicleData) -> None:
    vehicle.set_facts(facts)
    vehicle.problems = as_problems(facts)
