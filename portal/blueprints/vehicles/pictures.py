"""A vehicle's pictures: taken in, put in order, shown."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.wrappers import Response

from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.head import load_for_change
from portal.extensions import db, limiter
from portal.models import ImageBlob, Vehicle, VehicleImage
from portal.vehicles import images
from portal.web import audit
from portal.web.access import current_realm, dealer
from portal.web.bodies import takes_files
from portal.web.responses import go
from portal.web.undo import before_of_request, flash_too_late, flash_undoable
from portal.web.wording import translated

CHANGE = "<any(up, down, remove, publish, hide):change>"
KEPT = "private, no-cache"


@blueprint.post("/vehicles/<uuid:vehicle_id>/images")
@takes_files
@dealer("edit_vehicles")
@limiter.limit(
    "150 per minute; 3000 per hour",
    key_func=lambda: f"pictures of {current_user.id}",
    cost=lambda: max(1, len(request.files.getlist("images"))),
)
def add_images(vehicle_id: UUID) -> Response:
    vehicle = load_for_change(vehicle_id)
    files = [file for file in request.files.getlist("images") if file.filename]
    added = 0
    for file in files:
        with file.stream as stream:
            content = stream.read()
        try:
            images.add_image(db.session(), vehicle, content)
        except images.ImageRefused as refusal:
            flash(f"{file.filename}: {translated(refusal.reason)}", "error")
        else:
            added += 1
    if added:
        audit.log_vehicle("vehicle.pictures_added", vehicle, pictures=added)
    db.session.commit()
    if added:
        flash(ngettext("%(num)d Bild hinzugefügt.", "%(num)d Bilder hinzugefügt.", added), "success")
    if not files:
        flash(_("Bitte wählen Sie zuerst Bilder aus."), "warning")
    return _back(vehicle_id)


@blueprint.post(f"/vehicles/<uuid:vehicle_id>/images/<uuid:image_id>/{CHANGE}")
@dealer("edit_vehicles")
def change_image(vehicle_id: UUID, image_id: UUID, change: str) -> Response:
    vehicle = load_for_change(vehicle_id)
    image = next((image for image in vehicle.images if image.id == image_id), None) or abort(404)
    if change == "remove":
        flash_undoable(
            _("Das Bild ist entfernt."),
            url_for("vehicles.restore_image", vehicle_id=vehicle.id),
            sha256=image.sha256,
            given=image.given_sha256,
            place=vehicle.images.index(image),
            published=image.published,
        )
    session = db.session()
    match change:
        case "up" | "down":
            images.move_image(session, vehicle, image, -1 if change == "up" else 1)
        case "remove":
            images.remove_image(session, vehicle, image)
        case "publish" | "hide":
            images.set_published(session, vehicle, image, change == "publish")
    audit.log_vehicle("vehicle.picture_changed", vehicle, picture=change)
    db.session.commit()
    return _back(vehicle_id)


@blueprint.post("/vehicles/<uuid:vehicle_id>/images/restore")
@dealer("edit_vehicles")
def restore_image(vehicle_id: UUID) -> Response:
    """Put a picture back where it was before it was removed; twice is once."""
    vehicle = load_for_change(vehicle_id)
    before = before_of_request()
    if before is None:
        flash_too_late()
        return _back(vehicle_id)
    kept = images.TakenPicture(before["sha256"], before["given"])
    try:
        if images.put_back(db.session(), vehicle, kept, before["place"], before["published"]):
            audit.log_vehicle("vehicle.picture_changed", vehicle, picture="restore")
    except images.ImageRefused as refusal:
        flash(translated(refusal.reason), "error")
        return _back(vehicle_id)
    db.session.commit()
    flash(_("Das Bild ist wieder da."), "success")
    return _back(vehicle_id)


def _back(vehicle_id: UUID) -> Response:
    return go(url_for("vehicles.edit", vehicle_id=vehicle_id, _anchor="pictures"))


@blueprint.get("/vehicles/<uuid:vehicle_id>/images/<uuid:image_id>/thumbnail")
@dealer("view")
def thumbnail(vehicle_id: UUID, image_id: UUID) -> Response:
    """`?size=small` is for the rows of lists."""
    if request.args.get("size") == "small":
        return _picture(vehicle_id, image_id, ImageBlob.thumbnail, "small")
    return _picture(vehicle_id, image_id, ImageBlob.thumbnail, "thumbnail")


@blueprint.get("/vehicles/<uuid:vehicle_id>/images/<uuid:image_id>/full")
@dealer("view")
def image(vehicle_id: UUID, image_id: UUID) -> Response:
    return _picture(vehicle_id, image_id, ImageBlob.jpeg, "full")


def _picture(vehicle_id: UUID, image_id: UUID, content: InstrumentedAttribute[bytes], size: str) -> Response:
    """The content is read only when the browser does not have it yet."""
    mine = (
        select(VehicleImage.sha256)
        .join(Vehicle, Vehicle.id == VehicleImage.vehicle_id)
        .where(VehicleImage.id == image_id, Vehicle.id == vehicle_id)
        .where(current_realm().owns(Vehicle))
    )
    sha256 = db.session.scalar(mine) or abort(404)
    etag = f"{sha256}-{size}"
    if etag in request.if_none_match:
        response = make_response("", 304)
    else:
        jpeg = db.session.scalar(select(content).where(ImageBlob.sha256 == sha256)) or b""
        response = make_response(images.for_a_row(jpeg) if size == "small" else jpeg)
        response.mimetype = "image/jpeg"
    response.set_etag(etag)
    response.headers["Cache-Control"] = KEPT
    return response
