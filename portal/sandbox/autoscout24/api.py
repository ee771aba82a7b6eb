"""The Listing Creation API: customers, listings, pictures, references."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, request

from portal.sandbox import exchange
from portal.sandbox.autoscout24 import images as pictures
from portal.sandbox.autoscout24.customers import Customer
from portal.sandbox.autoscout24.customers import as_json as customer_json
from portal.sandbox.autoscout24.dialect import LISTING_CREATION, answer, refused
from portal.sandbox.autoscout24.figures import evaluation, lacking_for_evaluation, snapshot
from portal.sandbox.autoscout24.listings import Enrichment, Listing
from portal.sandbox.autoscout24.references import make_json, reference_json
from portal.sandbox.autoscout24.rules.check import Frame, Verdict, check
from portal.sandbox.autoscout24.rules.fields import NOT_IN_PATCH
from portal.sandbox.autoscout24.rules.findings import Finding
from portal.sandbox.autoscout24.shown import read, stored, summary
from portal.sandbox.autoscout24.state import state

PREFIX = "/autoscout24"
as24 = Blueprint("as24", __name__, url_prefix=PREFIX)
BERLIN = ZoneInfo("Europe/Berlin")
OPEN = ("as24.makes", "as24.references", "as24.seals")
"""What answers without a login."""
MARKETPLACES = ("at", "be", "ca", "de", "es", "fr", "it", "lu", "nl")
GONE_OR_LOCKED = "listing-does-not-exist-or-has-overwrite-protection"

exchange.frame(as24, LISTING_CREATION)


@as24.before_request
def require_login() -> Response | None:
    if request.endpoint in OPEN:
        return None
    given = request.authorization
    username, password = (given.username, given.password) if given and given.type == "basic" else (None, None)
    if username is None or password is None or not state().customers.knows(username, password):
        return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="Listing creation API"'})
    return None


@as24.before_request
def require_customer() -> Response | None:
    customer_id = (request.view_args or {}).get("customer_id")
    if customer_id is None:
        return None
    customer = state().customers.find(customer_id)
    if customer is None:
        return refused(404, [Finding("customer-not-found-error", customer_id)])
    if not customer.authorised:
        return Response(status=403)
    g.customer = customer
    g.testmode = request.headers.get("X-Testmode", "").lower() == "true"
    return None


@as24.before_request
def require_json() -> Response | None:
    current = exchange.current()
    if current.kind not in LISTING_CREATION.writing:
        return None
    if request.mimetype != "application/json":
        return refused(400, [Finding("invalid-content-type", "Content-Type")])
    if not request.get_data():
        return refused(400, [Finding("empty-body", "body")])
    return None if isinstance(current.body, dict) else refused(400, [Finding("invalid-json", "body")])


@as24.get("/customers")
def customers() -> Response:
    shown = [customer_json(one) for one in state().customers.all() if one.authorised]
    return answer({"customers": shown})


@as24.get("/customers/<customer_id>/listings")
def list_listings(customer_id: str) -> Response:
    included = {name for name in request.args.get("include", "").split(",") if name}
    wanted = request.args.get("vinStatus")
    if included - {"overwriteProtection"}:
        return refused(400, [Finding("invalid-reference", "include")])
    if wanted not in (None, "Processing", "Success", "Fail"):
        return refused(400, [Finding("invalid-reference", "vinStatus")])
    listings = state().listings.of_customer(customer_id, testmode=g.testmode)
    shown = [summary(one, with_protection=bool(included)) for one in listings]
    return answer({"listings": [one for one in shown if wanted in (None, one.get("vinEnrichmentStatus"))]})


@as24.post("/customers/<customer_id>/listings")
def create_listing(customer_id: str) -> Response:
    body = exchange.current().body
    verdict = _judge(body)
    enrichment = _enrichment(body, verdict)
    errors = _errors(verdict, enrichment)
    if errors:
        return refused(400, errors)
    listing = state().listings.create(
        customer_id, stored(body), body.get("marketing") or {}, enrichment, testmode=g.testmode
    )
    exchange.current().listing_id = listing.listing_id
    return answer(_read(listing), 202 if enrichment else 201)


@as24.get("/customers/<customer_id>/listings/<listing_id>")
def read_listing(listing_id: str, **_: str) -> Response:
    listing = _find(listing_id)
    if listing is None:
        return refused(404, [Finding("listing-does-not-exist", listing_id)])
    return answer(_read(listing))


@as24.put("/customers/<customer_id>/listings/<listing_id>")
def update_listing(listing_id: str, **_: str) -> Response:
    return _written(listing_id, exchange.current().body)


@as24.patch("/customers/<customer_id>/listings/<listing_id>")
def patch_listing(listing_id: str, **_: str) -> Response:
    listing = _find(listing_id)
    if listing is None or listing.protected:
        return refused(404, [Finding(GONE_OR_LOCKED, listing_id)])
    given = exchange.current().body
    unsupported = [name for name in NOT_IN_PATCH if name in given]
    if unsupported:
        return refused(400, [Finding("cannot-partially-update-listing", name) for name in unsupported])
    changed = {**listing.body, "marketing": listing.marketing, **given}
    return _written(listing_id, {name: value for name, value in changed.items() if value is not None})


@as24.delete("/customers/<customer_id>/listings/<listing_id>")
def delete_listing(listing_id: str, **_: str) -> Response:
    listing = _find(listing_id)
    if listing is None or listing.protected:
        return refused(404, [Finding(GONE_OR_LOCKED, listing_id)])
    state().listings.delete(listing_id)
    _drop_orphans(listing)
    return Response(status=204)


@as24.post("/customers/<customer_id>/images")
def upload_image(customer_id: str) -> Response:
    content = request.get_data()
    found = pictures.refusal(content, request.mimetype)
    if found is not None:
        code, message = found
        return answer({"errors": [{"code": code, "message": message}]}, 400)
    return answer({"id": state().images.add(customer_id, content)}, 201)


@as24.get("/statistics/<customer_id>/listings")
def statistics(customer_id: str) -> Response:
    """404 without a listing that buyers see: there are no figures yet."""
    listings = state().listings.of_customer(customer_id, testmode=False)
    shown = snapshot(customer_id, listings, state().market, datetime.now(UTC))
    return answer(shown) if shown else refused(404, [Finding("statistics-not-found", customer_id)])


@as24.post("/priceevaluation/<customer_id>")
def evaluate_price(customer_id: str) -> Response:
    """Of a listing that is not stored by it; 403 where it is not switched on."""
    if not _customer().rates_prices:
        return Response(status=403)
    body = exchange.current().body
    lacking = lacking_for_evaluation(body)
    if lacking:
        return refused(400, [Finding("mandatory-attribute-missing", path) for path in lacking])
    return answer(evaluation(customer_id, body, state().market, datetime.now(UTC)))


@as24.get("/makes")
def makes() -> Response:
    wanted = {int(given) for given in request.args.getlist("makeId") if given.isdecimal()}
    found = state().references.makes.values()
    return answer({"makes": [make_json(make) for make in found if not wanted or make.id in wanted]})


@as24.get("/references")
def references() -> Response:
    lists = state().references.lists
    wanted = request.args.getlist("referenceType") or list(lists)
    unknown = [kind for kind in wanted if kind not in lists]
    if unknown or request.args.get("marketplace", "de") not in MARKETPLACES:
        return answer({"errors": [{"code": "unavailable-reference", "message": str(unknown)}]}, 400)
    german = request.args.get("culture", "").startswith("de")
    shown = [reference_json(kind, one, german=german) for kind in wanted for one in lists[kind]]
    return answer({"references": shown})


@as24.get("/seals")
@as24.get("/customers/<customer_id>/seals")
def seals(**_: str) -> Response:
    return answer({"seals": []})


def _written(listing_id: str, body: dict[str, Any]) -> Response:
    listing = _find(listing_id)
    if listing is None or listing.protected:
        return refused(404, [Finding(GONE_OR_LOCKED, listing_id)])
    verdict = _judge(body)
    enrichment = _enrichment(body, verdict)
    errors = _errors(verdict, enrichment)
    if errors:
        return refused(400, errors)
    changed = state().listings.replace(listing_id, stored(body), body.get("marketing") or {}, enrichment)
    _drop_orphans(listing)
    return answer(_read(changed), 202 if enrichment else 200)


def _judge(body: dict[str, Any]) -> Verdict:
    today = datetime.now(BERLIN).date()
    return check(body, Frame(state().references, today, state().images.md5s(_customer().customer_id)))


def _enrichment(body: dict[str, Any], verdict: Verdict) -> Enrichment | None:
    """Missing values are looked for by the VIN; a customer can be told to have every listing wait."""
    customer = _customer()
    told = customer.enrichment != "by-vin"
    if not told and not (verdict.missing and body.get("vin")):
        return None
    found = customer.enrichment.title() if customer.enrichment in ("success", "fail") else "Success"
    result = "silent" if customer.enrichment == "silent" else found
    due = datetime.now(UTC) + timedelta(seconds=customer.enrichment_seconds)
    return Enrichment(result, due.isoformat(), verdict.missing or ("wltp.co2EmissionsCombined",))


def _errors(verdict: Verdict, enrichment: Enrichment | None) -> list[Finding]:
    if enrichment is not None:
        return list(verdict.errors)
    lacking = [Finding("mandatory-attribute-missing", path) for path in verdict.missing]
    return [*verdict.errors, *lacking]


def _drop_orphans(before: Listing) -> None:
    """Pictures that the listing showed and none shows now are deleted at once."""
    state().images.drop(set(before.images) - state().listings.referenced(before.customer_id))


def _read(listing: Listing) -> dict[str, Any]:
    customer = _customer()
    md5s = state().images.md5s(customer.customer_id)
    base = f"{request.host_url.rstrip('/')}{PREFIX}"
    return read(listing, customer, md5s, base, request.args.get("culture", ""))


def _find(listing_id: str) -> Listing | None:
    return state().listings.find(_customer().customer_id, listing_id, testmode=g.testmode)


def _customer() -> Customer:
    customer: Customer = g.customer
    return customer
