"""What holds for all of a dealer's exports, and what each app releases by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.activation_log import account_name
from portal.blueprints.settings import blueprint
from portal.blueprints.settings.forms import ExportForm
from portal.blueprints.settings.stale_forms import outdated, version
from portal.blueprints.store.forms import kind_name, read_days
from portal.blueprints.store.labels import KINDS
from portal.exports.lifecycle import activation as life
from portal.extensions import db
from portal.models import Activation, Dealer, User
from portal.models.exports import LIVE
from portal.platforms import get_app
from portal.platforms.contract.fields import SettingField, validate
from portal.vehicles.release import change_presets, changed_values, lock_dealer
from portal.web.access import current_dealer, dealer, load_activation
from portal.web.audit import log_settings
from portal.web.responses import go
from portal.web.setting_labels import MILD_HYBRIDS, PRESETS
from portal.web.wording import translated


@blueprint.get("/settings/export")
@dealer("settings")
def export() -> Response:
    return _page(_stored(current_dealer()))


@blueprint.post("/settings/export")
@dealer("settings")
def save_export() -> Response:
    owner, people = current_dealer(), _people()
    lock_dealer(db.session(), owner)
    wanted = ExportForm().values(_stored(owner), people)
    if outdated(_stored(owner)):
        return _page(wanted, 422, meanwhile=changed_values(wanted, _stored(owner)))
    changes = change_presets(db.session(), owner, wanted)
    logged = dict(changes)
    if informed := logged.get("inform_on_lock"):  # the log shows people by their names
        names = {user.id: user.display_name for user in people}
        logged["inform_on_lock"] = [[names.get(key, str(key)) for key in keys] for keys in informed]
    log_settings(logged, "Export")
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.export"))


def _stored(owner: Dealer) -> dict[str, Any]:
    return {name: getattr(owner, name) for name in PRESETS}


def _people() -> list[User]:
    statement = select(User).where(User.dealer_id == current_dealer().id, User.active)
    return list(db.session.scalars(statement.order_by(User.name, User.login)))


def _page(
    values: dict[str, Any], status: int = 200, meanwhile: dict[str, list[Any]] | None = None
) -> Response:
    owner = current_dealer()
    live = (
        select(Activation)
        .where(Activation.dealer_id == owner.id, Activation.state.in_(LIVE))
        .options(joinedload(Activation.location))
        .order_by(Activation.app, Activation.customer_number)
    )
    page = render_template(
        "settings/export.html",
        values=values,
        labels=PRESETS,
        mild_hybrids=MILD_HYBRIDS.items(),
        people=_people(),
        activations=[(activation, summary(activation)) for activation in db.session.scalars(live)],
        version=version(_stored(owner)),
        meanwhile=meanwhile or {},
    )
    return make_response(page, status)


# The Exportaktivierung of one app: what it releases by itself, and whether it counts for the warning.


@blueprint.get("/settings/export/<uuid:activation_id>")
@dealer("settings")
def presets(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if activation.state not in LIVE:
        return go(url_for("settings.export"))
    return _presets_page(activation, stored_presets(activation))


@blueprint.post("/settings/export/<uuid:activation_id>")
@dealer("settings")
def save_presets(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if activation.state not in LIVE:
        return go(url_for("settings.export"))
    db.session.refresh(activation, with_for_update={"of": Activation})
    wanted, error = _wanted_presets(activation)
    if error or outdated(stored_presets(activation)):
        return _presets_page(
            activation, wanted, 422, error=error, meanwhile=outdated(stored_presets(activation))
        )
    return _save(activation, wanted)


def _save(activation: Activation, wanted: dict[str, Any]) -> Response:
    changes = changed_values(stored_presets(activation), wanted)
    try:
        if "kinds" in changes:
            life.change(db.session(), activation, {"kinds": wanted["kinds"]})
    except life.WrongState:
        db.session.rollback()
        flash(_("Die App wurde inzwischen deaktiviert. Ihre Angaben wurden nicht gespeichert."), "error")
        return go(url_for("settings.export"))
    activation.counts_for_warning = wanted["counts_for_warning"]
    label = account_name(activation)
    log_settings(changes, label, activation.id, activation.id)
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.export"))


def stored_presets(activation: Activation) -> dict[str, Any]:
    kinds = activation.settings.get("kinds", _field(activation).default) or {}
    return {"kinds": dict(kinds), "counts_for_warning": activation.counts_for_warning}


def summary(activation: Activation) -> list[str]:
    """In words: what is released by itself, and when."""
    kinds = stored_presets(activation)["kinds"]
    return [
        _("%(kind)s nach %(days)s Standtagen", kind=str(label), days=kinds[kind])
        if kinds[kind]
        else _("%(kind)s sofort", kind=str(label))
        for kind, label in KINDS.items()
        if kind in kinds
    ]


def _load(activation_id: UUID) -> Activation:
    return load_activation(activation_id, joinedload(Activation.location))


def _field(activation: Activation) -> SettingField:
    return next(field for field in get_app(activation.app).fields if field.type == "kinds")


def _wanted_presets(activation: Activation) -> tuple[dict[str, Any], str]:
    """What was filled in, and what is wrong with it."""
    field = _field(activation)
    chosen = [kind for kind in get_app(activation.app).kinds if kind_name(field, kind) in request.form]
    kinds = {str(kind): read_days(field, kind, request.form) for kind in chosen}
    _clean, errors = validate((field,), {field.name: kinds})
    wanted = {"kinds": kinds, "counts_for_warning": "counts_for_warning" in request.form}
    return wanted, translated(errors[0].text) if errors else ""


def _presets_page(
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
        version=version(stored_presets(activation)),
    )
    return make_response(page, status)
