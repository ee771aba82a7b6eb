"""Einstellungen → Export: what holds for all of a dealer's exports, and what each app does by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.blueprints.settings import blueprint
from portal.blueprints.settings.labels import MILD_HYBRIDS, PRESETS
from portal.blueprints.settings.presets import summary
from portal.blueprints.settings.recording import record
from portal.blueprints.settings.versions import outdated, version
from portal.extensions import db
from portal.models import Activation, Dealer, User
from portal.models.exports import LIVE
from portal.vehicles.release import MILD_HYBRID_AS, change_presets, changed_values, lock_dealer
from portal.web.access import current_dealer, dealer
from portal.web.answers import go

FLAGS = ("release_new_vehicles", "platform_prices", "export_vin", "export_trade_ins")


@blueprint.get("/settings/export")
@dealer("settings")
def export() -> Response:
    return _page(_stored(current_dealer()))


@blueprint.post("/settings/export")
@dealer("settings")
def save_export() -> Response:
    owner, people = current_dealer(), _people()
    lock_dealer(db.session(), owner)
    wanted = _wanted(owner, people)
    if outdated(_stored(owner)):
        return _page(wanted, 422, meanwhile=changed_values(wanted, _stored(owner)))
    changes = change_presets(db.session(), owner, wanted)
    record(_named(changes, people), "Export")
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.export"))


def _stored(owner: Dealer) -> dict[str, Any]:
    return {name: getattr(owner, name) for name in PRESETS}


def _wanted(owner: Dealer, people: list[User]) -> dict[str, Any]:
    chosen = request.form.get("mild_hybrid_as", "")
    picked = set(request.form.getlist("inform_on_lock"))
    return {
        **{name: name in request.form for name in FLAGS},
        "mild_hybrid_as": chosen if chosen in MILD_HYBRID_AS else owner.mild_hybrid_as,
        "inform_on_lock": _in_order(owner.inform_on_lock, [u.id for u in people if str(u.id) in picked]),
    }


def _in_order(before: list[UUID], picked: list[UUID]) -> list[UUID]:
    """Those who are picked already first, as they stand: the same people are no change."""
    stay = [user_id for user_id in before if user_id in picked]
    return stay + [user_id for user_id in picked if user_id not in stay]


def _people() -> list[User]:
    statement = select(User).where(User.dealer_id == current_dealer().id, User.active)
    return list(db.session.scalars(statement.order_by(User.name, User.login)))


def _named(changes: dict[str, list[Any]], people: list[User]) -> dict[str, list[Any]]:
    """The log shows people by their names."""
    names = {user.id: user.name or user.login for user in people}
    return {
        field: [[names.get(key, str(key)) for key in keys] for keys in pair]
        if field == "inform_on_lock"
        else pair
        for field, pair in changes.items()
    }


def _page(
    values: dict[str, Any], status: int = 200, meanwhile: dict[str, list[Any]] | None = None
) -> Response:
    owner = current_dealer()
    page = render_template(
        "settings/export.html",
        values=values,
        labels=PRESETS,
        mild_hybrids=MILD_HYBRIDS.items(),
        people=_people(),
        activations=[(activation, summary(activation)) for activation in _live(owner)],
        version=version(_stored(owner)),
        meanwhile=meanwhile or {},
    )
    return make_response(page, status)


def _live(owner: Dealer) -> list[Activation]:
    statement = select(Activation).where(Activation.dealer_id == owner.id, Activation.state.in_(LIVE))
    ordered = statement.order_by(Activation.app, Activation.customer_number)
    return list(db.session.scalars(ordered.options(joinedload(Activation.location))))
