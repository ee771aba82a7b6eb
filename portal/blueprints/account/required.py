"""Where a dealer requires a second factor, nothing else is open before it is set up."""

from __future__ import annotations

from flask import Response, current_app, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.blueprints.account import blueprint
from portal.web.answers import go


@blueprint.before_app_request
def lead_to_the_second_factor() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "access", "").startswith("dealer:"):
        return None
    user = current_user
    if not user.is_authenticated or user.dealer is None or not user.dealer.require_second_factor:
        return None
    if user.totp_confirmed_at:
        return None
    flash(_("Ihr Haus verlangt einen zweiten Faktor. Richten Sie ihn jetzt ein."))
    return go(url_for("account.set_up"))
