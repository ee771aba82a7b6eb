"""Changes to the stock, each in one place: the row, its problems, and the note for the engine.

The caller commits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.models.accounts import Dealer, Location
from portal.models.vehicles import Vehicle
from portal.outbox import note_changes
from portal.vehicle_facts.data import VehicleData
from portal.vehicles import export_limit
from portal.vehicles.images import add_image
from portal.vehicles.readiness import as_problems
from portal.vehicles.release import apply_presets, locked, note_in_chunks


def create_vehicle(
    session: Session, dealer: Dealer, location: Location, facts: VehicleData, images: Collection[bytes] = ()
) -> Vehicle:
    """Take a vehicle into the stock, from today unless it says since when, and release it by the presets.

    Raises IntegrityError when its number is taken at this location.
    """
    if facts.stock_date is None:
        facts = facts.model_copy(update={"stock_date": today()})
    vehicle = Vehicle(dealer_id=dealer.id, location_id=location.id, online=dealer.release_new_vehicles)
    write_facts(vehicle, facts)
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
    was_exported = moved and export_limit.is_exported(session, vehicle)
    write_facts(vehicle, facts)
    if location is not None and moved:
        vehicle.location_id = location.id
    vehicle.updated_at = func.now()
    session.flush()
    if moved and not was_exported:
        export_limit.keep_offline(session, vehicle.dealer_id, [vehicle.id])
    if moved:
        apply_presets(session, vehicle.dealer_id, vehicle_ids=[vehicle.id])
    note_changes(session, [vehicle.id])
    return True


def withdraw(session: Session, dealer_id: UUID, vehicle_ids: Collection[UUID], *, bulk: bool = False) -> int:
    """Out of the stock: listings end, the numbers are free again. Returns how many were in it."""
    in_stock = Vehicle.withdrawn_at.is_(None)
    statement = (
        update(Vehicle)
        .where(Vehicle.id.in_(locked(dealer_id, vehicle_ids, in_stock)))
        .values(withdrawn_at=func.now(), updated_at=func.now())
        .returning(Vehicle.id)
    )
    gone = list(session.scalars(statement))
    note_in_chunks(session, gone, bulk=bulk)
    return len(gone)


def write_facts(vehicle: Vehicle, facts: VehicleData) -> None:
    """Into the row, with the problems that they have wherever it is exported."""
    vehicle.set_facts(facts)
    vehicle.problems = as_problems(facts)


# Two people change one vehicle: what each of them changed stays, what both changed is asked.


Values = Mapping[str, Any]
"""A value for each field, by its dotted name."""


@dataclass(frozen=True)
class Merge:
    """`merged` holds the form's value where both changed a field: nothing typed is lost.

    `conflicts`: changed in both places, to different values. `kept`: changed only in the meantime.
    """

    merged: dict[str, Any]
    conflicts: tuple[str, ...]
    kept: tuple[str, ...]


def merge(
    base: Values,
    stored: Values,
    typed: Values,
    alike: Callable[[str, Any, Any], bool] = lambda _name, one, other: bool(one == other),
) -> Merge:
    """Bring together what is stored now and what was typed into a form made from `base`.

    All three have the same names. `alike(name, one, other)` says whether two values of a field mean the same.
    """
    here = {name for name in base if not alike(name, base[name], typed[name])}
    elsewhere = {name for name in base if not alike(name, base[name], stored[name])}
    apart = {name for name in here & elsewhere if not alike(name, stored[name], typed[name])}
    return Merge(
        {name: typed[name] if name in here else stored[name] for name in base},
        tuple(name for name in base if name in apart),
        tuple(name for name in base if name in elsewhere - here),
    )
