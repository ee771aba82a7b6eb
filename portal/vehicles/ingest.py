"""Vehicles that a dealer's own tools hand over: taken by offer number, as often as they come.

The facts that are given replace those of the vehicle; pictures and releases stay. A vehicle that had left
the stock comes back as itself, so its listings are not made anew. The caller commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.models.accounts import Dealer, Location
from portal.models.vehicles import Vehicle, VehicleImport
from portal.vehicle_facts.data import VehicleData
from portal.vehicles import export_limit
from portal.vehicles.release import apply_presets, find_without_room, note_in_chunks
from portal.vehicles.stock import withdraw, write_facts
from portal.vehicles.stock_import import looks_cut, one_at_a_time

StockKey = tuple[UUID, str]
"""Location and offer number."""


class IngestEffect(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class GivenVehicle:
    """`online` switches the vehicle on or off; None leaves it, a new one follows the dealer's preset."""

    location: Location
    facts: VehicleData
    online: bool | None = None

    @property
    def key(self) -> StockKey:
        return self.location.id, self.facts.offer_number


@dataclass(frozen=True)
class IngestResult:
    vehicle: Vehicle
    taken: IngestEffect
    without_room: bool = False
    """Not released, or not switched on, because the dealer's plan has no room."""


def put_vehicles(session: Session, dealer: Dealer, given: Sequence[GivenVehicle]) -> list[IngestResult]:
    """Take vehicles over, in a number of queries that grows with nothing but what is new or changed.

    The keys must differ. Imports and other hand-overs at the same locations wait meanwhile.
    """
    for location in sorted({one.location for one in given}, key=lambda place: place.id):
        one_at_a_time(session, location)
    export_limit.hold(session, dealer.id)
    known = _known(session, dealer, [one.key for one in given])
    idle = {vehicle.id for vehicle in known.values() if not vehicle.online or vehicle.withdrawn_at}
    results = [_put(session, dealer, one, known.get(one.key)) for one in given]
    session.flush()
    touched = [result for result in results if result.taken != IngestEffect.UNCHANGED]
    new = [result.vehicle.id for result in touched if result.taken == IngestEffect.CREATED]
    held = export_limit.keep_offline(session, dealer.id, idle)
    apply_presets(session, dealer.id, vehicle_ids=new, bulk=len(touched) > 1)
    note_in_chunks(session, [result.vehicle.id for result in touched], bulk=len(touched) > 1)
    held |= find_without_room(session, dealer.id, vehicle_ids=new)
    return [replace(result, without_room=True) if result.vehicle.id in held else result for result in results]


@dataclass(frozen=True)
class StockEffect:
    """`cut_short`: so many left the stock that the list was probably cut (`stock_import.looks_cut`)."""

    results: list[IngestResult]
    withdrawn: int
    cut_short: bool


def put_stock(
    session: Session,
    dealer: Dealer,
    location: Location,
    given: Sequence[GivenVehicle],
    named: Collection[str],
    source: str,
) -> StockEffect:
    """The whole stock of a location: what is not in the list leaves it. The caller commits.

    `named` are the numbers of vehicles in the list that could not be read: they stay as they are. Where
    nothing could be read, or one had no readable number (an empty one), nothing leaves.
    Reported like a complete import, so the mass-change guard knows of a list that was probably cut.
    """
    one_at_a_time(session, location)
    results = put_vehicles(session, dealer, given)
    kept = {one.facts.offer_number for one in given} | set(named)
    missing = select(Vehicle.id).where(
        Vehicle.dealer_id == dealer.id,
        Vehicle.location_id == location.id,
        Vehicle.withdrawn_at.is_(None),
        Vehicle.offer_number.not_in(kept),
    )
    ids = list(session.scalars(missing)) if given and "" not in kept else []
    withdrawn = withdraw(session, dealer.id, ids, bulk=True)
    counts = Counter(one.taken for one in results)
    record = VehicleImport(
        dealer_id=dealer.id, location_id=location.id, file_name=source[:200], partial=False
    )
    record.taken = counts[IngestEffect.CREATED]
    record.changed, record.unchanged = counts[IngestEffect.CHANGED], counts[IngestEffect.UNCHANGED]
    record.rejected, record.withdrawn = len(named), withdrawn
    record.cut_short = looks_cut(len(results) - record.taken + withdrawn, len(results), withdrawn)
    record.finished_at = func.clock_timestamp()
    session.add(record)
    return StockEffect(results, withdrawn, record.cut_short)


def _known(session: Session, dealer: Dealer, keys: Sequence[StockKey]) -> Mapping[StockKey, Vehicle]:
    """What is in stock under these numbers, else what left it last; locked in the order of the ids."""
    rows = session.scalars(
        select(Vehicle)
        .where(
            Vehicle.dealer_id == dealer.id, tuple_(Vehicle.location_id, Vehicle.offer_number).in_(list(keys))
        )
        .order_by(Vehicle.id)
        .with_for_update(of=Vehicle)
    ).all()
    found: dict[StockKey, Vehicle] = {}
    for row in rows:
        key = row.location_id, row.offer_number
        if key not in found or _rank(row) > _rank(found[key]):
            found[key] = row
    return found


def _rank(vehicle: Vehicle) -> tuple[bool, float]:
    left = vehicle.withdrawn_at
    return left is None, left.timestamp() if left else 0.0


def _put(session: Session, dealer: Dealer, given: GivenVehicle, vehicle: Vehicle | None) -> IngestResult:
    if vehicle is None:
        facts = _since(given.facts, VehicleData(offer_number=given.facts.offer_number, stock_date=today()))
        vehicle = Vehicle(dealer_id=dealer.id, location_id=given.location.id)
        vehicle.online = dealer.release_new_vehicles if given.online is None else given.online
        write_facts(vehicle, facts)
        session.add(vehicle)
        return IngestResult(vehicle, IngestEffect.CREATED)
    before = vehicle.facts()
    facts = _since(given.facts, before)
    switched = given.online is not None and given.online != vehicle.online
    if facts == before and not switched and vehicle.withdrawn_at is None:
        return IngestResult(vehicle, IngestEffect.UNCHANGED)
    if switched:
        vehicle.online = bool(given.online)
    vehicle.withdrawn_at = None
    vehicle.updated_at = func.now()
    write_facts(vehicle, facts)
    return IngestResult(vehicle, IngestEffect.CHANGED)


def _since(facts: VehicleData, known: VehicleData) -> VehicleData:
    """Who does not say since when a vehicle is in stock does not change it."""
    return facts if facts.stock_date else facts.model_copy(update={"stock_date": known.stock_date})
