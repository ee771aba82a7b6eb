"""What vehicle it is: number, class, make, model, headline, kind, dates, condition."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.common.makes import ModelFit, model_hint, model_of, unknown_model_hint
from portal.platforms.common.matching import ReferenceNames
from portal.platforms.common.offer import no_vin_hint
from portal.platforms.common.texts import shorten
from portal.platforms.common.words import CLASSES as CLASS_WORDS
from portal.platforms.mobile_de.draft import AdDraft, month
from portal.platforms.mobile_de.reference import OTHER_MODEL
from portal.vehicle_facts.data import BodyType, Kind, VehicleClass
from portal.vehicle_facts.identity import class_of, vin_of

CLASSES: dict[VehicleClass, str] = {
    VehicleClass.CAR: "Car",
    VehicleClass.MOTORBIKE: "Motorbike",
    VehicleClass.VAN: "VanUpTo7500",
    VehicleClass.MOTOR_HOME: "Motorhome",
    VehicleClass.CARAVAN: "Motorhome",
}
"""Caravans are a category of motor homes there. What has no entry is not transferred."""
CARAVAN = "Caravan"
CAR_CATEGORIES: dict[BodyType, str] = {
    BodyType.SMALL_CAR: "SmallCar",
    BodyType.SALOON: "Limousine",
    BodyType.ESTATE: "EstateCar",
    BodyType.CONVERTIBLE: "Cabrio",
    BodyType.COUPE: "SportsCar",
    BodyType.OFF_ROAD: "OffRoad",
    BodyType.MPV: "Van",
    BodyType.OTHER: "OtherCar",
}
HEADLINE = 48
NUMBER_CHANGED = say(
    "mobile.de erlaubt in der Fahrzeugnummer nur A–Z, 0–9, - und _. Übertragen wird „{number}“."
)
USAGE: dict[Kind, str] = {
    Kind.ONE_DAY_REGISTRATION: "PRE_REGISTRATION",
    Kind.EMPLOYEES_CAR: "EMPLOYEES_CAR",
    Kind.CLASSIC: "CLASSIC",
    Kind.DEMONSTRATOR: "DEMONSTRATION",
}


def make_and_model(draft: AdDraft, vehicle_class: str) -> None:
    vehicle = draft.vehicle
    makes = draft.book.makes(vehicle_class)
    if not vehicle.make:
        draft.problem("make-empty")
        return
    make = makes.key(vehicle.make)
    if make is None:
        draft.problem("invalid-reference-data-value", "make", vehicle.make)
        return
    draft.put("make", make)
    if not vehicle.model:
        draft.problem("model-empty")
        return
    names = (vehicle.make, makes.label(make), make)
    _put_model(draft, draft.book.models(vehicle_class, make), names)


def _put_model(draft: AdDraft, models: ReferenceNames, make_names: tuple[str, ...]) -> None:
    label = draft.vehicle.model
    found = model_of(models, make_names, draft.vehicle, OTHER_MODEL, draft.subject.model)
    draft.put("model", found.key)
    if found.fit is ModelFit.NONE:
        draft.problem("invalid-model-for-make", "model", label)
    elif found.fit is ModelFit.OTHER:
        text = say(
            "mobile.de kennt das Modell „{label}“ nicht. Das Inserat erscheint unter „Andere“.", label=label
        )
        draft.add_hint(unknown_model_hint(text, label, found))
    else:
        draft.add_hint(model_hint("mobile.de", label, models, found))


def category(draft: AdDraft, vehicle_class: str) -> None:
    vehicle, offered = draft.vehicle, f"classes/{vehicle_class}/categories"
    if vehicle_class != "Car":
        _other_category(draft, draft.book.enum(offered), f"Other{vehicle_class}")
        return
    labelled = draft.book.enum(offered).key(vehicle.category_label) if vehicle.category_label else None
    if vehicle.body_type in (None, BodyType.OTHER) and labelled:
        draft.put("category", labelled)
    elif vehicle.body_type is not None:
        documented = CAR_CATEGORIES[vehicle.body_type]
        key = draft.book.value(offered, documented)
        draft.put("category", key)
        if key is None:
            draft.problem("invalid-reference-data-value", "body_type", documented)


def _other_category(draft: AdDraft, categories: ReferenceNames, fallback: str) -> None:
    """Vans, motorbikes, motor homes: by label, else the class's own "other"."""
    label = draft.vehicle.category_label
    found = categories.key(label) if label else None
    if found is None and class_of(draft.vehicle) is VehicleClass.CARAVAN:
        found = categories.key(CARAVAN) or categories.key("Wohnwagen")
    if found:
        draft.put("category", found)
        return
    named_other = (key for key, _ in categories.pairs if "other" in key.casefold())
    other = categories.key(fallback) or categories.key("Andere") or next(named_other, fallback)
    draft.put("category", other)
    told = (
        say("mobile.de kennt die Kategorie „{label}“ nicht.", label=label)
        if label
        else say("Die Kategorie fehlt.")
    )
    text = say("{told} Das Inserat erscheint unter „Andere“.", told=told)
    draft.hint("category-other", text, "category_label")


