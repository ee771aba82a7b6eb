"""The category words of the CSV layout and of dealer systems: which class of vehicle, which body.

A passenger car is what a word says is one, or what has no word at all. Trailers, caravans, trucks, coaches
and machines have no duty to state consumption (Pkw-EnVKV) and no place in feeds for cars. A word that
nobody knows makes an unknown class: such a vehicle is neither freed from the duty nor shown as a car.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from portal.vehicle_facts.repeated import repeated
from portal.vehicle_facts.spelling import folded
from portal.vehicle_facts.understanding import names_nothing

BODY_WORDS: dict[str, tuple[str, ...]] = {
    "small_car": (
        "SmallCar",
        "Kleinwagen",
        "City car",
        "Compact",
        "Kompaktwagen",
        "Kleinstwagen",
        "Kompakt",
        "Kompaktklasse",
        "Hatchback",
    ),
    "saloon": (
        "Limousine",
        "Saloon",
        "Sedan",
        "Schräghecklimousine",
        "Stufenheck",
        "Schrägheck",
        "Fließheck",
        *("Limo", "Fastback", "Liftback", "Sportback"),
    ),
    "estate": (
        "EstateCar",
        "Kombi",
        "Estate",
        "StationWagon",
        "Station wagon",
        "Kombilimousine",
        "Wagon",
        "Shooting Brake",
    ),
    "convertible": (
        *("Cabrio", "Cabriolet", "Roadster", "Cabrio/Roadster", "Convertible", "Kabriolett", "Targa"),
    ),
    "coupe": ("SportsCar", "Sportwagen", "Coupé", "Coupe", "Sportwagen/Coupé", "Sport/Coupé"),
    "off_road": (
        *("OffRoad", "Geländewagen", "SUV", "SUV/Geländewagen/Pickup", "Geländewagen/Pickup", "Pickup"),
        *("SUV/Geländewagen", "SUV/Pickup", "Off-Road", "Pick-up", "OffRoader", "Crossover"),
        *("Pickup Truck", "M1G"),
    ),
    "mpv": (
        "Van",
        "Kleinbus",
        "Van/Kleinbus",
        "Minibus",
        "Van/Minibus",
        "MPV",
        "Minivan",
        "Großraumlimousine",
        "Großraum",
        "Großraumvan",
        *("VW Bus", "Bulli"),
    ),
    "other": (
        "OtherCar",
        "Andere",
        "Andere Pkw",
        "Sonstige",
        "Pkw",
        "Personenkraftwagen",
        "Auto",
        "Car",
        "Oldtimer",
        "Youngtimer",
        "Taxi",
        *("Personenwagen", "M1"),
    ),
}
"""Of cars. The first spelling of each is the one of the format."""

CLASS_WORDS: dict[str, tuple[str, ...]] = {
    "motorbike": (
        *("Motorbike", "Motorrad", "OtherMotorbike", "Chopper", "Chopper/Cruiser", "Cruiser", "Enduro"),
        *(
            "Enduro/Reiseenduro",
            "Motorcycle",
            "Naked Bike",
            "NakedBike",
            "Roller",
            "Roller/Scooter",
            "Scooter",
        ),
        *("Sportler", "Sportler/Supersportler", "SportsBike", "Sporttourer", "SportTouringMotorcycle"),
        *(
            "SuperMoto",
            "Tourer",
            "Trike",
            "Quad",
            "ATV",
            "Motorräder",
            "Kraftrad",
            "Krad",
            "Moped",
        ),
        *("Mofa", "Mokick", "Mofa/Mokick/Moped", "LightMotorbike", "Leichtkraftrad", "Kleinkraftrad"),
        *("Gespann", "Gespann/Seitenwagen", "CombinationVehicle", "DirtBike", "Motocross", "Rallye/Cross"),
        *("RallyeCross", "PocketBike", "Streetfighter", "Racing", "Rennsport", "Minibike", "Custom Bike"),
        *("L1e", "L2e", "L3e", "L4e", "L5e"),
    ),
    "e_bike": ("EBike", "E-Bike", "Pedelec", "S-Pedelec", "Elektrofahrrad"),
    "caravan": (
        *("Caravan", "Wohnwagen", "Wohnanhänger", "MobileHome", "Mobilheim", "Faltcaravan", "Klappwohnwagen"),
        *("Caravans", "Caravan/Wohnwagen", "Touring Caravan"),
    ),
    "motor_home": (
        *("Motorhome", "Wohnmobil", "OtherMotorhome", "Alkoven", "AlcoveMotorhome", "Integrierter"),
        *("Teilintegrierter", "Integrated", "PartlyIntegrated", "Vollintegriert", "Vollintegrierter"),
        *("Teilintegriert", "Reisemobil", "Camper", "Campingbus", "Wohnmobile", "Wohnkabine", "LivingCabin"),
        *(
            "Campingfahrzeug",
            "Campingvan",
            "Camper Van",
            "Kastenwagen Wohnmobil",
            "BoxVanMotorhome",
            "VanMotorhome",
        ),
    ),
    "van": (
        *("VanUpTo7500", "Transporter", "OtherVanUpTo7500", "BoxTypeDeliveryVan", "Lieferwagen"),
        *("Kastenwagen hoch", "Kastenwagen hoch + lang", "Kastenwagen lang", "Kastenwagen", "Pritsche"),
        *("Transporter bis 7,5 t", "Transporter/Lkw bis 7,5 t", "HighBoxTypeDeliveryVan", "Hochdachkombi"),
        *(
            "LongBoxTypeDeliveryVan",
            "HighAndLongBoxTypeDeliveryVan",
            "EstateMinibusUpTo9Seats",
            "Doppelkabine",
        ),
        *("Kleinbus bis 9 Sitze", "Kombi/Bus bis 9 Plätze", "Verkaufsfahrzeug", "Viehtransporter"),
        *("Leichte Nutzfahrzeuge", "Nutzfahrzeug", "Nutzfahrzeug bis 7,5 t", "Lkw bis 7,5 t", "Krankenwagen"),
        *(
            "Krankentransporter",
            "Ambulance",
            "Rettungswagen",
            "TruckUpTo7500",
            "PanelVan",
            "Kühlwagen",
            "Nfz",
            "Pritschenwagen",
            "Doka",
            "N1",
            "N1G",
        ),
    ),
    "semi_trailer_truck": (
        *("SemiTrailerTruck", "Sattelzugmaschine", "Standard-SZM", "SZM", "TractorUnit", "SaddleTractor"),
        *("Standard-Sattelzugmaschine", "StandardTractorAndTrailerUnit", "Schwerlast-SZM", "Lowliner"),
    ),
    "truck": (
        *("TruckOver7500", "Lkw", "Lastkraftwagen", "Lastwagen", "Lkw ab 7,5 t", "Lkw über 7,5 t", "Truck"),
        *("OtherTruckOver7500", "Kipper", "Dreiseitenkipper", "Abrollkipper", "Absetzkipper", "Koffer"),
        *("Kühlkoffer", "Tankwagen", "Müllwagen", "Betonmischer", "Wechselfahrgestell", "Fahrgestell"),
        *("Pritsche + Plane", "Autotransporter", "Feuerwehr", "Kehrmaschine", "Kranwagen", "Hubarbeitsbühne"),
        *("Kommunalfahrzeug", "Silo", "Schwerlast", "Holztransporter", "Getränkewagen"),
        *("N2", "N3", "N2G", "N3G"),
    ),
    "semi_trailer": ("SemiTrailer", "Auflieger", "Sattelauflieger", "Sattelanhänger", "OtherSemiTrailer"),
    "trailer": (
        *("Trailer", "Anhänger", "Pkw-Anhänger", "OtherTrailer", "Bootsanhänger", "Bootstrailer"),
        *(
            "Pferdeanhänger",
            "Motorradanhänger",
            "Tieflader",
            "Kofferanhänger",
            "Planenanhänger",
            "Kippanhänger",
        ),
        *(
            "Autotransportanhänger",
            "Hochlader",
            "Viehanhänger",
            "Tiefladeranhänger",
            "BoatTrailer",
            "CarTrailer",
            *("O1", "O2", "O3", "O4"),
        ),
    ),
    "bus": (
        *("Bus", "Reisebus", "Linienbus", "Omnibus", "Coach", "OtherBus", "Überlandbus", "Doppeldecker"),
        *("Gelenkbus", "Stadtbus", "CrossCountryBus", "PublicServiceVehicle", "Kraftomnibus", "Busse"),
        *("M2", "M3"),
    ),
    "construction_machine": (
        *("ConstructionMachine", "Baumaschine", "Bagger", "Minibagger", "Radlader", "Walze", "Planierraupe"),
        *("OtherConstructionMachine", "Kran", "Baumaschinen", "Dumper", "Teleskoplader"),
    ),
    "agricultural": (
        *("AgriculturalVehicle", "Traktor", "Landmaschine", "Agrarfahrzeug", "Schlepper", "Mähdrescher"),
        *("Tractor", "OtherAgriculturalVehicle", "Landwirtschaftliches Fahrzeug", "Ackerschlepper"),
    ),
    "forklift": ("ForkliftTruck", "Stapler", "Gabelstapler", "Frontstapler", "OtherForkliftTruck"),
    "other": (
        *("Sonderfahrzeug", "Sonderfahrzeuge", "Sonstige Fahrzeuge", "Boot", "Motorboot", "Jetski"),
        *("Schneemobil", "Golfcart", "Golfwagen", "Kart", "Sonstiges Fahrzeug", "Sonder-Kfz"),
        *("Microcar", "Leichtfahrzeug", "Leichtkraftfahrzeug", "Mopedauto"),
        *("L6e", "L7e"),
    ),
}
"""What is no passenger car, by class. The first spelling of each is the one of the format."""

_PREFIXES = {
    folded(name): value
    for name, value in {
        **{names[0]: value for value, names in CLASS_WORDS.items()},
        "Motorcycle": "motorbike",
        "Truck": "truck",
        "Agricultural": "agricultural",
        "Caravan": "caravan",
        "Pkw": "car",
        "Car": "car",
        "Transporter": "van",
        "Lkw": "truck",
    }.items()
}
_ENDINGS = (
    ("semitrailertruck", "semi_trailer_truck"),
    ("sattelzugmaschine", "semi_trailer_truck"),
    ("zugmaschine", "semi_trailer_truck"),
    ("semitrailer", "semi_trailer"),
    ("auflieger", "semi_trailer"),
    ("wohnanhaenger", "caravan"),
    ("wohnwagen", "caravan"),
    ("caravan", "caravan"),
    ("trailer", "trailer"),
    ("haenger", "trailer"),
    ("motorhome", "motor_home"),
    ("wohnmobil", "motor_home"),
    ("reisemobil", "motor_home"),
    ("motorbike", "motorbike"),
    ("motorrad", "motorbike"),
    ("roller", "motorbike"),
    ("kraftrad", "motorbike"),
    ("kleinbus", "mpv"),
    ("minibus", "mpv"),
    ("bus", "bus"),
    ("omnibus", "bus"),
    ("vanupto7500", "van"),
    ("transporter", "van"),
    ("lieferwagen", "van"),
    ("kastenwagen", "van"),
    ("forklifttruck", "forklift"),
    ("stapler", "forklift"),
    ("truckover7500", "truck"),
    ("truck", "truck"),
    ("kipper", "truck"),
    ("lkw", "truck"),
    ("lastkraftwagen", "truck"),
    ("bagger", "construction_machine"),
    ("lader", "construction_machine"),
    ("baumaschine", "construction_machine"),
    ("traktor", "agricultural"),
    ("schlepper", "agricultural"),
    *(
        (f"{kind}van", "mpv")
        for kind in ("kompakt", "mini", "mikro", "micro", "sport", "familien", "grossraum")
    ),
    ("van", "van"),
    ("kleinwagen", "small_car"),
    ("kombi", "estate"),
    ("limousine", "saloon"),
    ("cabrio", "convertible"),
    ("cabriolet", "convertible"),
    ("coupe", "coupe"),
    ("sportwagen", "coupe"),
    ("gelaendewagen", "off_road"),
    ("suv", "off_road"),
    ("pickup", "off_road"),
)
"""How German compounds and the platform's keys end: `Kühlkofferanhänger`, `TipperSemiTrailer`, `BoxVan`."""
_BEGINNINGS = (
    ("lkw", "truck"),
    ("lastkraftwagen", "truck"),
    ("wohnwagen", "caravan"),
    ("wohnmobil", "motor_home"),
    ("motorrad", "motorbike"),
    ("anhaenger", "trailer"),
    ("sattelzugmaschine", "semi_trailer_truck"),
    ("sattelauflieger", "semi_trailer"),
    ("reisebus", "bus"),
    ("linienbus", "bus"),
    ("transporter", "van"),
    ("kastenwagen", "van"),
)
_BESIDE = re.compile(
    r"[\s,(]+(?:\d(?:/\d)?[ -]?(?:türig|türen|türer|trg\.?)|geschlossen|gebraucht|neu)\)?\Z", re.IGNORECASE
)
"""What is said along with a category: `Limousine, 5-türig`, `Kombi geschlossen`."""
_STRONGEST = ("semi_trailer", "trailer", "caravan", "motor_home")
_SEVERAL = re.compile(r"\s*(?:[/,;&+|]|\s[-–]\s|\bund\b)\s*")
_WORDS = re.compile(r"[\s()]+")
_DOTTED = re.compile(r"\s*([A-Za-z0-9 -]+?)\s*[.:>|]\s*(.+)\Z")


