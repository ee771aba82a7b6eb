"""Under which number and at which price a vehicle stands at a platform."""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

from portal.messages import say
from portal.platforms.contract import Feedback, Subject
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.identity import vin_of

LONGEST_NUMBER = 40
_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")


def chosen_number(subject: Subject, form: str) -> tuple[str, Feedback | None]:
    """The number in the format of the setting; the offer number, and a hint, where it needs a VIN and there
    is none."""
    vehicle = subject.vehicle
    if form == "code_offer" and subject.location_code:
        return f"{subject.location_code}-{vehicle.offer_number}", None
    if form not in ("vin", "vin7"):
        return vehicle.offer_number, None
    number = vin_of(vehicle)
    if number:
        return number if form == "vin" else number[-7:], None
    text = say("Ohne Fahrgestellnummer wird die Angebotsnummer als Fahrzeugnummer übertragen.")
    return vehicle.offer_number, Feedback("number-without-vin", text, "vin")


def usable_number(chosen: str) -> str:
    """At most 40 letters, digits, - and _. A changed number gets a tail, so that `A/1` is not `A-1`."""
    clean = _FOREIGN.sub("-", chosen)
    if clean == chosen and len(chosen) <= LONGEST_NUMBER:
        return chosen
    tail = hashlib.sha256(chosen.encode()).hexdigest()[:6]
    return f"{clean[: LONGEST_NUMBER - 7]}-{tail}"


def no_vin_hint(vehicle: VehicleData) -> Feedback | None:
    """Of a number that cannot be a VIN: it is left out."""
    if not vehicle.vin or vin_of(vehicle):
        return None
    text = say("„{vin}“ kann keine Fahrgestellnummer sein und wird nicht übertragen.", vin=vehicle.vin)
    return Feedback("vin-left-out", text, "vin")


# The price buyers see: the platform's own, then the promo price, then the selling price.


def asking_price(subject: Subject, platform_prices: bool) -> tuple[Decimal | None, str]:
    """The price (gross, EUR) and the field it comes from. "Price on request" is the caller's affair."""
    prices = subject.vehicle.prices
    if platform_prices and subject.platform_price:
        return Decimal(subject.platform_price), "platform_price"
    if prices.promo:
        return prices.promo, "prices.promo"
    return prices.selling, "prices.selling"
