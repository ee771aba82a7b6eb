"""Error pages: what happened and what to do, in the frame for those who are logged in."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, make_response, render_template
from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from portal.extensions import db
from portal.mandate import Refused
from portal.outages import DATABASE, is_database_away
from portal.web.problem_documents import DETAILS, asked_by_program, problem, problem_of
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
    503: (
        _("Die Datenbank antwortet gerade nicht"),
        _("Bitte gleich noch einmal. Die Seite kommt von selbst wieder, sobald die Datenbank da ist."),
    ),
    500: (
        _("Das hat nicht geklappt"),
        _("Der Fehler wurde aufgezeichnet. Versuchen Sie es in einigen Minuten noch einmal."),
    ),
}


def register(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda _error: _answer(422))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(SQLAlchemyError, _database_error)
    app.register_error_handler(500, lambda _error: _bare(500))


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.response is None and asked_by_program():
        return problem_of(error)
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


def _bare(code: int, template: str = "page", **more: object) -> Response:
    """Without the frame and the user: what failed may be the database that they come from."""
    if asked_by_program():
        return problem(code, HTTP_STATUS_CODES[code], DETAILS[code])
    title, text = TEXTS[code]
    name = "errors/_error.html" if request.htmx else f"errors/{template}.html"
    found = current_app.jinja_env.get_template(name)
    nobody = AnonymousUserMixin()
    with force_locale("de"):
        page = found.render(code=code, title=title, text=text, bare=True, current_user=nobody, **more)
    return make_response(page, code)


# The database is away for a moment: nothing is lost that can be sent again.


AGAIN_AFTER = 5
"""Seconds."""
NOT_HELD = ("password", "secret", "code", "private")
"""Words in the names of fields whose values no page repeats."""


def _database_error(error: SQLAlchemyError) -> Response:
    """503 where the same request would do a moment later; a page looks again by itself, a form is kept."""
    if not is_database_away(error):
        raise error
    DATABASE.began(error)
    if asked_by_program():
        return _bare(503)
    if request.htmx:
        answer = _bare(503)
        # What is on the page stays there, the form with what was typed into it above all.
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#outage", "innerHTML"
    elif request.method in ("GET", "HEAD"):
        answer = _bare(503)
        answer.headers["Refresh"] = str(AGAIN_AFTER)
    else:
        answer = _bare(503, "resend", fields=_kept_form(), address=request.full_path.rstrip("?"))
    answer.headers["Retry-After"] = str(AGAIN_AFTER)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _kept_form() -> list[tuple[str, str]]:
    """What was typed, to be sent again by a button. None of it where there are secrets or files among it,
    which no page repeats: the browser keeps the form, one step back."""
    names = {name.lower() for name in request.form}
    if request.files or any(word in name for name in names for word in NOT_HELD):
        return []
    return list(request.form.items(multi=True))
