"""Forgotten passwords, and setting one by a link from a mail."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, sleep

from flask import Response, current_app, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from htmx_flask import request
from sqlalchemy import select

from config import Settings
from portal import audit
from portal.audit import Who
from portal.blueprints.account.forms import NewPasswordForm
from portal.blueprints.auth import blueprint
from portal.extensions import db, limiter
from portal.models import User
from portal.notifications.emails import Recipient, queue_email
from portal.people import accounts
from portal.security.links import RESET_LIFETIME, password_link, password_user
from portal.security.origin import origin_of
from portal.web import known_browsers, sessions, throttle
from portal.web.access import public
from portal.web.responses import go

SLOWEST = 0.2
"""Seconds."""


@blueprint.get("/password/forgotten")
@public
def forgotten() -> str:
    return render_template("auth/forgotten.html", asked=False)


@blueprint.post("/password/forgotten")
@public
@limiter.limit("5 per minute; 20 per hour")
def send_reset() -> str:
    """The same answer for every name, and not before SLOWEST: writing the mail for a known one is quicker."""
    began, settings = monotonic(), _settings()
    name = request.form.get("login", "").strip().replace("\0", "")[:80]
    if throttle.admit(f"reset {name}", origin_of(request.remote_addr or "")):
        user = db.session.scalars(select(User).where(User.login == name, User.active)).one_or_none()
        if user is not None:
            queue_email(
                db.session(),
                settings,
                Recipient.of(user),
                "reset",
                name=user.display_name,
                login=user.login,
                hours=int(RESET_LIFETIME.total_seconds() // 3600),
                url=password_link(settings, user),
            )
        db.session.commit()
    page = render_template("auth/forgotten.html", asked=True)
    sleep(max(began + SLOWEST - monotonic(), 0))
    return page


@blueprint.get("/password/<token>")
@public
def new_password(token: str) -> Response:
    """A look changes nothing: mail scanners open links."""
    return _page(password_user(_settings(), token, db.session()))


@blueprint.post("/password/<token>")
@public
@limiter.limit("20 per minute")
def set_password(token: str) -> Response:
    user = password_user(_settings(), token, db.session())
    if user is None:
        return _page(None)
    form = NewPasswordForm(user)
    if not form.validate():
        return _page(user, form.messages)
    accounts.set_password(user, form.password.data)
    throttle.forgive(user.login, known_browsers.origin(user.login))
    sessions.end_others(user.id)
    author = Who(user.id, user.display_name, address=request.remote_addr or "")
    audit.log(
        db.session(),
        author,
        "user.password_set",
        dealer_id=user.dealer_id,
        object_id=user.id,
        label=user.login,
    )
    db.session.commit()
    flash(_("Ihr Passwort ist gesetzt. Melden Sie sich jetzt damit an."), "success")
    return go(url_for("auth.login"))


def _page(user: User | None, errors: Mapping[str, str] | None = None) -> Response:
    page = render_template(
        "auth/new_password.html", user=user, errors=errors or {}, shortest=accounts.SHORTEST
    )
    answer = make_response(page, 422 if errors else 410 if user is None else 200)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
