"""Nutzer: invite, change, lock out and let in again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, abort, current_app, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError

from portal import audit
from portal.blueprints.api.keys import revoke
from portal.blueprints.settings import blueprint
from portal.blueprints.settings.forms import SecondFactorForm, UserForm, named_rights
from portal.extensions import db, limiter
from portal.models import ApiKey, User
from portal.models.accounts import RIGHTS
from portal.notifications.notify import forget_elsewhere
from portal.people.accounts import RIGHT_TEXTS, beyond, mail_invitation
from portal.people.plan_limits import against_another_user
from portal.vehicles.release import changed_values, lock_dealer
from portal.web import sessions
from portal.web.access import current_dealer, dealer, load_user, may, who
from portal.web.refusals import note_refusal
from portal.web.responses import go
from portal.web.wording import translated

INVITATIONS = "60 per hour"
"""Of one user: the portal is no tool to fill other people's mailboxes."""
INVITATIONS_OF_DEALER = limiter.shared_limit(
    "100 per day", scope="invitations", key_func=lambda: str(current_dealer().id)
)


@blueprint.get("/settings/users")
@dealer("manage_users")
def users() -> str:
    statement = select(User).where(User.dealer_id == current_dealer().id, User.deleted_at.is_(None))
    found = db.session.scalars(statement.order_by(User.active.desc(), func.lower(User.name))).all()
    return render_template(
        "settings/users.html",
        users=found,
        locations={place.id: f"{place.name} ({place.code})" for place in current_dealer().locations},
        rights=RIGHT_TEXTS,
        owner=current_dealer(),
    )


@blueprint.get("/settings/users/new")
@dealer("manage_users")
def new_user() -> Response:
    return _page(UserForm(current_dealer(), current_user.rights))


@blueprint.post("/settings/users/new")
@dealer("manage_users")
@INVITATIONS_OF_DEALER
@limiter.limit(INVITATIONS, key_func=lambda: f"invitations {current_user.id}")
def invite_user() -> Response:
    form = UserForm(current_dealer(), current_user.rights)
    form.validate()
    if full := against_another_user(db.session(), current_dealer()):
        form.refuse("login", translated(full))
    if form.messages:
        return _page(form, status=422)
    user = User(dealer_id=current_dealer().id, login=form.login.data, password_hash="")
    user.language = current_user.language
    _write(user, form)
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        text = _("Diesen Benutzernamen gibt es im Portal schon. Bitte wählen Sie einen anderen.")
        form.refuse("login", text)
        return _page(form, status=422)
    _invite(user)
    _record("user.invited", user, {"rights": user.rights})
    db.session.commit()
    flash(_("%(name)s ist eingeladen. Die Mail mit dem Link ist unterwegs.", name=user.name), "success")
    return go(url_for("settings.users"))


@blueprint.get("/settings/users/<uuid:user_id>")
@dealer("manage_users")
def user(user_id: UUID) -> Response:
    found = load_user(user_id)
    return _page(UserForm(current_dealer(), current_user.rights, found), found)


