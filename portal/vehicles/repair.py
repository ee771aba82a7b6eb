"""Texts that were spoilt at their source, mended once somebody said so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.models.vehicles import Vehicle
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.mojibake import spoilt_texts
from portal.vehicles.readiness import as_problems
from portal.vehicles.release import note_in_chunks

SPOILT: list[dict[str, str]] = [{"code": "text-spoilt"}]
AT_ONCE = 500


def repaired(facts: VehicleData) -> VehicleData:
    """With every spoilt text as it was probably meant."""
    data = facts.model_dump(mode="json", exclude_defaults=True)
    for path, text in list(spoilt_texts(data)):
        *parents, last = (int(part) if part.isdecimal() else part for part in path.split("."))
        holder: Any = data
        for part in parents:
            holder = holder[part]
        holder[last] = text
    return VehicleData.model_validate(data)


def count_spoilt(session: Session, dealer_id: UUID, location_id: UUID) -> int:
    counted = select(func.count()).select_from(_spoilt(dealer_id, location_id).subquery())
    return session.scalar(counted) or 0


def repair_texts(session: Session, dealer_id: UUID, location_id: UUID) -> int:
    """Mend the texts of a location's stock; the caller commits. Returns the number of vehicles."""
    last, count = UUID(int=0), 0
    spoilt = _spoilt(dealer_id, location_id).order_by(Vehicle.id).limit(AT_ONCE).with_for_update()
    while found := session.scalars(spoilt.where(Vehicle.id > last)).all():
        for vehicle in found:
            facts = repaired(vehicle.facts())
            vehicle.set_facts(facts)
            vehicle.problems = as_problems(facts)
            vehicle.updated_at = func.now()
        last, count = found[-1].id, count + len(found)
        session.flush()
        note_in_chunks(session, [vehicle.id for vehicle in found])
    return count


def _spoilt(dealer_id: UUID, location_id: UUID) -> Select[Any]:
    return select(Vehicle).where(
        Vehicle.dealer_id == dealer_id,
        Vehicle.location_id == location_id,
        Vehicle.withdrawn_at.is_(None),
        Vehicle.problems.contains(SPOILT),
    )
