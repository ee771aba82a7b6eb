"""`GET /api/v1/openapi.json`: the interface described by the models that check it."""

from __future__ import annotations

import json
from functools import lru_cache

from flask import Blueprint, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.blueprints.api.operations import SCHEMAS, Json, paths
from portal.blueprints.api.schema import (
    Pictures,
    Reference,
    StockResults,
    Transfers,
    VehicleIn,
    VehicleOut,
    VehicleResults,
    Vehicles,
)
from portal.vehicle_facts.attributes import Registry
from portal.vehicle_facts.registry import REGISTRY
from portal.web.access import public

ANSWERS: tuple[type[BaseModel], ...] = (
    *(VehicleResults, StockResults, Vehicles, VehicleOut, Pictures, Reference, Transfers),
)
DESCRIPTION = (
    "For dealers' own tools. Keys are made in the portal's settings and shown once. A key is good for 120 "
    "requests a minute; an address for 20 refused keys a minute. Beyond, and wherever it is worth another "
    "try, the header Retry-After names the seconds. Every error is a problem document (RFC 9457)."
)
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
        [(vehicle, "validation"), *((model, "serialization") for model in ANSWERS)],
        ref_template=f"{SCHEMAS}{{model}}",
    )
    schemas["$defs"][vehicle.__name__]["x-attributes"] = _attributes(registry)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vehicle-export portal",
            "version": "1",
            "description": DESCRIPTION,
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": paths(vehicle),
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
            "maxItems": bounds.entries,
            "neededFor": sorted(attribute.needed_for),
        }
        described[attribute.name] = {
            name: value for name, value in stated.items() if value not in ("", None, [])
        }
    return described
