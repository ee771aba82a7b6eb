"""The pages buyers see at AutoScout24."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, abort, render_template

from portal.sandbox.autoscout24.api import PREFIX
from portal.sandbox.autoscout24.customers import Customer
from portal.sandbox.autoscout24.listings import Listing
from portal.sandbox.autoscout24.offer_page import Offer, offer
from portal.sandbox.autoscout24.state import state

as24_pages = Blueprint("as24_pages", __name__, url_prefix=PREFIX)
FOR_EVER = "public, max-age=31536000, immutable"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


@as24_pages.get("/")
def customers() -> str:
    as24 = state()
    return render_template(
        "sandbox/autoscout24/customers.html", customers=as24.customers.all(), counts=as24.listings.counts()
    )


@as24_pages.get("/haendler/<customer_id>")
def customer(customer_id: str) -> str:
    found = state().customers.find(customer_id) or abort(404)
    listings = state().listings.of_customer(customer_id, testmode=False)
    public = [_offer(one, found) for one in reversed(listings) if one.is_public]
    return render_template("sandbox/autoscout24/customer.html", customer=found, offers=public)


@as24_pages.get("/angebote/<slug>")
def details(slug: str) -> str | tuple[str, int]:
    """Whatever stands before the id: it is the listing's own name only."""
    found = _GUID.search(slug)
    listing = state().listings.find_any(found.group()) if found else None
    if listing is None or listing.testmode:
        abort(404)
    seller = state().customers.find(listing.customer_id) or abort(404)
    if not listing.is_public:
        template = "sandbox/autoscout24/gone.html"
        return render_template(template, customer=seller, listing=listing), 410
    shown = _offer(listing, seller)
    return render_template("sandbox/autoscout24/details.html", customer=seller, listing=listing, offer=shown)


@as24_pages.get("/bilder/<image_id>")
def picture(image_id: str) -> Response:
    content: Any = state().images.read(image_id) or abort(404)
    media_type = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return Response(content, headers={"Cache-Control": FOR_EVER}, content_type=media_type)


def _offer(listing: Listing, customer: Customer) -> Offer:
    return offer(listing, customer, state().references)
