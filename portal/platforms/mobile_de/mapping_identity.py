"""What vehicle it is: number, class, make, model, headline, kind, dates, condition."""

from __future__ import annotations

from portal.platforms.common.numbers import chosen_number, usable_number
from portal.platforms.common.texts import shorten
from portal.platforms.mobile_de.draft import Draft, month
from portal.platforms.mobile_de.taxonomy import CLASSES, category, make_and_model
from portal.vehicles.data import Kind

HEADLINE = 48
USAGE: dict[Kind, str] = {
    Kind.ONE_DAY_REGISTRATION: "PRE_REGISTRATION",
    Kind.EMPLOYEES_CAR: "EMPLOYEES_CAR",
    Kind.CLASSIC: "CLASSIC",
    Kind.DEMONSTRATOR: "DEMONSTRATION",
}


def identity(draft: Draft) -> None:
    vehicle = draft.vehicle
    vehicle_class = CLASSES[vehicle.vehicle_class]
    draft.put("internalNumber", _internal_number(draft))
    if draft.frame.rules.export_vin:
        draft.put("vin", vehicle.vin)
    if vehicle.hsn and vehicle.tsn:
        draft.put("kba", {"hsn": vehicle.hsn, "tsn": vehicle.tsn})
    draft.put("vehicleClass", vehicle_class)
    category(draft, vehicle_class)
    make_and_model(draft, vehicle_class)
    draft.put("modelDescription", _headline(draft))
    draft.put("trimLine", vehicle.trim_line)
    draft.put("modelRange", vehicle.model_range)


def condition(draft: Draft) -> None:
    """Kind, dates and state. A new vehicle has no registration; without a statement it has 0 km."""
    vehicle = draft.vehicle
    new = vehicle.kind is Kind.NEW
    draft.put_enum("condition", "conditions", "NEW" if new else "USED")
    draft.put_enum("usageType", "usagetypes", USAGE.get(vehicle.kind))
    draft.put("firstRegistration", None if new else month(vehicle.first_registration))
    draft.put("constructionYear", vehicle.construction_year)
    draft.put("generalInspection", month(vehicle.inspection_due))
    draft.put("mileage", 0 if new and vehicle.mileage is None else vehicle.mileage)
    draft.put("newHuAu", vehicle.inspection_new)
    draft.put("newService", vehicle.service_new)
    draft.put("numberOfPreviousOwners", vehicle.previous_owners)
    draft.put("damageUnrepaired", vehicle.damaged)
    draft.put("accidentDamaged", vehicle.accident)
    draft.put("roadworthy", vehicle.roadworthy)
    draft.put("warranty", vehicle.warranty)
    draft.put("nonSmokerVehicle", vehicle.non_smoker)
    draft.put("fullServiceHistory", vehicle.service_history)
    _country(draft)
    draft.put("reserved", vehicle.reserved or None)


def _country(draft: Draft) -> None:
    code = draft.vehicle.country_version
    if not code:
        return
    offered = draft.book.enum("countryversion")
    key = offered.key(code) if offered else code
    if key is None:
        draft.hint_left_out("countryVersion", code)
    draft.put("countryVersion", key)


def _headline(draft: Draft) -> str:
    vehicle = draft.vehicle
    whole = " ".join((vehicle.model_description or f"{vehicle.make} {vehicle.model}").split())
    if len(whole) <= HEADLINE:
        return whole
    shown = shorten(whole, HEADLINE)
    text = f"Die Modellbezeichnung ist länger als {HEADLINE} Zeichen. Bei mobile.de erscheint „{shown}“."
    draft.hint("modeldescription-cut", text, "model_description")
    return shown


def _internal_number(draft: Draft) -> str:
    chosen = _chosen_number(draft)
    number = usable_number(chosen)
    if number != chosen:
        text = f"mobile.de erlaubt in der Fahrzeugnummer nur A–Z, 0–9, - und _. Übertragen wird „{number}“."
        draft.hint("number-changed", text, "offer_number")
    return number


def _chosen_number(draft: Draft) -> str:
    vehicle = draft.vehicle
    number = chosen_number(vehicle, draft.subject.location_code, draft.frame.settings["number_format"])
    if number is None:
        text = "Ohne Fahrgestellnummer wird die Angebotsnummer als Fahrzeugnummer übertragen."
        draft.hint("number-without-vin", text, "vin")
    return number or vehicle.offer_number
