"""What vehicle it is: type, make, model, body, offer type, dates, condition."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.autoscout24 import vocabulary
from portal.platforms.autoscout24.draft import AutoScout24Draft
from portal.platforms.autoscout24.reference import OTHER_MODEL
from portal.platforms.common.makes import ModelFit, model_hint, model_of, unknown_model_hint
from portal.platforms.common.offer import no_vin_hint
from portal.vehicle_facts.data import BodyType, VehicleClass
from portal.vehicle_facts.identity import class_of, vin_of

OLDEST_MONTHS = {"J": 24, "S": 12}
YOUNGEST_CLASSIC = 360
"""Months since the first registration."""
WORDS_OF_AGE = {
    "J": say("Jahreswagen höchstens 24 Monate nach der Erstzulassung"),
    "S": say("Tageszulassungen höchstens 12 Monate nach der Erstzulassung"),
    "O": say("Oldtimer erst 30 Jahre nach der Erstzulassung"),
}
INSPECTION_YEARS = 5
VIN, HSN, TSN = 17, 4, 3
NUMBER_CHANGED = say("AutoScout24 nimmt die Fahrzeugnummer so nicht an. Übertragen wird „{number}“.")


def identity(draft: AutoScout24Draft) -> None:
    vehicle = draft.vehicle
    if not draft.kind:
        draft.refuse_class("AutoScout24")
        return
    draft.put("vehicleType", draft.kind)
    draft.put("offerReferenceId", draft.usable_number(NUMBER_CHANGED))
    draft.put("crossReferenceId", draft.subject.key or vehicle.offer_number)
    if draft.context.rules.export_vin:
        # A short one, of before the standard, is not taken.
        number = vin_of(vehicle)
        draft.put("vin", number if len(number) == VIN else None)
        draft.add_hint(no_vin_hint(vehicle))
    if len(vehicle.hsn) == HSN and len(vehicle.tsn) == TSN:
        draft.put("hsn", vehicle.hsn)
        draft.put("tsn", vehicle.tsn)
    draft.put("modelVersion", vehicle.model_description)


def condition(draft: AutoScout24Draft) -> None:
    """Kind, dates and state. A new vehicle has no registration; without a statement it has 0 km."""
    vehicle = draft.vehicle
    offer = _offer_type(draft)
    draft.put("offerType", offer)
    draft.put("firstRegistrationDate", None if offer == "N" else vehicle.first_registration)
    draft.put("productionYear", str(vehicle.construction_year) if vehicle.construction_year else None)
    mileage = vehicle.mileage
    draft.put("mileage", 0 if offer == "N" and mileage is None else mileage)
    due = months_since(vehicle.inspection_due, draft)
    believed = due is not None and abs(due) <= 12 * INSPECTION_YEARS
    draft.put("nextInspectionDate", vehicle.inspection_due if believed else None)
    draft.put("includedServices", [1] if vehicle.inspection_new else None)
    draft.put("previousOwnerCount", vehicle.previous_owners)
    draft.put("hasFullServiceHistory", vehicle.service_history)
    draft.put("hasWarranty", vehicle.warranty)
    draft.put("isNonSmoking", vehicle.non_smoker)
    draft.put("wasCabOrRental", True if "taxi" in vehicle.equipment.features else None)
    draft.put_reference("countryVersion", "Country", vehicle.country_version or None, number=False)
    draft.put("condition.hadAccident", vehicle.accident)
    draft.put("condition.isCurrentlyDamaged", vehicle.damaged)
    draft.put("condition.isRoadworthy", vehicle.roadworthy)
    if vehicle.accident and vehicle.damaged is False:
        draft.put("condition.hasRepairedDamages", True)
    draft.put("availability.availabilityType", 1)


def _offer_type(draft: AutoScout24Draft) -> str:
    """What is too old or too young for its kind is offered as a used one, and the dealer is told."""
    vehicle = draft.vehicle
    offer = vocabulary.OFFER_TYPES[vehicle.kind]
    age = months_since(vehicle.first_registration, draft)
    if age is None or offer not in WORDS_OF_AGE:
        return offer
    fits = age > YOUNGEST_CLASSIC if offer == "O" else age <= OLDEST_MONTHS[offer]
    if fits:
        return offer
    text = say(
        "AutoScout24 führt {rule}. Das Inserat erscheint als Gebrauchtfahrzeug.",
        rule=WORDS_OF_AGE[offer],
    )
    draft.hint("offer-type-changed", text, "kind")
    return "U"


def months_since(month: str | None, draft: AutoScout24Draft) -> int | None:
    """Whole months from a month (`2018-05`) to now; negative in the future."""
    if not month:
        return None
    today = draft.context.today
    return (today.year - int(month[:4])) * 12 + today.month - int(month[5:7])


def make_and_model(draft: AutoScout24Draft) -> None:
    vehicle = draft.vehicle
    if not vehicle.make:
        draft.problem("mandatory-attribute-missing", "make")
        return
    makes = draft.book.makes(draft.kind)
    make = makes.key(vehicle.make)
    if make is None:
        draft.problem("invalid-make", "make", vehicle.make)
        return
    draft.put("make", int(make))
    if not vehicle.model:
        draft.problem("mandatory-attribute-missing", "model")
    elif draft.kind in "CB":
        _model(draft, make, (vehicle.make, makes.label(make)))
    else:
        draft.put("modelName", vehicle.model)


def _model(draft: AutoScout24Draft, make: str, make_names: tuple[str, ...]) -> None:
    models, label = draft.book.models(draft.kind, make), draft.vehicle.model
    found = model_of(models, make_names, draft.vehicle, OTHER_MODEL, draft.subject.model)
    if found.key is None:
        draft.problem("invalid-model", "model", label)
        return
    draft.put("model", int(found.key))
    if found.fit is ModelFit.OTHER:
        text = say(
            "AutoScout24 kennt das Modell „{label}“ nicht. Das Inserat erscheint unter „Andere“.", label=label
        )
        draft.add_hint(unknown_model_hint(text, label, found))
    else:
        draft.add_hint(model_hint("AutoScout24", label, models, found))


def body(draft: AutoScout24Draft) -> None:
    """Cars by their body type, else by their category; other types by the words of their category."""
    vehicle = draft.vehicle
    if class_of(vehicle) is VehicleClass.CARAVAN:
        draft.put_reference("bodyType", "BodyType", vocabulary.CARAVAN_BODY)
        return
    known = vocabulary.CAR_BODIES.get(vehicle.body_type) if vehicle.body_type and draft.kind == "C" else None
    if known and (vehicle.body_type is not BodyType.OTHER or not vehicle.category_label):
        draft.put_reference("bodyType", "BodyType", known)
        return
    found = draft.book.body(draft.kind, vehicle.category_label)
    if found is None and draft.kind == "C":
        return
    if found is None:
        named = say("AutoScout24 kennt die Kategorie „{value}“ nicht.", value=vehicle.category_label)
        told = named if vehicle.category_label else say("Die Kategorie fehlt.")
        text = say("{told} Das Inserat erscheint unter „Andere“.", told=told)
        draft.hint("category-other", text, "category_label")
    draft.put_reference("bodyType", "BodyType", found or vocabulary.OTHER_BODY[draft.kind])
