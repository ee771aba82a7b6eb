"""The pages buyers see at AutoScout24 Schweiz."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, render_template

from portal.sandbox.autoscout24_ch.api import PREFIX
from portal.sandbox.autoscout24_ch.listings import ACTIVE, Listing
from portal.sandbox.autoscout24_ch.state import state
from portal.sandbox.web import measure, number

as24ch_pages = Blueprint("as24ch_pages", __name__, url_prefix=PREFIX)
FOR_EVER = "public, max-age=31536000, immutable"
FACTS = (
    ("conditionType", "Zustand", ""),
    ("bodyType", "Karosserie", ""),
    ("bodyColor", "Farbe", ""),
    ("fuelType", "Treibstoff", ""),
    ("transmissionType", "Getriebe", ""),
    ("driveType", "Antrieb", ""),
    ("certificationNumber", "Typenschein", ""),
    ("cubicCapacity", "Hubraum", "cm³"),
    ("weightCurb", "Leergewicht", "kg"),
    ("doors", "Türen", ""),
    ("seats", "Sitze", ""),
    ("warrantyType", "Garantie", ""),
    ("warrantyDuration", "Garantiedauer", "Monate"),
    ("energyLabel", "Energieetikett", ""),
    ("consumptionCombined", "Verbrauch", "l/100 km"),
    ("powerConsumption", "Stromverbrauch", "kWh/100 km"),
    ("co2Emission", "CO₂-Emissionen", "g/km"),
    ("range", "Reichweite", "km"),
)


@dataclass(frozen=True)
class Offer:
    listing: Listing
    title: str
    subtitle: str
    price: str
    key_facts: list[str]
    facts: list[tuple[str, str]]


@as24ch_pages.get("/")
def sellers() -> str:
    counts: dict[int, int] = {}
    for one in state().listings.everything():
        counts[one.seller_id] = counts.get(one.seller_id, 0) + (one.status == ACTIVE)
    shown = state().clients.sellers()
    return render_template("sandbox/autoscout24_ch/sellers.html", sellers=shown, counts=counts)


@as24ch_pages.get("/haendler/<int:seller_id>")
def seller(seller_id: int) -> str:
    found = state().clients.seller(seller_id) or abort(404)
    public = [_offer(one) for one in reversed(state().listings.of_seller(seller_id)) if one.status == ACTIVE]
    public.sort(key=lambda offer: not offer.listing.in_top_list)
    return render_template("sandbox/autoscout24_ch/seller.html", seller=found, offers=public)


@as24ch_pages.get("/de/d/<int:listing_id>")
def details(listing_id: int) -> str | tuple[str, int]:
    listing = state().listings.find_any(listing_id) or abort(404)
    seller = state().clients.seller(listing.seller_id) or abort(404)
    if listing.status != ACTIVE:
        template = "sandbox/autoscout24_ch/gone.html"
        return render_template(template, seller=seller, listing=listing), 410
    return render_template("sandbox/autoscout24_ch/details.html", seller=seller, offer=_offer(listing))


@as24ch_pages.get("/bilder/<key>")
def picture(key: str) -> Response:
    content: Any = state().listings.image(key) or abort(404)
    media_type = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return Response(content, headers={"Cache-Control": FOR_EVER}, content_type=media_type)


def francs(amount: float) -> str:
    """`16500.5` → `CHF 16'500.50`."""
    value = Decimal(str(amount))
    places = 0 if value == value.to_integral_value() else 2
    return f"CHF {value:,.{places}f}".replace(",", "\u2019")


def _offer(listing: Listing) -> Offer:
    body, references = listing.body, state().references
    category, make = body["vehicleCategory"], body["makeKey"]
    model = references.model_name(category, make, body["modelKey"]) if body.get("modelKey") else ""
    key_facts = [f"1. Inv. {body['firstRegistrationYear']}"]
    if body.get("mileage") is not None:
        key_facts.append(f"{number(body['mileage'])} km")
    if body.get("kiloWatts"):
        key_facts.append(f"{body['kiloWatts']} kW")
    return Offer(
        listing,
        f"{references.name(category, make)} {model}".strip(),
        str(body.get("versionFullName") or ""),
        francs(body["price"]),
        key_facts,
        [(label, measure(body[name], unit)) for name, label, unit in FACTS if body.get(name) is not None],
    )
