"""The pages buyers see."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, render_template, request

from portal.sandbox.mobile_de.listing import listing
from portal.sandbox.mobile_de.pictures import FOLDER
from portal.sandbox.mobile_de.state import state

shop = Blueprint("shop", __name__)
FOR_EVER = "public, max-age=31536000, immutable"
_REF = re.compile(r"[0-9a-f]{24}")


@shop.get("/")
def sellers() -> str:
    counts = state().ads.counts()
    return render_template("sandbox/sellers.html", sellers=state().accounts.all_sellers(), counts=counts)


@shop.get("/haendler/<seller_id>")
def seller(seller_id: str) -> str:
    found = state().accounts.find(seller_id) or abort(404)
    ads = state().ads.online(found.seller_id)
    newest_first = [listing(ad, state().refdata) for ad in reversed(ads)]
    return render_template("sandbox/seller.html", seller=found, listings=newest_first)


@shop.get("/fahrzeuge/details.html")
def details() -> str | tuple[str, int]:
    ad_id = request.args.get("id", "")
    ad = state().ads.find_any(ad_id) if ad_id.isascii() and ad_id.isdigit() else None
    if ad is None:
        abort(404)
    found = state().accounts.find(ad.seller_id)
    if ad.deleted_at is not None:
        return render_template("sandbox/gone.html", ad=ad, seller=found), 410
    return render_template("sandbox/details.html", car=listing(ad, state().refdata), ad=ad, seller=found)


@shop.get(f"/{FOLDER}/<ref>.jpg")
def picture(ref: str) -> Response:
    jpeg = state().pictures.read(ref) if _REF.fullmatch(ref) else None
    if jpeg is None:
        abort(404)
    return Response(jpeg, headers={"Cache-Control": FOR_EVER}, content_type="image/jpeg")
