"""The second factor: set up, recovery codes, taken off."""

from __future__ import annotations

import segno
from flask import Response, current_app, flash, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.blueprints.account import blueprint
from portal.blueprints.account.forms import ConfirmForm
from portal.blueprints.account.profile import account_page, me, record, wrong_password
from portal.extensions import db, limiter
from portal.people import second_factor
from portal.web.access import account
from portal.web.responses import go
from portal.web.support_session import is_agent

SECRET = "new_second_factor"  # noqa: S105  # the name of a place in the cookie


@blueprint.get("/account/second-factor")
@account
def set_up() -> Response:
    """The new secret lies in the signed cookie of this browser until a code proves that it was taken over."""
    if me().totp_confirmed_at:
        return go(url_for("account.page"))
    session.setdefault(SECRET, second_factor.new_secret())
    return _set_up_page()


@blueprint.post("/account/second-factor")
@account
@limiter.limit("10 per minute")
def turn_on() -> Response:
    user, secret = me(), session.get(SECRET)
    if user.totp_confirmed_at or not secret:
        return go(url_for("account.page"))
    vault = current_app.extensions["vault"]
    codes = second_factor.turn_on(user, vault, secret, request.form.get("code", "")[:20])
    if codes is None:
        error = _("Dieser Code stimmt nicht. Prüfen Sie auch die Uhrzeit Ihres Telefons.")
        return _set_up_page(error)
    session.pop(SECRET)
    record("user.second_factor_on")
    db.session.commit()
    return make_response(render_template("account/recovery_codes.html", codes=codes))


@blueprint.post("/account/second-factor/codes")
@account
@limiter.limit("10 per minute")
def renew_codes() -> Response:
    if (form := _confirmed()).messages:
        return account_page(form)
    codes = second_factor.renew_recovery_codes(me())
    record("user.recovery_codes_renewed")
    db.session.commit()
    return make_response(render_template("account/recovery_codes.html", codes=codes))


@blueprint.post("/account/second-factor/off")
@account
@limiter.limit("10 per minute")
def turn_off() -> Response:
    form = _confirmed()
    if is_agent():
        form.refuse("factor_password", _("Für den Support ist ein zweiter Faktor Pflicht."))
    if form.messages:
        return account_page(form)
    second_factor.turn_off(me())
    record("user.second_factor_off")
    db.session.commit()
    flash(_("Der zweite Faktor ist abgeschaltet."), "success")
    return go(url_for("account.page"))


def _confirmed() -> ConfirmForm:
    """The form; with an error where there is nothing to change or the password is wrong."""
    form = ConfirmForm()
    if not me().totp_confirmed_at:
        form.refuse("factor_password", _("Es ist kein zweiter Faktor eingerichtet."))
    elif wrong := wrong_password(form.factor_password.data):
        form.refuse("factor_password", wrong)
    return form


def _set_up_page(error: str = "") -> Response:
    secret = session[SECRET]
    operator = current_app.extensions["settings"].operator_name
    code = segno.make(second_factor.address(secret, me(), operator), error="m")
    page = render_template(
        "account/second_factor.html",
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        # A data address: it is nobody else's to fetch.
        picture=code.svg_data_uri(scale=5, border=3, light="#fff"),
        error=error,
    )
    return make_response(page, 422 if error else 200)


# Where a dealer requires a second factor, and for agents always, nothing else is open before it is set up.


@blueprint.before_app_request
def lead_to_the_second_factor() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "access", "").startswith(("dealer:", "support")):
        return None
    if not current_user.is_authenticated or current_user.totp_confirmed_at:
        return None
    if is_agent():
        flash(_("Für den Support ist ein zweiter Faktor Pflicht. Richten Sie ihn jetzt ein."))
    elif current_user.dealer is not None and current_user.dealer.require_second_factor:
        flash(_("Ihr Haus verlangt einen zweiten Faktor. Richten Sie ihn jetzt ein."))
    else:
        return None
    return go(url_for("account.set_up"))
