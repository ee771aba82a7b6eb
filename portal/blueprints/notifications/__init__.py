"""The inbox: what the portal had to tell a user."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, func, select, update

from portal.blueprints.notifications.labels import TEMPLATE_GLOBALS
from portal.extensions import db
from portal.models.notifications import Notification
from portal.web.access import dealer
from portal.web.answers import go, own_path

blueprint = Blueprint("notifications", __name__)

PAGE = 30
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))


@blueprint.get("/notifications")
@dealer("view")
def page() -> str:
    unread_only = request.args.get("show") == "unread"
    lines = list(db.session.scalars(_page_of_mine(unread_only, request.args.get("before", type=UUID))))
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


def _page_of_mine(unread_only: bool, before: UUID | None) -> Select[Notification]:
    """The newest first, and one more than a page to know whether there are older ones."""
    statement = _mine().order_by(Notification.id.desc()).limit(PAGE + 1)
    if unread_only:
        statement = statement.where(Notification.read_at.is_(None))
    return statement.where(Notification.id < before) if before else statement


def _mark(which: ColumnElement[bool]) -> None:
    unread = Notification.read_at.is_(None)
    db.session.execute(update(Notification).where(which, unread).values(read_at=func.now()))
