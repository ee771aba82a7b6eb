from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template
from flask_babel import gettext as _
from flask_login import current_user

from portal import audit
from portal.extensions import db
from portal.models import User
from portal.people import accounts
from portal.security.passwords import verify_password
from portal.web import sessions, throttle
from portal.web.access import who


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
