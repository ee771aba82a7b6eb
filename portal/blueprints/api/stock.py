"""`GET /api/v1/vehicles`: the stock read back, with its state at each platform and the reasons."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, abort, request
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from portal.blueprints.api.arguments import BadArgument, read_id, read_limit, refuse_odd_query
from portal.blueprints.api.keys import with_key
from portal.blueprints.api.schema import (
    Complaint,
    PictureOut,
    PlatformState,
    VehicleOut,
    Vehicles,
)
from portal.extensions import db
from portal.models import Location, Vehicle, VehicleImage
from portal.vehicles.publication import live_activations, status_inputs
from portal.vehicles.status import StatusReason
from portal.vehicles.status_line import StatusLine, status_line
from portal.web.access import current_dealer, current_realm
from portal.web.problem_documents import problem
from portal.web.wording import translated

PAGE, LARGEST_PAGE = 100, 200
ONE = "/vehicles/<location>/<path:offer_number>"
ARGUMENTS = ("location", "offer_number", "after", "limit")


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/vehicles", "vehicles", listed)
    blueprint.add_url_rule(ONE, "vehicle", shown)


@with_key("view")
def listed() -> Response:
    """By offer number, a page at a time; as many queries for a large page as for a small one."""
    try:
        refuse_odd_query(ARGUMENTS)
        limit = read_limit(PAGE, LARGEST_PAGE)
        statement = _narrowed(_stock())
    except BadArgument as error:
        return problem(400, "Bad Request", str(error))
    found = db.session.scalars(statement.limit(limit + 1)).all()
    page = found[:limit]
    answer = Vehicles(vehicles=_out(page), next=page[-1].id if len(found) > limit else None)
    return Response(answer.model_dump_json(), content_type="application/json")


@with_key("view")
def shown(location: str, offer_number: str) -> Response:
    [answer] = _out([find_in_stock(location, offer_number)])
    return Response(answer.model_dump_json(), content_type="application/json")


def find_in_stock(location: str, offer_number: str, *, locked: bool = False) -> Vehicle:
    """404 for what is not in the stock of this key; locked until the transaction ends."""
    statement = _stock().join(Vehicle.location)
    statement = statement.where(Location.code == location, Vehicle.offer_number == offer_number)
    if locked:
        statement = statement.with_for_update(of=Vehicle)
    return db.session.scalars(statement).first() or abort(404)


def _stock() -> Select[Vehicle]:
    return (
        select(Vehicle)
        .where(current_realm().of(Vehicle), Vehicle.withdrawn_at.is_(None))
        .options(joinedload(Vehicle.location), selectinload(Vehicle.images).joinedload(VehicleImage.blob))
        .order_by(Vehicle.offer_number, Vehicle.id)
    )


def _narrowed(statement: Select[Vehicle]) -> Select[Vehicle]:
    if code := request.args.get("location"):
        mine = select(Location.id).where(current_realm().of(Location), Location.code == code)
        statement = statement.where(Vehicle.location_id.in_(mine))
    if number := request.args.get("offer_number"):
        statement = statement.where(Vehicle.offer_number == number)
    if after := request.args.get("after"):
        key = read_id("after", after, "vehicle")
        number_of = select(Vehicle.offer_number).where(Vehicle.id == key, current_realm().owns(Vehicle))
        last = db.session.scalar(number_of) or abort(404)
        statement = statement.where(tuple_(Vehicle.offer_number, Vehicle.id) > tuple_(last, key))
    return statement


def _out(vehicles: Sequence[Vehicle]) -> tuple[VehicleOut, ...]:
    activations = live_activations(db.session(), current_realm())
    inputs = status_inputs(db.session(), current_dealer(), vehicles, activations)
    return tuple(
        VehicleOut(
            id=vehicle.id,
            location=vehicle.location.code,
            offer_number=vehicle.offer_number,
            online=vehicle.online,
            updated_at=vehicle.updated_at,
            facts=vehicle.data,
            problems=problems_of(vehicle),
            images=pictures_of(vehicle),
            platforms=tuple(_platform(status_line(each)) for each in inputs.get(vehicle.id, ())),
        )
        for vehicle in vehicles
    )


def problems_of(vehicle: Vehicle) -> tuple[Complaint, ...]:
    """What keeps it from every platform."""
    return tuple(
        Complaint(field=found.get("field") or "", text=translated(found["text"]))
        for found in vehicle.problems
    )


def pictures_of(vehicle: Vehicle) -> tuple[PictureOut, ...]:
    return tuple(
        PictureOut(
            id=image.id,
            digest=image.given_sha256 or image.sha256,
            stored_digest=image.sha256,
            published=image.published,
            width=image.blob.width,
            height=image.blob.height,
        )
        for image in vehicle.images
    )


def _platform(line: StatusLine) -> PlatformState:
    return PlatformState(
        app=line.activation.app,
        customer_number=line.activation.customer_number,
        state=line.status,
        online=line.online,
        listing_id=line.listing.listing_id if line.listing else None,
        url=line.listing.url if line.listing else None,
        reasons=_complaints(line.reasons),
        hints=_complaints(line.hints),
        confirmed_at=line.confirmed_at,
        last_attempt=line.last_attempt,
        next_attempt=line.next_attempt,
    )


def _complaints(reasons: Sequence[StatusReason]) -> tuple[Complaint, ...]:
    return tuple(Complaint(field=reason.field or "", text=translated(reason.text)) for reason in reasons)
