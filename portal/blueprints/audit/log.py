"""The log with its filter, as a download, and of one app."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from portal.audit.reading import MOST_LINES, PERIODS, AuditFilter, find_support_sessions, read_all, read_page
from portal.blueprints.activations.head import app_head
from portal.blueprints.audit import blueprint
from portal.blueprints.audit.labels import ABOUTS, detail_lines, readable, what_text
from portal.extensions import db
from portal.models import Activation
from portal.web.access import dealer, load_activation
from portal.web.downloads import csv_download
from portal.web.wording import translated

COLUMNS = (
    _("Zeit"),
    _("Händler"),
    _("Wer"),
    _("Support"),
    _("Was"),
    _("Objekt"),
    _("Angaben"),
    _("Adresse"),
)
"""Of the download."""


def log_page(template: str, wanted: AuditFilter, endpoint: str, csv_endpoint: str) -> str:
    arguments: dict[str, Any] = dict(wanted.as_args())
    return render_template(
        template,
        wanted=wanted,
        page=read_page(db.session(), wanted),
        periods=PERIODS,
        abouts=ABOUTS,
        here=url_for(endpoint),
        csv_url=url_for(csv_endpoint, **arguments),
        dealers=wanted.dealer_id is None,
    )


def log_csv(wanted: AuditFilter) -> Response:
    """Written while the language of the request is known."""
    rows = [
        [
            event.at.isoformat(timespec="seconds"),
            dealer,
            readable(translated(event.actor)),
            gettext("ja") if event.support_session_id else gettext("nein"),
            what_text(event.what),
            readable(event.object_label),
            "; ".join(detail_lines(event.detail)),
            event.address,
        ]
        for event, dealer in read_all(db.session(), wanted, MOST_LINES)
    ]
    return csv_download("protokoll.csv", [str(name) for name in COLUMNS], rows)


# Zugriffe of one app: who changed or unlocked what there, and which agents were there.


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
