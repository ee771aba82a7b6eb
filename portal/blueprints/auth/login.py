"""Login, logout, and what a user sets for himself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Response, current_app, make_response, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from htmx_flask import request
from sqlalchemy import or_, select, update

from portal import logs
from portal.blueprints.auth import blueprint
from portal.extensions import db, limiter, login_manager
from portal.models import User
from portal.notifications.emails import Recipient, queue_email
from portal.people import second_factor
from portal.security.links import state_of
from portal.security.origin import origin_of
from portal.security.passwords import verify_password
from portal.web import known_browsers, sessions, throttle
from portal.web.access import account, public
from portal.web.frame import home, home_of
from portal.web.i18n import LANGUAGES
from portal.web.responses import go, own_path, page_before

THEMES = ("auto", "light", "dark")
"""What a user may choose: that of the system, or one of the two."""


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
    origin = known_browsers.origin(name)
    if not throttle.admit(name, origin):
        _note_failure("too many attempts")
        return _again(name, _("Zu viele Versuche. Bitte warten Sie einige Minuten."))
    user = db.session.scalars(select(User).where(User.login == name)).one_or_none()
    right = verify_password(user.password_hash if user else None, request.form.get("password", ""))
    if not (user and right and user.active):
        _note_failure("locked out" if user and right else "password" if user else "unknown login", user)
        if user and throttle.has_just_blocked(name, origin):
            _warn(user)
        return _again(name, _("Benutzername oder Passwort stimmt nicht."))
    throttle.forgive(name, origin)
    wanted = own_path(request.form.get("next"))
    if user.totp_confirmed_at:
        db.session.commit()
        return ask_for_code(user, wanted)
    return _let_in(user, wanted)


def _let_in(user: User, wanted: str | None) -> Response:
    sessions.start(user)
    return known_browsers.remember(go(wanted or home_of(user)), user.login)


def _note_failure(reason: str, user: User | None = None) -> None:
    """For the operator's log. What was typed as login stays out: it may be a password."""
    known = {"user": user.id, "dealer": user.dealer_id} if user else {}
    logs.note("login failed", reason=reason, address=request.remote_addr, **known)


WARNED_AGAIN = timedelta(days=1)


def _warn(user: User) -> None:
    """Somebody guesses at the account: one mail a day, whatever they do."""
    settings, now = current_app.extensions["settings"], datetime.now(UTC)
    told = or_(User.guesses_told_at.is_(None), User.guesses_told_at < now - WARNED_AGAIN)
    due = update(User).where(User.id == user.id, User.active, told).values(guesses_told_at=now)
    if db.session.scalar(due.returning(User.id)) is None:
        db.session.rollback()
        return
    queue_email(
        db.session(),
        settings,
        Recipient.of(user),
        "guesses",
        name=user.display_name,
        login=user.login,
        url=f"{settings.portal_url}{url_for('account.page')}",
    )
    db.session.commit()


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


# The second step of a login, for those who have a second factor.


PENDING = "pending"
PATIENCE = timedelta(minutes=10)
"""Between the password and the code."""


def ask_for_code(user: User, wanted: str | None) -> Response:
    """The password was right: remember for a while who wants to come in. Whoever was logged in is out."""
    sessions.end()
    now = datetime.now(UTC).isoformat()
    session[PENDING] = {"user": str(user.id), "state": state_of(user), "at": now, "next": wanted}
    return go(url_for("auth.code"))


@blueprint.get("/login/code")
@public
def code() -> Response:
    if _pending() is None:
        return go(url_for("auth.login"))
    return _code_page()


@blueprint.post("/login/code")
@public
@limiter.limit("10 per minute")
def check_code() -> Response:
    user_id = _pending()
    if user_id is None:
        return go(url_for("auth.login"))
    counter, origin = f"code {user_id}", origin_of(request.remote_addr or "")
    if not throttle.admit(counter, origin):
        _note_failure("too many codes")
        return _code_page(_("Zu viele Versuche. Bitte warten Sie einige Minuten."))
    user = db.session.get(User, user_id, with_for_update={"of": User})
    # The password that was given has to be the password still.
    state = session[PENDING]["state"]
    if user is None or not user.active or user.totp_confirmed_at is None or state != state_of(user):
        db.session.rollback()
        return go(url_for("auth.login"))
    if not second_factor.accept(user, current_app.extensions["vault"], request.form.get("code", "")[:40]):
        _note_failure("code", user)
        return _code_page(_("Dieser Code stimmt nicht oder wurde schon benutzt."))
    throttle.forgive(counter, origin)
    return _let_in(user, own_path(session[PENDING].get("next")))


def _pending() -> UUID | None:
    """Who gave the right password in this browser a moment ago."""
    found = session.get(PENDING)
    if not found or datetime.now(UTC) - datetime.fromisoformat(found["at"]) > PATIENCE:
        return None
    return UUID(found["user"])


def _code_page(error: str = "") -> Response:
    return make_response(render_template("auth/code.html", error=error), 422 if error else 200)