def identity(draft: AdDraft) -> None:
    vehicle = draft.vehicle
    found = class_of(vehicle)
    vehicle_class = CLASSES.get(found)
    draft.put("internalNumber", draft.usable_number(NUMBER_CHANGED))
    if draft.context.rules.export_vin:
        draft.put("vin", vin_of(vehicle))
        draft.add_hint(no_vin_hint(vehicle))
    if vehicle.hsn and vehicle.tsn:
        draft.put("kba", {"hsn": vehicle.hsn, "tsn": vehicle.tsn})
    if vehicle_class is None:
        _refuse_class(draft, found)
    else:
        draft.put("vehicleClass", vehicle_class)
        category(draft, vehicle_class)
        make_and_model(draft, vehicle_class)
    draft.put("modelDescription", _headline(draft))
    draft.put("trimLine", vehicle.trim_line)
    draft.put("modelRange", vehicle.model_range)


def _refuse_class(draft: AdDraft, found: VehicleClass) -> None:
    if found is VehicleClass.UNKNOWN:
        text = say(
            "Die Kategorie „{value}“ ist nicht bekannt. Bitte wählen Sie die Fahrzeugklasse.",
            value=draft.vehicle.category_label,
        )
    else:
        text = say(
            "Zu mobile.de werden Fahrzeuge dieser Art nicht übertragen: {kind}.",
            kind=say(CLASS_WORDS[found]),
        )
    draft.block("class-not-supported", text, "vehicle_class")


def condition(draft: AdDraft) -> None:
    """Kind, dates and state. A new vehicle has no registration; without a statement it has 0 km."""
    vehicle = draft.vehicle
    new = vehicle.kind is Kind.NEW
    draft.put_enum("condition", "conditions", "NEW" if new else "USED")
    draft.put_enum("usageType", "usagetypes", USAGE.get(vehicle.kind))
    draft.put("firstRegistration", None if new else month(vehicle.first_registration))
    draft.put("constructionYear", vehicle.construction_year)
    draft.put("generalInspection", month(vehicle.inspection_due))
    draft.put("lastMaintenanceDate", month(vehicle.last_maintenance))
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
    if vehicle.country_version:
        offered = draft.book.enum("countryversion")
        key = offered.key(vehicle.country_version) if offered else vehicle.country_version
        draft.put_found("countryVersion", vehicle.country_version, key)
    draft.put("reserved", vehicle.reserved or None)


def _headline(draft: AdDraft) -> str:
    vehicle = draft.vehicle
    whole = " ".join((vehicle.model_description or f"{vehicle.make} {vehicle.model}").split())
    if len(whole) <= HEADLINE:
        return whole
    shown = shorten(whole, HEADLINE)
    text = say(
        "Die Modellbezeichnung ist länger als {longest} Zeichen. Bei mobile.de erscheint „{shown}“.",
        longest=HEADLINE,
        shown=shown,
    )
    draft.hint("modeldescription-cut", text, "model_description")
    return shown
