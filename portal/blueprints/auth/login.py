"""Login, logout, and what a user sets for himself."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from htmx_flask import request
from sqlalchemy import select

from portal.blueprints.auth import blueprint, second_factor
from portal.extensions import db, limiter, login_manager
from portal.models import User
from portal.security.passwords import verify_password
from portal.web import sessions, throttle
from portal.web.access import account, public
from portal.web.answers import go, own_path, page_before
from portal.web.frame import home, home_of
from portal.web.i18n import LANGUAGES

THEMES = ("light", "dark")


@login_manager.unauthorized_handler
def to_login() -> Response:
    """Nobody is logged in (any more): to the login, and back to this page afterwards."""
    if request.htmx:
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for("auth.login", next=page_before())
        return response
    wanted = request.full_path.rstrip("?") if request.method == "GET" else page_before()
    return make_response(redirect(url_for("auth.login", next=wanted), 303))


@blueprint.get("/login")
@public
def login() -> str | Response:
    if current_user.is_authenticated:
        return go(home())
    return render_template("auth/page.html", next=own_path(request.args.get("next")), login="", error="")


@blueprint.post("/login")
@public
@limiter.limit("10 per minute")
def log_in() -> Response:
    name = request.form.get("login", "").strip().replace("\0", "")
    if not throttle.admit(name):
        return _again(name, _("Zu viele Versuche. Bitte warten Sie einige Minuten."))
    user = db.session.scalars(select(User).where(User.login == name)).one_or_none()
    right = verify_password(user.password_hash if user else None, request.form.get("password", ""))
    if not (user and right and user.active):
        return _again(name, _("Benutzername oder Passwort stimmt nicht."))
    throttle.forgive(name)
    wanted = own_path(request.form.get("next"))
    if user.totp_confirmed_at:
        db.session.commit()
        return second_factor.ask(user, wanted)
    sessions.start(user)
    return go(wanted or home_of(user))


def _again(name: str, error: str) -> Response:
    wanted = own_path(request.form.get("next"))
    return make_response(render_template("auth/page.html", next=wanted, login=name, error=error), 422)


@blueprint.post("/logout")
@public
def logout() -> Response:
    sessions.end()
    return go(url_for("auth.login"))


@blueprint.post("/language")
@account
def language() -> Response:
    if request.form.get("language") in LANGUAGES:
        current_user.language = request.form["language"]
        db.session.commit()
    return go(page_before() or home())


@blueprint.post("/theme")
@account
def theme() -> Response:
    if request.form.get("theme") in THEMES:
        current_user.theme = request.form["theme"]
        db.session.commit()
    return go(page_before() or home())