class Category(NamedTuple):
    """`vehicle_class` is "unknown" for a word that nobody knows; `body_type` is that of a car."""

    vehicle_class: str
    body_type: str | None = None


@repeated
def read_category(text: str) -> Category:
    """`Limousine`, `Car.Limousine`, `Motorhome.Caravan`, `Pkw-Anhänger`. Total: what is unknown says so."""
    if names_nothing(text):
        return Category("car")
    dotted = _DOTTED.match(text)
    if dotted and (prefix := _PREFIXES.get(folded(dotted[1]))):
        inner = _known(dotted[2])
        if prefix == "car":
            return inner if inner and inner.vehicle_class == "car" else Category("car", "other")
        return inner if inner and inner.vehicle_class == "caravan" else Category(prefix)
    bare = _BESIDE.sub("", text)
    if found := _known(text) or _known(bare):
        return found
    parts = [part for part in _SEVERAL.split(bare) if part]
    if len(parts) > 1:
        return _common(parts) or Category("unknown")
    found = _of_words(bare) or _compound(folded(bare)) or _known(bare.partition("(")[0])
    return found or Category("unknown")


def _of_words(text: str) -> Category | None:
    """Of several words without a mark between them: `Anhänger Kipper` is no lorry, `Kastenwagen (Camper)` no
    van. One that is known alone says too little (`Sports Tourer`); where one says car and another none, who
    asks must decide."""
    found = [one for word in _WORDS.split(text) if (one := _known(word) or _compound(folded(word)))]
    strong = [one for one in found if one.vehicle_class in _STRONGEST]
    if len(found) < 2:
        return None
    if strong:
        return min(strong, key=lambda one: _rank(one.vehicle_class))
    classes = {one.vehicle_class for one in found}
    if len(classes) == 1:
        return None if "car" in classes else found[0]
    return Category("unknown") if "car" in classes else None


