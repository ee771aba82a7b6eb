"""What vehicle it is: kind, make, model, body, dates, condition."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.autoscout24_ch import vocabulary
from portal.platforms.autoscout24_ch.draft import AutoScout24ChDraft
from portal.platforms.common.makes import ModelFit, model_hint, model_of, unknown_model_hint
from portal.platforms.common.matching import plain
from portal.platforms.common.offer import chosen_number, no_vin_hint, usable_number
from portal.vehicle_facts.data import Kind
from portal.vehicle_facts.identity import class_of, vin_of

VIN = 17
OTHER_MODEL = "Andere"


def identity(draft: AutoScout24ChDraft) -> None:
    vehicle = draft.vehicle
    if not draft.category:
        draft.refuse_class("AutoScout24 Schweiz")
        return
    draft.put("vehicleCategory", draft.category)
    draft.put("externalId", draft.subject.key or vehicle.offer_number)
    number, hint = chosen_number(draft.subject, str(draft.context.settings["number_format"]))
    draft.put("sellerVehicleId", usable_number(number))
    draft.add_hint(hint)
    if draft.context.rules.export_vin:
        # A short one, of before the standard, is not taken.
        vin = vin_of(vehicle)
        draft.put("vehicleIdentificationNumber", vin if len(vin) == VIN else None)
        draft.add_hint(no_vin_hint(vehicle))
    draft.put("certificationNumber", vehicle.type_certificate)
    method = "certification-number" if vehicle.type_certificate else "make-model"
    draft.put("versionIdentificationMethod", method)
    draft.put("versionFullName", vehicle.model_description or vehicle.title)
    draft.put("bodyType", _body(draft))


def make_and_model(draft: AutoScout24ChDraft) -> None:
    vehicle = draft.vehicle
    if not vehicle.make:
        return
    makes = draft.context.book.makes(draft.category)
    make = makes.key(vehicle.make)
    if make is None:
        draft.problem("unknown-make", "make", vehicle.make)
        return
    draft.put("makeKey", make)
    if vehicle.model:
        _model(draft, make, (vehicle.make, makes.label(make)))


def _model(draft: AutoScout24ChDraft, make: str, make_names: tuple[str, ...]) -> None:
    """A listing may do without a model: the name of the version says it then."""
    models, vehicle = draft.context.book.models(draft.category, make), draft.vehicle
    found = model_of(models, make_names, vehicle, OTHER_MODEL, draft.subject.model)
    if found.fit not in (ModelFit.OTHER, ModelFit.NONE):
        draft.put("modelKey", found.key)
        draft.add_hint(model_hint("AutoScout24 Schweiz", vehicle.model, models, found))
        return
    text = say(
        "AutoScout24 Schweiz kennt das Modell „{model}“ nicht. "
        "Das Inserat erscheint ohne Modell, mit Ihrer Modellbezeichnung.",
        model=vehicle.model,
    )
    draft.add_hint(unknown_model_hint(text, vehicle.model, found))
    if not vehicle.model_description:
        draft.put("versionFullName", vehicle.title)


def _body(draft: AutoScout24ChDraft) -> str:
    """By the word of the dealer's category, then by the body type; a due member, so never empty."""
    vehicle = draft.vehicle
    spelled = plain(vehicle.category_label)
    words = vocabulary.BODY_WORDS.get(draft.category, ())
    named = next((body for word, body in words if word in spelled), None) if spelled else None
    if draft.category == "car" and vehicle.body_type is not None:
        return named if named == "pickup" else vocabulary.BODIES[vehicle.body_type]
    return named or vocabulary.CLASS_BODIES.get(class_of(vehicle), "other")


def condition(draft: AutoScout24ChDraft) -> None:
    """Kind, dates and state. A new vehicle without a registration counts by the year in which it was made."""
    vehicle = draft.vehicle
    draft.put("conditionType", vocabulary.CONDITIONS[vehicle.kind])
    month = vehicle.first_registration
    draft.put("firstRegistrationDate", f"{month}-01" if month else None)
    draft.put("firstRegistrationYear", _year(draft))
    is_new = vehicle.kind is Kind.NEW
    draft.put("mileage", 0 if is_new and vehicle.mileage is None else vehicle.mileage)
    draft.put("hadAccident", vehicle.accident)
    draft.put("directImport", True if draft.context.settings["direct_import"] else None)
    if "disabled_access" in vehicle.equipment.features:
        draft.put("handicappedAccessible", True)


def _year(draft: AutoScout24ChDraft) -> int | None:
    vehicle = draft.vehicle
    if vehicle.first_registration:
        return int(vehicle.first_registration[:4])
    if vehicle.registration_year:
        return vehicle.registration_year
    if vehicle.kind is Kind.NEW:
        return vehicle.construction_year or draft.context.today.year
    return None
