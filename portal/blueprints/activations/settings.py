"""The settings of an app: the activation form once more, for what is live or still a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from portal.blueprints.activations import blueprint
from portal.blueprints.activations.head import app_head
from portal.blueprints.activations.listings import count_listed
from portal.blueprints.store import activate, forms
from portal.blueprints.store.forms import Entries, of_activation, read
from portal.blueprints.store.live_checks import build_preview, try_out, unconfirmed
from portal.exports.lifecycle import activation as life
from portal.exports.trouble.stopping import stopped_by_hand
from portal.extensions import db, limiter
from portal.models import Activation
from portal.models.exports import LIVE, ActivationState, AppKind
from portal.platforms import get_app
from portal.platforms.contract.fields import SettingField
from portal.web import audit
from portal.web.access import dealer, load_activation, may
from portal.web.responses import fragment, go

CHANGEABLE = (*LIVE, ActivationState.DRAFT)


@blueprint.get("/apps/<uuid:activation_id>/settings")
@dealer("view")
def settings(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    return _page(
        activation, of_activation(get_app(activation.app), activation, forms.stored_secrets(activation))
    )


@blueprint.post("/apps/<uuid:activation_id>/settings")
@dealer("activate_apps")
def save_settings(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if activation.state not in CHANGEABLE:
        return go(_here(activation))
    entries = _entries(activation)
    return _page(activation, entries, 422) if entries.errors else _change(activation, entries)


@blueprint.post("/apps/<uuid:activation_id>/settings/activate")
@dealer("activate_apps")
def activate_draft(activation_id: UUID) -> Response:
    """From a draft to a live app; of another state only the settings are saved."""
    activation = _load(activation_id)
    if activation.state not in CHANGEABLE:
        return go(_here(activation))
    entries = _entries(activation)
    if entries.errors:
        return _page(activation, entries, 422)
    if activation.state != ActivationState.DRAFT:
        return _change(activation, entries)
    done = activate.activate_app(get_app(activation.app), entries, activation)
    if isinstance(done, activate.ActivationRefusal):
        return _page(activation, done.entries, 422, check=done.check, own=done.own)
    return go(activate.address_of(done))


@blueprint.post("/apps/<uuid:activation_id>/settings/preview")
@dealer("activate_apps")
def preview(activation_id: UUID) -> Response:
    """What saving would send; the part alone to HTMX, the whole page without script."""
    activation = _load(activation_id)
    app, entries = get_app(activation.app), _entries(activation)
    if entries.errors and not fragment():
        return _page(activation, entries, 422)
    shown = build_preview(app, entries, activation, anew="anew" in request.form)
    if not fragment():
        return _page(activation, entries, shown=shown)
    here = url_for("activations.preview", activation_id=activation_id)
    is_draft = activation.state == ActivationState.DRAFT
    template = "store/_preview_answer.html" if is_draft else "store/_preview.html"
    values = {"app": app, "entries": entries, "shown": shown, "preview_url": here}
    return make_response(render_template(template, **values))


@blueprint.post("/apps/<uuid:activation_id>/settings/test-connection")
@dealer("activate_apps")
@limiter.limit("20 per minute")
def test_connection(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    app, entries = get_app(activation.app), _entries(activation)
    trial = try_out(app, entries, activation)
    if not fragment():
        return _page(activation, entries, trial=trial)
    return make_response(render_template("store/_trial.html", app=app, entries=entries, trial=trial))


def _load(activation_id: UUID) -> Activation:
    return load_activation(activation_id, joinedload(Activation.location))


def _entries(activation: Activation) -> Entries:
    stored = forms.stored_secrets(activation)
    return read(get_app(activation.app), request.form, (), activation, stored)


def _here(activation: Activation) -> str:
    return url_for("activations.settings", activation_id=activation.id)


def _change(activation: Activation, entries: Entries) -> Response:
    """Save, unless something that may cost money has not been confirmed as it stands there now."""
    costly = life.costly_changes(get_app(activation.app).fields, activation.settings, entries.settings)
    asked = {confirmation(field, entries) for field in costly}
    if activation.state in LIVE and not asked <= set(request.form.getlist("confirmed")):
        listed = count_listed(db.session(), activation.id)
        return _page(activation, entries, costly=costly, listed=listed)
    if errors := unconfirmed(get_app(activation.app), entries, activation):
        return _page(activation, replace(entries, errors=errors), 422)
    before = dict(activation.settings)
    try:
        changed = life.change(db.session(), activation, entries.settings)
        changed = forms.keep_secrets(activation, entries) or changed
    except life.WrongState:
        db.session.rollback()
        flash(_("Die App wurde inzwischen deaktiviert. Ihre Angaben wurden nicht gespeichert."), "error")
        return go(_here(activation))
    if changed:
        audit.log_activation("activation.changed", activation, **audit.changes(before, activation.settings))
        life.try_at_once(db.session(), activation)
    db.session.commit()
    flash(_said(activation, changed), "success")
    return go(_here(activation))


def confirmation(field: SettingField, entries: Entries) -> str:
    """What a confirmation is bound to: this field with this value."""
    return f"{field.name}={entries.settings[field.name]}"


def _said(activation: Activation, changed: bool) -> str:
    if not changed:
        return _("Es gab nichts zu ändern.")
    if activation.state == ActivationState.DRAFT:
        return _("Der Entwurf ist gespeichert.")
    if stopped_by_hand(activation):
        return _("Gespeichert. Es gilt, sobald die Übertragung fortgesetzt wird.")
    if activation.state == ActivationState.STOPPED and activation.recheck_at is not None:
        return _("Gespeichert. Das Portal versucht es jetzt damit.")
    if activation.kind == AppKind.FILE:
        return _("Gespeichert. Es gilt ab der nächsten Datei.")
    return _("Gespeichert. Inserate, bei denen sich dadurch etwas ändert, werden jetzt übertragen.")


def _page(activation: Activation, entries: Entries, status: int = 200, **more: Any) -> Response:
    page = render_template(
        "activations/settings.html",
        **app_head(activation),
        entries=entries,
        editable=may("activate_apps") and activation.state in CHANGEABLE,
        confirmation=confirmation,
        save_url=url_for("activations.save_settings", activation_id=activation.id),
        activate_url=url_for("activations.activate_draft", activation_id=activation.id),
        trial_url=url_for("activations.test_connection", activation_id=activation.id),
        **more,
    )
    return make_response(page, status)


# Vorschau: what the next transfer of an app would do, for everybody who may look.


@blueprint.get("/apps/<uuid:activation_id>/preview")
@dealer("view")
def next_transfer(activation_id: UUID) -> Response:
    """The same preview as in the settings, of the settings as they are. Nothing is sent."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    app = get_app(activation.app)
    if app.kind != "api" or activation.state not in LIVE:
        return go(url_for("history.page", activation_id=activation_id))
    here = url_for("activations.next_transfer", activation_id=activation_id)
    shown = build_preview(app, of_activation(app, activation), activation, anew="anew" in request.args)
    if "anew" in request.args:
        return go(here)
    template = "store/_preview.html" if fragment() else "activations/preview.html"
    values = {"activation": activation, "app": app, "shown": shown, "preview_url": here, "by_itself": True}
    return make_response(render_template(template, **values))
