"""Error pages: what happened and what to do, in the frame for those who are logged in."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, make_response, render_template
from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from werkzeug.exceptions import HTTPException

from portal.extensions import db
from portal.mandate import Refused
from portal.web.responses import fragment
from portal.web.support_session import refusal_text

logger = logging.getLogger(__name__)

TEXTS: dict[int, tuple[LazyString, LazyString]] = {
    403: (
        _("Dafür fehlt Ihnen das Recht"),
        _("Wenden Sie sich an die Person, die in Ihrem Haus die Nutzer verwaltet."),
    ),
    404: (
        _("Diese Seite gibt es nicht"),
        _("Vielleicht wurde gelöscht, was Sie suchen. Prüfen Sie die Adresse oder gehen Sie über das Menü."),
    ),
    405: (_("So lässt sich diese Seite nicht aufrufen"), _("Gehen Sie über das Menü.")),
    413: (
        _("Die Datei ist zu groß"),
        _("Verkleinern Sie die Datei. Einen Bestand in mehreren Dateien laden Sie als Teilbestand hoch."),
    ),
    422: (
        _("Die Seite ist veraltet"),
        _("Es wurde nichts geändert. Laden Sie die Seite neu und senden Sie Ihre Angaben noch einmal."),
    ),
    429: (_("Zu viele Anfragen"), _("Bitte warten Sie eine Minute und versuchen Sie es dann erneut.")),
    500: (
        _("Das hat nicht geklappt"),
        _("Der Fehler wurde aufgezeichnet. Versuchen Sie es in einigen Minuten noch einmal."),
    ),
}


def register(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda _error: _answer(422))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(500, _server_error)


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.response is not None or error.code not in TEXTS:
        return error
    return _answer(error.code)


def _refused(error: Refused) -> Response:
    """Of an agent, at the function that would have done it."""
    db.session.rollback()
    return make_response(render_template("support/refused.html", reason=refusal_text(error.cause)), 403)


def _answer(code: int) -> Response:
    title, text = TEXTS[code]
    template = "errors/_error.html" if fragment() else "errors/page.html"
    return make_response(render_template(template, code=code, title=title, text=text), code)


def _server_error(_error: Exception) -> Response:
    """Without the frame and the user: what failed may be the database that they come from."""
    title, text = TEXTS[500]
    name = "errors/_error.html" if request.htmx else "errors/page.html"
    template = current_app.jinja_env.get_template(name)
    with force_locale("de"):
        page = template.render(code=500, title=title, text=text, bare=True, current_user=AnonymousUserMixin())
    return make_response(page, 500)
