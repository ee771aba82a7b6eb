"""Offer type and dates, availability, prices, publication, texts, financing, leasing, marketing, warranty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.sandbox.autoscout24.rules.fields import REGISTERED, months_since
from portal.sandbox.autoscout24.rules.findings import Finding
from portal.sandbox.bodies import at

Json = dict[str, Any]
DELIVERY_DAYS = (1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 42, 60, 90, 120, 150, 180, 270, 360)
CHANNELS = (
    "AS24",
    "AS24Dealer",
    "AutoTrack",
    "AutoTrackShared",
    "AutoTrackOnly",
    "mobile_de",
    "autoproff",
    "autoproff_marketplace_public",
)
OLDEST = {"J": 24, "S": 12}
CLASSIC = 360
"""Months."""
MOST_TEXT, MOST_HIGHLIGHTS, MOST_HIGHLIGHT, MOST_IMAGES = 10_000, 3, 30, 50
FINANCING = (
    "annualRate",
    "bank",
    "currency",
    "debitInterestRate",
    "debitInterestType",
    "duration",
    "financingType",
    "grossCreditAmount",
    "monthlyRate",
    "netCreditAmount",
)
LEASING = (
    "contractType",
    "downPayment",
    "bank",
    "duration",
    "includedMileage",
    "grossMonthlyRate",
    "targetGroup",
)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
_URL = re.compile(r"https?://|\bwww\.|\b[a-z0-9-]{2,}\.(de|com|net|org|eu|info)\b", re.IGNORECASE)
_VIDEO = re.compile(r"https://((www|m)\.)?(youtube\.com|youtu\.be)/", re.IGNORECASE)
NO_EMAIL = ("modelVersion", "bodyColorName", "licencePlate", "vin")
NO_CONTACT = ("offerReferenceId", "crossReferenceId", "marketing.mia.subtitle")


def dates(body: Json, today: date) -> Iterator[Finding]:
    month, offer, mileage = (body.get(n) for n in ("firstRegistrationDate", "offerType", "mileage"))
    if offer == "N" and isinstance(mileage, int) and mileage >= 1000:
        yield Finding("invalid-mileage", "mileage")
    if not isinstance(month, str) or len(month) != 7:
        return
    age = months_since(month, today)
    car = body.get("vehicleType") == "C"
    if int(month[:4]) < 1886 or (car and offer in OLDEST and age > OLDEST[str(offer)]):
        yield Finding("first-registration-date-too-old", "firstRegistrationDate")
    elif (age < 0 and offer in REGISTERED) or (car and offer == "O" and age <= CLASSIC):
        yield Finding("first-registration-date-too-modern", "firstRegistrationDate")


def availability(body: Json) -> Iterator[Finding]:
    given = body.get("availability")
    if not isinstance(given, dict):
        return
    days, day = given.get("deliveryDays"), given.get("deliveryDate")
    later = given.get("availabilityType") in (2, 3)
    if (later and days is None and day is None) or (days is not None and days not in DELIVERY_DAYS):
        yield Finding("invalid-availability", "availability")


def prices(body: Json) -> Iterator[Finding]:
    if at(body, "prices.public") is None:
        yield Finding("mandatory-attribute-missing", "prices.public")
    for name in ("public", "dealer", "manufacturersSuggestedRetail"):
        price = at(body, f"prices.{name}")
        if not isinstance(price, dict):
            continue
        amount, net = price.get("price"), price.get("netPrice")
        if price.get("currency") != "EUR":
            yield Finding("invalid-price-currency", f"prices.{name}.currency")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
            yield Finding("invalid-price-value", f"prices.{name}.price")
        elif net is not None and not (isinstance(net, int) and 1 <= net < amount):
            yield Finding("invalid-price-value", f"prices.{name}.netPrice")
    public, dealer = at(body, "prices.public.price"), at(body, "prices.dealer.price")
    if isinstance(public, int) and isinstance(dealer, int) and dealer >= public:
        yield Finding("invalid-price-value", "prices.dealer.price")


def publication(body: Json) -> Iterator[Finding]:
    publication = body.get("publication")
    if not isinstance(publication, dict):
        return
    if publication.get("status") not in ("Active", "Inactive"):
        yield Finding("invalid-publication-status", "publication.status")
    channels = publication.get("channels")
    if channels is None:
        yield Finding("mandatory-attribute-missing", "publication.channels")
        return
    ids = [entry.get("id") if isinstance(entry, dict) else None for entry in _as_list(channels)]
    if not ids or any(name not in CHANNELS for name in ids):
        yield Finding("invalid-publication-channel", "publication.channels")
    elif not {"AS24", "AS24Dealer"} & set(ids) and not all(str(name).startswith("autoproff") for name in ids):
        yield Finding("publication-not-contains-as24-or-as24-dealer-channel", "publication.channels")


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [None]


def texts(body: Json) -> Iterator[Finding]:
    text = body.get("description")
    if text is not None and not isinstance(text, str):
        yield Finding("invalid-listing-payload", "description")
    elif text is not None and len(text.encode()) > MOST_TEXT:
        yield Finding("invalid-field-length", "description")
    version = body.get("modelVersion")
    if version is not None and (not isinstance(version, str) or not version):
        yield Finding("invalid-model-version", "modelVersion")
    for path in (*NO_EMAIL, *NO_CONTACT):
        value = at(body, path)
        if isinstance(value, str) and (
            re.search("[<>]", value) or _EMAIL.search(value) or (path in NO_CONTACT and _URL.search(value))
        ):
            yield Finding("attribute-contains-prohibited-content", path)
    video = body.get("youtubeVideoUrl")
    if video is not None and not (isinstance(video, str) and _VIDEO.match(video)):
        yield Finding("invalid-you-tube-video-url", "youtubeVideoUrl")


def highlights(body: Json) -> Iterator[Finding]:
    given = body.get("highlights")
    if given is None:
        return
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        yield Finding("invalid-listing-payload", "highlights")
    elif len(given) > MOST_HIGHLIGHTS:
        yield Finding("too-many-highlights", "highlights")
    elif any(not 1 <= len(text) <= MOST_HIGHLIGHT for text in given):
        yield Finding("invalid-field-length", "highlights")
    elif any(re.search("[<>]", text) or _URL.search(text) or _EMAIL.search(text) for text in given):
        yield Finding("attribute-contains-prohibited-content", "highlights")


def financing(body: Json) -> Iterator[Finding]:
    offer = body.get("financingOffer")
    if not isinstance(offer, dict):
        return
    for name in FINANCING:
        if offer.get(name) is None:
            yield Finding("mandatory-attribute-missing", f"financingOffer.{name}")
    if offer.get("financingType") not in (None, "C"):
        yield Finding("invalid-financing-type", "financingOffer.financingType")


def leasing(body: Json) -> Iterator[Finding]:
    given = body.get("leasingOffers")
    if not isinstance(given, dict):
        return
    for place, offer in enumerate(_as_list(given.get("offers"))):
        head = f"leasingOffers.offers[{place}]"
        if not isinstance(offer, dict):
            yield Finding("invalid-listing-payload", head)
            continue
        for name in LEASING:
            if offer.get(name) is None:
                yield Finding("mandatory-attribute-missing", f"{head}.{name}")
        duration = offer.get("duration")
        if isinstance(duration, int) and not 1 <= duration <= 90:
            yield Finding("maximum-value-exceeded", f"{head}.duration")
        if offer.get("contractType") not in (None, "KilometerLeasing"):
            yield Finding("forbidden-leasing-offer-attribute-present", f"{head}.contractType")


def marketing(body: Json) -> Iterator[Finding]:
    tier = at(body, "marketing.mia.requestedTier")
    if tier is not None and tier not in ("T20", "T30"):
        yield Finding("invalid-requested-tier", "marketing.mia.requestedTier")
    boost = at(body, "marketing.listingBoost.requested")
    if boost is not None and not isinstance(boost, bool):
        yield Finding("invalid-listing-payload", "marketing.listingBoost.requested")


def warranty(body: Json) -> Iterator[Finding]:
    months, stated = body.get("warranty"), body.get("hasWarranty")
    if (months == 0 and stated is True) or (isinstance(months, int) and months > 0 and stated is False):
        yield Finding("invalid-has-warranty-type", "hasWarranty")


RULES = (availability, prices, publication, texts, highlights, financing, leasing, marketing)
"""What the listing itself is judged by, in this order; `dates` needs the day too."""
