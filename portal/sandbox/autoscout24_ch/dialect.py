"""What is special about this API for the frame around its requests, and its answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Response

from portal.sandbox.autoscout24_ch.state import state
from portal.sandbox.effects import Voice
from portal.sandbox.exchange import ApiDialect
from portal.sandbox.faults import Fault

MEDIA_TYPE = "application/json"
PROBLEM = "application/problem+json"


def answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=MEDIA_TYPE)


def silent(status: int = 204) -> Response:
    """Most of what is written is answered without a body."""
    return Response(status=status)


def refused(status: int, detail: str = "") -> Response:
    """The document names no form of errors: this one (RFC 7807) is ours. Clients go by the status."""
    body = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail}
    return Response(json.dumps(body), status, content_type=PROBLEM)


def page(content: Sequence[Any], number: int, size: int) -> Response:
    """One page of a list."""
    shown = content[number * size : (number + 1) * size]
    pages = -(-len(content) // size)
    return answer(
        {
            "content": shown,
            "empty": not shown,
            "numberOfElements": len(shown),
            "size": size,
            "totalElements": len(content),
            "first": number == 0,
            "last": number + 1 >= pages,
            "number": number,
            "totalPages": pages,
        }
    )


def _refusal(fault: Fault) -> Response:
    told = fault.error or {}
    path = told.get("path", "listing")
    return refused(400, told.get("message") or f"{path} is invalid")


SELLER_API = ApiDialect(
    Voice(MEDIA_TYPE, "content", refused, _refusal),
    kinds={
        "as24ch.read_seller": "customers",
        "as24ch.list_listings": "list",
        "as24ch.create_listing": "create",
        "as24ch.read_listing": "read",
        "as24ch.find_by_external_id": "read",
        "as24ch.find_by_vehicle_id": "read",
        "as24ch.update_listing": "update",
        "as24ch.remove_listing": "delete",
        "as24ch.delete_listing": "delete",
        "as24ch.activate": "patch",
        "as24ch.deactivate": "patch",
        "as24ch.set_equipment": "patch",
        "as24ch.book_top_list": "patch",
        "as24ch.upload_image": "image",
        "as24ch.set_images": "image",
        "as24ch.makes": "refdata",
        "as24ch.models": "refdata",
    },
    writing=("create", "update"),
    owner="seller_id",
    listing="listing_id",
    number="sellerVehicleId",
    number_at=lambda listing_id: state().listings.number(int(listing_id)),
)
