"""`…/images`: a vehicle's pictures sent one by one, and put in order as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.blueprints.api.keys import record, with_key
from portal.blueprints.api.schema import Pictures
from portal.blueprints.api.stock import ONE, find_in_stock, pictures_of
from portal.extensions import db
from portal.models import Vehicle, VehicleImage
from portal.vehicles import images
from portal.web.problem_documents import problem, problem_of
from portal.web.wording import translated

MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/avif")
OTHER_NAMES = ("image/jpg", "image/pjpeg", "image/heif")
"""Of the same: what tools write that no registry knows. What a picture is, its content says."""


def register(blueprint: Blueprint) -> None:
    address = f"{ONE}/images"
    blueprint.add_url_rule(address, "images", listed)
    blueprint.add_url_rule(address, "add_image", add, methods=["POST"])
    blueprint.add_url_rule(address, "arrange_images", arrange, methods=["PUT"])


@with_key("view")
def listed(location: str, offer_number: str) -> Response:
    return _answer(find_in_stock(location, offer_number))


@with_key("edit_vehicles")
def add(location: str, offer_number: str) -> Response:
    """Append the body; what the vehicle shows already is not appended again."""
    if request.mimetype not in (*MEDIA_TYPES, *OTHER_NAMES):
        return problem(415, "Unsupported Media Type", f"A picture is one of: {', '.join(MEDIA_TYPES)}.")
    request.max_content_length = images.MOST_BYTES
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        return problem_of(error)
    vehicle = find_in_stock(location, offer_number, locked=True)
    if hashlib.sha256(data).hexdigest() in _by_digest(vehicle):
        return _answer(vehicle)
    try:
        images.add_image(db.session(), vehicle, data)
    except images.ImageRefused as refusal:
        db.session.rollback()
        return problem(422, "Unprocessable Content", translated(refusal.reason))
    record("vehicle.pictures_added", offer_number, pictures=1)
    db.session.commit()
    return _answer(vehicle, 201)


@with_key("edit_vehicles")
def arrange(location: str, offer_number: str) -> Response:
    """The pictures that the vehicle shows from now on, by digest; 422 names those that were never sent."""
    wanted = _wanted()
    if isinstance(wanted, Response):
        return wanted
    vehicle = find_in_stock(location, offer_number, locked=True)
    known = _by_digest(vehicle)
    if missing := [digest for digest in wanted if digest not in known]:
        text = "The vehicle has no pictures with the digests in `missing`. POST them first."
        return problem(422, "Unprocessable Content", text, missing=missing)
    order = list(dict.fromkeys(known[digest] for digest in wanted))
    if images.arrange_images(db.session(), vehicle, order):
        record("vehicle.picture_changed", offer_number)
    db.session.commit()
    return _answer(vehicle)


def _wanted() -> list[str] | Response:
    if not request.is_json:
        return problem(415, "Unsupported Media Type", "The body is application/json.")
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    found = body.get("images") if isinstance(body, dict) else None
    if not isinstance(found, list) or not all(isinstance(digest, str) for digest in found):
        return problem(400, "Bad Request", 'The body is {"images": ["<SHA-256 of a picture>", …]}.')
    if len(found) > images.MOST_IMAGES:
        return problem(413, "Content Too Large", f"A vehicle has at most {images.MOST_IMAGES} pictures.")
    return [digest[:64].encode("utf-8", "replace").decode() for digest in found]


def _by_digest(vehicle: Vehicle) -> Mapping[str, VehicleImage]:
    """By the digest of what was sent and by that of what is kept of it."""
    kept = {image.sha256: image for image in vehicle.images}
    return kept | {image.given_sha256: image for image in vehicle.images if image.given_sha256}


def _answer(vehicle: Vehicle, status: int = 200) -> Response:
    answer = Pictures(images=pictures_of(vehicle))
    return Response(answer.model_dump_json(), status, content_type="application/json")
