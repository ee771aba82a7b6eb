"""What mobile.de is known to refuse, found before anything is sent. Pure: it looks at the draft."""

from __future__ import annotations

from decimal import Decimal

from portal.formats.contact_details import marked, mentions
from portal.messages import say
from portal.platforms.common.energy import subject_to_envkv
from portal.platforms.common.offer import asking_price
from portal.platforms.common.withheld import withheld
from portal.platforms.mobile_de import errors, names
from portal.platforms.mobile_de.draft import AdDraft
from portal.vehicle_facts.data import Fuel, Kind, VehicleClass
from portal.vehicle_facts.identity import class_of

REQUIRED = (
    "category",
    "modelDescription",
    "condition",
    "firstRegistration",
    "mileage",
    "fuel",
    "gearbox",
    "power",
)
WITHOUT_ENGINE = ("category", "modelDescription", "condition", "firstRegistration")
"""What a caravan can state: it has neither an engine nor a mileage."""
RANGES: dict[str, tuple[int, int]] = {
    "mileage": (0, 9_999_999),
    "power": (1, 9_999),
    "cubicCapacity": (1, 99_999),
    "seats": (1, 255),
    "numberOfGears": (1, 24),
}
PRICE_RANGE = (Decimal(1), Decimal(9_999_999))

HEADLINE_RULES: dict[str, str] = {
    "email": "modeldescription-contains-email",
    "url": "modeldescription-contains-url",
    "phone": "modeldescription-contains-phone",
}


def add_known_refusals(draft: AdDraft) -> None:
    draft.problems.extend(withheld(draft.vehicle, draft.context.rules))
    _required(draft)
    _headline(draft)
    registered = draft.vehicle.first_registration
    if registered and registered > f"{draft.context.today:%Y-%m}":
        draft.problem("first-registration-in-future")
    for name, (lowest, highest) in RANGES.items():
        value = draft.fields.get(name)
        if value is not None and not lowest <= value <= highest:
            draft.problem("value-out-of-range", names.FIELDS[name][0], value)
    _price(draft)
    draft.check_envkv(subject_to_envkv(draft.vehicle))
    _warn(draft)


def _required(draft: AdDraft) -> None:
    """What is not transferred for its class is asked for nothing."""
    if "vehicleClass" not in draft.fields:
        return
    told = {problem.field for problem in draft.problems}
    required = WITHOUT_ENGINE if class_of(draft.vehicle) is VehicleClass.CARAVAN else REQUIRED
    for name in required:
        place = names.FIELDS[name][0]
        if name in draft.fields or place in told or (name == "firstRegistration" and _is_new(draft)):
            continue
        draft.problem("missing-field", place)
    if draft.vehicle.damaged is None:
        draft.problem("damageunrepaired-empty")
    if _is_new(draft) and not draft.vehicle.country_version:
        draft.problem("countryversion-missing")


def _is_new(draft: AdDraft) -> bool:
    return draft.vehicle.kind is Kind.NEW


def _headline(draft: AdDraft) -> None:
    shown = draft.fields.get("modelDescription", "")
    found = {mention.kind: mention for mention in reversed(mentions(shown))}
    for kind, code in HEADLINE_RULES.items():
        if kind in found:
            known = errors.known(code)
            text = say("{text} Gefunden: {place}.", text=known.text, place=marked(shown, found[kind]))
            draft.block(code, text, known.field)
            return


def _price(draft: AdDraft) -> None:
    if draft.vehicle.prices.on_request:
        return
    value, place = asking_price(draft.subject, draft.context.rules.platform_prices)
    if value is None:
        draft.problem("missing-field", "prices.selling")
    elif not PRICE_RANGE[0] <= value <= PRICE_RANGE[1]:
        draft.problem("consumer-price-not-in-range", place)


def _warn(draft: AdDraft) -> None:
    """Of what the platform takes, or leaves out, otherwise than a dealer may think."""
    vehicle = draft.vehicle
    # Missing displacement does not block: the platform is seen to answer it with a warning, and whole
    # inventories come without it.
    if vehicle.displacement is None and vehicle.fuel not in (None, Fuel.ELECTRIC, Fuel.HYDROGEN):
        draft.hints.append(errors.recommended("displacement"))
    # The platform refuses battery data on other cars; they are left out.
    sent = any(name.startswith("battery") or name == "plugTypes" for name in draft.fields)
    if vehicle.battery.capacity and not sent and class_of(vehicle) is VehicleClass.CAR:
        text = say("Batteriedaten werden nur bei Elektro-, Hybrid- und Wasserstofffahrzeugen übertragen.")
        draft.hint("e-car-attributes-left-out", text, "battery")
    # The platform's table of damages has no undamaged vehicle that does not drive. Its rows were not all
    # readable, so this only warns: buyers would read the listing as they like.
    if vehicle.damaged is False and vehicle.roadworthy is False:
        draft.hints.append(errors.known("damage-contradicts"))
