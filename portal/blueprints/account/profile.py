"""Name, mail address and password of a user, and where they are logged in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import audit
from portal.blueprints.account import blueprint
from portal.blueprints.account.forms import LoginsForm, PasswordForm, ProfileForm
from portal.extensions import db, limiter
from portal.models import User
from portal.people import accounts
from portal.security.passwords import verify_password
from portal.web import known_browsers, sessions, throttle
from portal.web.access import account, who
from portal.web.forms import PortalForm
from portal.web.responses import go


@blueprint.get("/account")
@account
def page() -> Response:
    return account_page()


@blueprint.post("/account")
@account
@limiter.limit("20 per minute")
def save() -> Response:
    """Another mail address asks for the password: whoever reads there can have a new one sent."""
    user, form = me(), ProfileForm()
    if (
        form.validate()
        and form.email.data != user.email
        and (wrong := wrong_password(form.email_password.data))
    ):
        form.refuse("email_password", wrong)
    if form.messages:
        return account_page(form)
    name, email = form.name.data, form.email.data
    changed = {
        label: [old, new]
        for label, old, new in (("name", user.name, name), ("email", user.email, email))
        if old != new
    }
    if changed:
        user.name, user.email = name, email
        record("user.changed", **changed)
        db.session.commit()
    flash(_("Gespeichert.") if changed else _("Es gab nichts zu ändern."), "success")
    return go(url_for("account.page"))


@blueprint.post("/account/password")
@account
@limiter.limit("10 per minute")
def change_password() -> Response:
    """Asks for the old one: an unattended browser is not enough. All other logins end."""
    user = me()
    form = PasswordForm(user)
    # The old one first: whoever does not know it learns nothing of the rules for a new one.
    if wrong := wrong_password(form.current.data):
        form.refuse("current", wrong)
    elif form.validate():
        accounts.set_password(user, form.password.data)
    if form.messages:
        return account_page(form)
    throttle.forgive(user.login, known_browsers.origin(user.login))
    sessions.end_others(user.id)
    record("user.password_set")
    db.session.commit()
    flash(_("Ihr Passwort ist geändert. Alle anderen Anmeldungen sind beendet."), "success")
    return go(url_for("account.page"))


# Where the user is logged in, and ending it everywhere.


@blueprint.post("/account/logins/end")
@account
@limiter.limit("10 per minute")
def end_login() -> Response:
    """One login of their own, this browser's too; another's or one that is over is none."""
    if (form := _confirmed_logins()).messages:
        return account_page(form)
    wanted = request.form.get(form.login.name, type=UUID)
    if wanted is None or not sessions.end_one(me().id, wanted):
        flash(_("Diese Anmeldung ist schon beendet."))
        return go(url_for("account.page"))
    record("user.login_ended")
    db.session.commit()
    flash(_("Die Anmeldung ist beendet."), "success")
    return go(url_for("account.page"))


@blueprint.post("/account/logins/end-others")
@account
@limiter.limit("10 per minute")
def end_other_logins() -> Response:
    if (form := _confirmed_logins()).messages:
        return account_page(form)
    if sessions.end_others(me().id):
        record("user.other_logins_ended")
        db.session.commit()
    flash(_("Alle anderen Anmeldungen sind beendet."), "success")
    return go(url_for("account.page"))


@blueprint.post("/account/logout-everywhere")
@account
@limiter.limit("10 per minute")
def logout_everywhere() -> Response:
    if (form := _confirmed_logins()).messages:
        return account_page(form)
    sessions.end_others(me().id)
    record("user.logged_out_everywhere")
    db.session.commit()
    sessions.end()
    flash(_("Sie sind überall abgemeldet."), "success")
    return go(url_for("auth.login"))


def _confirmed_logins() -> LoginsForm:
    """The form; with an error where the password is wrong. Whoever found a browser open ends nothing."""
    form = LoginsForm()
    if wrong := wrong_password(form.logins_password.data):
        form.refuse("logins_password", wrong)
    return form


def me() -> User:
    """The user of this request as a row."""
    found: User = current_user._get_current_object()
    return found


def wrong_password(given: str | None) -> str:
    """What to say of this password of the user; empty when it is right. Counted like a login: an
    unattended browser is no place to guess at it."""
    user = me()
    if not throttle.admit(user.login, known_browsers.origin(user.login)):
        return _("Zu viele Versuche. Bitte warten Sie einige Minuten.")
    if not verify_password(user.password_hash, given or ""):
        return _("Das Passwort stimmt nicht.")
    throttle.forgive(user.login, known_browsers.origin(user.login))
    db.session.commit()
    return ""


def record(what: str, **detail: Any) -> None:
    user = me()
    audit.log(
        db.session(),
        who(),
        what,
        dealer_id=user.dealer_id,
        object_id=user.id,
        label=user.login,
        detail=detail,
    )


def account_page(refused: PortalForm | None = None) -> Response:
    """The page; with a form that was refused, what was typed into it and what is wrong with it."""
    user = me()
    profile = refused if isinstance(refused, ProfileForm) else ProfileForm(formdata=None, obj=user)
    page = render_template(
        "account/page.html",
        user=user,
        profile=profile,
        errors=refused.messages if refused else {},
        logins=sessions.living(user.id),
        this_login=sessions.current_hash(),
        shortest=accounts.SHORTEST,
    )
    return make_response(page, 422 if refused else 200)
