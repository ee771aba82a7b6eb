"""Control endpoints for AutoScout24 Schweiz: what its customer care, its dealers and time do."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request

from portal.sandbox.autoscout24_ch.clients import COLUMNS
from portal.sandbox.autoscout24_ch.listings import ACTIVE, DOWN, REMOVED
from portal.sandbox.autoscout24_ch.state import state
from portal.sandbox.control import bad, camel, json_body, only_from_this_machine, only_json
from portal.sandbox.parts import parts

as24ch_control = Blueprint("as24ch_control", __name__, url_prefix="/control/autoscout24-ch")
as24ch_control.before_request(only_from_this_machine)
as24ch_control.before_request(only_json)


@as24ch_control.get("/sellers")
def list_sellers() -> Response:
    shown = [
        one.as_json() | {"authorised": one.authorised, "slots": one.slots, "topSlots": one.top_slots}
        for one in state().clients.sellers()
    ]
    return jsonify(sellers=shown)


@as24ch_control.put("/sellers/<int:seller_id>")
def change_seller(seller_id: int) -> tuple[Response, int] | tuple[str, int]:
    """`authorised`, `slots`, `topSlots`."""
    if state().clients.seller(seller_id) is None:
        abort(404)
    given = json_body()
    if not all(name in COLUMNS and isinstance(value, int) and value >= 0 for name, value in given.items()):
        return bad("authorised must be true or false, slots and topSlots whole numbers.")
    if given:
        state().clients.change_seller(
            seller_id, **{COLUMNS[name]: int(value) for name, value in given.items()}
        )
    return "", 204


@as24ch_control.put("/clients/<client_id>")
def change_client(client_id: str) -> tuple[Response, int] | tuple[str, int]:
    """`secret`, or `tokenSeconds`: how long new tokens hold."""
    given = json_body()
    secret, seconds = given.get("secret"), given.get("tokenSeconds")
    changed = True
    if isinstance(secret, str) and secret:
        changed = state().clients.change_client(client_id, "client_secret", secret)
    elif isinstance(seconds, int) and seconds > 0:
        changed = state().clients.change_client(client_id, "token_seconds", seconds)
    else:
        return bad("secret must be a text, tokenSeconds a whole number.")
    return ("", 204) if changed else ("", 404)


@as24ch_control.get("/tokens")
def count_tokens() -> Response:
    """How many were given out."""
    return jsonify(tokens=state().clients.tokens())


@as24ch_control.delete("/tokens")
def end_tokens() -> tuple[str, int]:
    """As if the time of all of them had come."""
    state().clients.end_tokens()
    return "", 204


@as24ch_control.get("/listings")
def dump_listings() -> Response:
    """All listings with their books; `?seller=` for one, `?online=1` only those that buyers see."""
    seller, online_only = request.args.get("seller"), request.args.get("online") == "1"
    found = [
        one
        for one in state().listings.everything()
        if seller in (None, str(one.seller_id)) and (one.status == ACTIVE or not online_only)
    ]
    return jsonify(listings=[one.as_json() for one in found])


@as24ch_control.put("/listings/<int:listing_id>")
def change_listing(listing_id: int) -> tuple[Response, int] | tuple[str, int]:
    """As the dealer does there: `status` (activated, deactivated, removed), members that he edits in `body`,
    `topListEnded`."""
    listing = state().listings.find_any(listing_id) or abort(404)
    given = json_body()
    if isinstance(given.get("body"), dict):
        state().listings.replace(listing, listing.body | given["body"])
    if given.get("topListEnded") is True:
        state().listings.end_top_list(listing_id)
    if "status" in given:
        if given["status"] not in (ACTIVE, DOWN, REMOVED):
            return bad("status must be activated, deactivated or removed.")
        state().listings.set_status(listing_id, given["status"])
    return "", 204


@as24ch_control.get("/requests")
def dump_requests() -> Response:
    """The request log of this API; `?kind=` and `?seller=` filter."""
    rows = parts().books.read(request.args.get("kind"), request.args.get("seller"))
    return jsonify(requests=[camel(row) for row in rows if row["path"].startswith("/autoscout24-ch/")])
