"""Vorschau: what the next transfer of an app would do, for everybody who may look."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, render_template, url_for
from sqlalchemy.orm import joinedload

from portal.blueprints.my_apps import blueprint
from portal.blueprints.store.form import of_activation
from portal.blueprints.store.previewing import build
from portal.models import Activation
from portal.models.exports import LIVE
from portal.platforms import get_app
from portal.web.access import dealer, load_activation
from portal.web.answers import go


@blueprint.get("/apps/<uuid:activation_id>/preview")
@dealer("view")
def next_transfer(activation_id: UUID) -> Response:
    """The same preview as in the settings, of the settings as they are. Nothing is sent."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    app = get_app(activation.app)
    if app.kind != "api" or activation.state not in LIVE:
        return go(url_for("history.page", activation_id=activation_id))
    page = render_template(
        "my_apps/preview.html",
        activation=activation,
        app=app,
        shown=build(app, of_activation(app, activation), activation),
        preview_url=url_for("activations.preview", activation_id=activation_id),
    )
    return make_response(page)
