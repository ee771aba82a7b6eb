"""What is special about the Seller API for the frame around its requests."""

from __future__ import annotations

from flask import Response

from portal.sandbox.effects import Voice
from portal.sandbox.exchange import ApiDialect
from portal.sandbox.faults import Fault
from portal.sandbox.mobile_de.answers import MEDIA_TYPE, error_answer
from portal.sandbox.mobile_de.rules.findings import AdFinding
from portal.sandbox.mobile_de.state import state

INSERTION_ID = "X-Mobile-Insertion-Request-Id"


def _refusal(fault: Fault) -> Response:
    told = fault.error or {"key": "sandbox-rejection"}
    found = AdFinding(told["key"], told.get("path"), told.get("value"), told.get("message"))
    return error_answer(400, found)


SELLER_API = ApiDialect(
    Voice(
        MEDIA_TYPE,
        "ads",
        lambda status: error_answer(status, "too-many-requests" if status == 429 else "sandbox-fault"),
        _refusal,
    ),
    kinds={
        "api.sellers": "sellers",
        "api.list_ads": "list",
        "api.create_ad": "create",
        "api.read_ad": "read",
        "api.update_ad": "update",
        "api.delete_ad": "delete",
        "api.read_statistic": "figures",
        "api.read_price_rating": "figures",
        "api.rate_before_publishing": "rating",
        "api.read_images": "read",
        "api.update_images": "update",
        "api.upload_image": "image",
        "refdata.reference_list": "refdata",
    },
    writing=("create", "update", "rating"),
    owner="seller_id",
    listing="ad_id",
    number="internalNumber",
    number_at=lambda ad_id: state().ads.internal_number(ad_id),
    key=INSERTION_ID,
)
