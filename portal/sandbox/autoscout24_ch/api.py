"""The API for a seller's listings: token, listings, pictures, equipment, the top list, references."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from portal.sandbox import exchange
from portal.sandbox.autoscout24.images import refusal
from portal.sandbox.autoscout24_ch import rules
from portal.sandbox.autoscout24_ch.clients import Seller
from portal.sandbox.autoscout24_ch.dialect import SELLER_API, answer, page, refused, silent
from portal.sandbox.autoscout24_ch.listings import ACTIVE, DOWN, REMOVED, Listing
from portal.sandbox.autoscout24_ch.shown import details, images, summary, top_list
from portal.sandbox.autoscout24_ch.state import state

PREFIX = "/autoscout24-ch"
as24ch = Blueprint("as24ch", __name__, url_prefix=f"{PREFIX}/public/v1")
LISTING = "/sellers/<seller_id>/listings/<listing_id>"
OPEN = ("as24ch.token",)
"""What answers without a token."""
LARGEST_PAGE = 2000

exchange.frame(as24ch, SELLER_API)


@as24ch.before_request
def require_token() -> Response | None:
    if request.endpoint in OPEN:
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer" and state().clients.knows(token):
        return None
    return refused(401, "The access token is missing or has expired")


@as24ch.before_request
def require_seller() -> Response | None:
    """It exists, and lets this client act for it; its listing exists, removed or not."""
    where = request.view_args or {}
    if "seller_id" not in where:
        return None
    numbers = [where[name] for name in ("seller_id", "listing_id") if name in where]
    if not all(one.isascii() and one.isdecimal() and len(one) < 19 for one in numbers):
        return refused(400, "An id must be a number")
    g.seller = state().clients.seller(int(numbers[0]))
    if g.seller is None:
        return refused(404, "Seller not found")
    if not g.seller.authorised:
        return refused(403, "Access to this seller is denied")
    g.listing = state().listings.find(g.seller.seller_id, int(numbers[1])) if numbers[1:] else None
    return refused(404, "Listing not found") if numbers[1:] and g.listing is None else None


@as24ch.post("/clients/oauth/token")
def token() -> Response:
    form = request.form
    if form.get("grant_type") != "client_credentials" or not form.get("audience"):
        return refused(400, "grant_type and audience are needed")
    given = state().clients.token(form.get("client_id", ""), form.get("client_secret", ""))
    if given is None:
        return refused(401, "Unknown client")
    return answer({"access_token": given[0], "token_type": "Bearer", "expires_in": given[1]})


@as24ch.get("/vehicle-categories")
def categories() -> Response:
    return answer({"vehicleCategories": rules.TERMS["words"]["VehicleCategory"]})


@as24ch.get("/makes")
def makes() -> Response:
    found = state().references.makes(request.args.get("vehicleCategory", ""))
    if found is None:
        return refused(400, "vehicleCategory is needed")
    return _page([{"key": key, "name": name} for key, name in found])


@as24ch.get("/makes/key/<make_key>/models")
def models(make_key: str) -> Response:
    found = state().references.models(request.args.get("vehicleCategory", ""), make_key)
    return _page([{"key": key, "name": name} for key, name in found])


@as24ch.post("/vehicle-energy-efficiency/detect")
def detect() -> Response:
    body = request.get_json(silent=True)
    number = body.get("certificationNumber") if isinstance(body, dict) else None
    found = state().references.certificate(number) if isinstance(number, str) else None
    return answer(found) if found else refused(404, "Nothing is known of this vehicle")


@as24ch.get("/sellers/<seller_id>")
def read_seller(seller_id: str) -> Response:  # noqa: ARG001  a guard has read it
    return answer(_seller().as_json())


@as24ch.get("/sellers/<seller_id>/listings")
def list_listings(seller_id: str) -> Response:  # noqa: ARG001
    wanted, number = request.args.get("externalId"), request.args.get("sellerVehicleId")
    found = [
        summary(one, _base())
        for one in state().listings.of_seller(_seller().seller_id)
        if wanted in (None, one.external_id) and number in (None, one.seller_vehicle_id)
    ]
    return _page(found)


@as24ch.post("/sellers/<seller_id>/listings")
def create_listing(seller_id: str) -> Response:  # noqa: ARG001
    """A draft until it is activated; the answer has no body."""
    body = exchange.current().body
    wrong = rules.faults_of(body, create=True) or _unknown_make(body)
    if wrong:
        return refused(400, "; ".join(wrong))
    made = state().listings.create(_seller().seller_id, body)
    exchange.current().listing_id = str(made.listing_id)
    return silent(201)


@as24ch.get(LISTING)
def read_listing(**_: str) -> Response:
    return answer(details(_listing(), _base()))


@as24ch.put(LISTING)
def update_listing(**_: str) -> Response:
    body = exchange.current().body
    wrong = rules.faults_of(body, create=False)
    if wrong:
        return refused(400, "; ".join(wrong))
    fixed = {name: value for name, value in _listing().body.items() if name in rules.CREATE_ONLY}
    state().listings.replace(_listing(), fixed | body)
    return silent()


@as24ch.get("/sellers/<seller_id>/listings/external-id/<external_id>")
def find_by_external_id(external_id: str, **_: str) -> Response:
    found = state().listings.by_external_id(_seller().seller_id, external_id)
    return answer({"id": found.listing_id}) if found else refused(404, "Listing not found")


@as24ch.get("/sellers/<seller_id>/listings/seller-vehicle-id/<number>")
def find_by_vehicle_id(number: str, **_: str) -> Response:
    listings = state().listings.of_seller(_seller().seller_id)
    return _page([{"id": one.listing_id} for one in listings if one.seller_vehicle_id == number])


@as24ch.post(f"{LISTING}/activate")
def activate(**_: str) -> Response:
    listing = _listing()
    if listing.status == REMOVED:
        return refused(409, "The listing was removed")
    if listing.status != ACTIVE and _free_slots() < 1:
        return refused(409, "There is no free slot")
    state().listings.set_status(listing.listing_id, ACTIVE)
    return silent()


@as24ch.post(f"{LISTING}/deactivate")
def deactivate(**_: str) -> Response:
    if _listing().status == REMOVED:
        return refused(409, "The listing was removed")
    state().listings.set_status(_listing().listing_id, DOWN)
    return silent()


@as24ch.post(f"{LISTING}/remove", endpoint="remove_listing")
@as24ch.delete(LISTING, endpoint="delete_listing")
def remove(**_: str) -> Response:
    """DELETE is deprecated and does the same."""
    if _listing().status == REMOVED:
        return refused(404, "Listing not found")
    state().listings.set_status(_listing().listing_id, REMOVED)
    return silent()


@as24ch.get(f"{LISTING}/images")
def read_images(**_: str) -> Response:
    return answer(images(_listing(), _base()))


@as24ch.put(f"{LISTING}/images")
def set_images(**_: str) -> Response:
    given = request.get_json(silent=True)
    entries = given if isinstance(given, list) else [None]
    keys = [str(one.get("key")) if isinstance(one, dict) else "" for one in entries]
    there = state().listings.image_ids(_listing().listing_id)
    if any(key not in there for key in keys) or len(set(keys)) != len(keys):
        return refused(400, "A key is unknown or stands there twice")
    state().listings.set_images(_listing().listing_id, keys)
    return silent()


@as24ch.post(f"{LISTING}/images/upload")
def upload_image(**_: str) -> Response:
    file = request.files.get("file")
    if file is None:
        return refused(400, "file is needed")
    content = file.read()
    found = refusal(content, file.mimetype)
    if found is not None:
        return refused(400, found[1])
    return answer({"key": state().listings.add_image(_listing().listing_id, content)})


@as24ch.get(f"{LISTING}/equipment")
def read_equipment(**_: str) -> Response:
    return answer({"standard": [], "optional": [], "searchAttributes": _listing().attributes})


@as24ch.put(f"{LISTING}/equipment")
def set_equipment(**_: str) -> Response:
    body = request.get_json(silent=True)
    unknown = rules.unknown_attributes(body)
    if unknown:
        return refused(400, f"Unknown search attributes: {', '.join(unknown)}")
    attributes = body.get("searchAttributes", []) if isinstance(body, dict) else []
    state().listings.set_attributes(_listing().listing_id, attributes)
    return silent()


@as24ch.get("/sellers/<seller_id>/features/list/free-slots")
def free_slots(seller_id: str) -> Response:  # noqa: ARG001
    return answer({"numberOfFreeSlots": max(0, _free_slots())})


@as24ch.get("/sellers/<seller_id>/features/top-list/free-slots")
def free_top_slots(seller_id: str) -> Response:  # noqa: ARG001
    return answer({"numberOfFreeSlots": max(0, _free_top_slots())})


@as24ch.get(f"{LISTING}/features/top-list")
def read_top_list(**_: str) -> Response:
    return answer(top_list(_listing()))


@as24ch.post(f"{LISTING}/features/top-list/book")
def book_top_list(**_: str) -> Response:
    if _listing().in_top_list or _free_top_slots() < 1:
        return refused(409, "There is no free slot in the top list")
    state().listings.book_top_list(_listing().listing_id)
    return silent()


def _page(content: list[Any]) -> Response:
    number, size = (
        request.args.get(name, default, type=int) for name, default in (("page", 0), ("size", 20))
    )
    if number is None or size is None or number < 0 or not 1 <= size <= LARGEST_PAGE:
        return refused(400, "page or size is out of bounds")
    return page(content, number, size)


def _unknown_make(body: dict[str, Any]) -> list[str]:
    references, category, make = state().references, body["vehicleCategory"], body["makeKey"]
    if make not in dict(references.makes(category) or ()):
        return [f"makeKey {make} is unknown"]
    model = body.get("modelKey")
    known = model is None or model in dict(references.models(category, make))
    return [] if known else [f"modelKey {model} is unknown"]


def _free_slots() -> int:
    listings = state().listings.of_seller(_seller().seller_id)
    return _seller().slots - sum(one.status == ACTIVE for one in listings)


def _free_top_slots() -> int:
    listings = state().listings.of_seller(_seller().seller_id)
    return _seller().top_slots - sum(one.in_top_list for one in listings)


def _base() -> str:
    return f"{request.host_url.rstrip('/')}{PREFIX}"


def _seller() -> Seller:
    seller: Seller = g.seller
    return seller


def _listing() -> Listing:
    listing: Listing = g.listing
    return listing