@blueprint.post("/settings/users/<uuid:user_id>")
@dealer("manage_users")
def save_user(user_id: UUID) -> Response:
    found = load_for_change(user_id)
    form = UserForm(current_dealer(), current_user.rights, found)
    form.validate()
    if found.id == current_user.id and "manage_users" not in form.rights.data:
        form.refuse("rights", _("Dieses Recht können Sie sich nicht selbst nehmen."))
    if form.messages:
        return _page(form, found, status=422)
    before = _facts(found)
    _write(found, form)
    changed = changed_values(before, _facts(found))
    if changed:
        forget_elsewhere(db.session(), found)
        _record("user.changed", found, changed)
        db.session.commit()
    flash(_("Gespeichert.") if changed else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.users"))


@blueprint.post("/settings/users/<uuid:user_id>/invite")
@dealer("manage_users")
@INVITATIONS_OF_DEALER
@limiter.limit(INVITATIONS, key_func=lambda: f"invitations {current_user.id}")
def invite_again(user_id: UUID) -> Response:
    found = load_for_change(user_id)
    if found.password_hash or not found.active:
        flash(_("%(name)s hat schon ein Passwort oder ist gesperrt.", name=found.name))
        return go(url_for("settings.users"))
    _invite(found)
    _record("user.invited", found, {})
    db.session.commit()
    flash(_("Die Einladung an %(name)s ist noch einmal unterwegs.", name=found.name), "success")
    return go(url_for("settings.users"))


@blueprint.post("/settings/users/<uuid:user_id>/deactivate")
@dealer("manage_users")
def deactivate_user(user_id: UUID) -> Response:
    """Out at the next request: every login of the user ends."""
    found = load_for_change(user_id)
    if found.id == current_user.id:
        flash(_("Sich selbst können Sie nicht sperren."), "error")
        return go(url_for("settings.user", user_id=found.id))
    if found.active:
        found.active = False
        sessions.end_others(found.id)
        _record("user.deactivated", found, {})
        if request.form.get("revoke_keys"):
            for key in db.session.scalars(select(ApiKey).where(*_keys_of(found))):
                revoke(db.session(), who(), key)
        db.session.commit()
    flash(_("%(name)s kann sich nicht mehr anmelden.", name=found.name), "success")
    return go(url_for("settings.users"))


@blueprint.post("/settings/users/<uuid:user_id>/activate")
@dealer("manage_users")
def activate_user(user_id: UUID) -> Response:
    found = load_for_change(user_id)
    full = "" if found.active else against_another_user(db.session(), current_dealer())
    if full:
        flash(translated(full), "error")
        return go(url_for("settings.users"))
    if not found.active:
        found.active = True
        _record("user.activated", found, {})
        db.session.commit()
    flash(_("%(name)s kann sich wieder anmelden.", name=found.name), "success")
    return go(url_for("settings.users"))


@blueprint.post("/settings/users/second-factor")
@dealer("manage_users")
def require_second_factor() -> Response:
    """For everybody of the dealer: who has none sets one up at the next page."""
    owner, wanted = current_dealer(), bool(SecondFactorForm().required.data)
    if owner.require_second_factor != wanted:
        owner.require_second_factor = wanted
        audit.log(
            db.session(),
            who(),
            "settings.changed",
            dealer_id=owner.id,
            label=_("Zweiter Faktor"),
            detail={"require_second_factor": [not wanted, wanted]},
        )
        db.session.commit()
    flash(_("Gespeichert."), "success")
    return go(url_for("settings.users"))


def load_for_change(user_id: UUID) -> User:
    """Nobody changes, locks out or lets in somebody who may do more than they themselves. Managers who take
    this right from each other in the same moment wait here; one of them keeps it."""
    lock_dealer(db.session(), current_dealer())
    db.session.refresh(current_user._get_current_object())
    if not (current_user.active and may("manage_users")):
        abort(403)
    found = load_user(user_id)
    if foreign := named_rights(beyond(current_user.rights, found.rights)):
        note_refusal()
        flash(
            _("%(name)s hat Rechte, die Ihnen fehlen (%(rights)s).", name=found.name, rights=foreign)
            + " "
            + _("Diese Angaben ändert nur, wer sie selbst hat."),
            "error",
        )
        abort(go(url_for("settings.users")))
    return found


def _keys_of(user: User) -> tuple[ColumnElement[bool], ...]:
    """Their keys that are not revoked."""
    mine = (ApiKey.dealer_id == user.dealer_id, ApiKey.created_by == user.id)
    return (*mine, ApiKey.revoked_at.is_(None))


def _invite(user: User) -> None:
    settings = current_app.extensions["settings"]
    mail_invitation(db.session(), settings, user, current_dealer(), current_user.display_name)


def _write(user: User, form: UserForm) -> None:
    user.name, user.email = form.name.data, form.email.data
    user.rights, user.location_ids = list(form.rights.data), list(form.location_ids)


def _facts(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "email": user.email,
        "rights": list(user.rights),
        "location_ids": [str(place) for place in user.location_ids],
    }


def _record(what: str, user: User, detail: Mapping[str, object]) -> None:
    audit.log(
        db.session(),
        who(),
        what,
        dealer_id=user.dealer_id,
        object_id=user.id,
        label=user.login,
        detail=detail,
    )


def _page(form: UserForm, user: User | None = None, status: int = 200) -> Response:
    keys = select(func.count()).select_from(ApiKey).where(*_keys_of(user)) if user else None
    page = render_template(
        "settings/user.html",
        form=form,
        errors=form.messages,
        user=user,
        rights=RIGHT_TEXTS,
        keys=db.session.scalar(keys) if keys is not None else 0,
        foreign={text.right for text in beyond(current_user.rights, RIGHTS)},
        locations=current_dealer().locations,
    )
    return make_response(page, status)
