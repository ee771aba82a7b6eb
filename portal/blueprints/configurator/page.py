"""The export configurator: put an export together and see the file while doing so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from portal.blueprints.configurator import blueprint, choices, form, saving
from portal.blueprints.configurator.form import Editing
from portal.blueprints.configurator.previewing import preview_of
from portal.models import Activation
from portal.web.access import current_dealer, dealer, load_activation
from portal.web.answers import fragment, go


@blueprint.get("/configurator/new")
@dealer("activate_apps")
def new() -> Response:
    return _page(form.blank(saving.locations()))


@blueprint.post("/configurator/new")
@dealer("activate_apps")
def create() -> Response:
    editing = form.read(request.form, saving.locations())
    action = _action()
    if action != "save":
        return _page(form.changed(editing, action, request.form))
    if editing.errors:
        return _page(editing, status=422)
    activation = saving.create(current_dealer(), editing)
    flash(_("Der Export ist gespeichert. Wählen Sie jetzt, wie die Datei übertragen wird."), "success")
    return go(url_for("activations.settings", activation_id=activation.id))


@blueprint.post("/configurator/new/preview")
@dealer("activate_apps")
def preview_new() -> str:
    return _preview(form.read(request.form, saving.locations()))


@blueprint.get("/configurator/<uuid:activation_id>")
@dealer("activate_apps")
def edit(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    return _page(form.of_activation(activation), activation)


@blueprint.post("/configurator/<uuid:activation_id>")
@dealer("activate_apps")
def save(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    editing = form.read(request.form, (), activation)
    action = _action()
    if action != "save":
        return _page(form.changed(editing, action, request.form), activation)
    if editing.errors:
        return _page(editing, activation, status=422)
    flash(*saving.change(activation, editing))
    return go(url_for("configurator.edit", activation_id=activation.id))


@blueprint.post("/configurator/<uuid:activation_id>/preview")
@dealer("activate_apps")
def preview(activation_id: UUID) -> str:
    activation = _load(activation_id)
    return _preview(form.read(request.form, (), activation), activation)


def _load(activation_id: UUID) -> Activation:
    """Whoever comes with the activation of another app is led to its settings."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    if activation.app != form.SLUG:
        abort(go(url_for("activations.settings", activation_id=activation_id)))
    return activation


def _action() -> str:
    """What was pressed: `save`, `preview`, or a change of the columns."""
    return request.values.get("do", "save")[:40]


def _preview(editing: Editing, activation: Activation | None = None) -> str:
    return render_template("configurator/_preview.html", **_shown(editing, activation))


def _page(editing: Editing, activation: Activation | None = None, status: int = 200) -> Response:
    template = "configurator/_editor.html" if fragment() else "configurator/page.html"
    page = render_template(template, locations=saving.locations(), **_shown(editing, activation))
    return make_response(page, status)


def _shown(editing: Editing, activation: Activation | None) -> dict[str, Any]:
    place: dict[str, Any] = {"activation_id": activation.id} if activation else {}
    return {
        "editing": editing,
        "activation": activation,
        "shown": preview_of(editing, activation),
        "save_url": url_for("configurator.save" if activation else "configurator.create", **place),
        "preview_url": url_for("configurator.preview" if activation else "configurator.preview_new", **place),
        **choices.ALL,
    }
