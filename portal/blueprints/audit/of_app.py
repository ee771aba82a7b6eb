"""Zugriffe of one app: who changed or unlocked what there, and which agents were there."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from sqlalchemy.orm import joinedload

from portal.audit.reading import AuditFilter, find_support_sessions, read_page
from portal.blueprints.audit import blueprint
from portal.blueprints.my_apps.head import app_head
from portal.extensions import db
from portal.models import Activation
from portal.web.access import dealer, load_activation


@blueprint.get("/apps/<uuid:activation_id>/access")
@dealer("activate_apps")
def of_app(activation_id: UUID) -> str:
    """Two queries beside those of the head."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    before = request.args.get("before", type=UUID)
    wanted = AuditFilter(
        dealer_id=activation.dealer_id, days=None, activation_id=activation.id, before=before
    )
    page = read_page(db.session(), wanted)
    here = url_for("audit.of_app", activation_id=activation.id)
    return render_template(
        "audit/of_app.html",
        page=page,
        support_sessions=[] if before else find_support_sessions(db.session(), activation),
        older=f"{here}?before={page.older}" if page.older else "",
        newest=here if before else "",
        tab="access",
        **app_head(activation),
    )
