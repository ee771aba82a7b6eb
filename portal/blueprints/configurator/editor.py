"""The editor of an export: its columns and settings, saved as a draft or as a change."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from portal.blueprints.configurator import blueprint, forms, labels
from portal.blueprints.configurator.forms import SLUG, Editing
from portal.blueprints.configurator.preview import preview_of
from portal.exports.lifecycle import activation as life
from portal.extensions import db
from portal.formats.charset import fitted
from portal.models import Activation, Dealer
from portal.platforms import get_app
from portal.platforms.contract.fields import defaults
from portal.web import audit
from portal.web.access import current_dealer, dealer, find_locations, load_activation
from portal.web.responses import fragment, go

BUTTON = "<any(add, up, down, remove):button>"


@blueprint.get("/configurator/new")
@dealer("activate_apps")
def new() -> Response:
    return _page(forms.blank(find_locations()))


@blueprint.post("/configurator/new")
@dealer("activate_apps")
def create() -> Response:
    editing = forms.read(request.form, find_locations())
    if editing.errors:
        return _page(editing, status=422)
    activation = create_draft(current_dealer(), editing)
    flash(_("Der Export ist gespeichert. Wählen Sie jetzt, wie die Datei übertragen wird."), "success")
    return go(url_for("activations.settings", activation_id=activation.id))


@blueprint.post("/configurator/new/preview")
@dealer("activate_apps")
def preview_new() -> Response:
    return _preview(forms.read(request.form, find_locations()))


@blueprint.post(f"/configurator/new/columns/{BUTTON}")
@dealer("activate_apps")
def change_columns_new(button: str) -> Response:
    return _changed(forms.read(request.form, find_locations()), button)


@blueprint.get("/configurator/<uuid:activation_id>")
@dealer("activate_apps")
def edit(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    return _page(forms.of_activation(activation), activation)


@blueprint.post("/configurator/<uuid:activation_id>")
@dealer("activate_apps")
def save(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    editing = forms.read(request.form, (), activation)
    if editing.errors:
        return _page(editing, activation, status=422)
    flash(*change_export(activation, editing))
    return go(url_for("configurator.edit", activation_id=activation.id))


@blueprint.post("/configurator/<uuid:activation_id>/preview")
@dealer("activate_apps")
def preview(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    return _preview(forms.read(request.form, (), activation), activation)


@blueprint.post(f"/configurator/<uuid:activation_id>/columns/{BUTTON}")
@dealer("activate_apps")
def change_columns(activation_id: UUID, button: str) -> Response:
    activation = _load(activation_id)
    return _changed(forms.read(request.form, (), activation), button, activation)


def _load(activation_id: UUID) -> Activation:
    """Whoever comes with the activation of another app is led to its settings."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    if activation.app != forms.SLUG:
        abort(go(url_for("activations.settings", activation_id=activation_id)))
    return activation


def _changed(editing: Editing, button: str, activation: Activation | None = None) -> Response:
    """With `place`, the column whose button was pressed; nothing is saved, no error shown."""
    place = request.values.get("place", type=int)
    return _page(editing.pressed(button, place, request.form.get("add", "")), activation)


def _preview(editing: Editing, activation: Activation | None = None) -> Response:
    """The part alone to HTMX, the whole form without script."""
    if not fragment():
        return _page(editing, activation, 422 if editing.errors else 200)
    return make_response(render_template("configurator/_preview.html", **_shown(editing, activation)))


def _page(editing: Editing, activation: Activation | None = None, status: int = 200) -> Response:
    template = "configurator/_editor.html" if fragment() else "configurator/page.html"
    page = render_template(template, locations=find_locations(), **_shown(editing, activation))
    return make_response(page, status)


def _shown(editing: Editing, activation: Activation | None) -> dict[str, Any]:
    place: dict[str, Any] = {"activation_id": activation.id} if activation else {}
    columns = "configurator.change_columns" if activation else "configurator.change_columns_new"
    return {
        "editing": editing,
        "activation": activation,
        "shown": preview_of(editing, activation),
        "save_url": url_for("configurator.save" if activation else "configurator.create", **place),
        "preview_url": url_for("configurator.preview" if activation else "configurator.preview_new", **place),
        "columns_url": partial(url_for, columns, **place),
        **labels.CHOICE_LISTS,
    }


# From the form to a draft, or to the changed settings of an export that exists.


KEY_LENGTH = 30
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def create_draft(dealer: Dealer, editing: Editing) -> Activation:
    """A draft: how the file is delivered is asked on the page of its settings."""
    if editing.location_id is None:
        raise ValueError("a form without a location is refused before")
    app = get_app(SLUG)
    settings = defaults(app.fields) | _settings(editing)
    wish = life.ActivationRequest(dealer.id, app, new_key(editing.name), editing.location_id, settings)
    activation = life.save_draft(db.session(), wish)
    audit.log_activation("activation.draft_saved", activation)
    db.session.commit()
    return activation


def change_export(activation: Activation, editing: Editing) -> tuple[str, str]:
    """What to tell, and its category."""
    before = dict(activation.settings)
    try:
        changed = life.change(db.session(), activation, _settings(editing))
    except life.WrongState:
        db.session.rollback()
        return _("Die App wurde inzwischen deaktiviert. Ihre Angaben wurden nicht gespeichert."), "error"
    if not changed:
        db.session.commit()
        return _("Es gab nichts zu ändern."), "success"
    # For the log, where a column more or less is not told apart.
    now = activation.settings
    detail: dict[str, Any] = {"name": [before["name"], now["name"]]} if before["name"] != now["name"] else {}
    if before["profile"] != now["profile"]:
        detail["layout"] = True
    audit.log_activation("activation.changed", activation, **detail)
    db.session.commit()
    return _("Gespeichert. Der Aufbau gilt ab der nächsten Datei."), "success"


def new_key(name: str) -> str:
    """`eBay-Liste` → `ebay-liste-3f9a`: readable, and nobody else's."""
    plain, _lost = fitted(name.casefold().translate(_UMLAUTS), "ascii")
    words = "".join(char if char.isalnum() else "-" for char in plain)
    slug = "-".join(part for part in words.split("-") if part)[:KEY_LENGTH].strip("-")
    return f"{slug or 'export'}-{secrets.token_hex(3)}"


def _settings(editing: Editing) -> dict[str, Any]:
    return {"name": editing.name, "profile": editing.profile.as_json()}
