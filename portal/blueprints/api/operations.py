"""What the interface can be asked, as OpenAPI describes it. Its examples run, in this order, in a test."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from pydantic import BaseModel

from portal.blueprints.api.pictures import MEDIA_TYPES
from portal.blueprints.api.schema import (
    LARGEST,
    LARGEST_STOCK,
    MOST_IN_STOCK,
    MOST_VEHICLES,
    Pictures,
    Reference,
    StockResults,
    Transfers,
    VehicleIn,
    VehicleOut,
    VehicleResults,
    Vehicles,
)
from portal.blueprints.api.stock import LARGEST_PAGE as MOST_SHOWN
from portal.blueprints.api.stock import PAGE as USUALLY_SHOWN
from portal.blueprints.api.transfers import LARGEST_PAGE, PAGE, STATES
from portal.vehicles.images import MOST_BYTES, MOST_IMAGES, MOST_PIXELS

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"
LOCATION, NUMBER = "HH", "A-1001"
VEHICLE: Json = {
    "location": LOCATION,
    "offer_number": NUMBER,
    "make": "VW",
    "model": "Golf",
    "first_registration": "2018-05",
    "mileage": 64500,
    "fuel": "petrol",
    "colour": "Blau",
    "prices": {"selling": "12990.00"},
    "equipment": {"features": ["abs"]},
}
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
"""One red pixel."""
TEXT: Json = {"type": "string", "pattern": "^[^\\u0000]*$"}
"""No text holds a zero byte."""
READING = (400, 401, 403, 429)
WRITING = (400, 401, 403, 404, 409, 413, 415, 422, 429)


def _vehicles_body(vehicle: type[VehicleIn], most: int, fewest: int = 0) -> Json:
    items = {"$ref": f"{SCHEMAS}{vehicle.__name__}"}
    vehicles = {"type": "array", "minItems": fewest, "maxItems": most, "items": items}
    schema = {"type": "object", "required": ["vehicles"], "properties": {"vehicles": vehicles}}
    return _body(schema, {"vehicles": [VEHICLE]})


def _body(schema: Json, example: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _vehicle_parts() -> list[Json]:
    return [_part("location", LOCATION), _part("offer_number", NUMBER)]


def _part(name: str, example: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "example": example}


def _argument(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _limit(usual: int, most: int) -> Json:
    return _argument("limit", {"type": "integer", "minimum": 1, "maximum": most, "default": usual})


def _json(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": f"{SCHEMAS}{model.__name__}"}}}


def _responses(model: type[BaseModel], *problems: int) -> Json:
    return {"200": {"description": "Done", "content": _json(model)}, **_problems(*problems)}


def _problems(*codes: int) -> Json:
    content = {"application/problem+json": {"schema": {"$ref": f"{SCHEMAS}Problem"}}}
    wait = {"description": "Seconds until it is worth another try", "schema": {"type": "integer"}}
    refused = {"description": "Refused", "content": content}
    refused_for_now = refused | {"headers": {"Retry-After": wait}}
    return {str(code): refused_for_now if code in (409, 429) else refused for code in codes}


GET_REFERENCE: Json = {
    "operationId": "getReference",
    "summary": "The values that facts can have: features, colours, fuels, makes as platforms spell them.",
    "responses": _responses(Reference, 401, 403, 429),
}
LIST_VEHICLES: Json = {
    "operationId": "listVehicles",
    "summary": "The stock with its state at each platform and the reasons, by offer number.",
    "description": "`state`: online; open (something is still to be sent); error (refused or failed); "
    "vanished (not in the platform's list any more); incomplete (facts are missing, nothing is sent); "
    "not_released. Reasons follow Accept-Language (de, en). "
    "`after` is the `next` of the page before.",
    "parameters": [
        _argument("location", TEXT),
        _argument("offer_number", TEXT),
        _argument("after", {"type": "string", "format": "uuid"}),
        _limit(USUALLY_SHOWN, MOST_SHOWN),
    ],
    "responses": _responses(Vehicles, *READING, 404),
}
GET_VEHICLE: Json = {
    "operationId": "getVehicle",
    "summary": "One vehicle with its state at each platform.",
    "parameters": _vehicle_parts(),
    "responses": _responses(VehicleOut, 401, 403, 404, 429),
}
WITHDRAW_VEHICLE: Json = {
    "operationId": "withdrawVehicle",
    "summary": "The vehicle has left the stock: its listings end.",
    "parameters": _vehicle_parts(),
    "responses": {"204": {"description": "Withdrawn"}, **_problems(401, 403, 404, 429)},
}
LIST_IMAGES: Json = {
    "operationId": "listImages",
    "summary": "The pictures of a vehicle in their order.",
    "parameters": _vehicle_parts(),
    "responses": _responses(Pictures, 401, 403, 404, 429),
}
ADD_IMAGE: Json = {
    "operationId": "addImage",
    "summary": "Append a picture: its bytes are the body.",
    "description": "What the vehicle shows already is not appended again (200). At most "
    f"{MOST_BYTES // 2**20} MiB and {MOST_PIXELS // 1_000_000} million pixels, "
    f"{MOST_IMAGES} pictures for a vehicle.",
    "parameters": _vehicle_parts(),
    "requestBody": {
        "required": True,
        "content": {
            kind: {
                "schema": {"type": "string", "format": "binary"},
                "x-example-base64": base64.b64encode(PICTURE).decode() if kind == "image/png" else "",
            }
            for kind in MEDIA_TYPES
        },
    },
    "responses": {
        "201": {"description": "Appended", "content": _json(Pictures)},
        **_responses(Pictures, 401, 403, 404, 413, 415, 422, 429),
    },
}
ARRANGE_IMAGES: Json = {
    "operationId": "arrangeImages",
    "summary": "The pictures in their order, by SHA-256; those left out go.",
    "description": "A digest is that of the bytes that were sent, or `stored_digest`. Those that the "
    "vehicle has not are named in `missing` (422), and nothing changes: send them by POST first.",
    "parameters": _vehicle_parts(),
    "requestBody": _body(
        {
            "type": "object",
            "required": ["images"],
            "properties": {"images": {"type": "array", "maxItems": MOST_IMAGES, "items": {"type": "string"}}},
        },
        example={"images": [hashlib.sha256(PICTURE).hexdigest()]},
    ),
    "responses": _responses(Pictures, *WRITING),
}
LIST_TRANSFERS: Json = {
    "operationId": "listTransfers",
    "summary": "What was sent to the platforms in the last days, newest first.",
    "parameters": [
        _argument("state", {"type": "string", "enum": list(STATES)}),
        _argument("offer_number", TEXT),
        _argument("app", TEXT),
        _limit(PAGE, LARGEST_PAGE),
        _argument("before", {"type": "string", "format": "uuid"}),
    ],
    "responses": _responses(Transfers, *READING),
}


def _post_vehicles(vehicle: type[VehicleIn]) -> Json:
    return {
        "operationId": "putVehicles",
        "summary": "Take vehicles over, by location and offer number; sending one again changes nothing.",
        "description": "The facts replace those that are known; pictures and releases stay. A vehicle "
        "that is wrong is rejected alone, so the body is read leniently and each has its result. Numbers are "
        'JSON numbers, or texts that can mean one number only: "12990.00", "12.990,00"; "12.990" is '
        "rejected with both readings. true and false are no numbers, and nothing else is a flag. An amount "
        "that is implausibly little (a vehicle for 12.99) is taken once it stands in `confirmed`, as "
        '"prices.selling=12.99". A VIN is kept in capitals without blanks; what cannot be one is rejected, '
        "and so is a value that is not known, with the list of those that are (GET /reference). HTML and "
        f"mark-up in texts become plain lines. At most {MOST_VEHICLES} vehicles and {LARGEST // 2**20} MiB.",
        "requestBody": _vehicles_body(vehicle, MOST_VEHICLES),
        "responses": _responses(VehicleResults, 400, 401, 403, 409, 413, 415, 429),
    }


def _put_stock(vehicle: type[VehicleIn]) -> Json:
    return {
        "operationId": "putStock",
        "summary": "The whole stock of a location: what is not in the list leaves it.",
        "description": "Each vehicle is taken as by POST /vehicles. What is rejected stays as it is; "
        "where none could be taken, or one has no readable number, nothing leaves. Where half of the stock "
        "or more is missing, the mass-change guard holds the deletions until a person has looked. At most "
        f"{MOST_IN_STOCK} vehicles and {LARGEST_STOCK // 2**20} MiB. An empty list is refused.",
        "parameters": [_part("location", LOCATION)],
        "requestBody": _vehicles_body(vehicle, MOST_IN_STOCK, fewest=1),
        "responses": _responses(StockResults, *WRITING),
    }


def paths(vehicle: type[VehicleIn]) -> Json:
    one = "/vehicles/{location}/{offer_number}"
    return {
        "/reference": {"get": GET_REFERENCE},
        "/vehicles": {"post": _post_vehicles(vehicle), "get": LIST_VEHICLES},
        "/vehicles/{location}": {"put": _put_stock(vehicle)},
        one: {"get": GET_VEHICLE, "delete": WITHDRAW_VEHICLE},
        f"{one}/images": {"post": ADD_IMAGE, "put": ARRANGE_IMAGES, "get": LIST_IMAGES},
        "/transfers": {"get": LIST_TRANSFERS},
    }
