"""Control endpoints for mobile.de: its accounts and sellers, and its books of ads."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request

from portal.sandbox.control import bad, json_body, only_from_this_machine, only_json
from portal.sandbox.mobile_de.accounts import Seller
from portal.sandbox.mobile_de.accounts import as_json as seller_json
from portal.sandbox.mobile_de.rules.members import unknown_members
from portal.sandbox.mobile_de.state import state

seller_control = Blueprint("seller_control", __name__, url_prefix="/control")
seller_control.before_request(only_from_this_machine)
seller_control.before_request(only_json)


@seller_control.get("/sellers")
def list_sellers() -> Response:
    links = state().accounts.links()
    return jsonify(
        sellers=[
            {**seller_json(seller), "accounts": links.get(seller.seller_id, [])}
            for seller in state().accounts.all_sellers()
        ]
    )


@seller_control.put("/sellers/<number>")
def change_seller(number: str) -> tuple[Response, int] | tuple[str, int]:
    """`{"linked": false}`, `{"readonly": true}`, or both; `account` names another account than `portal`."""
    seller = _seller(number)
    body = json_body()
    linked, readonly, account = body.get("linked"), body.get("readonly"), body.get("account", "portal")
    if not all(value is None or isinstance(value, bool) for value in (linked, readonly)):
        return bad("linked and readonly are true or false.")
    if not state().accounts.exists(account):
        return bad(f"There is no account {account!r}.")
    if linked is not None:
        state().accounts.link(account, seller.seller_id, linked=linked)
    if readonly is not None:
        state().accounts.set_readonly(seller.seller_id, readonly=readonly)
    return "", 204


@seller_control.put("/accounts/<username>")
def change_account(username: str) -> tuple[Response, int] | tuple[str, int]:
    password = json_body().get("password")
    if not isinstance(password, str) or not password:
        return bad("password must be a text.")
    return ("", 204) if state().accounts.set_password(username, password) else ("", 404)


@seller_control.get("/ads")
def dump_ads() -> Response:
    """All ads with their books; `?seller=` for one seller, `?online=1` without the deleted ones."""
    number = request.args.get("seller")
    ads = state().ads.everything(_seller(number).seller_id if number else None)
    online_only = request.args.get("online") == "1"
    shown = [
        ad.as_json() | {"unknownMembers": unknown_members(ad.body, state().refdata.features)}
        for ad in ads
        if not (online_only and ad.deleted_at)
    ]
    return jsonify(ads=shown)


@seller_control.put("/ads/<ad_id>")
def change_ad(ad_id: str) -> tuple[Response, int] | tuple[str, int]:
    """`{"leasing": {…}}`: as the dealer makes a leasing offer in the dealer area; null takes it back."""
    ad = state().ads.find_any(ad_id) or abort(404)
    offer = json_body().get("leasing")
    if offer is not None and not isinstance(offer, dict):
        return bad("leasing is an object or null.")
    state().ads.make_leasing_there(ad.ad_id, offer)
    state().ads.replace(ad.seller_id, ad.ad_id, {**ad.body, "leasing": offer})
    return "", 204


@seller_control.delete("/images")
def forget_images() -> tuple[str, int]:
    """As if all references had expired."""
    state().pictures.forget()
    return "", 204


def _seller(number: str) -> Seller:
    return state().accounts.find(number) or abort(404)
