"""Where the user is logged in, and ending it everywhere."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.blueprints.account import blueprint
from portal.blueprints.account.base import me, record
from portal.extensions import db
from portal.web import sessions
from portal.web.access import account
from portal.web.answers import go


@blueprint.post("/account/logout-everywhere")
@account
def logout_everywhere() -> Response:
    sessions.end_others(me().id)
    record("user.logged_out_everywhere")
    db.session.commit()
    sessions.end()
    flash(_("Sie sind überall abgemeldet."), "success")
    return go(url_for("auth.login"))
