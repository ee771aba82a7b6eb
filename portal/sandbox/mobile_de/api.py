"""The Seller API: sellers, ads, images."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, request

from portal.sandbox import exchange
from portal.sandbox.mobile_de.accounts import Seller, as_json
from portal.sandbox.mobile_de.ads import Ad
from portal.sandbox.mobile_de.answers import answer, error_answer, errors_answer
from portal.sandbox.mobile_de.dialect import INSERTION_ID, SELLER_API
from portal.sandbox.mobile_de.figures import price_rating, rating_answer, statistic
from portal.sandbox.mobile_de.guards import require_ad_body, require_login, require_seller
from portal.sandbox.mobile_de.pictures import LARGEST, address, bare, is_jpeg
from portal.sandbox.mobile_de.rules.check import AdRules, AdVerdict, check, check_images
from portal.sandbox.mobile_de.rules.findings import AdFinding
from portal.sandbox.mobile_de.rules.findings import as_json as finding_json
from portal.sandbox.mobile_de.state import state

api = Blueprint("api", __name__, url_prefix="/seller-api")
BERLIN = ZoneInfo("Europe/Berlin")
OURS = ("mobileAdId", "mobileSellerId", "creationDate", "modificationDate", "renewalDate", "fourWheelDrive")
"""Members that the platform writes, which a client that sends an ad back sends too; and one that counts for
nothing any more."""

exchange.frame(api, SELLER_API)
for guard in (require_login, require_seller, require_ad_body):
    api.before_request(guard)


@api.get("/sellers")
def sellers() -> Response:
    return answer({"sellers": [as_json(seller) for seller in state().accounts.sellers_of(g.username)]})


@api.get("/sellers/<seller_id>/ads")
def list_ads(seller_id: str) -> Response:
    return answer({"ads": [_shown(ad) for ad in state().ads.online(seller_id)]})


@api.post("/sellers/<seller_id>/ads")
def create_ad(seller_id: str) -> Response:
    insertion_id = request.headers.get(INSERTION_ID)
    if insertion_id and (first := state().ads.inserted(seller_id, insertion_id)):
        return _exists(seller_id, first)
    body = _ad_body()
    verdict = _judge(body)
    if verdict.errors:
        return errors_answer(400, verdict.errors)
    ad_id, is_new = state().ads.create(seller_id, body, insertion_id)
    if not is_new:
        return _exists(seller_id, ad_id)
    exchange.current().listing_id = ad_id
    return answer(_written(ad_id, body, verdict), 201, {"Location": _location(seller_id, ad_id)})


@api.get("/sellers/<seller_id>/ads/<ad_id>")
def read_ad(seller_id: str, ad_id: str) -> Response:
    ad = state().ads.find(seller_id, ad_id)
    return answer(_shown(ad)) if ad else error_answer(404, "ad-not-found")


@api.put("/sellers/<seller_id>/ads/<ad_id>")
def update_ad(seller_id: str, ad_id: str) -> Response:
    if state().ads.find(seller_id, ad_id) is None:
        return error_answer(404, "ad-not-found")
    body = _ad_body()
    own = state().ads.own_leasing(ad_id)
    if own is not None and body.get("leasing", own) != own:
        return error_answer(400, AdFinding("leasing_overwrite_protection", "leasing"))
    if own is not None:
        body["leasing"] = own
    verdict = _judge(body)
    if verdict.errors:
        return errors_answer(400, verdict.errors)
    if not state().ads.replace(seller_id, ad_id, body):
        return error_answer(404, "ad-not-found")
    return answer(_written(ad_id, body, verdict))


@api.delete("/sellers/<seller_id>/ads/<ad_id>")
def delete_ad(seller_id: str, ad_id: str) -> Response:
    if not state().ads.delete(seller_id, ad_id):
        return error_answer(404, "ad-not-found")
    return Response(status=204)


@api.get("/sellers/<seller_id>/ads/<ad_id>/statistic")
def read_statistic(seller_id: str, ad_id: str) -> Response:
    ad = state().ads.find(seller_id, ad_id)
    return answer(statistic(ad, datetime.now(UTC))) if ad else error_answer(404, "ad-not-found")


@api.get("/sellers/<seller_id>/ads/<ad_id>/price-rating")
def read_price_rating(seller_id: str, ad_id: str) -> Response:
    ad = state().ads.find(seller_id, ad_id)
    if ad is None:
        return error_answer(404, "ad-not-found")
    return answer(price_rating(ad, state().market, datetime.now(UTC)))


@api.post("/sellers/<seller_id>/ads/price-rating")
def rate_before_publishing(seller_id: str) -> Response:
    """Of an ad that is not there yet; the market knows it by its number."""
    body = _ad_body()
    verdict = _judge(body)
    if verdict.errors:
        return errors_answer(400, verdict.errors)
    name = f"{seller_id} {body.get('internalNumber', '')}"
    return answer(rating_answer(name, body, state().market, datetime.now(UTC)))


@api.get("/sellers/<seller_id>/ads/<ad_id>/images")
def read_images(seller_id: str, ad_id: str) -> Response:
    ad = state().ads.find(seller_id, ad_id)
    return answer({"images": _image_list(ad)}) if ad else error_answer(404, "ad-not-found")


@api.put("/sellers/<seller_id>/ads/<ad_id>/images")
def update_images(seller_id: str, ad_id: str) -> Response:
    ad = state().ads.find(seller_id, ad_id)
    if ad is None:
        return error_answer(404, "ad-not-found")
    body = _ad_body()
    if "images" not in body:
        return error_answer(400, AdFinding("missing-field", "images"))
    errors = list(check_images(body, _frame()))
    if errors:
        return errors_answer(400, errors)
    state().ads.replace(seller_id, ad_id, {**ad.body, "images": body["images"]})
    return answer({"images": [{"ref": address(_base(), entry["ref"])} for entry in body["images"]]})


@api.post("/images")
def upload_image() -> Response:
    content = request.get_data()
    if request.mimetype != "image/jpeg":
        return error_answer(400, AdFinding("image-type-not-supported", value=request.mimetype))
    if len(content) > LARGEST:
        return error_answer(400, AdFinding("image-too-large", value=str(len(content))))
    if not is_jpeg(content):
        return error_answer(400, "image-not-readable")
    ref, sha256 = state().pictures.add(g.username, content)
    return answer({"ref": ref, "hash": sha256}, 201)


def _ad_body() -> dict[str, Any]:
    """The ad as it was sent, without the members that are ours, pictures by their bare references."""
    body = {name: value for name, value in exchange.current().body.items() if name not in OURS}
    images = body.get("images")
    if isinstance(images, list):
        body["images"] = [_with_bare_ref(entry) for entry in images]
    return body


def _with_bare_ref(entry: Any) -> Any:
    if isinstance(entry, dict) and isinstance(entry.get("ref"), str):
        return {"ref": bare(entry["ref"])}
    return entry


def _judge(body: dict[str, Any]) -> AdVerdict:
    return check({**exchange.current().body, **body}, _frame())


def _frame() -> AdRules:
    seller: Seller = g.seller
    return AdRules(
        state().refdata,
        seller.max_images,
        seller.max_highlights,
        f"{datetime.now(BERLIN):%Y%m}",
        lambda refs: state().pictures.unknown(g.username, refs),
    )


def _written(ad_id: str, body: dict[str, Any], verdict: AdVerdict) -> dict[str, Any]:
    written: dict[str, Any] = {"mobileAdId": ad_id}
    if body.get("mobileFeatures"):
        written["mobileFeatures"] = body["mobileFeatures"]
    if verdict.warnings:
        written["warnings"] = [finding_json(warning) for warning in verdict.warnings]
    return written


def _exists(seller_id: str, ad_id: str) -> Response:
    exchange.current().listing_id = ad_id
    return answer({"mobileAdId": ad_id}, 303, {"Location": _location(seller_id, ad_id)})


def _location(seller_id: str, ad_id: str) -> str:
    return f"{_base()}/seller-api/sellers/{seller_id}/ads/{ad_id}"


def _base() -> str:
    return request.host_url.rstrip("/")


def _shown(ad: Ad) -> dict[str, Any]:
    """An ad as clients read it."""
    return {
        "mobileAdId": ad.ad_id,
        "mobileSellerId": ad.seller_id,
        "creationDate": ad.created_at,
        "modificationDate": ad.modified_at,
        "renewalDate": ad.modified_at,
        **ad.body,
        "images": _image_list(ad),
    }


def _image_list(ad: Ad) -> list[dict[str, str]]:
    return [{"ref": address(_base(), ref)} for ref in ad.images]
