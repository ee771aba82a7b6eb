"""What keeps a vehicle out of every file, in the words that API platforms use for the same."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from portal.formats.contact_details import marked, mentions
from portal.messages import Message, say
from portal.platforms.common.energy import contradictions, missing_values, subject_to_envkv
from portal.platforms.common.labels import label_of
from portal.platforms.common.vehicle_view import VehicleView
from portal.platforms.common.withheld import withheld
from portal.vehicle_facts.data import VehicleClass
from portal.vehicle_facts.identity import class_of

NOT_TAKEN = "class-not-taken"
PRICE_RANGE = (Decimal(1), Decimal(9_999_999))


def for_sale(view: VehicleView) -> None:
    view.problems.extend(withheld(view.vehicle, view.context.rules))


def priced(view: VehicleView) -> None:
    """For formats that cannot say "price on request"."""
    if view.vehicle.prices.on_request:
        text = say(
            "„Preis auf Anfrage“ lässt sich in dieser Datei nicht übertragen: Sie braucht einen Preis."
        )
        view.block("price-on-request", text, "prices.on_request")
    elif view.price is None:
        view.missing("prices.selling")
    elif not PRICE_RANGE[0] <= view.price <= PRICE_RANGE[1]:
        text = say(
            "Der Preis liegt außerhalb dessen, was {platform} annimmt (1 € bis 9.999.999 €).",
            platform=view.context.platform,
        )
        view.block("consumer-price-not-in-range", text, view.price_field)


def labelled(view: VehicleView) -> None:
    """EnVKV: without its values, or with wrong ones, such a vehicle must not be advertised anywhere."""
    if not subject_to_envkv(view.vehicle):
        return
    for found in contradictions(view.vehicle):
        view.block(found.code, found.text, found.field)
    for place in missing_values(view.vehicle):
        text = say(
            "Die EnVKV-Werte sind unvollständig: {label} fehlt. Ohne Verbrauch, CO₂-Emissionen "
            "und CO₂-Klasse darf dieses Fahrzeug nicht beworben werden.",
            label=label_of(place),
        )
        view.block("envkv-values-required", text, place)


def stated(view: VehicleView, *, required: Iterable[str] = (), recommended: Iterable[str] = ()) -> None:
    """Plain facts of the vehicle: those that a platform cannot do without, and those it would like."""
    facts = vars(view.vehicle)
    for place in required:
        if (value := facts[place]) is None or value == "":
            view.missing(place)
    for place in recommended:
        if (value := facts[place]) is None or value == "":
            view.recommended(place)


def cars_only(view: VehicleView, text: Message) -> None:
    """For feeds whose rules know nothing but cars."""
    found = class_of(view.vehicle)
    if found is VehicleClass.UNKNOWN:
        text = say("Die Kategorie ist nicht bekannt. Bitte wählen Sie die Fahrzeugklasse.")
    if found is not VehicleClass.CAR:
        view.block(NOT_TAKEN, text, "vehicle_class")


def is_not_taken(view: VehicleView) -> bool:
    """For its class: nothing that is missing would help then."""
    return any(problem.code == NOT_TAKEN for problem in view.problems)


def registered_by_now(view: VehicleView) -> None:
    """A year to come is no year of a car that is for sale."""
    registered = view.vehicle.first_registration
    if registered and registered > (view.context.surroundings.month or registered):
        text = say("Die Erstzulassung liegt in der Zukunft.")
        view.block("first-registration-in-future", text, "first_registration")


def without_links(view: VehicleView, text: Message) -> None:
    """For platforms whose rules forbid contact details in descriptions: told, with the first place."""
    shown = view.vehicle.description
    if found := mentions(shown):
        told = say("{text} Gefunden: {place}.", text=text, place=marked(shown, found[0]))
        view.hint("description-contains-contact", told, "description")
