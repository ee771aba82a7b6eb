"""What is read of a listing: an entry of the list, the whole of it, its pictures and its top list."""

from __future__ import annotations

from typing import Any

from portal.sandbox.autoscout24_ch.listings import TOP_LIST_PRICE, Listing
from portal.sandbox.autoscout24_ch.state import state

Json = dict[str, Any]
IN_LIST = (
    *(
        "availableForLeasing",
        "bodyType",
        "certificationNumber",
        "conditionType",
        "cubicCapacity",
        "cylinders",
    ),
    *("doors", "driveType", "firstRegistrationDate", "firstRegistrationYear", "fuelType", "kiloWatts"),
    *("listPrice", "makeKey", "mileage", "modelKey", "price", "seats", "transmissionType", "tuned"),
    *("vehicleCategory", "versionFullName", "versionId"),
)
"""The list shows neither our key nor our number nor the VIN."""


def summary(listing: Listing, base: str) -> Json:
    return {name: listing.body[name] for name in IN_LIST if name in listing.body} | _state(listing, base)


def details(listing: Listing, base: str) -> Json:
    moments = {
        "createdDate": _moment(listing.created_at),
        "lastModifiedDate": _moment(listing.updated_at),
        "statusLastModifiedDate": _moment(listing.status_at),
        "documents": [],
    }
    return listing.body | moments | _state(listing, base)


def _state(listing: Listing, base: str) -> Json:
    return {
        "id": listing.listing_id,
        "sellerId": listing.seller_id,
        "status": listing.status,
        "live": listing.status == "activated",
        "images": images(listing, base),
    }


def images(listing: Listing, base: str) -> list[Json]:
    ids = state().listings.image_ids(listing.listing_id)
    return [
        {"id": ids[key], "key": key, "url": f"{base}/bilder/{key}"} for key in listing.images if key in ids
    ]


def top_list(listing: Listing) -> Json:
    runs = listing.in_top_list
    return {
        "booked": runs,
        "price": TOP_LIST_PRICE,
        "startDate": _moment(listing.top_list_from) if runs and listing.top_list_from else None,
        "endDate": _moment(listing.top_list_to) if runs and listing.top_list_to else None,
    }


def _moment(iso: str) -> str:
    return iso.replace("+00:00", "Z")
