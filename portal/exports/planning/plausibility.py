"""What is odd about a vehicle stands among the hints of its activations: there it is counted and found."""

from __future__ import annotations

from portal.calendar import today
from portal.models.vehicles import ODD
from portal.platforms.contract import Feedback, Json
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.plausibility import oddities


def odd_hints(vehicle: VehicleData) -> list[Json]:
    """As they are stored, by the vehicle's own facts; what others cost is compared on its form alone."""
    found = oddities(vehicle, today())
    return [Feedback(one.code, one.of_many, one.place).as_json() | ODD for one in found]
