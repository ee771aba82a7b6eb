"""What is special about the Listing Creation API for the frame around its requests, and its answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import Response, request

from portal.sandbox.autoscout24.rules.findings import Finding, as_json
from portal.sandbox.autoscout24.state import state
from portal.sandbox.effects import Voice
from portal.sandbox.exchange import ApiDialect
from portal.sandbox.faults import Fault

MEDIA_TYPE = "application/json"
CULTURES = ("de-DE", "de-AT", "it-IT", "en-GB")
WITH_BODY = (400, 404, 503)


def answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=MEDIA_TYPE)


def refused(status: int, findings: Iterable[Finding]) -> Response:
    """In English unless the request names a culture that errors are translated to."""
    asked = request.args.get("culture", "")
    culture = asked if asked in CULTURES else "en-GB"
    return answer({"errors": [as_json(finding, culture) for finding in findings]}, status)


def status(code: int) -> Response:
    """401, 403, 429 and the errors of the server itself have no body."""
    if code == 503:
        return answer({"errors": [{"code": "service-under-maintenance", "message": "Maintenance"}]}, code)
    if code in WITH_BODY:
        return answer({"errors": [{"code": "sandbox-fault", "message": "A fault of the sandbox"}]}, code)
    return Response(status=code)


def _refusal(fault: Fault) -> Response:
    told = fault.error or {"key": "invalid-listing-payload"}
    message = told.get("message") or f"The value of '{told.get('path', 'listing')}' is invalid"
    return answer({"errors": [{"code": told["key"], "message": message}]}, 400)


LISTING_CREATION = ApiDialect(
    Voice(MEDIA_TYPE, "listings", status, _refusal),
    kinds={
        "as24.customers": "customers",
        "as24.list_listings": "list",
        "as24.create_listing": "create",
        "as24.read_listing": "read",
        "as24.update_listing": "update",
        "as24.patch_listing": "patch",
        "as24.delete_listing": "delete",
        "as24.upload_image": "image",
        "as24.statistics": "figures",
        "as24.evaluate_price": "rating",
        "as24.makes": "refdata",
        "as24.references": "refdata",
    },
    writing=("create", "update", "patch", "rating"),
    owner="customer_id",
    listing="listing_id",
    number="offerReferenceId",
    number_at=lambda listing_id: state().listings.number(listing_id),
)
