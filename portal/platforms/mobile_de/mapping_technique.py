"""Engine, drive, body, colours, emissions class."""

from __future__ import annotations

from portal.platforms.common.energy import sold_as
from portal.platforms.matching import plain
from portal.platforms.mobile_de.documented import COLOUR_WORDS
from portal.platforms.mobile_de.draft import Draft
from portal.vehicles.data import Drive, Fuel, Gearbox, HybridKind

FUELS: dict[Fuel, str] = {
    Fuel.PETROL: "PETROL",
    Fuel.DIESEL: "DIESEL",
    Fuel.LPG: "LPG",
    Fuel.CNG: "CNG",
    Fuel.ELECTRIC: "ELECTRICITY",
    Fuel.HYBRID_PETROL: "HYBRID",
    Fuel.HYBRID_DIESEL: "HYBRID_DIESEL",
    Fuel.HYDROGEN: "HYDROGENIUM",
    Fuel.ETHANOL: "ETHANOL",
    Fuel.OTHER: "OTHER",
}
GEARBOXES: dict[Gearbox, str] = {
    Gearbox.MANUAL: "MANUAL_GEAR",
    Gearbox.SEMI_AUTOMATIC: "SEMIAUTOMATIC_GEAR",
    Gearbox.AUTOMATIC: "AUTOMATIC_GEAR",
}
DRIVES: dict[Drive, str] = {Drive.FRONT: "FRONT", Drive.REAR: "REAR", Drive.ALL_WHEEL: "ALL_WHEEL"}
DOORS: dict[int, str] = {
    2: "TWO_OR_THREE",
    3: "TWO_OR_THREE",
    4: "FOUR_OR_FIVE",
    5: "FOUR_OR_FIVE",
    6: "SIX_OR_SEVEN",
    7: "SIX_OR_SEVEN",
}
STICKERS: dict[str, str] = {
    "none": "EMISSIONSSTICKER_NONE",
    "red": "EMISSIONSSTICKER_RED",
    "yellow": "EMISSIONSSTICKER_YELLOW",
    "green": "EMISSIONSSTICKER_GREEN",
}
_DIESELS = (Fuel.DIESEL, Fuel.HYBRID_DIESEL)


def technique(draft: Draft) -> None:
    vehicle = draft.vehicle
    draft.put("power", vehicle.power)
    draft.put("cubicCapacity", None if vehicle.fuel is Fuel.ELECTRIC else vehicle.displacement)
    draft.put("cylinder", vehicle.cylinders)
    draft.put("numberOfGears", vehicle.gears)
    _engine(draft)
    draft.put_enum("driveType", "drivetypes", DRIVES.get(vehicle.drive) if vehicle.drive else None)
    draft.put_enum("doors", "doorcounts", DOORS.get(vehicle.doors or 0))
    draft.put("seats", vehicle.seats)
    draft.put("fuelTankVolume", vehicle.tank_volume)
    draft.put("weight", vehicle.weight)
    draft.put("trailerLoadBraked", vehicle.trailer_load_braked)
    draft.put("trailerLoadUnbraked", vehicle.trailer_load_unbraked)
    if vehicle.fuel in _DIESELS:
        draft.put("particulateFilterDiesel", vehicle.particulate_filter)
    _label(draft, "emissionClass", "emissionclasses", vehicle.emission_class)
    draft.put_enum("emissionSticker", "emissionstickers", STICKERS.get(vehicle.emission_sticker))


def _engine(draft: Draft) -> None:
    """Fuel and gearbox are mandatory: a value that the platform does not offer blocks."""
    vehicle = draft.vehicle
    fuel = sold_as(vehicle, draft.frame.rules.mild_hybrid_as)
    if fuel is not None:
        _mandatory(draft, "fuel", "fuels", FUELS[fuel])
    if vehicle.hybrid is HybridKind.PLUG_IN:
        draft.put("hybridPlugin", True)
    if vehicle.gearbox is not None:
        _mandatory(draft, "gearbox", "gearboxes", GEARBOXES[vehicle.gearbox])


def _mandatory(draft: Draft, name: str, path: str, documented: str) -> None:
    key = draft.book.value(path, documented)
    if key is None:
        draft.problem("invalid-reference-data-value", name, documented)
    draft.put(name, key)


def colours(draft: Draft) -> None:
    vehicle = draft.vehicle
    _colour(draft, "exteriorColor", "colors", vehicle.colour)
    draft.put("manufacturerColorName", vehicle.colour_name)
    draft.put("metallic", vehicle.metallic)
    draft.put("matteColor", vehicle.matt)
    _colour(draft, "interiorColor", "interiorcolors", vehicle.interior_colour)
    _label(draft, "interiorType", "interiortypes", vehicle.interior_type)


def _label(draft: Draft, name: str, path: str, label: str) -> None:
    """A dealer's label, by the platform's list, else by the documented labels."""
    if not label:
        return
    key = draft.book.enum(path).key(label) or draft.book.by_documented_label(path, label)
    if key is None:
        draft.hint_left_out(name, label)
    draft.put(name, key)


def _colour(draft: Draft, name: str, path: str, label: str) -> None:
    """`Dunkelblau metallic` is blue: the whole label first, then the colour words in it."""
    if not label:
        return
    key = draft.book.remember((path, label), lambda: _find_colour(draft, path, label))
    if key is None:
        draft.hint_left_out(name, label)
    draft.put(name, key)


def _find_colour(draft: Draft, path: str, label: str) -> str | None:
    if key := draft.book.enum(path).key(label):
        return key
    spelled = plain(label)
    for word, documented in COLOUR_WORDS:
        if word in spelled and (key := draft.book.value(path, documented)):
            return key
    return None
