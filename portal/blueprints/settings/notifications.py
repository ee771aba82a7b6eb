"""How a user wants to be told: for each kind at once, once a day or not by mail; and a mail to try it."""

from __future__ import annotations

from flask import Response, current_app, flash, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.blueprints.settings import blueprint
from portal.blueprints.settings.forms import NotificationsForm
from portal.delivery.smtp import SmtpVerdict
from portal.extensions import db, limiter
from portal.notifications import emails
from portal.notifications.emails import Recipient
from portal.notifications.notify import email_preference, set_email_preferences
from portal.notifications.problems import ProblemKind
from portal.notifications.smtp import clean_address
from portal.web.access import dealer
from portal.web.responses import go
from portal.web.wording import translated

TESTS = "6 per hour"
"""Test mails of one user."""


@blueprint.get("/settings/notifications")
@dealer("view")
def notifications() -> str:
    chosen = {kind: email_preference(current_user, kind) for kind in ProblemKind}
    reachable = clean_address(current_user.email) is not None
    return render_template("settings/notifications.html", chosen=chosen, reachable=reachable)


@blueprint.post("/settings/notifications")
@dealer("view")
def save_notifications() -> Response:
    set_email_preferences(current_user, NotificationsForm().chosen)
    db.session.commit()
    flash(_("Gespeichert."), "success")
    return go(url_for("settings.notifications"))


@blueprint.post("/settings/notifications/test")
@dealer("view")
@limiter.limit(TESTS, key_func=lambda: f"test mail {current_user.id}")
def test_mail() -> Response:
    to, name = Recipient.of(current_user), current_user.display_name
    db.session.commit()  # No connection is held while the mail server is talked to.
    back = go(url_for("settings.notifications"))
    if clean_address(to.address) is None:
        flash(_("Bei Ihrem Zugang ist keine Mailadresse hinterlegt."), "error")
        return back
    answer = emails.send_test_email(current_app.extensions["settings"], to, name)
    said = {"to": to.address, "says": translated(answer.text)}
    if answer.verdict == SmtpVerdict.TAKEN:
        flash(_("Der Mailserver hat die Mail an %(to)s angenommen: %(says)s", **said), "success")
    elif answer.verdict == SmtpVerdict.DOWN:
        flash(_("Der Mailserver ist nicht erreichbar: %(says)s", says=said["says"]), "error")
    else:
        flash(_("Der Mailserver hat die Mail an %(to)s abgelehnt: %(says)s", **said), "error")
    return back
