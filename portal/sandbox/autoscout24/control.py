"""Control endpoints for AutoScout24: what its customer care, its dealers and time do."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from portal.sandbox.autoscout24.customers import ENRICHMENTS, MOBILE_EXPORTS
from portal.sandbox.autoscout24.customers import as_json as customer_json
from portal.sandbox.autoscout24.listings import Listing
from portal.sandbox.autoscout24.shown import marketing
from portal.sandbox.autoscout24.state import state
from portal.sandbox.control import bad, camel, json_body, only_from_this_machine, only_json
from portal.sandbox.parts import parts

as24_control = Blueprint("as24_control", __name__, url_prefix="/control/autoscout24")
as24_control.before_request(only_from_this_machine)
as24_control.before_request(only_json)

SWITCHES = {"authorised": "authorised", "canSetMiaRequestedTier": "tier"}
CHOICES = {
    "mobileExport": ("mobile_export", MOBILE_EXPORTS),
    "enrichment": ("enrichment", ENRICHMENTS),
}


@as24_control.get("/customers")
def list_customers() -> Response:
    shown = [
        customer_json(one)
        | {
            "authorised": one.authorised,
            "mobileExport": one.mobile_export,
            "enrichment": one.enrichment,
            "enrichmentSeconds": one.enrichment_seconds,
            "priceEvaluation": one.rates_prices,
        }
        for one in state().customers.all()
    ]
    return jsonify(customers=shown)


@as24_control.put("/customers/<customer_id>")
def change_customer(customer_id: str) -> tuple[Response, int] | tuple[str, int]:
    """`authorised`, `canSetMiaRequestedTier`, `mobileExport`, `enrichment`, `enrichmentSeconds`,
    `priceEvaluation`."""
    if state().customers.find(customer_id) is None:
        abort(404)
    body = json_body()
    evaluated = body.pop("priceEvaluation", None)
    if not isinstance(evaluated, bool | None):
        return bad("priceEvaluation must be true or false.")
    try:
        values = dict(_changes(body))
    except ValueError as error:
        return bad(str(error))
    if values:
        state().customers.change(customer_id, **values)
    if evaluated is not None:
        state().customers.switch_evaluation(customer_id, on=evaluated)
    return "", 204


def _changes(body: dict[str, Any]) -> Any:
    for name, value in body.items():
        if name in SWITCHES and isinstance(value, bool):
            yield SWITCHES[name], value
        elif name in CHOICES and value in CHOICES[name][1]:
            yield CHOICES[name][0], value
        elif name == "enrichmentSeconds" and isinstance(value, int | float) and value >= 0:
            yield "enrichment_seconds", value
        else:
            raise ValueError(f"{name} cannot be {value!r}.")


@as24_control.put("/accounts/<username>")
def change_account(username: str) -> tuple[Response, int] | tuple[str, int]:
    password = json_body().get("password")
    if not isinstance(password, str) or not password:
        return bad("password must be a text.")
    return ("", 204) if state().customers.set_password(username, password) else ("", 404)


@as24_control.get("/listings")
def dump_listings() -> Response:
    """All listings with their books; `?customer=` for one, `?online=1` only those that buyers see."""
    listings = state().listings.everything(request.args.get("customer"))
    online_only = request.args.get("online") == "1"
    return jsonify(listings=[_listing_json(one) for one in listings if one.is_public or not online_only])


@as24_control.put("/listings/<listing_id>")
def change_listing(listing_id: str) -> tuple[Response, int] | tuple[str, int]:
    """As the dealer does in the dealer area: `{"protected": true}`, or members that he edits in `body`."""
    listing = state().listings.find_any(listing_id) or abort(404)
    given = json_body()
    if isinstance(given.get("body"), dict):
        changed = {**listing.body, **given["body"]}
        state().listings.replace(listing_id, changed, listing.marketing, None)
    if "protected" in given:
        state().listings.protect(listing_id, protected=given["protected"] is True)
    return "", 204


@as24_control.delete("/listings/<listing_id>")
def remove_listing(listing_id: str) -> tuple[str, int]:
    """As the dealer does in the dealer area."""
    if state().listings.find_any(listing_id) is None:
        abort(404)
    state().listings.delete(listing_id)
    return "", 204


@as24_control.get("/images")
def list_images() -> Response:
    """MD5 by id of a customer's pictures (`?customer=`), those that no listing shows too."""
    return jsonify(images=state().images.md5s(request.args.get("customer", "")))


@as24_control.delete("/images")
def forget_images() -> tuple[str, int]:
    """As if all of them had been deleted."""
    state().images.forget()
    return "", 204


@as24_control.get("/requests")
def dump_requests() -> Response:
    """The request log of this API; `?kind=` and `?customer=` filter."""
    rows = parts().books.read(request.args.get("kind"), request.args.get("customer"))
    ours = [row for row in rows if row["path"].startswith("/autoscout24/")]
    return jsonify(requests=[camel(row) for row in ours])


def _listing_json(listing: Listing) -> dict[str, Any]:
    customer = state().customers.find(listing.customer_id)
    return {
        "id": listing.listing_id,
        "customerId": listing.customer_id,
        "offerReferenceId": listing.offer_reference_id,
        "crossReferenceId": listing.cross_reference_id,
        "testmode": listing.testmode,
        "generation": listing.generation,
        "revision": listing.revision,
        "status": listing.status,
        "vinEnrichmentStatus": listing.enrichment_status,
        "protected": listing.protected,
        "createdAt": listing.created_at,
        "lastUpdatedAt": listing.updated_at,
        "deletedAt": listing.deleted_at,
        "exportedToMobileDe": customer is not None and listing.is_exported(customer.mobile_export),
        "applied": marketing(listing, customer) if customer else {},
        "body": listing.body,
    }
