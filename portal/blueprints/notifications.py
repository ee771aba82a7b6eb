"""The inbox: what the portal had to tell a user."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, func, select, update

from portal.extensions import db
from portal.models.notifications import Notification
from portal.notifications.notify import SOLVED, EmailPreference
from portal.notifications.problems import ProblemKind
from portal.web.access import dealer
from portal.web.responses import go, own_path

blueprint = Blueprint("notifications", __name__)

PAGE = 30
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))


@blueprint.get("/notifications")
@dealer("view")
def page() -> str:
    unread_only = request.args.get("show") == "unread"
    statement = _mine().order_by(Notification.id.desc()).limit(PAGE + 1)
    if unread_only:
        statement = statement.where(Notification.read_at.is_(None))
    if before := request.args.get("before", type=UUID):
        statement = statement.where(Notification.id < before)
    lines = list(db.session.scalars(statement))
    shown = lines[:PAGE]
    show = "unread" if unread_only else None
    older = url_for("notifications.page", before=shown[-1].id, show=show) if len(lines) > PAGE else ""
    return render_template("notifications/page.html", lines=shown, unread_only=unread_only, older=older)


@blueprint.post("/notifications/read")
@dealer("view")
def read() -> Response:
    """Mark a line, or all of them, as read; with `open` go on to what it is about."""
    line_id = request.form.get("id", type=UUID)
    line = db.session.scalars(_mine().where(Notification.id == line_id)).one_or_none() if line_id else None
    if line is not None:
        _mark(Notification.id == line.id)
    elif "all" in request.form:
        _mark(Notification.user_id == current_user.id)
    db.session.commit()
    if line is not None and "open" in request.form and own_path(line.url):
        return go(line.url)
    return go(own_path(request.form.get("back")) or url_for("notifications.page"))


def _mine() -> Select[Notification]:
    return select(Notification).where(Notification.user_id == current_user.id)


def _mark(which: ColumnElement[bool]) -> None:
    unread = Notification.read_at.is_(None)
    db.session.execute(update(Notification).where(which, unread).values(read_at=func.now()))


# Words and icons for the kinds of problems that people are told of.


KINDS: Mapping[str, LazyString] = {
    ProblemKind.LOCK: _("Sperre"),
    ProblemKind.STOPPED: _("App angehalten"),
    ProblemKind.FAILING: _("Wiederholte Störung"),
    ProblemKind.RECONCILIATION: _("Bestandsabgleich wartet"),
    ProblemKind.FILE_HELD: _("Datei zurückgehalten"),
}
EXPLANATIONS: Mapping[str, LazyString] = {
    ProblemKind.LOCK: _("Eine große Bestandsabweichung, über die jemand entscheiden muss."),
    ProblemKind.STOPPED: _("Zugangsdaten stimmen nicht mehr, oder der Betreiber wurde dort ausgetragen."),
    ProblemKind.FAILING: _("Eine Plattform nimmt seit längerem nichts an."),
    ProblemKind.RECONCILIATION: _("Nach dem Aktivieren blieben Fahrzeuge oder Inserate ohne Zuordnung."),
    ProblemKind.FILE_HELD: _("Eine Datei weicht stark von der letzten ab und wurde nicht veröffentlicht."),
}
ICONS: Mapping[str, str] = {
    ProblemKind.LOCK: "lock",
    ProblemKind.STOPPED: "player-pause",
    ProblemKind.FAILING: "plug-connected-x",
    ProblemKind.RECONCILIATION: "arrows-left-right",
    ProblemKind.FILE_HELD: "lock",
    SOLVED: "circle-check",
}
WAYS: Mapping[str, LazyString] = {
    EmailPreference.MAIL: _("sofort per Mail"),
    EmailPreference.DIGEST: _("einmal täglich"),
    EmailPreference.OFF: _("keine Mail"),
}

TEMPLATE_GLOBALS: dict[str, object] = {
    "problem_kinds": KINDS,
    "problem_explanations": EXPLANATIONS,
    "problem_icon": lambda kind: ICONS.get(kind, "bell"),
    "ways": WAYS,
}
