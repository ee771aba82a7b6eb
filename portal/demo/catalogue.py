"""What the demo dealers sell: catalogue.csv, one line per version of a model, and the equipment that fits."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

from portal.vehicle_facts.data import (
    BodyType,
    Drive,
    Equipment,
    Fuel,
    Gearbox,
    HybridKind,
    Kind,
    VehicleClass,
)

FILE = Path(__file__).with_name("catalogue.csv")
HYBRIDS = {"mild": HybridKind.MILD, "full": HybridKind.FULL, "plugin": HybridKind.PLUG_IN}
COMBINED = {
    (Fuel.PETROL, HybridKind.FULL): Fuel.HYBRID_PETROL,
    (Fuel.PETROL, HybridKind.PLUG_IN): Fuel.HYBRID_PETROL,
}


@dataclass(frozen=True)
class DemoModel:
    make: str
    model: str
    vehicle_class: VehicleClass
    body: str
    """A body type, or the name of the class where a class has but one."""
    category: str
    since: int
    until: int | None
    """None: still built, so it may stand there as a new car."""
    version: str
    trims: tuple[str, ...]
    fuel: Fuel
    hybrid: HybridKind
    kw: int
    ccm: int | None
    cylinders: int | None
    gearbox: Gearbox
    gears: int
    drive: Drive | None
    doors: int | None
    seats: int
    use: tuple[float, ...]
    battery: int | None
    range: int | None
    list_price: int
    weight: int
    tank: int | None
    vin: str

    @classmethod
    def of_row(cls, row: dict[str, str]) -> DemoModel:
        """A line of the file."""
        name, _, assistance = row["fuel"].partition("+")
        hybrid = HYBRIDS.get(assistance, HybridKind.NONE)
        fuel = Fuel(name)
        return cls(
            make=row["make"],
            model=row["model"],
            vehicle_class=VehicleClass(row["class"]),
            body=row["body"],
            category=row["category"],
            since=int(row["from"]),
            until=_whole(row["until"]),
            version=row["version"],
            trims=tuple(row["trims"].split(",")),
            fuel=COMBINED.get((fuel, hybrid), fuel),
            hybrid=hybrid,
            kw=int(row["kw"]),
            ccm=_whole(row["ccm"]),
            cylinders=_whole(row["cylinders"]),
            gearbox=Gearbox(row["gearbox"]),
            gears=int(row["gears"]),
            drive=Drive(row["drive"]) if row["drive"] else None,
            doors=_whole(row["doors"]),
            seats=int(row["seats"]),
            use=tuple(float(value) for value in row["use"].split("/") if value),
            battery=_whole(row["battery"]),
            range=_whole(row["range"]),
            list_price=int(row["list"]),
            weight=int(row["kg"]),
            tank=_whole(row["tank"]),
            vin=row["vin"],
        )

    def facts(self) -> dict[str, object]:
        """Those of `VehicleData` that every vehicle of this model has."""
        return {
            "vehicle_class": self.vehicle_class,
            "body_type": self.body_type,
            "category_label": self.category,
            "make": self.make,
            "model": self.model,
            "power": self.kw,
            "displacement": self.ccm,
            "cylinders": self.cylinders,
            "gears": self.gears,
            "fuel": self.fuel,
            "hybrid": self.hybrid,
            "gearbox": self.gearbox,
            "drive": self.drive,
            "doors": self.doors,
            "seats": self.seats,
            "tank_volume": self.tank,
            "weight": self.weight,
            "particulate_filter": True if self.fuel is Fuel.DIESEL else None,
        }

    @property
    def electric(self) -> bool:
        return self.fuel is Fuel.ELECTRIC

    @property
    def body_type(self) -> BodyType:
        return BodyType(self.body) if self.vehicle_class is VehicleClass.CAR else BodyType.OTHER

    def fits(self, kind: Kind, vehicle_class: VehicleClass) -> bool:
        """Models from before 2000 are classics and nothing else; what is built no more is used."""
        classic = self.since < 2000
        if kind is Kind.CLASSIC or classic:
            return kind is Kind.CLASSIC and classic
        return self.vehicle_class is vehicle_class and (kind is Kind.USED or self.until is None)

    def features(self, year: int, rng: Random) -> set[str]:
        rich = self.list_price / 10_000 + (year - 2016) * 0.25
        chosen = set(BASIS.split())
        if year < 2000:
            return {"central_locking", "power_steering", "sunroof", "radio"}
        chosen |= _most(rng, COMFORT_FEATURES, 0.9 if rich > 1.8 else 0.55)
        if year >= 2018:
            chosen |= _most(rng, MODERN, 0.85)
        chosen |= _most(rng, UPPER, min(0.85, max(0.08, (rich - 2.0) * 0.2)))
        chosen |= _most(rng, LUXURY, min(0.7, max(0.0, (rich - 4.0) * 0.14)))
        if self.body in ("coupe", "convertible") or rng.random() < 0.15:
            chosen |= set(SPORT.split())
        chosen |= self._by_body(rng)
        # A vehicle has one air conditioning, one kind of headlights, one cruise control.
        if "climate_control_2_zones" not in chosen:
            chosen.add("climate_control" if rich > 2.2 else "air_conditioning")
        if "adaptive_cruise_control" in chosen:
            chosen.discard("cruise_control")
        if "headlights_led" not in chosen and rng.random() < 0.2:
            chosen.add("headlights_xenon")
        return chosen

    def _by_body(self, rng: Random) -> set[str]:
        chosen = {rng.choice(TYRES)}
        if self.electric:
            chosen |= {"heat_pump", "auxiliary_heating"} if rng.random() < 0.6 else {"auxiliary_heating"}
        if self.body_type in (BodyType.ESTATE, BodyType.OFF_ROAD, BodyType.MPV):
            chosen |= {"roof_rails"}
            if rng.random() < 0.4:
                chosen |= {rng.choice(("trailer_coupling_detachable", "trailer_coupling_swiveling"))}
        if self.body == "convertible":
            chosen.discard("panoramic_roof")
        return chosen


@lru_cache(maxsize=1)
def catalogue() -> tuple[DemoModel, ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(map(DemoModel.of_row, csv.DictReader(file, delimiter=";")))


def _whole(text: str) -> int | None:
    return int(text) if text else None


# Equipment that fits the age and the price of a vehicle.


BASIS = (
    "abs esp isofix immobilizer airbags_front_side central_locking power_windows power_steering "
    "board_computer radio"
)
COMFORT_FEATURES = (
    "power_mirrors multifunction_wheel cruise_control parking_sensors_rear bluetooth usb hands_free "
    "alloy_wheels arm_rest light_sensor rain_sensor tyre_pressure_monitoring start_stop hill_start_assist"
)
MODERN = (
    "lane_departure_warning collision_avoidance traffic_sign_recognition fatigue_warning touchscreen carplay "
    "android_auto radio_dab daytime_running_led"
)
UPPER = (
    "navigation heated_seats parking_sensors_front parking_camera_rear dimming_mirror headlights_led "
    "climate_control_2_zones keyless_entry voice_control digital_cockpit"
)
LUXURY = (
    "adaptive_cruise_control blind_spot_monitor high_beam_assist power_seats memory_seats power_tailgate "
    "panoramic_roof ambient_lighting sound_system wireless_charging head_up_display heated_steering_wheel"
)
SPORT = "sport_seats sport_suspension"
VAN_FEATURES = (
    "abs esp airbag_driver central_locking power_windows power_steering radio bluetooth usb hands_free "
    "air_conditioning"
)
VAN_EXTRAS = ("cruise_control", "parking_sensors_rear", "trailer_coupling_fix", "parking_camera_rear")
TYRES = ("summer_tyres", "all_season_tyres", "winter_tyres")
OPTIONS = (
    "Ablagenpaket",
    "Ausstattungspaket Winter",
    "Fahrerassistenz-Paket",
    "Metallic-Lackierung",
    "Einstiegsleisten beleuchtet",
    "Gepäckraumboden höhenverstellbar",
    "Dekoreinlagen Aluminium",
    "Scheibenwaschdüsen beheizt",
    "Sitzhöheneinstellung auf der Beifahrerseite",
    "Lordosenstützen vorne",
    "Dachhimmel schwarz",
    "Reserverad in Fahrbereifung",
)
VAN_LINES = ("Trennwand mit Fenster", "Laderaumverkleidung Holz", "Zurrschienen", "Hecktüren 270° öffnend")
HOME_LINES = (
    "Markise 4 m",
    "Rückfahrkamera",
    "Solaranlage 120 Wp",
    "Fahrradträger",
    "Festbett längs",
    "SAT-Anlage",
)
BIKE_LINES = ("Heizgriffe", "Koffersystem", "Hauptständer", "LED-Zusatzscheinwerfer", "Quickshifter")


def equipment(model: DemoModel, year: int, rng: Random) -> Equipment:
    if model.vehicle_class is VehicleClass.MOTORBIKE:
        return Equipment(features=frozenset(["abs", "board_computer"]), other=_some(rng, BIKE_LINES, 3))
    if model.vehicle_class in (VehicleClass.VAN, VehicleClass.MOTOR_HOME):
        extra = _some(rng, VAN_EXTRAS, 3)
        lines = HOME_LINES if model.vehicle_class is VehicleClass.MOTOR_HOME else VAN_LINES
        return Equipment(features=frozenset([*VAN_FEATURES.split(), *extra]), standard=_some(rng, lines, 3))
    return Equipment(
        features=frozenset(model.features(year, rng)),
        optional=_some(rng, OPTIONS, rng.randint(2, 4)),
    )


def _most(rng: Random, codes: str, share: float) -> set[str]:
    return {code for code in codes.split() if rng.random() < share}


def _some(rng: Random, lines: Sequence[str], count: int) -> tuple[str, ...]:
    return tuple(rng.sample(list(lines), min(count, len(lines))))