def _common(parts: list[str]) -> Category | None:
    """Of several words (`Kombi/Van`, `Anhänger - Kipper`). None where one says car and another none: who
    asks must decide."""
    found = [one for part in parts if (one := _known(part) or _compound(folded(part)))]
    cars = [one for one in found if one.vehicle_class == "car"]
    if len(cars) == len(found):
        return next((one for one in cars if one.body_type != "other"), cars[0]) if cars else None
    others = sorted((one for one in found if one not in cars), key=lambda one: _rank(one.vehicle_class))
    return None if cars else others[0]


def _rank(vehicle_class: str) -> int:
    """A trailer with a tipper is a trailer, a motor home in a box van a motor home."""
    return _STRONGEST.index(vehicle_class) if vehicle_class in _STRONGEST else len(_STRONGEST)


def _known(text: str) -> Category | None:
    word = folded(text)
    if body := _BODY_OF.get(word):
        return Category("car", body)
    if found := _CLASS_OF.get(word):
        return Category(found)
    return None


def _compound(word: str) -> Category | None:
    for pairs, fits in ((_ENDINGS, word.endswith), (_BEGINNINGS, word.startswith)):
        for part, value in pairs:
            if fits(part):
                return Category("car", value) if value in BODY_WORDS else Category(value)
    return None


_BODY_OF = {folded(name): body for body, names in BODY_WORDS.items() for name in names}
_CLASS_OF = {folded(name): value for value, names in CLASS_WORDS.items() for name in names}
