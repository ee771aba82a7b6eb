"""What the portal holds about a user, as a file; and deleting them."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.blueprints.account.personal_data import download
from portal.blueprints.settings import blueprint
from portal.blueprints.settings.users import load_for_change
from portal.extensions import db, limiter
from portal.people.personal_data import LastManager, delete_person
from portal.web.access import dealer, who
from portal.web.responses import go


@blueprint.get("/settings/users/<uuid:user_id>/data.json")
@dealer("manage_users")
@limiter.limit("30 per hour", key_func=lambda: f"personal data {current_user.id}")
def user_data(user_id: UUID) -> Response:
    """Of nobody who may do more than who asks: it tells what they did."""
    return download(load_for_change(user_id))


@blueprint.post("/settings/users/<uuid:user_id>/delete")
@dealer("manage_users")
def delete_user(user_id: UUID) -> Response:
    """For good, so the login is typed once more."""
    found = load_for_change(user_id)
    back = go(url_for("settings.user", user_id=found.id))
    if found.id == current_user.id:
        flash(_("Sich selbst können Sie nicht löschen."), "error")
        return back
    if request.form.get("confirm_login", "").strip() != found.login:
        flash(_("Bitte geben Sie den Benutzernamen der Person ein, die gelöscht werden soll."), "error")
        return back
    name = found.display_name
    try:
        delete_person(db.session(), who(), found)
    except LastManager:
        db.session.rollback()
        flash(_("Wer als Letzter Nutzer verwalten kann, lässt sich nicht löschen."), "error")
        return back
    db.session.commit()
    flash(_("%(name)s ist gelöscht.", name=name), "success")
    return go(url_for("settings.users"))
