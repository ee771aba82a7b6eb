"""Name, mail address and password of a user, and where they are logged in."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import audit
from portal.blueprints.account import blueprint
from portal.extensions import db, limiter
from portal.models import User
from portal.notifications.smtp import clean_address
from portal.people import accounts
from portal.security.passwords import verify_password
from portal.web import sessions, throttle
from portal.web.access import account, who
from portal.web.responses import go
from portal.web.wording import translated

LONGEST_NAME = 200


@blueprint.get("/account")
@account
def page() -> Response:
    return account_page()


@blueprint.post("/account")
@account
@limiter.limit("20 per minute")
def save() -> Response:
    """Another mail address asks for the password: whoever reads there can have a new one sent."""
    name = " ".join(request.form.get("name", "").split())[:LONGEST_NAME]
    email = request.form.get("email", "").strip()[:254]
    errors = {}
    if not name:
        errors["name"] = _("Bitte geben Sie Ihren Namen an.")
    if email and clean_address(email) is None:
        errors["email"] = _("Bitte geben Sie eine einzelne Mailadresse an.")
    user = me()
    if (
        not errors
        and email != user.email
        and (wrong := wrong_password(request.form.get("email_password", "")))
    ):
        errors["email_password"] = wrong
    if errors:
        return account_page(422, errors=errors, entries={"name": name, "email": email})
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
    errors = _password_errors()
    if errors:
        return account_page(422, errors=errors)
    accounts.set_password(user, request.form["password"])
    throttle.forgive(user.login)
    sessions.end_others(user.id)
    record("user.password_set")
    db.session.commit()
    flash(_("Ihr Passwort ist geändert. Alle anderen Anmeldungen sind beendet."), "success")
    return go(url_for("account.page"))


def _password_errors() -> dict[str, str]:
    user, new = me(), request.form.get("password", "")
    if wrong := wrong_password(request.form.get("current", "")):
        return {"current": wrong}
    if complaint := accounts.password_complaint(new, user.login):
        return {"password": translated(complaint)}
    if new != request.form.get("again", ""):
        return {"again": _("Die beiden Eingaben sind verschieden.")}
    return {}


# Where the user is logged in, and ending it everywhere.


@blueprint.post("/account/logout-everywhere")
@account
def logout_everywhere() -> Response:
    sessions.end_others(me().id)
    record("user.logged_out_everywhere")
    db.session.commit()
    sessions.end()
    flash(_("Sie sind überall abgemeldet."), "success")
    return go(url_for("auth.login"))


def me() -> User:
    """The user of this request as a row."""
    found: User = current_user._get_current_object()
    return found


def wrong_password(given: str) -> str:
    """What to say of this password of the user; empty when it is right. Counted like a login: an
    unattended browser is no place to guess at it."""
    user = me()
    if not throttle.admit(user.login):
        return _("Zu viele Versuche. Bitte warten Sie einige Minuten.")
    if not verify_password(user.password_hash, given):
        return _("Das Passwort stimmt nicht.")
    throttle.forgive(user.login)
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


def account_page(status: int = 200, **more: Any) -> Response:
    page = render_template(
        "account/page.html",
        user=me(),
        logins=sessions.living(me().id),
        this_login=sessions.current_hash(),
        shortest=accounts.SHORTEST,
        **({"errors": {}, "entries": {}} | more),
    )
    return make_response(page, status)
