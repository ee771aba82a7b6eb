"""The second step of a login, for those who have a second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Response, current_app, make_response, render_template, session, url_for
from flask_babel import gettext as _
from htmx_flask import request

from portal.blueprints.auth import blueprint
from portal.extensions import db, limiter
from portal.models import User
from portal.people import second_factor
from portal.security.links import state_of
from portal.web import sessions, throttle
from portal.web.access import public
from portal.web.answers import go, own_path
from portal.web.frame import home_of

PENDING = "pending"
PATIENCE = timedelta(minutes=10)
"""Between the password and the code."""


def ask(user: User, wanted: str | None) -> Response:
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
    return _page()


@blueprint.post("/login/code")
@public
@limiter.limit("10 per minute")
def check_code() -> Response:
    user_id = _pending()
    if user_id is None:
        return go(url_for("auth.login"))
    counter = f"code {user_id}"
    if not throttle.admit(counter):
        return _page(_("Zu viele Versuche. Bitte warten Sie einige Minuten."))
    user = db.session.get(User, user_id, with_for_update={"of": User})
    if user is None or not _still_wanted(user):
        db.session.rollback()
        return go(url_for("auth.login"))
    if not second_factor.accept(user, current_app.extensions["vault"], request.form.get("code", "")[:40]):
        return _page(_("Dieser Code stimmt nicht oder wurde schon benutzt."))
    throttle.forgive(counter)
    wanted = own_path(session[PENDING].get("next"))
    sessions.start(user)
    return go(wanted or home_of(user))


def _still_wanted(user: User) -> bool:
    """The password that was given is still the password."""
    return user.active and user.totp_confirmed_at is not None and session[PENDING]["state"] == state_of(user)


def _pending() -> UUID | None:
    """Who gave the right password in this browser a moment ago."""
    found = session.get(PENDING)
    if not found or datetime.now(UTC) - datetime.fromisoformat(found["at"]) > PATIENCE:
        return None
    return UUID(found["user"])


def _page(error: str = "") -> Response:
    return make_response(render_template("auth/code.html", error=error), 422 if error else 200)
