"""`POST /api/v1/vehicles`, `PUT /api/v1/vehicles/<location>`: vehicles in, a result for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from flask import Blueprint, Response, g, request
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import RequestEntityTooLarge

from portal.blueprints.api.keys import record, with_key
from portal.blueprints.api.reading import MOST_COMPLAINTS, VehicleReader
from portal.blueprints.api.schema import (
    LARGEST,
    LARGEST_STOCK,
    MOST_IN_STOCK,
    MOST_VEHICLES,
    Complaint,
    StockResults,
    VehicleIn,
    VehicleResult,
    VehicleResults,
)
from portal.blueprints.api.stock import ONE, find_in_stock, problems_of
from portal.extensions import db
from portal.models import Location
from portal.vehicle_facts.data import NO_CONTROL, ONE_LINE
from portal.vehicles.ingest import GivenVehicle, IngestEffect, IngestResult, put_stock, put_vehicles
from portal.vehicles.stock import withdraw
from portal.web.access import current_dealer, current_locations
from portal.web.problem_documents import problem
from portal.web.storable import is_unstorable


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/vehicles", "put_vehicles", put, methods=["POST"])
    blueprint.add_url_rule("/vehicles/<location>", "put_stock", put_whole_stock, methods=["PUT"])
    blueprint.add_url_rule(ONE, "withdraw", remove, methods=["DELETE"])


@with_key("edit_vehicles")
def put() -> Response:
    items = _items()
    if isinstance(items, Response):
        return items
    places = {place.code: place for place in current_locations()}
    read = _read_all(items, places)
    try:
        results = put_vehicles(db.session(), current_dealer(), _taken_of(read))
        answer = _answered(read, results)
        _record(answer)
        db.session.commit()
    except IntegrityError:
        return _collided()
    return Response(VehicleResults(results=tuple(answer)).model_dump_json(), content_type="application/json")


@with_key("edit_vehicles")
def put_whole_stock(location: str) -> Response:
    """Everything that stands at a location: what the list does not name leaves the stock."""
    places = {place.code: place for place in current_locations() if place.code == location}
    if not places:
        return problem(404, "Not Found", "You have no location with this code.")
    items = _items(MOST_IN_STOCK, LARGEST_STOCK)
    if isinstance(items, Response):
        return items
    if not items:
        return problem(422, "Unprocessable Content", "An empty list would withdraw the whole stock.")
    # The address names the location; a vehicle need not.
    items = [{"location": location} | item if isinstance(item, dict) else item for item in items]
    read = _read_all(items, places)
    named = {one.offer_number for one in read if isinstance(one, VehicleResult)}
    source = f"API: {g.api_key.name}"
    try:
        effect = put_stock(db.session(), current_dealer(), places[location], _taken_of(read), named, source)
        answer = _answered(read, effect.results)
        _record(answer, effect.withdrawn)
        db.session.commit()
    except IntegrityError:
        return _collided()
    found = StockResults(results=tuple(answer), withdrawn=effect.withdrawn, cut_short=effect.cut_short)
    return Response(found.model_dump_json(), content_type="application/json")


@with_key("edit_vehicles")
def remove(location: str, offer_number: str) -> Response:
    """The vehicle has left the stock: its listings end. 404 when it is not in the stock."""
    vehicle = find_in_stock(location, offer_number)
    gone = withdraw(db.session(), current_dealer().id, [vehicle.id])
    if gone:
        record("vehicle.withdrawn", offer_number)
    db.session.commit()
    return Response(status=204)


def _collided() -> Response:
    db.session.rollback()
    return problem(409, "Conflict", "Somebody else changed one of these vehicles just now. Send it again.")


def _record(answer: Sequence[VehicleResult], withdrawn: int = 0) -> None:
    """Tools send what has not changed over and over: that is no deed."""
    counts = Counter(one.result for one in answer)
    done = {str(name): counts[name] for name in (IngestEffect.CREATED, IngestEffect.CHANGED) if counts[name]}
    if withdrawn:
        done["withdrawn"] = withdrawn
    if done:
        record("vehicle.ingested", **done)


def _items(most: int = MOST_VEHICLES, most_bytes: int = LARGEST) -> Sequence[Any] | Response:
    if not request.is_json:
        return problem(415, "Unsupported Media Type", "The body is application/json.")
    request.max_content_length = most_bytes
    try:
        body = request.get_json(silent=True)
    except RequestEntityTooLarge:
        return problem(413, "Content Too Large", f"At most {most_bytes} bytes.")
    except RecursionError:
        body = None  # brackets within brackets, a hundred thousand deep
    items = body.get("vehicles") if isinstance(body, dict) else None
    if not isinstance(items, list):
        return problem(400, "Bad Request", 'The body is a JSON object {"vehicles": [...]}.')
    if len(items) > most:
        return problem(413, "Content Too Large", f"At most {most} vehicles in one request.")
    return items


def _read_all(items: Sequence[Any], places: Mapping[str, Location]) -> list[GivenVehicle | VehicleResult]:
    """A vehicle that comes twice is taken as it came first."""
    read: list[GivenVehicle | VehicleResult] = []
    seen = set()
    for item in items:
        one = _read(item, places)
        if isinstance(one, GivenVehicle):
            if one.key in seen:
                text = "This number came before in the same request."
                one = _result(one, "rejected", errors=(Complaint(field="offer_number", text=text),))
            else:
                seen.add(one.key)
        read.append(one)
    return read


def _taken_of(read: Sequence[GivenVehicle | VehicleResult]) -> list[GivenVehicle]:
    return [one for one in read if isinstance(one, GivenVehicle)]


def _answered(
    read: Sequence[GivenVehicle | VehicleResult], results: Iterable[IngestResult]
) -> list[VehicleResult]:
    """A result for each, in the order of the request."""
    taken = iter(results)
    return [_taken(one, next(taken)) if isinstance(one, GivenVehicle) else one for one in read]


def _read(item: Any, places: Mapping[str, Location]) -> GivenVehicle | VehicleResult:
    reader = VehicleReader()
    read = reader.read(item) if isinstance(item, dict) else item
    try:
        found = VehicleIn.model_validate(read)
    except ValidationError as error:
        # What the model says of a value that was not understood says it again: the first of a field stays.
        by_field: dict[str, Complaint] = {}
        for complaint in (*reader.complaints, *_complaints(error)):
            by_field.setdefault(complaint.field, complaint)
        return _rejected(item, *islice(by_field.values(), MOST_COMPLAINTS))
    if reader.complaints:
        return _rejected(item, *reader.complaints)
    place = places.get(found.location)
    if place is None:
        return _rejected(item, Complaint(field="location", text="You have no location with this code."))
    if unwritable := list(_unwritable(item)):
        return _rejected(item, *unwritable)
    return GivenVehicle(place, found.facts(), found.online)


def _unwritable(item: Any, path: str = "") -> Iterator[Complaint]:
    """PostgreSQL keeps no zero bytes and no half surrogates in a text."""
    if isinstance(item, str):
        if is_unstorable(item):
            yield Complaint(field=path, text="This text holds characters that cannot be stored.")
        return
    pairs = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    for name, value in pairs:
        yield from _unwritable(value, f"{path}.{name}" if path else str(name))


def _complaints(error: ValidationError) -> Iterator[Complaint]:
    for item in error.errors(include_url=False, include_input=False):
        is_control = (item.get("ctx") or {}).get("pattern") in (ONE_LINE, NO_CONTROL)
        text = "No control characters or line breaks." if is_control else item["msg"]
        yield Complaint(field=".".join(str(part) for part in item["loc"]), text=text)


def _rejected(item: Any, *complaints: Complaint) -> VehicleResult:
    named = item if isinstance(item, dict) else {}
    number, place = (
        text[:80].encode("utf-8", "replace").decode() if isinstance(text, str) else ""
        for text in (named.get("offer_number"), named.get("location"))
    )
    return VehicleResult(offer_number=number, location=place, result="rejected", errors=complaints)


def _taken(given: GivenVehicle, result: IngestResult) -> VehicleResult:
    vehicle = result.vehicle
    problems = problems_of(vehicle)
    if result.without_room:
        text = "Not released: your plan has no room for another exported vehicle."
        problems = (*problems, Complaint(field="online", text=text))
    return _result(given, result.taken, vehicle_id=vehicle.id, problems=problems)


def _result(given: GivenVehicle, result: str, **more: Any) -> VehicleResult:
    return VehicleResult(
        offer_number=given.facts.offer_number, location=given.location.code, result=result, **more
    )
