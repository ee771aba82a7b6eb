"""The Exportaktivierung of one app: what it releases by itself, and whether it counts for the warning."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from portal.blueprints.settings import blueprint
from portal.blueprints.settings.recording import record
from portal.blueprints.settings.versions import outdated, version
from portal.blueprints.store.form import days_name, kind_name
from portal.blueprints.store.words import KINDS
from portal.exports.lifecycle import activation as life
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import LIVE
from portal.platforms import get_app
from portal.platforms.contract.fields import SettingField, validate
from portal.vehicle_facts.data import Kind
from portal.vehicles.release import changed_values
from portal.web.access import dealer, load_activation
from portal.web.answers import go
from portal.web.wording import translated


@blueprint.get("/settings/export/<uuid:activation_id>")
@dealer("settings")
def presets(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if activation.state not in LIVE:
        return go(url_for("settings.export"))
    return _page(activation, stored(activation))


@blueprint.post("/settings/export/<uuid:activation_id>")
@dealer("settings")
def save_presets(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if activation.state not in LIVE:
        return go(url_for("settings.export"))
    db.session.refresh(activation, with_for_update={"of": Activation})
    wanted, error = _wanted(activation)
    if error or outdated(stored(activation)):
        return _page(activation, wanted, 422, error=error, meanwhile=outdated(stored(activation)))
    return _save(activation, wanted)


def _save(activation: Activation, wanted: dict[str, Any]) -> Response:
    changes = changed_values(stored(activation), wanted)
    try:
        if "kinds" in changes:
            life.change(db.session(), activation, {"kinds": wanted["kinds"]})
    except life.WrongState:
        db.session.rollback()
        flash(_("Die App wurde inzwischen deaktiviert. Ihre Angaben wurden nicht gespeichert."), "error")
        return go(url_for("settings.export"))
    activation.counts_for_warning = wanted["counts_for_warning"]
    label = f"{get_app(activation.app).name} {activation.customer_number}"
    record(changes, label, activation.id, activation.id)
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.export"))


def stored(activation: Activation) -> dict[str, Any]:
    kinds = activation.settings.get("kinds", _field(activation).default) or {}
    return {"kinds": dict(kinds), "counts_for_warning": activation.counts_for_warning}


def summary(activation: Activation) -> list[str]:
    """In words: what is released by itself, and when."""
    kinds = stored(activation)["kinds"]
    return [_when(str(KINDS[kind]), kinds[kind]) for kind in KINDS if kind in kinds]


def _when(kind: str, days: int) -> str:
    if days == 0:
        return _("%(kind)s sofort", kind=kind)
    return _("%(kind)s nach %(days)s Standtagen", kind=kind, days=days)


def _load(activation_id: UUID) -> Activation:
    return load_activation(activation_id, joinedload(Activation.location))


def _field(activation: Activation) -> SettingField:
    return next(field for field in get_app(activation.app).fields if field.type == "kinds")


def _wanted(activation: Activation) -> tuple[dict[str, Any], str]:
    """What was filled in, and what is wrong with it."""
    field = _field(activation)
    chosen = [kind for kind in get_app(activation.app).kinds if kind_name(field, kind) in request.form]
    kinds = {str(kind): _days(field, kind) for kind in chosen}
    _clean, errors = validate((field,), {field.name: kinds})
    wanted = {"kinds": kinds, "counts_for_warning": "counts_for_warning" in request.form}
    return wanted, translated(errors[0].text) if errors else ""


def _days(field: SettingField, kind: Kind) -> int | str:
    """What is no number stays as written, for the error beside it."""
    text = request.form.get(days_name(field, kind), "").strip() or "0"
    return int(text) if text.isdecimal() and len(text) < 6 else text[:20]


def _page(
    activation: Activation,
    values: dict[str, Any],
    status: int = 200,
    error: str = "",
    meanwhile: bool = False,
) -> Response:
    app = get_app(activation.app)
    page = render_template(
        "settings/presets.html",
        activation=activation,
        app=app,
        setting=_field(activation),
        values=values,
        error=error,
        meanwhile=summary(activation) if meanwhile else None,
        version=version(stored(activation)),
    )
    return make_response(page, status)
