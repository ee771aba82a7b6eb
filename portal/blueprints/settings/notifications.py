"""How a user wants to be told: for each kind at once, once a day or not by mail; and a mail to try it."""

from __future__ import annotations

from flask import Response, current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.blueprints.settings.base import blueprint
from portal.extensions import db, limiter
from portal.notices import mailing
from portal.notices.mailing import Recipient
from portal.notices.preferences import Way, choose, way
from portal.notices.problems import ProblemKind
from portal.notices.smtp import Answer, Verdict, clean_address
from portal.web.access import dealer
from portal.web.answers import go
from portal.web.wording import translated

TESTS = "6 per hour"
"""Test mails of one user."""


@blueprint.get("/settings/notifications")
@dealer("view")
def notifications() -> str:
    chosen = {kind: way(current_user, kind) for kind in ProblemKind}
    reachable = clean_address(current_user.email) is not None
    return render_template("settings/notifications.html", chosen=chosen, reachable=reachable)


@blueprint.post("/settings/notifications")
@dealer("view")
def save_notifications() -> Response:
    given = {kind: request.form.get(kind, "") for kind in ProblemKind}
    choose(current_user, {kind: Way(text) for kind, text in given.items() if text in tuple(Way)})
    db.session.commit()
    flash(_("Gespeichert."), "success")
    return go(url_for("settings.notifications"))


@blueprint.post("/settings/notifications/test")
@dealer("view")
@limiter.limit(TESTS, key_func=lambda: f"test mail {current_user.id}")
def test_mail() -> Response:
    to, name = Recipient.of(current_user), current_user.name or current_user.login
    db.session.commit()  # No connection is held while the mail server is talked to.
    if clean_address(to.address) is None:
        flash(_("Bei Ihrem Zugang ist keine Mailadresse hinterlegt."), "error")
    else:
        answer = mailing.try_out(current_app.extensions["settings"], to, name)
        flash(_said(answer, to.address), "success" if answer.verdict == Verdict.TAKEN else "error")
    return go(url_for("settings.notifications"))


def _said(answer: Answer, address: str) -> str:
    if answer.verdict == Verdict.TAKEN:
        return _("Der Mailserver hat die Mail an %(to)s angenommen: %(says)s", to=address, says=answer.text)
    if answer.verdict == Verdict.DOWN:
        return _("Der Mailserver ist nicht erreichbar: %(says)s", says=translated(answer.text))
    return _("Der Mailserver hat die Mail an %(to)s abgelehnt: %(says)s", to=address, says=answer.text)
