"""`GET /api/v1/openapi.json`: the interface described by the models that check it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.blueprints.api.schema import MOST_VEHICLES, Transfers, VehicleIn, VehicleResults
from portal.blueprints.api.transfers import LARGEST_PAGE, PAGE, STATES
from portal.vehicle_facts.attributes import Registry
from portal.vehicle_facts.registry import REGISTRY
from portal.web.access import public

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"
PROBLEM: Json = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/openapi.json", "document", document)


@public
def document() -> Response:
    return Response(_spelled(), content_type="application/json")


@lru_cache(maxsize=1)
def _spelled() -> str:
    return json.dumps(openapi(), ensure_ascii=False)


def openapi(registry: Registry = REGISTRY, vehicle: type[VehicleIn] = VehicleIn) -> Json:
    _names, schemas = models_json_schema(
        [(vehicle, "validation"), (VehicleResults, "serialization"), (Transfers, "serialization")],
        ref_template=f"{SCHEMAS}{{model}}",
    )
    schemas["$defs"][vehicle.__name__]["x-attributes"] = _attributes(registry)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vehicle-export portal",
            "version": "1",
            "description": "For dealers' own tools. Keys are made in the portal's settings and shown once.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": {
            "/vehicles": {"post": _post_vehicles(vehicle)},
            "/vehicles/{location}/{offer_number}": {"delete": _delete_vehicle()},
            "/transfers": {"get": _get_transfers()},
        },
        "components": {
            "schemas": {**schemas["$defs"], "Problem": PROBLEM},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _attributes(registry: Registry) -> Json:
    """By the path of each: what the form calls it, where it stands, its unit and bounds."""
    described: Json = {}
    for attribute in registry:
        bounds = registry.bounds(attribute.name)
        stated = {
            "label": attribute.label,
            "group": attribute.group,
            "unit": attribute.unit,
            "minimum": None if bounds.least is None else float(bounds.least),
            "maximum": None if bounds.most is None else float(bounds.most),
            "maxLength": bounds.longest,
            "neededFor": sorted(attribute.needed_for),
        }
        described[attribute.name] = {
            name: value for name, value in stated.items() if value not in ("", None, [])
        }
    return described


def _post_vehicles(vehicle: type[VehicleIn]) -> Json:
    body = {
        "type": "object",
        "required": ["vehicles"],
        "properties": {"vehicles": {"type": "array", "maxItems": MOST_VEHICLES, "items": _ref(vehicle)}},
    }
    return {
        "operationId": "putVehicles",
        "summary": "Take vehicles over, by location and offer number; sending one again changes nothing.",
        "description": "The facts replace those that are known; pictures and releases stay. A vehicle "
        "that is wrong is rejected alone, so the body is read leniently and each has its result. Numbers are "
        'JSON numbers, or texts that can mean one number only: "12990.00", "12.990,00"; "12.990" is '
        "rejected with both readings. true and false are no numbers, and nothing else is a flag. An amount "
        "that is implausibly little (a vehicle for 12.99) is taken once it stands in `confirmed`, as "
        '"prices.selling=12.99". A VIN is kept in capitals without blanks; what cannot be one is rejected. '
        "HTML and mark-up in texts become plain lines.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": _responses(VehicleResults, 400, 401, 403, 409, 413, 429),
    }


def _delete_vehicle() -> Json:
    names = ("location", "offer_number")
    return {
        "operationId": "withdrawVehicle",
        "summary": "The vehicle has left the stock: its listings end.",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ],
        "responses": {"204": {"description": "Withdrawn"}, **_problems(401, 403, 404, 429)},
    }


def _get_transfers() -> Json:
    return {
        "operationId": "listTransfers",
        "summary": "What was sent to the platforms in the last days, newest first.",
        "parameters": [
            _argument("state", {"type": "string", "enum": list(STATES)}),
            _argument("offer_number", {"type": "string"}),
            _argument("app", {"type": "string"}),
            _argument("limit", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE}),
            _argument("before", {"type": "string", "format": "uuid"}),
        ],
        "responses": _responses(Transfers, 400, 401, 403, 429),
    }


def _argument(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _responses(model: type[BaseModel], *problems: int) -> Json:
    content = {"application/json": {"schema": _ref(model)}}
    return {"200": {"description": "Done", "content": content}, **_problems(*problems)}


def _problems(*codes: int) -> Json:
    content = {"application/problem+json": {"schema": {"$ref": f"{SCHEMAS}Problem"}}}
    return {str(code): {"description": "Refused", "content": content} for code in codes}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": f"{SCHEMAS}{model.__name__}"}
