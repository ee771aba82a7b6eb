"""German words for the enumerations of a vehicle, as files for people and small marketplaces show them."""

from __future__ import annotations

from portal.messages import N_
from portal.vehicle_facts.data import (
    BodyType,
    Drive,
    Fuel,
    Gearbox,
    HybridKind,
    Kind,
    Taxation,
    VehicleClass,
)

KINDS = {
    Kind.USED: "Gebrauchtwagen",
    Kind.NEW: "Neuwagen",
    Kind.DEMONSTRATOR: "Vorführwagen",
    Kind.ONE_DAY_REGISTRATION: "Tageszulassung",
    Kind.EMPLOYEES_CAR: "Jahreswagen",
    Kind.CLASSIC: "Oldtimer",
}
CLASSES = {
    VehicleClass.CAR: N_("Pkw"),
    VehicleClass.MOTORBIKE: N_("Motorrad"),
    VehicleClass.VAN: N_("Transporter"),
    VehicleClass.MOTOR_HOME: N_("Wohnmobil"),
    VehicleClass.CARAVAN: N_("Wohnwagen"),
    VehicleClass.TRAILER: N_("Anhänger"),
    VehicleClass.TRUCK: N_("Lkw"),
    VehicleClass.SEMI_TRAILER_TRUCK: N_("Sattelzugmaschine"),
    VehicleClass.SEMI_TRAILER: N_("Auflieger"),
    VehicleClass.BUS: N_("Bus"),
    VehicleClass.CONSTRUCTION_MACHINE: N_("Baumaschine"),
    VehicleClass.AGRICULTURAL: N_("Landmaschine"),
    VehicleClass.FORKLIFT: N_("Gabelstapler"),
    VehicleClass.E_BIKE: N_("E-Bike"),
    VehicleClass.OTHER: N_("Sonderfahrzeug"),
}
BODIES = {
    BodyType.SMALL_CAR: "Kleinwagen",
    BodyType.SALOON: "Limousine",
    BodyType.ESTATE: "Kombi",
    BodyType.CONVERTIBLE: "Cabrio/Roadster",
    BodyType.COUPE: "Sportwagen/Coupé",
    BodyType.OFF_ROAD: "SUV/Geländewagen/Pickup",
    BodyType.MPV: "Van/Kleinbus",
    BodyType.OTHER: "Andere",
}
FUELS = {
    Fuel.PETROL: "Benzin",
    Fuel.DIESEL: "Diesel",
    Fuel.LPG: "Autogas (LPG)",
    Fuel.CNG: "Erdgas (CNG)",
    Fuel.ELECTRIC: "Elektro",
    Fuel.HYBRID_PETROL: "Hybrid (Benzin/Elektro)",
    Fuel.HYBRID_DIESEL: "Hybrid (Diesel/Elektro)",
    Fuel.HYDROGEN: "Wasserstoff",
    Fuel.ETHANOL: "Ethanol",
    Fuel.OTHER: "Andere",
}
HYBRIDS = {
    HybridKind.NONE: "",
    HybridKind.MILD: "Mild-Hybrid",
    HybridKind.FULL: "Vollhybrid",
    HybridKind.PLUG_IN: "Plug-in-Hybrid",
}
GEARBOXES = {
    Gearbox.MANUAL: "Schaltgetriebe",
    Gearbox.SEMI_AUTOMATIC: "Halbautomatik",
    Gearbox.AUTOMATIC: "Automatik",
}
DRIVES = {Drive.FRONT: "Vorderrad", Drive.REAR: "Hinterrad", Drive.ALL_WHEEL: "Allrad"}
TAXATIONS = {Taxation.VAT_DEDUCTIBLE: "MwSt. ausweisbar", Taxation.MARGIN_SCHEME: "§ 25a UStG"}
STICKERS = {"none": "keine", "red": "rot", "yellow": "gelb", "green": "grün"}
