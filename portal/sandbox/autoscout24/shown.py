"""What is stored of a payload, and what is read of a listing: never the same body."""

from __future__ import annotations

import copy
from decimal import ROUND_DOWN, Decimal
from typing import Any

from portal.sandbox.autoscout24.customers import Customer
from portal.sandbox.autoscout24.listings import Listing
from portal.sandbox.autoscout24.rules.fields import CUT, DECIMALS, WLTP
from portal.sandbox.bodies import at

Json = dict[str, Any]
UNITS = {
    "mileage": "km",
    "power": "kW",
    "cylinderCapacity": "m3",
    "emptyWeight": "kg",
    "alloyWheelSize": "in",
    "warranty": "Months",
    "payload": "kg",
    "grossVehicleWeight": "kg",
    "wheelbase": "mm",
    "battery.capacity": "kWh",
    "financingOffer.annualRate": "%",
    "financingOffer.debitInterestRate": "%",
    "financingOffer.duration": "months",
    "costModel.consumptionCosts": "EUR/year",
    "costModel.vehicleTax": "EUR/year",
    "costModel.energyPrice": "EUR/kWh",
    "costModel.fuelPrice": "EUR/l",
}
NEVER_READ = ("firstModelsProductionDate", "externalCustomerId", "requestedSeals")
COUNTRIES = {"de-DE": "de", "de-AT": "at", "it-IT": "it", "fr-FR": "fr", "es-ES": "es", "nl-NL": "nl"}


def stored(body: Json) -> Json:
    """Decimals and texts beyond what is kept are cut, not rounded. Marketing is kept apart."""
    kept: Json = copy.deepcopy({name: value for name, value in body.items() if name != "marketing"})
    places = {path: decimals for path, (_, _, decimals) in DECIMALS.items()}
    places |= {f"wltp.{name}": 1 for name in WLTP}
    for path, decimals in places.items():
        value = at(kept, path)
        if isinstance(value, float):
            _put(kept, path, _cut(value, decimals))
    for offer in (kept.get("leasingOffers") or {}).get("offers", ()):
        for name, value in offer.items():
            if isinstance(value, float):
                offer[name] = _cut(value, 2)
    for name, longest in CUT.items():
        if isinstance(kept.get(name), str):
            kept[name] = kept[name][:longest]
    return kept


def _cut(value: float, decimals: int) -> float | int:
    cut = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN)
    return int(cut) if cut == cut.to_integral_value() else float(cut)


def _put(body: Json, path: str, value: Any) -> None:
    *heads, last = path.split(".")
    for name in heads:
        body = body[name]
    body[last] = value


def summary(listing: Listing, *, with_protection: bool) -> Json:
    """As the list shows it."""
    shown: Json = {
        "id": listing.listing_id,
        "createdAt": _moment(listing.created_at),
        "lastUpdatedAt": _moment(listing.updated_at),
        "offerReferenceId": listing.offer_reference_id,
        "crossReferenceId": listing.cross_reference_id,
        "vinEnrichmentStatus": listing.enrichment_status,
        "vinEnrichmentMissingFields": list(listing.missing) or None,
    }
    if with_protection:
        shown["overwriteProtection"] = listing.protected or None
    return {name: value for name, value in shown.items() if value is not None}


def read(listing: Listing, customer: Customer, md5s: dict[str, str], base: str, culture: str = "") -> Json:
    """The whole listing: with units, addresses of the pictures, and what was applied of the marketing."""
    shown = {name: value for name, value in listing.body.items() if name not in NEVER_READ}
    shown = copy.deepcopy(shown)
    for path, unit in UNITS.items():
        if at(shown, path) is not None:
            _put(shown, f"{path}Unit", unit)
    if isinstance(shown.get("wltp"), dict):
        shown["wltp"] |= {f"{name}Unit": _wltp_unit(name) for name in shown["wltp"] if name in WLTP}
    shown |= {
        "id": listing.listing_id,
        "publication": _publication(listing, base, culture),
        "images": [
            {"id": image_id, "previewUrl": f"{base}/bilder/{image_id}"}
            | ({"md5": md5s[image_id]} if image_id in md5s else {})
            for image_id in listing.images
        ],
        "marketing": marketing(listing, customer),
        "firstActivatedDate": _moment(listing.activated_at) if listing.activated_at else None,
        "overwriteProtection": listing.protected or None,
    }
    return {name: value for name, value in shown.items() if value not in (None, {}, [])}


def _wltp_unit(name: str) -> str:
    if name.startswith("co2"):
        return "g/km"
    return "kWh/100km" if "Electric" in name else "l/100km"


def _publication(listing: Listing, base: str, culture: str) -> Json:
    country = COUNTRIES.get(culture, "com")
    channels = []
    for channel in listing.body["publication"]["channels"]:
        shown = {"id": channel["id"]}
        if listing.is_public and channel["id"] == "AS24":
            shown["url"] = f"{base}/angebote/{country}-{listing.listing_id}"
        channels.append(shown)
    return {"status": listing.status, "channels": channels}


def marketing(listing: Listing, customer: Customer) -> Json:
    """What runs: a tier that the customer may not book is ignored without a word."""
    asked = listing.marketing
    mia: Json = {}
    if subtitle := at(asked, "mia.subtitle"):
        mia["subtitle"] = subtitle
    if customer.tier and (tier := at(asked, "mia.requestedTier")):
        mia["appliedTier"] = tier
    boost = at(asked, "listingBoost.requested")
    shown: Json = {"mia": mia} if mia else {}
    if boost is not None:
        shown["listingBoost"] = {"requested": boost, "applied": bool(boost) and customer.tier}
    return shown


def _moment(iso: str) -> str:
    return iso.replace("+00:00", "Z")
