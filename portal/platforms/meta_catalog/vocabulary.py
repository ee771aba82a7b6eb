"""Our facts in the words of the catalogue."""

from __future__ import annotations

from portal.platforms.common.energy import is_plug_in, sold_as
from portal.vehicle_facts.data import BodyType, Drive, Fuel, Gearbox, Kind, VehicleClass, VehicleData
from portal.vehicle_facts.identity import class_of

TYPES = {
    VehicleClass.CAR: "CAR_TRUCK",
    VehicleClass.MOTORBIKE: "MOTORCYCLE",
    VehicleClass.VAN: "COMMERCIAL",
    VehicleClass.MOTOR_HOME: "RV_CAMPER",
}
"""What the catalogue takes; trailers, trucks and coaches are none of it."""
BODIES = {
    BodyType.SMALL_CAR: "SMALL_CAR",
    BodyType.SALOON: "SEDAN",
    BodyType.ESTATE: "WAGON",
    BodyType.CONVERTIBLE: "CONVERTIBLE",
    BodyType.COUPE: "COUPE",
    BodyType.OFF_ROAD: "SUV",
    BodyType.MPV: "MINIVAN",
    BodyType.OTHER: "OTHER",
}
"""Of the words in the operator's page, which TikTok takes too; the SDK knows these and more."""
FUELS = {
    Fuel.PETROL: "GASOLINE",
    Fuel.DIESEL: "DIESEL",
    Fuel.ELECTRIC: "ELECTRIC",
    Fuel.HYBRID_PETROL: "HYBRID",
    Fuel.HYBRID_DIESEL: "HYBRID",
    Fuel.ETHANOL: "FLEX",
}
DRIVES = {Drive.FRONT: "FWD", Drive.REAR: "RWD", Drive.ALL_WHEEL: "AWD"}


def state(vehicle: VehicleData) -> str:
    return "NEW" if vehicle.kind is Kind.NEW else "USED"


def body(vehicle: VehicleData) -> str:
    if class_of(vehicle) is not VehicleClass.CAR:
        return "OTHER"
    return BODIES[vehicle.body_type] if vehicle.body_type else "OTHER"


def fuel(vehicle: VehicleData, mild_hybrid_as: str) -> str:
    if is_plug_in(vehicle):
        return "HYBRID"
    sold = sold_as(vehicle, mild_hybrid_as)
    return FUELS.get(sold, "OTHER") if sold else ""


def transmission(vehicle: VehicleData) -> str:
    if vehicle.gearbox is None:
        return ""
    return {Gearbox.MANUAL: "MANUAL", Gearbox.AUTOMATIC: "AUTOMATIC"}.get(vehicle.gearbox, "OTHER")


def drivetrain(vehicle: VehicleData) -> str:
    return DRIVES[vehicle.drive] if vehicle.drive else ""
